"""The mail around a calendar: its MIME parts and their parameters (RFC 6047 §2.4, §2.5)."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage

from tests.ical.checking.report import Report
from tests.ical.checking.vcalendar import check_file

CALENDAR_TYPES = ("text/calendar", "application/ics")


@dataclass(frozen=True, slots=True)
class Part:
    """One calendar part, and how it is shown."""

    content_type: str
    method_param: str | None
    disposition: str
    methods: list[str | None]


def check_message(data: bytes, report: Report, *, require_calendar: bool) -> None:
    """Check every calendar part of a message, and the message as iMIP wants it."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    parts = [_part(p, report) for p in message.walk() if p.get_content_type() in CALENDAR_TYPES]
    if not parts and require_calendar:
        report.error(0, "6047", "no calendar part in the mail")
    if parts and not any(_is_shown(part) for part in parts):
        report.quirk(
            0,
            "interop-inline",
            "no inline text/calendar part with method=: Outlook/Gmail show a file instead of buttons",
        )
    for part in message.walk() if parts else ():
        if isinstance(part, EmailMessage) and part.get_content_type() == "multipart/alternative":
            _alternatives(part, report)


def _part(part: EmailMessage, report: Report) -> Part:
    content_type = part.get_content_type()
    inner = Report(report.interop, part=content_type)
    payload = part.get_payload(decode=True)
    methods = check_file(payload if isinstance(payload, bytes) else b"", inner)
    report.findings += inner.findings
    param = part.get_param("method")
    if content_type == "text/calendar":
        _parameters(part, methods[0] if methods else None, str(param) if param else None, report)
    disposition = part.get_content_disposition() or "inline"
    return Part(content_type, str(param) if param else None, disposition, methods)


def _parameters(part: EmailMessage, method: str | None, param: str | None, report: Report) -> None:
    if method and not param:
        report.error(0, "6047-2.4", "text/calendar part of an iTIP message without method= parameter")
    if method and param and param.upper() != method:
        report.error(0, "6047-2.4", f"method={param} but METHOD:{method}")
    charset = part.get_param("charset")
    if charset is None:
        report.warn(0, "6047-2.4", "no charset parameter (default is us-ascii for text/*)")
    elif str(charset).lower() not in ("utf-8", "us-ascii"):
        report.warn(0, "6047-2.5", f"charset {charset}")


def _is_shown(part: Part) -> bool:
    return part.content_type == "text/calendar" and part.disposition == "inline" and bool(part.method_param)


def _alternatives(part: EmailMessage, report: Report) -> None:
    kinds = [kid.get_content_type() for kid in part.iter_parts()]
    if "text/calendar" in kinds and kinds[-1] != "text/calendar":
        report.quirk(0, "interop-order", f"text/calendar is not the last alternative: {kinds}")
