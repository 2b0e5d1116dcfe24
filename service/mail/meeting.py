"""The calendar file of one invitation: facts and slots in, RFC 5546 bytes out.

One REQUEST or CANCEL, one ATTENDEE. A calendar is often shared, so the file holds no personal
link, and when it is discreet neither title nor (before a yes) place. A whole event may be
discreet, or the letters to one person at risk.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.ical import itip
from service.ical.values import Address, Attendee, Meeting, PartStat
from service.mail.message import Calendar

_DESCRIPTION_LIMIT = 5_000


def calendar_file(
    facts: Mapping[str, Any], slots: Mapping[str, Any], *, attendee: str, organizer: str, words: Mapping[str, str]
) -> Calendar | None:
    """Return the invitee's calendar file, or None when the letter carries none.

    `facts` and `slots` are those of a mailing and a delivery, `attendee` and `organizer` addresses,
    `words` those of the reader's language.
    """
    asked, event = slots.get("calendar"), facts.get("event")
    if not asked or not event:
        return None
    invitee = Attendee(address=Address(attendee, ""), partstat=PartStat(asked["partstat"]), rsvp=True)
    meeting = meeting_for(facts, slots, organizer, words)
    if asked["method"] == "CANCEL":
        return Calendar(itip.cancel(meeting, invitee, whole_event=bool(asked["whole_event"])), "CANCEL")
    return Calendar(itip.request(meeting, invitee), "REQUEST")


def is_discreet(facts: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    """Tell whether subject and calendar title say nothing: the event is discreet, or the reader is at risk."""
    return bool(facts.get("discreet") or slots.get("discreet"))


def may_name(facts: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    """Tell whether title and place may be told: always, but in a discreet letter only after a yes."""
    return not is_discreet(facts, slots) or slots.get("invitation", {}).get("partstat") == "ACCEPTED"


def join_url(facts: Mapping[str, Any], slots: Mapping[str, Any]) -> str:
    """Return the address to join at, empty when this person may not see it (yet)."""
    url = str((facts.get("event") or {}).get("online_url") or "")
    is_web = url.startswith(("https://", "http://"))
    return url if is_web and may_join(facts, slots) else ""


def may_join(facts: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    """Tell whether this person may see the address to join at: with the joining details, and once they may be named."""
    return bool(slots.get("show_link")) and may_name(facts, slots)


def meeting_for(
    facts: Mapping[str, Any], slots: Mapping[str, Any], organizer: str, words: Mapping[str, str]
) -> Meeting:
    """Return the event as the invitee's calendar may know it: what is discreet stays out."""
    event, asked, sender = facts["event"], slots["calendar"], facts.get("sender", {})
    link = join_url(facts, slots)
    return Meeting(
        uid=event["uid"],
        sequence=int(asked["sequence"]),
        dtstamp=datetime.fromisoformat(asked["dtstamp"]),
        starts_local=datetime.fromisoformat(event["starts_local"]),
        ends_local=datetime.fromisoformat(event["ends_local"]),
        time_zone=event["time_zone"],
        whole_day=_is_whole(event),
        summary=words["neutral_title"] if is_discreet(facts, slots) else event["title"],
        organizer=Address(organizer, sender.get("organisation", "")),
        description=_description(facts, slots, link, words),
        location=event["place"] if may_name(facts, slots) else "",
        conference=link or None,
        status="TENTATIVE" if asked.get("tentative") else "CONFIRMED",
    )


def _is_whole(event: Mapping[str, Any]) -> bool:
    """Tell whether an event has no hours; letters frozen by an older version do not say."""
    return bool(event.get("whole_day"))


def _description(facts: Mapping[str, Any], slots: Mapping[str, Any], link: str, words: Mapping[str, str]) -> str:
    summary = "" if is_discreet(facts, slots) else facts["event"].get("summary") or ""
    parts = [summary[:_DESCRIPTION_LIMIT], f"{words['join']}: {link}" if link else ""]
    return "\n\n".join(part for part in parts if part)
