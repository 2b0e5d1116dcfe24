"""iTIP (RFC 5546): what one invitee's calendar is told. One event and one ATTENDEE a file.

Equal input gives equal bytes: the stamp is given, so a letter sent again is the letter sent before.
No CLASS is written: PRIVATE hides the event from the assistants who keep an invitee's diary, and
protects nothing on the way. What must stay secret is kept out of the file.
"""

from __future__ import annotations

from service.ical.components import CANCELLED, calendar, details, event, person, standing, words, zones
from service.ical.values import Attendee, Meeting, Method


def request(meeting: Meeting, attendee: Attendee) -> bytes:
    """Return the REQUEST (§3.2.2) that invites one person, or tells them of a change.

    Raises:
        UnknownZone: the tz database has no such zone.
        ValueError: the meeting is cancelled, which only `cancel` may say.
    """
    if meeting.status == CANCELLED:
        raise ValueError("a cancelled meeting takes METHOD:CANCEL")
    body = event(
        meeting,
        *words(meeting),
        *details(meeting),
        standing(meeting.status, whole_day=meeting.whole_day),
        person("ORGANIZER", meeting.organizer),
        person(f"{_attendee(attendee)};RSVP={'TRUE' if attendee.rsvp else 'FALSE'}", attendee.address),
    )
    return calendar(Method.REQUEST, *zones([meeting]), body)


def cancel(meeting: Meeting, attendee: Attendee, *, whole_event: bool) -> bytes:
    """Return the CANCEL (§3.2.5) that takes the event out of one person's calendar.

    STATUS:CANCELLED stands only when the event itself is off; without it this one person is
    uninvited. No description and no link: a guest who is not coming may not have them.

    Raises:
        UnknownZone: the tz database has no such zone.
    """
    body = event(
        meeting,
        *words(meeting),
        *([standing(CANCELLED)] if whole_event else []),
        person("ORGANIZER", meeting.organizer),
        person(_attendee(attendee), attendee.address),
    )
    return calendar(Method.CANCEL, *zones([meeting]), body)


def _attendee(attendee: Attendee) -> str:
    return f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={attendee.partstat}"
