"""What a letter says of its event, in the reader's words, clock and direction of writing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.kernel.text import clean_block, clean_line
from service.mail import times
from service.mail.kinds import RIGHT_TO_LEFT

_LABELS = {"time": "when", "standing": "when", "mode": "mode", "place": "where", "title": "title", "link": "join"}
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_MODES = {"in_person": "mode_in_person", "online": "mode_online", "hybrid": "mode_hybrid", "email": "mode_email"}


@dataclass(frozen=True, slots=True)
class Changed:
    """What moved, old and new, in the reader's words and zone."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a letter's facts are told: readers who share these share the words.

    `is_discreet`: subject and project stay neutral, of the event or because the reader `is_at_risk`.
    """

    language: str
    time_zone: str | None
    may_name: bool
    is_discreet: bool = False
    is_at_risk: bool = False
    may_join: bool = False

    @property
    def may_quote(self) -> bool:
        """Whether words of staff to all may stand in it: they may name what this one must not get in a letter yet."""
        return self.may_name or not self.is_at_risk


def tell(facts: Mapping[str, Any], reader: Reader, words: Mapping[str, str]) -> dict[str, Any]:
    """Return a mailing's facts in the reader's words, clock and direction, by the names templates use."""
    event, sender = facts.get("event"), facts.get("sender", {})
    title = _isolated(event["title"], reader) if event and reader.may_name else ""
    subject_title = "" if reader.is_discreet else title
    return {
        "title": title,
        "subject_title": subject_title,
        "organisation": _isolated(sender.get("organisation"), reader),
        "sender_name": _isolated(sender.get("name"), reader),
        "project": "" if reader.is_discreet else _isolated(sender.get("project"), reader),
        "note": clean_block(facts.get("note") or "") if reader.may_quote else "",
        "opening": "",
        "closing": "",
        "body": clean_block(facts.get("body") or ""),
        "list_name": _isolated(facts.get("list_name"), reader),
        "staff_subject": _subject(facts, reader, words),
        "until": _until(facts, reader),
        "cancel_reason": clean_block(facts.get("cancel_reason") or "") if reader.may_quote else "",
        "changes": tuple(_changes(facts, reader, words)),
        **_when_and_where(event, reader, words),
    }


def _subject(facts: Mapping[str, Any], reader: Reader, words: Mapping[str, str]) -> str:
    """Return the subject as staff wrote it; to someone at risk it tells nothing."""
    if reader.is_at_risk:
        return words["neutral_title" if facts.get("event") else "neutral_letter"]
    return clean_line(facts.get("subject") or "")


def _until(facts: Mapping[str, Any], reader: Reader) -> str:
    """Return the moment until which a letter holds (an embargo, a deadline), in the zone it was given in."""
    if not facts.get("until"):
        return ""
    zone = facts["time_zone"]
    at = datetime.fromisoformat(facts["until"]).astimezone(ZoneInfo(zone))
    return f"{times.long_day(at, reader.language)}, {at:%H:%M} ({times.city(zone, reader.language)})"


def _when_and_where(event: Mapping[str, Any] | None, reader: Reader, words: Mapping[str, str]) -> dict[str, Any]:
    if not event:
        return {"facts": (), "place": "", "day": "", "short_day": "", "preview": "", "reply_by": ""}
    span, phrases, venue = _span(event), _phrases(reader, words), event["time_zone"]
    clocks = times.clocks(span, venue, reader.time_zone, phrases)
    day = times.reader_day(span, venue, reader.time_zone)
    place = _where(event, reader, words) if reader.may_name else ""
    return {
        "facts": (*clocks, times.Row(words["where"], place)) if place else clocks,
        "place": place,
        "day": times.long_day(day, reader.language),
        "short_day": times.short_day(day, reader.language),
        "preview": times.line(span, venue, reader.time_zone, phrases),
        "reply_by": _reply_by(event, reader),
    }


def _reply_by(event: Mapping[str, Any], reader: Reader) -> str:
    if not event.get("reply_by"):
        return ""
    at = datetime.fromisoformat(event["reply_by"])
    day = times.reader_day(times.Span(at, at), event["time_zone"], reader.time_zone)
    return times.long_day(day, reader.language)


def _changes(facts: Mapping[str, Any], reader: Reader, words: Mapping[str, str]) -> list[Changed]:
    """Return what moved; a discreet letter tells strangers only of time and form."""
    told = []
    for item in facts.get("changes") or ():
        what = item["what"]
        if (what in ("place", "title") and not reader.may_name) or (what == "link" and not reader.may_join):
            continue
        before, after = (_tell_of(what, item[side], reader, words) for side in ("before", "after"))
        if before != after:
            told.append(Changed(words[_LABELS[what]], before, after))
    return told


def _tell_of(what: str, event: Mapping[str, Any], reader: Reader, words: Mapping[str, str]) -> str:
    """Return one side of a change in words."""
    if what in ("time", "standing"):
        when = times.line(_span(event), event["time_zone"], reader.time_zone, _phrases(reader, words))
        return words["put_off"].format(when=when) if event.get("state") == "postponed" else when
    if what == "mode":
        return words[_MODES[event["mode"]]]
    if what == "link":
        return str(event["online_url"] or words["no_link"])
    return _where(event, reader, words) if what == "place" else _isolated(event["title"], reader)


def _where(event: Mapping[str, Any], reader: Reader, words: Mapping[str, str]) -> str:
    place = _isolated(event.get("place"), reader)
    if event["mode"] == "hybrid":
        return words["or_online"].format(place=place) if place else words["mode_hybrid"]
    return {"online": words["online"], "email": words["by_email"]}.get(event["mode"], place)


def _isolated(raw: str | None, reader: Reader) -> str:
    return isolated(raw, reader.language)


def isolated(raw: str | None, language: str) -> str:
    """Return one line, set apart where it runs the other way than the words around it (UAX #9, isolates)."""
    text = clean_line(raw or "")
    runs_other_way = _LATIN if language[:2] in RIGHT_TO_LEFT else _RIGHT_TO_LEFT
    return f"\u2068{text}\u2069" if runs_other_way.search(text) else text


def _span(event: Mapping[str, Any]) -> times.Span:
    starts_at, ends_at = datetime.fromisoformat(event["starts_at"]), datetime.fromisoformat(event["ends_at"])
    return times.Span(starts_at, ends_at, _days(event) if event.get("whole_day") else None)


def _days(event: Mapping[str, Any]) -> tuple[date, date]:
    first, after = (date.fromisoformat(event[name][:10]) for name in ("starts_local", "ends_local"))
    return first, after - timedelta(days=1)


def _phrases(reader: Reader, words: Mapping[str, str]) -> times.Phrases:
    return times.Phrases(
        reader.language, words["in_zone"], words["span"], words["same_day"], words["when"], words["whole_day"]
    )
