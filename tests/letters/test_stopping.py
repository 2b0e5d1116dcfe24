"""A reader stops letters by one of them: the stop, and what the figures learn of it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from service.invitations import store as invitations
from service.letters import stopping, store
from service.letters.rules import is_stop_counted
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import Delivery, DeliveryState
from tests.factories import NOW
from tests.letters.test_intake import guest

KEY = b"a" * 32


def letter_that_left(session: Session, invitation_id: str, at: datetime) -> Delivery:
    """Return the letter of an invitation, sent at a moment."""
    delivery_id = store.read_letters_of(session, invitation_id)[0]["id"]
    mail_store.change_delivery(session, delivery_id, state=DeliveryState.SENT, finished_at=at)
    found = mail_store.read_delivery(session, delivery_id)
    assert found
    return found


@pytest.mark.parametrize(
    ("days", "is_counted"), [(0, True), (30, True), (31, False)], ids=["at once", "within 30 days", "later"]
)
def test_a_stop_within_thirty_days_is_counted_on_the_invitation(session: Session, days: int, is_counted: bool) -> None:
    _event, invitation_id, _address = guest(session)
    letter = letter_that_left(session, invitation_id, NOW)
    then = NOW + timedelta(days=days)

    scope = stopping.stop_like(session, letter.id, now=then, actor="guest:x")

    assert scope == "purpose:events"
    assert invitations.read(session, invitation_id).unsubscribed is is_counted


def test_stopping_every_letter_counts_too_and_twice_is_as_once(session: Session) -> None:
    _event, invitation_id, address = guest(session)
    letter = letter_that_left(session, invitation_id, NOW)

    for _ in range(2):
        stopping.stop_all(session, letter, address_key=KEY, now=NOW, actor="guest:x")

    assert [stop.scope for stop in mail.read_stops(session, address, address_key=KEY)] == ["all"]
    assert invitations.read(session, invitation_id).unsubscribed is True


def test_a_letter_that_never_left_counts_for_nothing() -> None:
    assert is_stop_counted(None, now=NOW) is False
