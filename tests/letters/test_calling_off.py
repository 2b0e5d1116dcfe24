"""A mailing is cancelled without a pause before: at once, and while its letters are in a sender's hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.invitations import store as invitations
from service.letters import actions as letters
from service.mail import actions as mail
from service.mail.ports import Ledger
from service.mail.values import DeliveryState, Outgoing
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people
from tests.mail.cast import RecordingTransport, composer

TOLD: dict[str, Any] = {"desk": DESK, "now": NOW, "actor": STAFF}
LATER = NOW + timedelta(minutes=2)
COMPOSER = composer()
CANCELLED, SENT = DeliveryState.CANCELLED, DeliveryState.SENT


class CancellingTransport(RecordingTransport):
    """Lets some letters leave; then the mailing is cancelled while the rest of the claim stands at the gate."""

    def __init__(self, engine: Engine, mailing_id: str, leave: int) -> None:
        super().__init__()
        self.engine, self.mailing_id, self.leave = engine, mailing_id, leave

    def send(self, outgoing: Sequence[Outgoing], ledger: Ledger) -> None:
        super().send(outgoing[: self.leave], ledger)
        with writing(self.engine) as session:
            letters.discard(session, self.mailing_id, now=LATER, actor=STAFF)
        super().send(outgoing[self.leave :], ledger)


def deliver(engine: Engine, transport: RecordingTransport) -> int:
    report = mail.deliver_batch(
        engine, transport, COMPOSER, owner="one", now_fn=lambda: LATER, on_recorded=letters.note_deliveries, size=3
    )
    return report.claimed


@pytest.mark.parametrize("leave", [0, 1, 3], ids=["none has left", "one has left", "the whole claim has left"])
def test_cancelled_amid_a_claim_nothing_more_leaves_and_who_got_none_can_be_invited_again(engine: Engine, leave: int):
    with writing(engine) as session:
        event = add_event(session)
        guests = add_list(session, add_people(session, 7))
        mailing_id = letters.invite_list(session, event.id, guests, **TOLD).mailing_id or ""
        letters.approve(session, mailing_id, **TOLD)
    transport = CancellingTransport(engine, mailing_id, leave)

    claims = deliver(engine, transport), deliver(engine, RecordingTransport())

    with writing(engine) as session:
        counts = {state: n for state, n in mail.read_mailing(session, mailing_id).counts.items() if n}
        reached = {line.recipient_ref for line in mail.read_deliveries(session, mailing_id) if line.state is SENT}
        assert (claims, len(transport.sent)) == ((3, 0), leave)
        assert counts == {state: n for state, n in {SENT: leave, CANCELLED: 7 - leave}.items() if n}
        assert {i.id for i in invitations.read_of_event(session, event.id)} == reached
        again = letters.invite_list(session, event.id, guests, **TOLD)
        assert again.queued == 7 - leave


def test_a_scheduled_mailing_is_cancelled_and_nobody_is_invited(engine: Engine):
    with writing(engine) as session:
        event = add_event(session)
        guests = add_list(session, add_people(session, 2))
        mailing_id = letters.invite_list(session, event.id, guests, **TOLD).mailing_id or ""
        letters.approve(session, mailing_id, send_at=NOW + timedelta(days=1), **TOLD)
        letters.discard(session, mailing_id, now=NOW, actor=STAFF)

    with reading(engine) as session:
        assert invitations.read_of_event(session, event.id) == []


def test_an_update_that_is_called_off_takes_no_invitation_away(engine: Engine):
    with writing(engine) as session:
        event = add_event(session)
        letters.invite_list(session, event.id, add_list(session, add_people(session, 1)), **TOLD)
        (guest,) = invitations.read_of_event(session, event.id)
        letters.note_deliveries(session, [(guest.id, CANCELLED)])  # the invitation itself still waits

        assert [i.id for i in invitations.read_of_event(session, event.id)] == [guest.id]
