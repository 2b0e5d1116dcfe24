"""Mail that comes back, read: bounces (RFC 3464), complaints (RFC 5965), auto-replies (RFC 3834), calendar answers.

Pure: bytes in, a typed value out; nothing is believed here. A bounce is looked for before a
calendar part, because it carries our own invitation inside.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value
from enum import StrEnum

from service.kernel.errors import TooLarge
from service.mail.parts import FIELD_LIMIT, in_utf8, parse

SIZE_LIMIT = 5_000_000  # bytes; above it nobody answers an invitation
_PART_LIMIT = 60
_DEPTH_LIMIT = 12
_RECIPIENT_FIELDS = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "Cc")
_QUOTED = re.compile(r'"[^"]*"')
_ADDRESS = re.compile(r"[^\s<>(),;:\"@]{1,128}@[^\s<>(),;:\"@]{1,255}")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,300}@[^<>\s]{1,255}>")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_CALENDAR_TYPES = ("text/calendar", "application/ics", "text/x-vcalendar")
_BEGINS = re.compile(rb"[\xef\xbb\xbf\s]{0,40}BEGIN:VCALENDAR", re.IGNORECASE)
_ANSWERS = re.compile(rb"^METHOD[^:\r\n]{0,80}:\s{0,9}(?:REPLY|COUNTER)\b", re.IGNORECASE | re.MULTILINE)


class IncomingKind(StrEnum):
    """What sort of mail came in."""

    DSN = "dsn"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    CALENDAR = "calendar"
    OTHER = "other"


class IncomingTooLarge(TooLarge):
    """A message bigger than any answer."""

    code = "message-too-large"

    def __init__(self) -> None:
        super().__init__("This message is larger than 5 MB.")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message that came in, as it says of itself; only a plus-tag of ours proves anything.

    `plus_tags` are the parts after + of the addresses it went to; `action` and `status` are a
    DSN's (RFC 3464 §2.3), empty otherwise; `original_message_id` is the one it is about.
    """

    kind: IncomingKind
    sha256: str
    from_address: str
    recipients: tuple[str, ...]
    plus_tags: tuple[str, ...]
    original_message_id: str
    action: str = ""
    status: str = ""
    calendar: bytes | None = None  # in UTF-8, as far as its own letters allow
    method: str = ""  # of the calendar part, as the mail names it (RFC 6047 §2.4)
    is_tnef: bool = False  # winmail.dat, which only Outlook reads


def read_incoming(raw: bytes) -> Incoming:
    """Return what a raw RFC 5322 message is.

    Raises:
        IncomingTooLarge: above SIZE_LIMIT.
    """
    if len(raw) > SIZE_LIMIT:
        raise IncomingTooLarge
    top = parse(raw)
    parts = list(_walk(top))
    recipients = _recipients(top)
    report = _report(parts)
    calendars = _calendars(parts) if report is None else []
    kind = _kind(top, report, calendars)
    action, status = _delivery_fields(report) if report is not None and kind is IncomingKind.DSN else ("", "")
    return Incoming(
        kind=kind,
        sha256=hashlib.sha256(raw).hexdigest(),
        from_address=_author(_field(top, "From")),
        recipients=recipients,
        plus_tags=tuple(dict.fromkeys(filter(None, map(plus_tag, recipients)))),
        original_message_id=_original_id(top, parts),
        action=action,
        status=status,
        calendar=_one_file(calendars) if kind is IncomingKind.CALENDAR else None,
        method=_method(calendars[0]) if calendars else "",
        is_tnef=any(_is_tnef(part) for part in parts),
    )


def plus_tag(address: str) -> str:
    """Return the part between + and @ of an address, lower case; empty when there is none."""
    return address.rpartition("@")[0].partition("+")[2].lower()


def _kind(top: Message, report: Message | None, calendars: list[Message]) -> IncomingKind:
    if report is not None:
        is_complaint = report.get_content_type() == "message/feedback-report"
        return IncomingKind.COMPLAINT if is_complaint else IncomingKind.DSN
    # Exchange marks a calendar answer as automatic, too; but a note of absence may have our invitation attached.
    if _is_automatic(top) and not (calendars and _is_answer(calendars[0])):
        return IncomingKind.AUTO_REPLY
    return IncomingKind.CALENDAR if calendars else IncomingKind.OTHER


