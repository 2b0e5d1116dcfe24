"""Links that open a calendar on the web with an event filled in, for open events only.

They hold what the public page says and nothing else: no guest, no join link. The page that offers
them sends no Referer, and nothing is fetched unless somebody clicks.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from service.ical.values import Meeting
from service.kernel.clock import instant

_GOOGLE = "https://calendar.google.com/calendar/render"
_OUTLOOK = {
    "Outlook.com": "https://outlook.live.com/calendar/0/deeplink/compose",
    "Microsoft 365": "https://outlook.office.com/calendar/0/deeplink/compose",
}
# A longer address is cut off by some servers; a page is named at its end instead.
_LONGEST_TEXT = 1000


def web_calendars(meeting: Meeting, file_address: str) -> tuple[tuple[str, str], ...]:
    """Return (name of the calendar, link); the last one hands the file's address to the calendar on the device."""
    outlook = ((name, f"{address}?{_outlook(meeting)}") for name, address in _OUTLOOK.items())
    return ("Google", f"{_GOOGLE}?{_google(meeting)}"), *outlook, ("Apple", webcal(file_address))


def webcal(address: str) -> str:
    """Return the address of a feed as calendars subscribe to it."""
    return "webcal://" + address.partition("://")[2]


def _google(meeting: Meeting) -> str:
    written = "%Y%m%d" if meeting.whole_day else "%Y%m%dT%H%M%S"  # the end of whole days is exclusive here too
    when = f"{meeting.starts_local:{written}}/{meeting.ends_local:{written}}"
    fields = {"action": "TEMPLATE", "text": meeting.summary, "dates": when, "ctz": meeting.time_zone}
    return urlencode(fields | {"details": _details(meeting), "location": meeting.location})


def _outlook(meeting: Meeting) -> str:
    starts, ends = (_outlook_time(local, meeting) for local in (meeting.starts_local, meeting.ends_local))
    fields = {"path": "/calendar/action/compose", "rru": "addevent", "startdt": starts, "enddt": ends}
    if meeting.whole_day:
        fields["allday"] = "true"
    fields |= {"subject": meeting.summary, "location": meeting.location, "body": _details(meeting)}
    return urlencode(fields)


def _outlook_time(local: datetime, meeting: Meeting) -> str:
    if meeting.whole_day:
        return f"{local:%Y-%m-%d}"
    return f"{instant(local, meeting.time_zone):%Y-%m-%dT%H:%M:%SZ}"


def _details(meeting: Meeting) -> str:
    text = meeting.description
    shown = text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT].rstrip() + "…"
    return "\n\n".join(part for part in (shown, meeting.url or "") if part)
