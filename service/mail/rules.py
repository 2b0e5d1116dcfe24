"""Rules of delivery: what an answer of the relay means, and what becomes of a letter.

The point of no return is our final `<CRLF>.<CRLF>` (RFC 5321 §4.1.1.4). Before it a letter
may be taken back; after it only the relay's answer tells, and without one its fate is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, zip_longest

from service.kernel.addresses import key_of
from service.kernel.errors import Conflict
from service.mail.values import DeliveryState, Fate, MailingState, Offer, Outcome, Semantics, Stage, SuppressionReason

MAX_ATTEMPTS = 24  # with the back-off below, about three days
COOL_DOWN = timedelta(minutes=5)
RELAY_AWAY = timedelta(minutes=1)
RELAY_BARS_US = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=4)
EXPIRED = "The time to send it had passed."

_ENHANCED = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_NO_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
_RATE_CODES = frozenset({421, 452, 454})

EVENTS = "events"  # the purpose of letters about an event
# Reasons that are a person's word, not a fact about a mailbox.
WILL = frozenset(
    {
        SuppressionReason.UNSUBSCRIBED,
        SuppressionReason.COMPLAINED,
        SuppressionReason.OBJECTED,
        SuppressionReason.ERASED,
    }
)


class MailingClosed(Conflict):
    """The mailing is not in a state that allows this."""

    code = "mailing-state"

    def __init__(self, state: MailingState, wish: str) -> None:
        super().__init__(f"This mailing is {state}; it cannot be {wish}.", state=str(state))


class AlreadyLeaving(Conflict):
    """A letter of the mailing was taken up for sending, so it cannot go back to a draft."""

    code = "already-leaving"

    def __init__(self) -> None:
        super().__init__("Letters have begun to leave. You can still pause or cancel the rest.")


class FateIsKnown(Conflict):
    """Only a letter of unknown fate may be sent again or marked as received."""

    code = "fate-is-known"

    def __init__(self, state: DeliveryState) -> None:
        super().__init__(f"This letter is {state}, not unsure.", state=str(state))


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a delivery after an attempt.

    The rest reaches beyond this one letter: `pauses` its mailing, `cools` the relay for its
    domain, `avoids` the relay for that long. `repeats`: it may be on its way twice.
    """

    state: DeliveryState
    attempts: int
    next_attempt_at: datetime
    pauses: bool = False
    cools: bool = False
    avoids: timedelta | None = None
    repeats: bool = False


def normalised(address: str) -> str:
    """Return the form of an address under which it is compared and suppressed: the same as people are known by."""
    return key_of(address)


def domain_of(address: str) -> str:
    """Return the part after the last @, normalised; empty when there is none."""
    _, at, host = normalised(address).rpartition("@")
    return host if at else ""


def scopes(purpose: str, list_id: str | None) -> tuple[str, ...]:
    """Return the suppression scopes that stop a letter of this purpose to this list."""
    own = ("all", f"purpose:{purpose}")
    return (*own, f"list:{list_id}") if list_id else own


def way_out(purpose: str, list_id: str | None) -> str:
    """Return the scope that "no more letters like this" means.

    Who is invited through a list and wants no more is spared every letter about events: a
    reminder of the same event would not belong to the list.
    """
    return f"list:{list_id}" if list_id and purpose != EVENTS else f"purpose:{purpose}"


def enhanced_status(text: str) -> str:
    """Return the status code (RFC 3463) a reply's text opens with, or an empty string."""
    found = _ENHANCED.match(text)
    return found.group(1) if found else ""


def relay_words(code: int | None, text: str, *, discreet: bool) -> str:
    """Return what a relay said of a letter; discreetly its codes alone, for its words may name the person.

    >>> relay_words(550, "5.1.1 <ada@example.org>: no such user", discreet=True)
    '550 5.1.1'
    """
    words = enhanced_status(text) if discreet else text
    return f"{code or ''} {words}".strip()


