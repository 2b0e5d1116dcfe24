"""Values for tests of mail: a mailing with facts, letters to the demo cast, a composer, fake transports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from service.kernel.ids import from_bytes
from service.kernel.tokens import Keyring
from service.mail.compose import Composer
from service.mail.kinds import Kinds
from service.mail.ports import Ledger
from service.mail.values import (
    Delivery,
    DeliveryState,
    Fate,
    Letter,
    Mailing,
    MailingState,
    NewMailing,
    Outcome,
    Outgoing,
    Result,
    Semantics,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEYRING = Keyring(b"k" * 32)
ADDRESS_KEY = b"suppression" * 3
TEMPLATES = Path(__file__).parents[2] / "templates"


def an_id(number: int) -> str:
    """Return a well-formed id that is the same in every run."""
    return from_bytes(1_790_000_000_000 + number, number.to_bytes(10, "big"))


@cache
def kinds() -> Kinds:
    """Return the real kinds of letters; to compile them takes a second."""
    return Kinds(TEMPLATES)


def composer(**options: Any) -> Composer:
    """Return a composer on the real templates."""
    given = {
        "public_url": "https://events.example.org",
        "keyring": KEYRING,
        "mail_from": "Halden Trust <events@example.org>",
        "intake_address": "rsvp@events.example.org",
        "postal_address": "1 Example Street, London",
    }
    return Composer(kinds(), **(given | options))


def event(**changes: Any) -> dict[str, Any]:
    """Return the event of the mock: London, 28 January 2027, 14:00–16:00."""
    return {
        "id": an_id(1),
        "title": "Seminar 2: Working with governments",
        "summary": "On the second meeting, when the door is open but nobody moves.",
        "kind": "seminar",
        "mode": "hybrid",
        "starts_local": "2027-01-28T14:00:00",
        "ends_local": "2027-01-28T16:00:00",
        "time_zone": "Europe/London",
        "starts_at": "2027-01-28T14:00:00+00:00",
        "ends_at": "2027-01-28T16:00:00+00:00",
        "place": "Meeting house, Room 2",
        "online_url": "https://meet.example.org/seminar-2",
        "language": "en",
        "uid": "seminar-2-4f1c@events.example.org",
        "slug": "seminar-2",
        "reply_by": None,
    } | changes


def facts(**changes: Any) -> dict[str, Any]:
    """Return the facts of a mailing about the event of the mock."""
    return {
        "event": event(),
        "sender": {
            "name": "Ruth Ellery",
            "organisation": "Halden Trust",
            "project": "Resource book on coalition campaigning",
        },
        "note": "",
        "changes": [],
        "cancel_reason": "",
        "discreet": False,
    } | changes


def slots(**changes: Any) -> dict[str, Any]:
    """Return Maria's slots: invited, not answered, her clock in Nairobi."""
    return {
        "person": {
            "name": "Maria Achieng",
            "greeting": "Dear Maria",
            "time_zone": "Africa/Nairobi",
            "language": "en",
            "source": "Geneva meeting, November 2026",
        },
        "invitation": {
            "id": an_id(7),
            "token_version": 1,
            "partstat": "NEEDS-ACTION",
            "seat": "none",
            "online": False,
        },
        "calendar": {
            "method": "REQUEST",
            "sequence": 0,
            "dtstamp": "2026-11-23T09:00:00+00:00",
            "partstat": "NEEDS-ACTION",
            "whole_event": True,
        },
        "show_link": False,
    } | changes


def mailing(**changes: Any) -> Mailing:
    """Return an approved mailing of invitations."""
    made = Mailing(
        id=an_id(2),
        context=f"event:{an_id(1)}",
        kind="invitation",
        purpose="events",
        list_id=None,
        state=MailingState.RUNNING,
        semantics=Semantics.AT_LEAST_ONCE,
        facts=facts(),
        skipped={},
        created_by="staff:1",
        created_at=NOW,
        approved_by="staff:1",
        approved_at=NOW,
        send_at=NOW,
        done_at=None,
        pause_reason="",
    )
    return replace(made, **changes)


def delivery(**changes: Any) -> Delivery:
    """Return Maria's delivery, claimed."""
    made = Delivery(
        id=an_id(3),
        mailing_id=an_id(2),
        recipient_ref=an_id(7),
        address="maria.achieng@example.org",
        address_hash="0" * 64,
        domain="example.org",
        language="en",
        slots=slots(),
        state=DeliveryState.SENDING,
        attempts=0,
        created_at=NOW,
        give_up_at=None,
        lease_epoch=1,
        finished_at=None,
    )
    return replace(made, **changes)


def new_mailing(**changes: Any) -> NewMailing:
    """Return a mailing of invitations to make."""
    return replace(NewMailing(context=f"event:{an_id(1)}", kind="invitation", facts=facts()), **changes)


def letters(count: int, **changes: Any) -> list[Letter]:
    """Return letters to `guest-0@example.org`, `guest-1@…`; their recipients are `an_id(100)`, `an_id(101)`…"""
    return [
        replace(
            Letter(
                recipient_ref=an_id(100 + number),
                address=f"guest-{number}@example.org",
                language="en",
                slots=slots(invitation=slots()["invitation"] | {"id": an_id(100 + number)}),
            ),
            **changes,
        )
        for number in range(count)
    ]


class RecordingTransport:
    """A transport that answers from a script and keeps what it was given."""

    def __init__(self, answer: Callable[[Outgoing], Outcome] | None = None) -> None:
        self.sent: list[Outgoing] = []
        self._answer = answer or (lambda _: Outcome(Fate.ACCEPTED, 250, "2.0.0 queued as 1"))

    def send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
        """Ask the gate for all, then answer for all."""
        allowed = ledger.commit((), [outgoing.delivery_id for outgoing in letters])
        results = []
        for outgoing in letters:
            if outgoing.delivery_id not in allowed:
                results.append(Result(outgoing.delivery_id, Outcome(Fate.HELD)))
                continue
            self.sent.append(outgoing)
            results.append(Result(outgoing.delivery_id, self._answer(outgoing)))
        ledger.commit(results)

    def close(self) -> None:
        """Nothing is kept."""
