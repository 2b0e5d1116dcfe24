"""When SEQUENCE rises (RFC 5546 §2.1.4). Pure.

>>> from dataclasses import replace
>>> from datetime import UTC, datetime
>>> from service.ical.values import Address, Meeting
>>> launch = Meeting(
...     uid="01launch@example.org", sequence=0, dtstamp=datetime(2026, 12, 1, tzinfo=UTC),
...     starts_local=datetime(2027, 3, 4, 18), ends_local=datetime(2027, 3, 4, 20), time_zone="Europe/Zurich",
...     summary="Launch", organizer=Address("rsvp@example.org"), location="Room XX")
>>> next_sequence(launch, replace(launch, location="Room XXI"))
1
>>> next_sequence(launch, replace(launch, summary="The launch", location="room  XX"))
0
"""

from __future__ import annotations

from service.ical.values import Meeting
from service.kernel.text import folded


def is_material(before: Meeting, after: Meeting) -> bool:
    """Tell whether an edit asks invitees to look again: time, zone, status or place changed.

    A place that differs only in capitals, accents or spaces is the same place. Words, links and
    the organizer's name are not material.
    """
    return _when(before) != _when(after) or folded(before.location) != folded(after.location)


def next_sequence(before: Meeting, after: Meeting) -> int:
    """Return the SEQUENCE to send after an organizer's edit.

    It rises by one when start, end, zone or status change (RFC 5546 §2.1.4) and, by our choice
    under the same section, when the place does. A corrected spelling keeps it.
    """
    return before.sequence + is_material(before, after)


def _when(meeting: Meeting) -> tuple[object, ...]:
    return meeting.whole_day, meeting.starts_local, meeting.ends_local, meeting.time_zone, meeting.status
