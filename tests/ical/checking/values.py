"""The values of single properties: text, dates, addresses, rules of recurrence (RFC 5545 §3.3, §3.8)."""

from __future__ import annotations

import re
from datetime import datetime

from tests.ical.checking.content import Prop
from tests.ical.checking.report import Report

DATE_TIME = re.compile(r"^(\d{8})T(\d{6})(Z?)$")
DATE = re.compile(r"^\d{8}$")
DURATION = re.compile(r"^[+-]?P(\d+W|(\d+D)?(T(\d+H)?(\d+M)?(\d+S)?)?)$")
MAILTO = re.compile(r"^mailto:[^\s<>@,;:]+@[^\s<>@,;:]+$", re.IGNORECASE)
SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
ESCAPE = re.compile(r"\\[\\;,nN]")

ALLOWED = {
    "ROLE": {"CHAIR", "REQ-PARTICIPANT", "OPT-PARTICIPANT", "NON-PARTICIPANT"},
    "PARTSTAT": {"NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"},
    "CUTYPE": {"INDIVIDUAL", "GROUP", "RESOURCE", "ROOM", "UNKNOWN"},
    "RSVP": {"TRUE", "FALSE"},
}
QUOTED = ("SENT-BY", "DELEGATED-FROM", "DELEGATED-TO", "MEMBER")


def check_text(prop: Prop, report: Report) -> None:
    """TEXT is escaped, and only what must be (§3.3.11)."""
    rest = ESCAPE.sub("", prop.value)
    if "\\" in rest:
        wrong = f"{prop.name}: backslash before a character that is not \\ ; , n N"
        report.error(prop.line, "5545-3.3.11", wrong)
    if re.search(r"[;,]", rest):
        report.error(prop.line, "5545-3.3.11", f"{prop.name}: unescaped ';' or ','")


def check_times(prop: Prop, used: dict[str, int], report: Report, *, utc_only: bool = False) -> None:
    """A date or a time is one, in the form its parameters promise. Notes the TZID in `used`."""
    values = prop.value.split(",") if prop.name in ("EXDATE", "RDATE") else [prop.value]
    for value in values:
        start = value.split("/")[0] if prop.value_type == "PERIOD" else value
        if prop.value_type == "DATE":
            _date(prop, start, report)
        else:
            _date_time(prop, start, report, utc_only=utc_only)
    if tzid := prop.params.get("TZID"):
        used.setdefault(tzid[0], prop.line)


def _date(prop: Prop, value: str, report: Report) -> None:
    if not DATE.match(value):
        report.error(prop.line, "5545-3.3.4", f"{prop.name};VALUE=DATE with value {value!r}")
    elif not _exists(value, "%Y%m%d"):
        report.error(prop.line, "5545-3.3.4", f"{prop.name}: no such day {value}")
    if prop.params.get("TZID"):
        report.error(prop.line, "5545-3.2.19", f"TZID on a DATE value ({prop.name})")


def _date_time(prop: Prop, value: str, report: Report, *, utc_only: bool) -> None:
    match = DATE_TIME.match(value)
    if not match:
        hint = " (DATE needs VALUE=DATE)" if DATE.match(value) else ""
        report.error(prop.line, "5545-3.3.5", f"{prop.name}: {value!r} is no DATE-TIME{hint}")
        return
    bare = value.rstrip("Z")
    if not _exists(bare, "%Y%m%dT%H%M%S") and not bare.endswith("60"):
        report.error(prop.line, "5545-3.3.5", f"{prop.name}: no such time {value}")
    has_zone, is_utc = bool(prop.params.get("TZID")), bool(match[3])
    if has_zone and is_utc:
        report.error(prop.line, "5545-3.2.19", f"{prop.name} has TZID and a trailing Z")
    if utc_only and not is_utc:
        report.error(prop.line, "5545-utc", f"{prop.name} must be UTC (…Z): {value}")
    if utc_only and has_zone:
        report.error(prop.line, "5545-utc", f"{prop.name} must not have TZID")
    if not (has_zone or is_utc or utc_only):
        report.warn(prop.line, "floating", f"{prop.name} is floating: every invitee sees another instant")


def _exists(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True


def check_address(prop: Prop, report: Report) -> None:
    """ORGANIZER and ATTENDEE are mailto: URIs with known parameters."""
    if not MAILTO.match(prop.value):
        tell = report.warn if SCHEME.match(prop.value) else report.error
        tell(prop.line, "5545-3.3.3", f"{prop.name} value is not a mailto: URI: {prop.value[:60]!r}")
    elif not prop.value.startswith("mailto:"):
        report.warn(prop.line, "mailto-case", f"{prop.name}: scheme not lower case")
    for key in (key for key in ALLOWED if key in prop.params):
        _participation(prop, key, report)
    for key in QUOTED:
        if key in prop.params and f'{key}="' not in prop.raw.upper():
            report.error(prop.line, "5545-3.2", f"{key} must be quoted")
    if "^" in "".join(prop.params.get("CN", [])):
        shown = "CN uses RFC 6868 ^-escapes: older Outlook and Google show them raw; drop quotes from names"
        report.quirk(prop.line, "interop-6868", shown)


def _participation(prop: Prop, key: str, report: Report) -> None:
    for value in prop.params[key]:
        if value.upper() not in ALLOWED[key] and not value.upper().startswith("X-"):
            report.error(prop.line, "5545-3.2", f"{prop.name};{key}={value} is not a defined value")
    if prop.name == "ORGANIZER":
        report.error(prop.line, "5545-3.8.4.3", f"ORGANIZER must not carry {key}")


def check_rrule(prop: Prop, start: Prop | None, report: Report) -> None:
    """RRULE has a FREQ, one end at most, and an UNTIL of the right type (§3.3.10)."""
    parts = dict(part.split("=", 1) for part in prop.value.upper().split(";") if "=" in part)
    if "FREQ" not in parts:
        report.error(prop.line, "5545-3.3.10", "RRULE without FREQ")
    if "UNTIL" in parts and "COUNT" in parts:
        report.error(prop.line, "5545-3.3.10", "RRULE with both UNTIL and COUNT")
    if "UNTIL" in parts and start:
        _until(prop, parts["UNTIL"], start, report)


def _until(prop: Prop, until: str, start: Prop, report: Report) -> None:
    is_date = start.value_type == "DATE"
    is_anchored = bool(start.params.get("TZID")) or start.value.endswith("Z")
    if is_date != bool(DATE.match(until)):
        report.error(prop.line, "5545-3.3.10", "UNTIL and DTSTART differ in value type")
    elif not is_date and is_anchored and not until.endswith("Z"):
        report.error(prop.line, "5545-3.3.10", "UNTIL must be UTC when DTSTART is zoned or UTC")
