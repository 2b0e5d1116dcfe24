"""One file: VCALENDAR, its properties, and what its components must agree on (RFC 5545 §3.4, §3.6)."""

from __future__ import annotations

from tests.ical.checking.content import Comp, parse
from tests.ical.checking.itip import METHODS, check_itip
from tests.ical.checking.report import Report
from tests.ical.checking.vevent import check_event
from tests.ical.checking.zones import check_usage, check_zones


def check_file(data: bytes, report: Report) -> list[str | None]:
    """Check the octets of a calendar file; return the METHOD of each calendar in it."""
    roots = parse(data, report)
    if not roots:
        report.error(0, "5545-3.4", "no VCALENDAR")
    for root in roots:
        if root.name != "VCALENDAR":
            report.error(root.line, "5545-3.4", f"top level component {root.name}")
    if len(roots) > 1:
        report.warn(0, "5545-3.4", f"{len(roots)} VCALENDARs in one stream")
    return [check_calendar(root, report) for root in roots if root.name == "VCALENDAR"]


def check_calendar(cal: Comp, report: Report) -> str | None:
    """Check one VCALENDAR; return its METHOD, upper case."""
    method = _heading(cal, report)
    used: dict[str, int] = {}
    events = [sub for sub in cal.subs if sub.name == "VEVENT"]
    defined = check_zones([sub for sub in cal.subs if sub.name == "VTIMEZONE"], report)
    for event in events:
        check_event(event, method, used, report)
    _other_components(cal, used)
    check_usage(cal, defined, used, report)
    _overrides(events, report)
    if method is not None:
        check_itip(cal, method, events, report)
    return method


def _heading(cal: Comp, report: Report) -> str | None:
    for name in ("PRODID", "VERSION"):
        if len(cal.all(name)) != 1:
            found = len(cal.all(name))
            report.error(cal.line, "5545-3.6", f"VCALENDAR needs exactly one {name}, found {found}")
    if cal.value("VERSION") not in (None, "2.0"):
        report.error(cal.line, "5545-3.7.4", f"VERSION is {cal.value('VERSION')}")
    for name in ("METHOD", "CALSCALE"):
        if len(cal.all(name)) > 1:
            report.error(cal.line, "5545-3.6", f"{name} more than once")
    if not cal.subs:
        report.error(cal.line, "5545-3.6", "VCALENDAR without components")
    first = min((sub.line for sub in cal.subs), default=10**9)
    if any(prop.line > first for prop in cal.props):
        report.quirk(cal.line, "order", "calendar property after a component")
    refresh = cal.one("REFRESH-INTERVAL")
    if refresh and refresh.param("VALUE") != "DURATION":
        report.error(refresh.line, "7986-5.7", "REFRESH-INTERVAL needs VALUE=DURATION")
    return _method(cal, report)


def _method(cal: Comp, report: Report) -> str | None:
    prop = cal.one("METHOD")
    if prop is None or not prop.value:
        return None
    method = prop.value.strip().upper()
    if method not in METHODS:
        report.error(prop.line, "5546-1.4", f"unknown METHOD {method}")
    return method


def _other_components(cal: Comp, used: dict[str, int]) -> None:
    for sub in cal.subs:
        if sub.name in ("VTODO", "VJOURNAL", "VFREEBUSY"):
            for prop in sub.props:
                if prop.params.get("TZID"):
                    used.setdefault(prop.params["TZID"][0], prop.line)


def _overrides(events: list[Comp], report: Report) -> None:
    """A RECURRENCE-ID is written as its master's DTSTART is (RFC 5545 §3.8.4.4)."""
    masters = {event.value("UID"): event for event in events if event.one("RECURRENCE-ID") is None}
    for event in events:
        override, master = event.one("RECURRENCE-ID"), masters.get(event.value("UID"))
        start = master.one("DTSTART") if master else None
        if not override or not start:
            continue
        if override.value_type != start.value_type:
            differ = "RECURRENCE-ID and DTSTART of the master differ in value type"
            report.error(override.line, "5545-3.8.4.4", differ)
        elif override.params.get("TZID") != start.params.get("TZID"):
            elsewhere = "RECURRENCE-ID in another zone than the master's DTSTART"
            report.warn(override.line, "5545-3.8.4.4", elsewhere)
