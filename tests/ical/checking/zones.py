"""VTIMEZONE, and that every TZID has one (RFC 5545 §3.6.5, §3.2.19)."""

from __future__ import annotations

import re

from tests.ical.checking.content import Comp, Prop
from tests.ical.checking.report import Report
from tests.ical.checking.values import DATE_TIME

RULE = "5545-3.6.5"
OFFSET = re.compile(r"^[+-]\d{4}(\d{2})?$")
MINUS_ZERO = ("-0000", "-000000")


def check_zones(zones: list[Comp], report: Report) -> set[str]:
    """Check every VTIMEZONE; return the TZIDs defined."""
    defined: set[str] = set()
    for zone in zones:
        _vtimezone(zone, report)
        tzid = zone.value("TZID") or ""
        if tzid in defined:
            report.error(zone.line, RULE, f"VTIMEZONE {tzid} twice")
        defined.add(tzid)
    return defined


def check_usage(cal: Comp, defined: set[str], used: dict[str, int], report: Report) -> None:
    """Every TZID used is defined; every zone defined is used, unless nothing but zones is there."""
    for tzid, line in used.items():
        if tzid not in defined:
            report.error(line, "5545-3.2.19", f"TZID {tzid!r} has no VTIMEZONE in the object")
    if all(sub.name == "VTIMEZONE" for sub in cal.subs):
        return
    for zone in (sub for sub in cal.subs if sub.name == "VTIMEZONE"):
        if (zone.value("TZID") or "") not in used:
            report.warn(zone.line, "tz-unused", f"VTIMEZONE {zone.value('TZID')} is not used")


def _vtimezone(zone: Comp, report: Report) -> None:
    if len(zone.all("TZID")) != 1:
        report.error(zone.line, RULE, "VTIMEZONE needs exactly one TZID")
    observances = [sub for sub in zone.subs if sub.name in ("STANDARD", "DAYLIGHT")]
    if not observances:
        report.error(zone.line, RULE, "VTIMEZONE without STANDARD/DAYLIGHT")
    for observance in observances:
        _observance(observance, report)
    count = sum(len(prop.value.split(",")) for sub in observances for prop in sub.all("RDATE"))
    if count:
        report.quirk(
            zone.line,
            "interop-rdate",
            f"VTIMEZONE uses {count} RDATEs instead of RRULE: Outlook has been seen off by an hour",
        )


def _observance(observance: Comp, report: Report) -> None:
    for name in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"):
        if len(observance.all(name)) != 1:
            report.error(observance.line, RULE, f"{observance.name} needs exactly one {name}")
    start = observance.one("DTSTART")
    if start and not _is_local(start):
        report.error(start.line, RULE, "DTSTART in VTIMEZONE must be a local DATE-TIME")
    for name in ("TZOFFSETFROM", "TZOFFSETTO"):
        offset = observance.one(name)
        if offset and (not OFFSET.match(offset.value) or offset.value in MINUS_ZERO):
            report.error(offset.line, "5545-3.3.14", f"{name}: bad UTC offset {offset.value}")


def _is_local(start: Prop) -> bool:
    match = DATE_TIME.match(start.value)
    return match is not None and not match[3] and not start.params.get("TZID")