def _is_automatic(top: Message) -> bool:
    submitted = _field(top, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return True
    is_bulk = _field(top, "Precedence").lower() in ("auto_reply", "auto-reply", "bulk", "junk")
    return is_bulk or bool(_field(top, "X-Autoreply") or _field(top, "X-Autorespond"))


def _walk(message: Message, depth: int = 0, *, enter: str = "") -> Iterator[Message]:
    """Give the parts of a message, within limits. A mail within it is someone else's, and entered only when asked."""
    yield message
    # Only of a multipart: of anything else it is text, decoded by whatever codec the sender names.
    payload = message.get_payload() if message.is_multipart() else []
    kind = message.get_content_type()
    if (kind == enter or not kind.startswith("message/")) and depth < _DEPTH_LIMIT:
        for part in list(payload)[:_PART_LIMIT]:
            if isinstance(part, Message):
                yield from _walk(part, depth + 1, enter=enter)


def _report(parts: list[Message]) -> Message | None:
    """Return the machine-readable part of a DSN or of a complaint, or None."""
    wanted = ("message/delivery-status", "message/feedback-report")
    return next((part for part in parts if part.get_content_type() in wanted), None)


def _delivery_fields(report: Message) -> tuple[str, str]:
    """Return Action and Status of the worst recipient in a DSN."""
    found = [
        (_field(block, "Action").lower().split(" ")[0], _status(_field(block, "Status")))
        for block in _blocks(report)
        if block.get("Action")
    ]
    return max(found, key=lambda pair: pair[0] == "failed", default=("", ""))


def _blocks(report: Message) -> list[Message]:
    """Return the groups of fields of a message/delivery-status part (RFC 3464 §2.1: always 7bit)."""
    payload = report.get_payload()
    groups = payload[:_PART_LIMIT] if isinstance(payload, list) else []
    return [group for group in groups if isinstance(group, Message)]


def _status(raw: str) -> str:
    found = _STATUS.search(raw)
    return found.group(1) if found else ""


def _calendars(parts: list[Message]) -> list[Message]:
    """Return the calendar parts that answer or, where none does, the first one, whatever its name and encoding.

    Beside an answer may lie what it answers to, our own invitation. Some wrap the answer in a mail of its own: there
    only an answer counts, for anything else may be ours, sent back.
    """
    found = [part for part in parts if _is_calendar(part) and in_utf8(part).strip()]
    if answers := [part for part in found if _is_answer(part)]:
        return answers
    within = _walk(parts[0], enter="message/rfc822")
    return [part for part in within if _is_calendar(part) and _is_answer(part)] or found[:1]


def _one_file(calendars: list[Message]) -> bytes:
    """Return calendar parts as one file: the same twice, as Google sends it, is one; what differs is seen to."""
    return b"\r\n".join(dict.fromkeys(in_utf8(part).strip() + b"\r\n" for part in calendars))


def _is_answer(part: Message) -> bool:
    return bool(_ANSWERS.search(in_utf8(part))) or _method(part) in ("REPLY", "COUNTER")


def _method(part: Message) -> str:
    return collapse_rfc2231_value(part.get_param("method", "")).upper()


def _is_calendar(part: Message) -> bool:
    if part.is_multipart():
        return False
    is_file = (part.get_filename() or "").lower().endswith((".ics", ".ical", ".ifb"))
    return part.get_content_type() in _CALENDAR_TYPES or is_file or bool(_BEGINS.match(in_utf8(part)))


def _is_tnef(part: Message) -> bool:
    is_named = (part.get_filename() or "").lower() == "winmail.dat"
    return is_named or part.get_content_type() in ("application/ms-tnef", "application/vnd.ms-tnef")


def _recipients(top: Message) -> tuple[str, ...]:
    lines = [str(line) for name in _RECIPIENT_FIELDS for line in top.get_all(name, [])]
    return tuple(dict.fromkeys(address for line in lines[:50] for address in _addresses(line)))


def _addresses(line: str) -> list[str]:
    """Return the addresses of a field. The standard library's parser recurses into comments until it dies."""
    return _ADDRESS.findall(_QUOTED.sub(" ", line[:FIELD_LIMIT]))


def _author(line: str) -> str:
    """Return the address of a From field: the one in angle brackets, when there are some."""
    found = _addresses(line[line.rfind("<") :] if "<" in line else line)
    return found[0] if found else ""


def _original_id(top: Message, parts: list[Message]) -> str:
    """Return the id of the message this one is about: the one inside a bounce, else the one replied to."""
    for part in parts:
        if part.get_content_type() in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            inner = part.get_payload() if part.is_multipart() else part.get_payload(decode=True)
            head = inner[0] if isinstance(inner, list) else parse(inner if isinstance(inner, bytes) else b"")
            if isinstance(head, Message) and (found := _MESSAGE_ID.search(_field(head, "Message-ID"))):
                return found.group(0)
    found = _MESSAGE_ID.search(_field(top, "In-Reply-To") or _field(top, "References"))
    return found.group(0) if found else ""


def _field(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip()
