"""Mailings on both databases: queue, approve, take back, pause, cancel, suppress."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import writing
from service.kernel.tokens import address_hash
from service.mail import actions, rules
from service.mail.values import DeliveryState, Letter, MailingState, NewMailing, Semantics, SuppressionReason
from tests.mail.cast import ADDRESS_KEY, NOW, facts, letters, new_mailing

ACTOR = "staff:1"


def draft(session: Session, count: int = 3, new: NewMailing | None = None, now: datetime = NOW) -> str:
    mailing_id = actions.create_mailing(session, new or new_mailing(), now=now, actor=ACTOR)
    actions.queue(session, mailing_id, letters(count), address_key=ADDRESS_KEY, now=NOW)
    return mailing_id


def approve(session: Session, mailing_id: str, undo_seconds: int = 60) -> None:
    actions.approve(session, mailing_id, undo_seconds=undo_seconds, now=NOW, actor=ACTOR)


def counts(**given: int) -> dict[DeliveryState, int]:
    return dict.fromkeys(DeliveryState, 0) | {DeliveryState(key): value for key, value in given.items()}


def test_mailing_is_read_as_it_was_made(session: Session):
    new = new_mailing(list_id="L1", semantics=Semantics.AT_MOST_ONCE, skipped={"no consent": 3})
    mailing_id = draft(session, 2, new)

    view = actions.read_mailing(session, mailing_id)

    assert (view.context, view.kind, view.purpose, view.list_id) == (new.context, "invitation", "events", "L1")
    assert (view.state, view.semantics) == (MailingState.DRAFT, Semantics.AT_MOST_ONCE)
    assert (view.facts, view.skipped) == (facts(), {"no consent": 3})
    assert (view.created_by, view.created_at, view.send_at) == (ACTOR, NOW, None)
    assert view.counts == counts(queued=2)


def test_queueing_twice_adds_nothing(session: Session):
    mailing_id = actions.create_mailing(session, new_mailing(), now=NOW, actor=ACTOR)

    first = actions.queue(session, mailing_id, letters(3), address_key=ADDRESS_KEY, now=NOW)
    again = actions.queue(session, mailing_id, letters(5), address_key=ADDRESS_KEY, now=NOW)

    assert (first, again) == (3, 2)
    assert actions.read_mailing(session, mailing_id).counts == counts(queued=5)


def test_queueing_nobody_is_no_error(session: Session):
    mailing_id = actions.create_mailing(session, new_mailing(), now=NOW, actor=ACTOR)

    assert actions.queue(session, mailing_id, [], address_key=ADDRESS_KEY, now=NOW) == 0


def test_delivery_is_frozen_when_queued(session: Session):
    mailing_id = actions.create_mailing(session, new_mailing(), now=NOW, actor=ACTOR)
    end = NOW + timedelta(days=3)
    letter = Letter("guest", "Layla.Mansour@Example.ORG", "ar", {"person": {"name": "ليلى"}}, give_up_at=end)

    actions.queue(session, mailing_id, [letter], address_key=ADDRESS_KEY, now=NOW)

    (line,) = actions.read_deliveries(session, mailing_id)
    stored = actions.read_delivery(session, line.id)
    assert (stored.address, stored.domain, stored.language) == ("Layla.Mansour@Example.ORG", "example.org", "ar")
    assert stored.address_hash == address_hash(ADDRESS_KEY, "layla.mansour@example.org")
    assert (stored.slots, stored.give_up_at, stored.created_at) == ({"person": {"name": "ليلى"}}, end, NOW)
    assert (line.state, line.attempts, line.at) == (DeliveryState.QUEUED, 0, NOW)


def test_draft_is_written_anew(session: Session):
    mailing_id, other = draft(session, 2), draft(session, 1)
    end = NOW + timedelta(days=2)
    anew = [replace(letter, slots={"person": {"name": "New"}}, give_up_at=end) for letter in letters(1)]

    actions.rewrite(session, mailing_id, {"note": "moved"}, anew)

    lines = {line.address: line.id for line in actions.read_deliveries(session, mailing_id)}
    first = actions.read_delivery(session, lines["guest-0@example.org"])
    second = actions.read_delivery(session, lines["guest-1@example.org"])
    untouched = actions.read_delivery(session, actions.read_deliveries(session, other)[0].id)
    assert actions.read_mailing(session, mailing_id).facts == {"note": "moved"}
    assert (first.slots, first.give_up_at) == ({"person": {"name": "New"}}, end)
    assert (second.slots, untouched.slots) == (letters(2)[1].slots, letters(1)[0].slots)
    approve(session, mailing_id)
    with pytest.raises(rules.MailingClosed):
        actions.rewrite(session, mailing_id, {}, [])


def test_approval_waits_for_undo_and_for_its_hour(session: Session):
    soon, later = draft(session), draft(session)
    hour = NOW + timedelta(hours=5)

    approve(session, soon)
    actions.approve(session, later, undo_seconds=60, now=NOW, actor=ACTOR, send_at=hour)

    views = [actions.read_mailing(session, mailing_id) for mailing_id in (soon, later)]
    assert [(view.state, view.send_at, view.approved_by) for view in views] == [
        (MailingState.APPROVED, NOW + timedelta(seconds=60), ACTOR),
        (MailingState.APPROVED, hour, ACTOR),
    ]
    with pytest.raises(rules.MailingClosed):
        approve(session, soon)


def test_mailing_to_nobody_is_done_when_approved(session: Session):
    mailing_id = draft(session, 0)

    approve(session, mailing_id)

    assert actions.read_mailing(session, mailing_id).state is MailingState.DONE


def test_undo_makes_a_draft_again(session: Session):
    mailing_id = draft(session)
    approve(session, mailing_id)

    actions.undo(session, mailing_id, now=NOW, actor=ACTOR)

    view = actions.read_mailing(session, mailing_id)
    assert (view.state, view.send_at, view.approved_by) == (MailingState.DRAFT, None, None)


def test_cancelling_names_those_who_get_nothing(session: Session):
    mailing_id = draft(session, 2)

    stopped = actions.cancel(session, mailing_id, now=NOW, actor=ACTOR)

    assert stopped == sorted(letter.recipient_ref for letter in letters(2))
    assert actions.read_mailing(session, mailing_id).counts == counts(cancelled=2)
    with pytest.raises(rules.MailingClosed):
        actions.queue(session, mailing_id, letters(3), address_key=ADDRESS_KEY, now=NOW)


def test_unknown_ids_are_not_found(session: Session):
    with pytest.raises(actions.UnknownMailing):
        actions.read_mailing(session, "nothing")
    with pytest.raises(actions.UnknownMailing):
        approve(session, "nothing")
    with pytest.raises(actions.UnknownDelivery):
        actions.read_delivery(session, "nothing")
    with pytest.raises(actions.UnknownDelivery):
        actions.resend(session, "nothing", now=NOW, actor=ACTOR)


def test_mailings_are_listed_newest_first_by_context_and_state(session: Session):
    hours = [NOW + timedelta(hours=n) for n in range(3)]
    newer = draft(session, now=hours[2])
    ours = draft(session, now=hours[0])
    theirs = draft(session, new=new_mailing(context="list:2"), now=hours[1])
    approve(session, ours)

    def ids(**wanted: object) -> list[str]:
        return [view.id for view in actions.read_mailings(session, **wanted)]  # type: ignore[arg-type]

    assert ids() == [newer, theirs, ours]
    assert ids(context="list:2") == [theirs]
    assert ids(states=[MailingState.APPROVED]) == [ours]


def test_letters_are_paged(session: Session):
    mailing_id = draft(session, 5)

    first = actions.read_deliveries(session, mailing_id, limit=3)
    rest = actions.read_deliveries(session, mailing_id, after=first[-1].id, limit=3)

    assert (len(first), len(rest)) == (3, 2)
    assert sorted(line.address for line in (*first, *rest)) == [letter.address for letter in letters(5)]


def test_suppression_is_kept_by_hash_and_scope(session: Session):
    def suppress(address: str, scope: str) -> bool:
        reason = SuppressionReason.OBJECTED
        return actions.suppress(session, address, scope, reason, address_key=ADDRESS_KEY, now=NOW, actor=ACTOR)

    news = [suppress("A@example.org", "all"), suppress("a@EXAMPLE.org", "all"), suppress("b@example.org", "list:L1")]

    a, b, c = (address_hash(ADDRESS_KEY, f"{name}@example.org") for name in "abc")
    assert news == [True, False, True]
    assert actions.suppressed_hashes(session, [a, b, c], ["all", "list:L1"]) == {a, b}
    assert actions.suppressed_hashes(session, [a, b, c], ["all", "list:L2"]) == {a}
    assert [entry["action"] for entry in log.trail(session, "all")] == ["address.suppressed"]


def test_unsubscribing_stops_letters_like_this_one_only(session: Session):
    to_list = draft(session, 1, new_mailing(list_id="L1", purpose="news"))
    to_some = draft(session, 1)
    line = actions.read_deliveries(session, to_list)[0]
    other = actions.read_deliveries(session, to_some)[0]
    hashed = actions.read_delivery(session, line.id).address_hash

    scopes = [actions.unsubscribe(session, line.id, now=NOW, actor="guest:1") for _ in range(2)]

    assert scopes == ["list:L1", "list:L1"]
    assert actions.suppressed_hashes(session, [hashed], ["all", "purpose:events"]) == set()
    assert actions.suppressed_hashes(session, [hashed], ["list:L1"]) == {hashed}
    assert actions.unsubscribe(session, other.id, now=NOW, actor="guest:1") == "purpose:events"


def test_two_lists_queued_at_once_give_one_letter_each(engine: Engine):
    with writing(engine) as session:
        mailing_id = actions.create_mailing(session, new_mailing(), now=NOW, actor=ACTOR)
    for _ in range(2):
        with writing(engine) as session:
            actions.queue(session, mailing_id, letters(40), address_key=ADDRESS_KEY, now=NOW)

    with writing(engine) as session:
        assert actions.read_mailing(session, mailing_id).counts == counts(queued=40)