def pause_reason(outcome: Outcome) -> str:
    """Return the relay's words for which a whole mailing pauses, without the address of the one letter.

    >>> pause_reason(Outcome(Fate.OUR_FAULT, 554, "5.7.1 <ada@example.org>: Relay access denied"))
    '554 5.7.1 …: Relay access denied'
    """
    return f"{outcome.code or ''} {_ADDRESS.sub('…', outcome.text)}".strip()


def classify(stage: Stage, code: int, text: str) -> Fate:
    """Say what a relay's reply means for the letter.

    A 552 to RCPT counts as 4xx (RFC 5321 §4.5.3.1.10); a plain 550, 551 or 553 there, without an
    enhanced status, as an unknown mailbox.
    """
    status = enhanced_status(text)
    if 200 <= code < 300 or code == 354:
        return Fate.ACCEPTED
    if 400 <= code < 500:
        is_rate = code in _RATE_CODES or (code in (450, 451) and status.startswith("4.7."))
        return Fate.THROTTLED if is_rate else Fate.DEFERRED
    if stage is Stage.MAIL and (code == 552 or status == "5.3.4"):
        return Fate.REFUSED  # too big: a fault of this letter alone
    if stage in (Stage.CONNECT, Stage.MAIL) or status.startswith("5.7.") or 530 <= code < 540:
        return Fate.OUR_FAULT
    return _refusal_of_recipient(code, status) if stage is Stage.RCPT else Fate.REFUSED


def _refusal_of_recipient(code: int, status: str) -> Fate:
    if status in _NO_MAILBOX or (not status and code in (550, 551, 553)):
        return Fate.BOUNCED
    return Fate.DEFERRED if code == 552 or status == "5.2.2" else Fate.REFUSED


def backoff(attempts: int, chance: float) -> timedelta:
    """Return how long to wait after the n-th failed attempt: doubling from a minute, ±20 % by `chance` (0..1)."""
    wait = min(timedelta(minutes=2 ** min(attempts - 1, 16)), LONGEST_WAIT)
    return wait * (0.8 + 0.4 * chance)


def deal(offers: Sequence[Offer], size: int) -> dict[str, str]:
    """Return up to `size` of the letters offered, with their mailings: one of each offer in its turn.

    >>> deal([Offer("m", "a.example", ("1", "2", "3")), Offer("m", "b.example", ("4",))], 3)
    {'1': 'm', '4': 'm', '2': 'm'}
    """
    rounds = zip_longest(*([(key, offer.mailing_id) for key in offer.delivery_ids] for offer in offers))
    return dict(islice((letter for each in rounds for letter in each if letter), size))


def at_claim(*, suppressed: bool, give_up_at: datetime | None, now: datetime) -> DeliveryState:
    """Decide, as the last thing before sending, whether a due letter may still go."""
    if suppressed:
        return DeliveryState.SUPPRESSED
    return DeliveryState.FAILED if _is_late(give_up_at, now) else DeliveryState.SENDING


def after_crash(
    dot_at: datetime | None,
    *,
    semantics: Semantics,
    mailing: MailingState,
    give_up_at: datetime | None,
    now: datetime,
) -> DeliveryState:
    """Decide about a letter whose sender is gone."""
    is_over = mailing is MailingState.CANCELLED
    if dot_at is None:
        return DeliveryState.CANCELLED if is_over else DeliveryState.QUEUED
    may_repeat = semantics is Semantics.AT_LEAST_ONCE and not is_over and not _is_late(give_up_at, now)
    return DeliveryState.QUEUED if may_repeat else DeliveryState.UNKNOWN


def after_attempt(
    outcome: Outcome,
    *,
    attempts: int,
    semantics: Semantics,
    mailing: MailingState,
    give_up_at: datetime | None,
    now: datetime,
    chance: float,
) -> Next:
    """Decide what becomes of a letter after one attempt. `attempts` counts those before it."""
    final = _FINAL.get(outcome.fate)
    if final is not None:
        return Next(final, attempts + 1, now)
    if outcome.fate is Fate.UNCLEAR and semantics is Semantics.AT_MOST_ONCE:
        return Next(DeliveryState.UNKNOWN, attempts + 1, now)
    if mailing is MailingState.CANCELLED:
        # The dot may have gone out: then it is not for us to say that the letter was called off.
        is_unclear = outcome.fate is Fate.UNCLEAR
        return Next(DeliveryState.UNKNOWN if is_unclear else DeliveryState.CANCELLED, attempts, now)
    return _another_try(outcome.fate, attempts, give_up_at, now, chance)


