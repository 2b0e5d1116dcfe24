"""One VEVENT: which properties, how often, and that they agree (RFC 5545 §3.6.1)."""

from __future__ import annotations

import re

from tests.ical.checking.content import Comp, Prop
from tests.ical.checking.report import Report
from tests.ical.checking.values import (
    DURATION,
    SCHEME,
    check_address,
    check_rrule,
    check_text,
    check_times,
)

TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT", "TZNAME", "NAME", "X-WR-CALNAME"}
ONCE = (
    "DTSTAMP", "UID", "DTSTART", "CLASS", "CREATED", "DESCRIPTION", "GEO", "LAST-MODIFIED", "LOCATION",
    "ORGANIZER", "PRIORITY", "SEQUENCE", "STATUS", "SUMMARY", "TRANSP", "URL", "RECURRENCE-ID", "DTEND",
    "DURATION", "COLOR",
)  # fmt: skip
STARTING_METHODS = (None, "PUBLISH", "REQUEST", "ADD", "COUNTER")
OF_VCALENDAR = ("METHOD", "PRODID", "VERSION", "CALSCALE")
RULE = "5545-3.6.1"


def check_event(event: Comp, method: str | None, used: dict[str, int], report: Report) -> None:
    """Check one event; TZIDs it uses are noted in `used`."""
    _counts(event, method, report)
    _times(event, used, report)
    _order(event, report)
    _numbers(event, report)
    _uid(event, report)
    for prop in event.props:
        _property(prop, report)
    _attendees(event, report)
    for alarm in (sub for sub in event.subs if sub.name == "VALARM"):
        _alarm(alarm, method, report)


def _counts(event: Comp, method: str | None, report: Report) -> None:
    for name in ("UID", "DTSTAMP"):
        if not event.all(name):
            report.error(event.line, RULE, f"VEVENT without {name}")
    for name in ONCE:
        if len(event.all(name)) > 1:
            second = event.all(name)[1]
            report.error(second.line, RULE, f"{name} occurs {len(event.all(name))} times in a VEVENT")
    if event.one("DTEND") and event.one("DURATION"):
        report.error(event.line, RULE, "DTEND and DURATION together")
    if not event.one("DTSTART") and method in STARTING_METHODS:
        report.error(event.line, RULE, "VEVENT without DTSTART")
    for name in OF_VCALENDAR:
        for prop in event.all(name):
            report.error(prop.line, "5545-3.7", f"{name} is a property of VCALENDAR, not of {event.name}")


def _times(event: Comp, used: dict[str, int], report: Report) -> None:
    for name in ("DTSTAMP", "CREATED", "LAST-MODIFIED"):
        for prop in event.all(name):
            check_times(prop, used, report, utc_only=True)
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"):
        for prop in event.all(name):
            check_times(prop, used, report)
    for prop in event.all("RRULE"):
        check_rrule(prop, event.one("DTSTART"), report)
    duration = event.one("DURATION")
    if duration and not DURATION.match(duration.value):
        report.error(duration.line, "5545-3.3.6", "bad DURATION")


def _order(event: Comp, report: Report) -> None:
    """The end is later than the start, where both are written alike."""
    override = event.one("RECURRENCE-ID")
    if override and event.one("RRULE"):
        report.warn(override.line, "5545-3.8.4.4", "override component carries RRULE")
    start, end = event.one("DTSTART"), event.one("DTEND")
    if not start or not end:
        return
    if start.value_type != end.value_type:
        report.error(end.line, "5545-3.8.2.2", "DTEND and DTSTART differ in value type")
    elif _frame(start) == _frame(end) and end.value <= start.value:
        report.error(end.line, "5545-3.8.2.2", f"DTEND {end.value} is not later than DTSTART {start.value}")


def _frame(prop: Prop) -> tuple[object, bool]:
    return prop.params.get("TZID"), prop.value.endswith("Z")


def _numbers(event: Comp, report: Report) -> None:
    for prop in event.all("SEQUENCE"):
        if not re.match(r"^\d+$", prop.value) or int(prop.value) > 2147483647:
            report.error(prop.line, "5545-3.8.7.4", f"SEQUENCE {prop.value!r} is no 32-bit number from 0")
    status = event.one("STATUS")
    if status and status.value and status.value.upper() not in ("TENTATIVE", "CONFIRMED", "CANCELLED"):
        report.error(status.line, "5545-3.8.1.11", f"STATUS {status.value} not allowed in VEVENT")


def _uid(event: Comp, report: Report) -> None:
    uid = event.value("UID")
    if uid is None:
        return
    if not uid.strip():
        report.error(event.line, "5545-3.8.4.7", "empty UID")
    if len(uid.encode()) > 255:
        report.warn(event.line, "7986-5.3", "UID longer than 255 octets")


def _property(prop: Prop, report: Report) -> None:
    if prop.name in TEXTS:
        check_text(prop, report)
    if prop.name in ("ORGANIZER", "ATTENDEE"):
        check_address(prop, report)
    if prop.name in ("CONFERENCE", "IMAGE") and prop.param("VALUE") not in ("URI", "BINARY"):
        binary = " or BINARY" if prop.name == "IMAGE" else ""
        report.error(prop.line, "7986", f"{prop.name} needs VALUE=URI{binary}")
    if prop.name == "URL" and not SCHEME.match(prop.value):
        report.error(prop.line, "5545-3.3.13", f"URL is not an absolute URI: {prop.value[:40]!r}")


def _attendees(event: Comp, report: Report) -> None:
    seen: set[str] = set()
    for prop in event.all("ATTENDEE"):
        if prop.value.lower() in seen:
            report.error(prop.line, "5545-attendee", f"attendee {prop.value} listed twice")
        seen.add(prop.value.lower())


def _alarm(alarm: Comp, method: str | None, report: Report) -> None:
    for name in ("ACTION", "TRIGGER"):
        if len(alarm.all(name)) != 1:
            report.error(alarm.line, "5545-3.6.6", f"VALARM needs exactly one {name}")
    if (alarm.value("ACTION") or "").upper() == "DISPLAY" and not alarm.one("DESCRIPTION"):
        report.error(alarm.line, "5545-3.6.6", "DISPLAY alarm without DESCRIPTION")
    if method in ("REPLY", "CANCEL"):
        report.error(alarm.line, "5546-3.2", f"VALARM not allowed in {method}")
