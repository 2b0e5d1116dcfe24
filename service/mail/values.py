"""Values of mail: a mailing, a delivery, a letter as bytes, and what became of it.

A *mailing* is one kind of letter to many; a *delivery* is one letter to one address, frozen
when queued; the *envelope* (RFC 5321) is what the relay reads, the *message* (RFC 5322) what
the person reads. Mail knows addresses and an opaque `recipient_ref`, never people.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from service.kernel.errors import Invalid

_END = b"\r\n"
_NO_END = bytes(octet for octet in range(256) if octet not in _END)


class MailingState(StrEnum):
    """Where a mailing stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class DeliveryState(StrEnum):
    """Where one letter stands; `sent` means a relay took it, `unknown` that the line broke after our last word."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    BOUNCED = "bounced"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


ACTIVE = (MailingState.APPROVED, MailingState.RUNNING)
WAITING = (DeliveryState.QUEUED, DeliveryState.DEFERRED)
OPEN = (*WAITING, DeliveryState.SENDING)


class Semantics(StrEnum):
    """What to do with a letter of unknown fate: send it again, byte for byte, or ask a human."""

    AT_LEAST_ONCE = "at-least-once"
    AT_MOST_ONCE = "at-most-once"


class SuppressionReason(StrEnum):
    """Why an address is not written to."""

    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    OBJECTED = "objected"
    ERASED = "erased"


class Ground(StrEnum):
    """Why staff let letters to an address leave again."""

    ASKED = "asked"  # the reader asked for them
    WORKS = "works"  # the address takes letters again
    MISTAKE = "mistake"  # it was stopped by mistake


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to queue. `slots` are the values for this one person; nothing leaves after `give_up_at`."""

    recipient_ref: str
    address: str
    language: str
    slots: dict[str, Any]
    give_up_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewMailing:
    """A mailing to make. `facts` are what all its letters say; `skipped` counts by reason who gets none."""

    context: str  # `event:<id>` or `list:<id>`
    kind: str
    purpose: str = "events"
    list_id: str | None = None
    semantics: Semantics = Semantics.AT_LEAST_ONCE
    facts: dict[str, Any] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Words:
    """What staff wrote for one kind of letter in one language; an empty part leaves it to ours."""

    subject: str = ""
    opening: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mailing as it stands."""

    id: str
    context: str
    kind: str
    purpose: str
    list_id: str | None
    state: MailingState
    semantics: Semantics
    facts: dict[str, Any]
    skipped: dict[str, int]
    created_by: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    send_at: datetime | None
    done_at: datetime | None
    pause_reason: str


@dataclass(frozen=True, slots=True)
class MailingView(Mailing):
    """A mailing and how many of its letters stand where; every state is a key."""

    counts: dict[DeliveryState, int]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One letter to one address. `finished_at` is when its fate was known."""

    id: str
    mailing_id: str
    recipient_ref: str
    address: str
    address_hash: str
    domain: str
    language: str
    slots: dict[str, Any]
    state: DeliveryState
    attempts: int
    created_at: datetime
    give_up_at: datetime | None
    lease_epoch: int
    finished_at: datetime | None
    repeats: int = 0
    first_id: str | None = None  # the mailing whose words it brings to someone who came since


@dataclass(frozen=True, slots=True)
class Offer:
    """Letters of one mailing to one domain that are due, by their ids."""

    mailing_id: str
    domain: str
    delivery_ids: tuple[str, ...]

    def cut(self, room: int) -> Offer:
        """Return the offer without what the relays have no room for."""
        return replace(self, delivery_ids=self.delivery_ids[:room])


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One letter as a list shows it; `at` is its last change.

    `repeats` is how often it left again although it may have arrived before.
    """

    id: str
    mailing_id: str
    recipient_ref: str
    address: str
    state: DeliveryState
    attempts: int
    smtp_code: int | None
    smtp_text: str
    at: datetime
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class Stop:
    """Why letters of one scope do not go to an address, and since when."""

    scope: str  # all, purpose:<purpose> or list:<id>
    reason: SuppressionReason
    since: datetime


@dataclass(frozen=True, slots=True)
class LocalLetter:
    """A letter in the local mailbox, without its bytes."""

    id: str
    delivery_id: str | None
    to: str
    subject: str
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the relay reads (RFC 5321): where to return it, and the one address it goes to."""

    mail_from: str
    rcpt_to: str


@dataclass(frozen=True, slots=True)
class ReadyLetter:
    """A letter ready to leave. `raw` is the whole message with CRLF line ends."""

    envelope: Envelope
    raw: bytes
    subject: str
    message_id: str


@dataclass(frozen=True, slots=True)
class ComposedLetter(ReadyLetter):
    """A letter ready to leave, and what a person reads in it; `headers` are its decoded fields."""

    text: str
    html: str
    ics: bytes | None
    headers: tuple[tuple[str, str], ...]


class BareLineEnd(Invalid):
    """A CR or LF stands alone, or the last line has no end: a relay might take what follows for commands."""

    code = "bare-line-end"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A claimed letter on its way to a transport, and the name of the relay it goes through.

    Raises:
        BareLineEnd: the letter has one. Here its bytes are fresh; at the wire, looking costs twice as much.
    """

    delivery_id: str
    kind: str
    letter: ReadyLetter
    relay: str = ""

    def __post_init__(self) -> None:
        raw = self.letter.raw
        ends = len(raw.translate(None, _NO_END))  # each is half of a pair, or one stands alone
        if ends != raw.count(_END) * len(_END) or not raw.endswith(_END):
            raise BareLineEnd("The letter has a line end that is none.")


class Stage(StrEnum):
    """How far an SMTP conversation had come when the relay answered."""

    CONNECT = "connect"  # connection, STARTTLS, AUTH
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"  # the DATA command and the answer to the dot


class Fate(StrEnum):
    """What one attempt came to."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # try this letter later
    THROTTLED = "throttled"  # too fast for this domain: costs no attempt
    UNREACHABLE = "unreachable"  # no relay there: costs no attempt
    BARRED = "barred"  # the relay does not let us in: TLS or AUTH failed
    BOUNCED = "bounced"  # no such mailbox
    REFUSED = "refused"  # this letter will never be taken
    OUR_FAULT = "our-fault"  # the relay refuses us: the mailing pauses
    HELD = "held"  # the gate was shut: paused or cancelled meanwhile
    UNCLEAR = "unclear"  # the dot was sent and no answer came


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt came to, in the relay's words."""

    fate: Fate
    code: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one delivery."""

    delivery_id: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What one run of `deliver_batch` did: letters claimed, and how each now stands."""

    claimed: int
    states: dict[DeliveryState, int] = field(default_factory=dict)