_FINAL = {
    Fate.ACCEPTED: DeliveryState.SENT,
    Fate.BOUNCED: DeliveryState.BOUNCED,
    Fate.REFUSED: DeliveryState.FAILED,
}


def _another_try(fate: Fate, attempts: int, give_up_at: datetime | None, now: datetime, chance: float) -> Next:
    if fate in (Fate.HELD, Fate.OUR_FAULT):
        return Next(DeliveryState.QUEUED, attempts, now, pauses=fate is Fate.OUR_FAULT)
    if avoids := _AVOIDED.get(fate):  # another relay may take it at once
        return Next(DeliveryState.QUEUED, attempts, now, avoids=avoids)
    spent = attempts + (fate in (Fate.DEFERRED, Fate.UNCLEAR))
    again_at = now + (COOL_DOWN * (1 + 0.2 * chance) if fate is Fate.THROTTLED else backoff(spent, chance))
    if spent >= MAX_ATTEMPTS or _is_late(give_up_at, again_at):
        return Next(DeliveryState.UNKNOWN if fate is Fate.UNCLEAR else DeliveryState.FAILED, spent, now)
    return Next(DeliveryState.DEFERRED, spent, again_at, cools=fate is Fate.THROTTLED, repeats=fate is Fate.UNCLEAR)


_AVOIDED = {Fate.UNREACHABLE: RELAY_AWAY, Fate.BARRED: RELAY_BARS_US}


def _is_late(give_up_at: datetime | None, now: datetime) -> bool:
    return give_up_at is not None and now >= give_up_at


def approved(state: MailingState) -> MailingState:
    """Return the state after approval; a second approval of the same draft is refused."""
    return _moved(state, MailingState.APPROVED, "approved", MailingState.DRAFT)


def undone(state: MailingState) -> MailingState:
    """Return the state after Undo: a draft again, while nothing was taken up."""
    if state is MailingState.RUNNING:
        raise AlreadyLeaving
    return _moved(state, MailingState.DRAFT, "taken back", MailingState.APPROVED)


def paused(state: MailingState) -> MailingState:
    """Return the state after a pause."""
    return _moved(state, MailingState.PAUSED, "paused", MailingState.APPROVED, MailingState.RUNNING)


def resumed(state: MailingState, send_at: datetime | None, now: datetime) -> MailingState:
    """Return the state after a pause ends: running, or waiting again for its hour."""
    is_early = send_at is not None and send_at > now
    return _moved(state, MailingState.APPROVED if is_early else MailingState.RUNNING, "resumed", MailingState.PAUSED)


def cancelled(state: MailingState) -> MailingState:
    """Return the state after cancelling what has not left."""
    open_states = (MailingState.DRAFT, MailingState.APPROVED, MailingState.RUNNING, MailingState.PAUSED)
    return _moved(state, MailingState.CANCELLED, "cancelled", *open_states)


def takes_letters(state: MailingState) -> None:
    """Refuse to queue letters on a mailing that has ended."""
    if state in (MailingState.DONE, MailingState.CANCELLED):
        raise MailingClosed(state, "added to")


def may_be_rewritten(state: MailingState) -> None:
    """Refuse to change the letters of anything but a draft."""
    if state is not MailingState.DRAFT:
        raise MailingClosed(state, "written anew")


def _moved(state: MailingState, to: MailingState, wish: str, *allowed: MailingState) -> MailingState:
    if state not in allowed:
        raise MailingClosed(state, wish)
    return to


def is_dead_mailbox(status: str) -> bool:
    """Tell whether a status code (RFC 3463) says that there is no such mailbox: a full one, or a policy, passes."""
    return status in _NO_MAILBOX


def is_failed_return(action: str, status: str) -> bool:
    """Tell whether a DSN (RFC 3464) says that the letter did not arrive; delays and successes do not."""
    return action.lower() == "failed" and status[:1] in ("4", "5")
