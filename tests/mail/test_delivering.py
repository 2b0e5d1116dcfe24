"""The duty "deliver letters" on both databases: claims, crashes, answers of the relay."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, Row, select
from sqlmodel import Session

from service.adapters.mailbox import MailboxTransport
from service.audit import log
from service.db.engine import reading, writing
from service.db.types import columns
from service.mail import actions, store, tables
from service.mail.delivering import ANY_ROUTE, batch_for
from service.mail.ports import Ledger, Transport
from service.mail.routes import Routes
from service.mail.values import (
    BatchReport,
    DeliveryState,
    Fate,
    Letter,
    MailingState,
    MailingView,
    NewMailing,
    Outcome,
    Outgoing,
    Result,
    Semantics,
    SuppressionReason,
)
from service.worker.duties import Tools, deliver_letters
from tests.factories import DESK
from tests.mail.cast import ADDRESS_KEY, NOW, RecordingTransport, an_id, composer, letters, new_mailing

ACTOR = "staff:1"
COMPOSER = composer()


@dataclass
class Office:
    """A database with one approved mailing, a clock that is moved by hand, and what was recorded."""

    engine: Engine
    now: datetime = NOW
    recorded: list[tuple[str, DeliveryState]] = field(default_factory=list)
    mailing_id: str = ""

    def approved(self, to: Sequence[Letter], new: NewMailing | None = None) -> str:
        with writing(self.engine) as session:
            self.mailing_id = actions.create_mailing(session, new or new_mailing(), now=self.now, actor=ACTOR)
            actions.queue(session, self.mailing_id, to, address_key=ADDRESS_KEY, now=self.now)
            actions.approve(session, self.mailing_id, undo_seconds=0, now=self.now, actor=ACTOR)
        return self.mailing_id

    def deliver(
        self, transport: Transport, owner: str = "one", size: int = 100, routes: Routes = ANY_ROUTE
    ) -> BatchReport:
        return actions.deliver_batch(
            self.engine,
            transport,
            COMPOSER,
            owner=owner,
            now_fn=lambda: self.now,
            on_recorded=self.on_recorded,
            size=size,
            routes=routes,
        )

    def on_recorded(self, session: Session, changes: list[tuple[str, DeliveryState]]) -> None:
        assert session.in_transaction()
        self.recorded.extend(changes)

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def view(self) -> MailingView:
        with reading(self.engine) as session:
            return actions.read_mailing(session, self.mailing_id)

    def counts(self) -> dict[DeliveryState, int]:
        return {state: count for state, count in self.view().counts.items() if count}

    def deliveries(self) -> list[Row[Any]]:
        row = columns(tables.Delivery)
        query = select(*row).where(row.mailing_id == self.mailing_id).order_by(row.id)
        with reading(self.engine) as session:
            return list(session.execute(query))

    def do(self, action: Callable[..., object], *args: object) -> object:
        with writing(self.engine) as session:
            return action(session, *args, now=self.now, actor=ACTOR)


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


class Killed(BaseException):
    """The process ends here."""


class DyingTransport:
    """A transport that is killed at a named point."""

    def __init__(self, at: str) -> None:
        self.at = at
        self.on_the_wire: list[Outgoing] = []

    def send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
        if self.at == "before the dot mark":
            raise Killed
        ledger.commit((), [outgoing.delivery_id for outgoing in letters])
        if self.at == "after the dot mark":
            raise Killed
        self.on_the_wire = list(letters)
        if self.at == "after the answer":
            raise Killed
        ledger.commit([Result(outgoing.delivery_id, Outcome(Fate.ACCEPTED, 250, "ok")) for outgoing in letters])
        raise Killed

    def close(self) -> None:
        pass


def test_letters_reach_the_local_mailbox_once(office: Office):
    office.approved(letters(3))

    reports = [office.deliver(MailboxTransport()) for _ in range(2)]

    with reading(office.engine) as session:
        kept = store.read_local_letters(session)
        raw = store.read_local_letter(session, kept[0].id)
        to_one = store.read_local_letters(session, to="GUEST-1@example.org")
    assert reports == [BatchReport(3, {DeliveryState.SENT: 3}), BatchReport(0)]
    assert sorted(letter.to for letter in kept) == [f"guest-{n}@example.org" for n in range(3)]
    assert [letter.to for letter in to_one] == ["guest-1@example.org"]
    assert raw is not None
    assert raw.startswith(b"From: ")
    assert (office.view().state, office.counts()) == (MailingState.DONE, {DeliveryState.SENT: 3})
    assert sorted(office.recorded) == [(an_id(100 + n), DeliveryState.SENT) for n in range(3)]


def test_result_carries_code_and_words(office: Office):
    office.approved(letters(1))

    office.deliver(RecordingTransport())

    (sent,) = office.deliveries()
    assert (sent.state, sent.smtp_code, sent.smtp_text) == (DeliveryState.SENT, 250, "2.0.0 queued as 1")
    assert (sent.attempts, sent.dot_at, sent.finished_at, sent.lease_owner) == (1, NOW, NOW, None)


def test_nothing_leaves_before_its_hour_or_from_a_draft(office: Office):
    with writing(office.engine) as session:
        office.mailing_id = actions.create_mailing(session, new_mailing(), now=NOW, actor=ACTOR)
        actions.queue(session, office.mailing_id, letters(1), address_key=ADDRESS_KEY, now=NOW)
    drafted = office.deliver(RecordingTransport())
    with writing(office.engine) as session:
        actions.approve(session, office.mailing_id, undo_seconds=60, now=NOW, actor=ACTOR)
    early = office.deliver(RecordingTransport())
    office.later(seconds=60)
    due = office.deliver(RecordingTransport())

    assert [drafted.claimed, early.claimed, due.claimed] == [0, 0, 1]


def test_undo_is_refused_once_a_letter_was_taken_up(office: Office):
    office.approved(letters(2))
    office.deliver(RecordingTransport(), size=1)

    assert office.view().state is MailingState.RUNNING
    with pytest.raises(actions.rules.AlreadyLeaving):
        office.do(actions.undo, office.mailing_id)


def test_unsubscribing_between_queue_and_claim_is_honoured(office: Office):
    office.approved(letters(4), new_mailing(list_id="L1"))
    for number, scope in enumerate(("all", "purpose:events", "list:L1", "list:L2")):
        with writing(office.engine) as session:
            actions.suppress(
                session,
                f"Guest-{number}@example.org",
                scope,
                SuppressionReason.UNSUBSCRIBED,
                address_key=ADDRESS_KEY,
                now=NOW,
                actor=ACTOR,
            )
    transport = RecordingTransport()

    report = office.deliver(transport)

    assert [outgoing.letter.envelope.rcpt_to for outgoing in transport.sent] == ["guest-3@example.org"]
    assert report == BatchReport(1, {DeliveryState.SUPPRESSED: 3, DeliveryState.SENT: 1})
    assert office.view().state is MailingState.DONE


def test_nothing_is_sent_after_give_up_at(office: Office):
    office.approved(letters(1, give_up_at=NOW + timedelta(hours=1)))
    office.later(hours=1)
    transport = RecordingTransport()

    office.deliver(transport)

    (late,) = office.deliveries()
    assert (late.state, late.smtp_text, transport.sent) == (DeliveryState.FAILED, actions.rules.EXPIRED, [])
    assert office.view().state is MailingState.DONE


@pytest.mark.parametrize("when", ["before the gate", "before the claim"])
def test_cancelling_stops_what_has_not_left(office: Office, when: str):
    office.approved(letters(3))
    transport = RecordingTransport()
    if when == "before the claim":
        stopped = office.do(actions.cancel, office.mailing_id)
        office.deliver(transport)
        assert stopped == [an_id(100 + n) for n in range(3)]
    else:
        claimed = InterruptedTransport(lambda: office.do(actions.cancel, office.mailing_id))
        office.deliver(claimed)

    assert transport.sent == []
    assert office.counts() == {DeliveryState.CANCELLED: 3}


class InterruptedTransport(RecordingTransport):
    """Something happens between the claim and the gate."""

    def __init__(self, happening: Callable[[], object]) -> None:
        super().__init__()
        self._happening = happening

    def send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
        self._happening()
        super().send(letters, ledger)


def test_pause_holds_letters_at_the_gate_and_resume_lets_them_go(office: Office):
    office.approved(letters(2))
    interrupted = InterruptedTransport(lambda: office.do(actions.pause, office.mailing_id))
    office.deliver(interrupted)
    held = (office.view().state, office.counts(), interrupted.sent)

    office.do(actions.resume, office.mailing_id)
    office.deliver(RecordingTransport())

    assert held == (MailingState.PAUSED, {DeliveryState.QUEUED: 2}, [])
    assert office.counts() == {DeliveryState.SENT: 2}


def test_refusal_of_us_pauses_the_mailing_with_the_relays_words(office: Office):
    office.approved(letters(3))

    office.deliver(RecordingTransport(lambda _: Outcome(Fate.OUR_FAULT, 550, "5.7.1 not allowed to send")))

    view = office.view()
    assert (view.state, view.pause_reason) == (MailingState.PAUSED, "550 5.7.1 not allowed to send")
    assert office.counts() == {DeliveryState.QUEUED: 3}
    assert {delivery.attempts for delivery in office.deliveries()} == {0}
    assert office.deliver(RecordingTransport()).claimed == 0


def test_throttled_domain_cools_down_and_others_pass(office: Office):
    other = [Letter(an_id(200 + n), f"guest-{n}@other.example", "en", letters(1)[0].slots) for n in range(2)]
    office.approved([*letters(2), *other])

    def answer(outgoing: Outgoing) -> Outcome:
        is_slow = outgoing.letter.envelope.rcpt_to.endswith("@example.org")
        return Outcome(Fate.THROTTLED, 421, "4.7.0 slow") if is_slow else Outcome(Fate.ACCEPTED, 250, "ok")

    while office.deliver(RecordingTransport(answer), size=1).claimed:
        pass

    waits = {delivery.state: delivery.next_attempt_at - NOW for delivery in office.deliveries()}
    office.later(minutes=5)
    after_rest = office.deliver(RecordingTransport()).claimed
    assert set(waits) == {DeliveryState.SENT, DeliveryState.DEFERRED, DeliveryState.QUEUED}
    assert waits[DeliveryState.DEFERRED] >= timedelta(minutes=5)
    assert after_rest == 1  # the throttled letter itself waits a little longer
    assert {delivery.attempts for delivery in office.deliveries() if delivery.domain == "example.org"} == {0, 1}


def test_deferred_letter_is_tried_again_in_its_time(office: Office):
    office.approved(letters(1))
    office.deliver(RecordingTransport(lambda _: Outcome(Fate.DEFERRED, 450, "4.2.0 greylisted")))
    waiting = (office.view().state, office.counts())
    too_early = office.deliver(RecordingTransport())

    office.later(minutes=2)
    office.deliver(RecordingTransport())

    assert waiting == (MailingState.RUNNING, {DeliveryState.DEFERRED: 1})
    assert too_early.claimed == 0
    assert (office.view().state, office.counts()) == (MailingState.DONE, {DeliveryState.SENT: 1})
    assert [state for _, state in office.recorded] == [DeliveryState.DEFERRED, DeliveryState.SENT]


@pytest.mark.parametrize(
    ("at", "semantics", "left", "copies"),
    [
        ("before the dot mark", Semantics.AT_LEAST_ONCE, DeliveryState.SENT, 1),
        ("before the dot mark", Semantics.AT_MOST_ONCE, DeliveryState.SENT, 1),
        ("after the dot mark", Semantics.AT_LEAST_ONCE, DeliveryState.SENT, 1),
        ("after the dot mark", Semantics.AT_MOST_ONCE, DeliveryState.UNKNOWN, 0),
        ("after the answer", Semantics.AT_LEAST_ONCE, DeliveryState.SENT, 2),
        ("after the answer", Semantics.AT_MOST_ONCE, DeliveryState.UNKNOWN, 1),
        ("after the result", Semantics.AT_LEAST_ONCE, DeliveryState.SENT, 1),
        ("after the result", Semantics.AT_MOST_ONCE, DeliveryState.SENT, 1),
    ],
)
def test_killed_sender_loses_nobody(office: Office, at: str, semantics: Semantics, left: DeliveryState, copies: int):
    office.approved(letters(2), new_mailing(semantics=semantics))
    dying, heir = DyingTransport(at), RecordingTransport()
    with pytest.raises(Killed):
        office.deliver(dying)
    while_leased = office.deliver(heir, owner="two")

    office.later(seconds=61)
    office.deliver(heir, owner="two")

    raws = [outgoing.letter.raw for outgoing in (*dying.on_the_wire, *heir.sent)]
    assert while_leased.claimed == 0
    assert office.counts() == {left: 2}
    assert Counter(Counter(raws).values()) == ({copies: 2} if copies else {})
    assert office.view().state is MailingState.DONE
    assert {state for _, state in office.recorded[-2:]} == {left}


def test_dead_predecessor_is_taken_over_at_once(office: Office):
    office.approved(letters(2))
    with pytest.raises(Killed):
        office.deliver(DyingTransport("before the dot mark"), owner="embedded")

    with writing(office.engine) as session:
        taken = actions.recover(session, now=office.now, on_recorded=office.on_recorded, owner="embedded")

    assert taken == 2
    assert office.deliver(RecordingTransport(), owner="embedded").claimed == 2


def test_late_result_is_noted_and_changes_nothing(office: Office):
    office.approved(letters(1))

    def slow() -> None:
        office.later(seconds=61)
        office.deliver(RecordingTransport(lambda _: Outcome(Fate.BOUNCED, 550, "5.1.1 no")), owner="two")

    slow_one = InterruptedTransport(slow)
    office.deliver(slow_one)

    (delivery,) = office.deliveries()
    with reading(office.engine) as session:
        notes = [entry["action"] for entry in log.trail(session, f"delivery:{delivery.id}")]
    assert slow_one.sent == []  # the gate was shut: the lease was lost
    assert delivery.state == DeliveryState.BOUNCED
    assert notes == ["delivery.late-result"]


@pytest.mark.parametrize("owner", ["two", "one"])
def test_result_of_a_lost_lease_does_not_end_the_new_one(office: Office, owner: str):
    office.approved(letters(1))

    def taken_over() -> None:
        office.later(seconds=61)
        with pytest.raises(Killed):
            office.deliver(DyingTransport("after the dot mark"), owner=owner)

    first = InterruptedTransport(taken_over)
    office.deliver(first, owner="one")

    (delivery,) = office.deliveries()
    assert first.sent == []
    assert (delivery.state, delivery.lease_owner, delivery.lease_epoch) == (DeliveryState.SENDING, owner, 2)
    assert delivery.dot_at == office.now


def test_new_claim_forgets_the_dot_of_the_one_before(office: Office):
    office.approved(letters(1), new_mailing(semantics=Semantics.AT_MOST_ONCE))
    office.deliver(RecordingTransport(lambda _: Outcome(Fate.DEFERRED, 450, "4.2.0 later")))
    office.later(minutes=2)
    with pytest.raises(Killed):
        office.deliver(DyingTransport("before the dot mark"))

    office.later(seconds=61)
    office.deliver(RecordingTransport(), owner="two")

    assert office.counts() == {DeliveryState.SENT: 1}


def test_lease_is_renewed_while_a_batch_goes_on(office: Office):
    office.approved(letters(1))

    class Slow(RecordingTransport):
        def send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
            for _ in range(5):
                office.later(seconds=25)
                ledger.commit(())
            assert office.deliver(RecordingTransport(), owner="two").claimed == 0
            super().send(letters, ledger)

    office.deliver(Slow())

    assert office.counts() == {DeliveryState.SENT: 1}


def test_two_senders_at_once_claim_different_letters(office: Office):
    office.approved(letters(120))
    transports = [RecordingTransport(), RecordingTransport()]

    def work(number: int) -> None:
        for _ in range(12):
            office.deliver(transports[number], owner=f"worker-{number}", size=10)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    sent = [outgoing.letter.envelope.rcpt_to for transport in transports for outgoing in transport.sent]
    assert sorted(sent) == sorted(letter.address for letter in letters(120))
    assert office.counts() == {DeliveryState.SENT: 120}
    assert office.view().state is MailingState.DONE


def test_small_mailing_does_not_wait_behind_a_big_one(office: Office):
    office.approved(letters(200))
    confirmation = office.approved([letters(201)[200]], new_mailing(kind="confirmation"))
    transport = RecordingTransport()

    office.deliver(transport, size=20)

    assert [outgoing.kind for outgoing in transport.sent].count("confirmation") == 1
    assert office.mailing_id == confirmation
    assert office.counts() == {DeliveryState.SENT: 1}


def test_letter_that_cannot_be_made_fails_alone(office: Office):
    broken = Letter(an_id(300), "not an address", "en", letters(1)[0].slots)
    office.approved([*letters(1), broken])

    office.deliver(RecordingTransport())

    states = {delivery.address: (delivery.state, delivery.smtp_text) for delivery in office.deliveries()}
    assert states == {
        "guest-0@example.org": (DeliveryState.SENT, "2.0.0 queued as 1"),
        "not an address": (DeliveryState.FAILED, "This e-mail address cannot be written to."),
    }


def unknown_letter(office: Office) -> str:
    office.approved(letters(1), new_mailing(semantics=Semantics.AT_MOST_ONCE))
    office.deliver(RecordingTransport(lambda _: Outcome(Fate.UNCLEAR, None, "The line to the relay broke.")))
    assert (office.view().state, office.counts()) == (MailingState.DONE, {DeliveryState.UNKNOWN: 1})
    return office.deliveries()[0].id


def test_unknown_letter_is_sent_again_when_staff_say_so(office: Office):
    delivery_id = unknown_letter(office)
    again = RecordingTransport()

    recipient = office.do(actions.resend, delivery_id)
    office.deliver(again)

    assert recipient == an_id(100)
    assert [outgoing.delivery_id for outgoing in again.sent] == [delivery_id]
    assert (office.view().state, office.counts()) == (MailingState.DONE, {DeliveryState.SENT: 1})
    with pytest.raises(actions.rules.FateIsKnown):
        office.do(actions.resend, delivery_id)


def test_unknown_letter_is_marked_received(office: Office):
    delivery_id = unknown_letter(office)

    office.do(actions.mark_received, delivery_id)

    assert office.counts() == {DeliveryState.SENT: 1}
    with pytest.raises(actions.rules.FateIsKnown):
        office.do(actions.mark_received, delivery_id)


def test_bounce_that_comes_in_later_marks_a_sent_letter(office: Office):
    office.approved(letters(1))
    office.deliver(RecordingTransport())
    delivery_id = office.deliveries()[0].id

    with writing(office.engine) as session:
        delayed = actions.apply_bounce(session, delivery_id, "4.4.7", now=office.now, action="delayed")
        failed = actions.apply_bounce(session, delivery_id, "5.1.1", now=office.now)
        twice = actions.apply_bounce(session, delivery_id, "5.1.1", now=office.now)
        nobody = actions.apply_bounce(session, an_id(999), "5.1.1", now=office.now)

    assert [delayed, failed, twice, nobody] == [None, an_id(100), None, None]
    assert office.counts() == {DeliveryState.BOUNCED: 1}


def test_results_and_bystanders_are_one_transaction(office: Office):
    office.approved(letters(1))

    def fails(_session: Session, _changes: object) -> None:
        raise RuntimeError("the invitation could not be kept true")

    with pytest.raises(RuntimeError):
        actions.deliver_batch(
            office.engine, MailboxTransport(), COMPOSER, owner="one", now_fn=lambda: office.now, on_recorded=fails
        )

    with reading(office.engine) as session:
        assert store.read_local_letters(session) == []
    assert office.counts() == {DeliveryState.SENDING: 1}


def test_cancelling_and_claiming_never_wait_for_each_other_crosswise(office: Office):
    office.approved(letters(400))
    failures: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except actions.rules.MailingClosed:
            pass  # all had left before
        except BaseException as failure:
            failures.append(failure)

    def drain(owner: str) -> None:
        while office.deliver(RecordingTransport(), owner=owner, size=10).claimed:
            pass

    works = [lambda: drain("one"), lambda: drain("two"), lambda: office.do(actions.cancel, office.mailing_id)]
    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counts = office.counts()
    assert failures == []
    assert set(counts) <= {DeliveryState.SENT, DeliveryState.CANCELLED}
    assert sum(counts.values()) == 400
    assert office.view().state in (MailingState.CANCELLED, MailingState.DONE)


class CarelessSigner:
    """A signer that ends the letter of one guest with a bare LF."""

    def sign(self, raw: bytes, _at: datetime) -> bytes:
        return raw + b"QUIT\n" if b"guest-1@" in raw else raw


def test_a_letter_with_a_bare_line_end_is_refused_alone(office: Office):
    office.approved(letters(3))
    transport, careless = RecordingTransport(), composer(signer=CarelessSigner())

    report = actions.deliver_batch(
        office.engine, transport, careless, owner="one", now_fn=lambda: office.now, on_recorded=office.on_recorded
    )

    failed = next(one for one in office.deliveries() if one.state == DeliveryState.FAILED)
    assert report.states == {DeliveryState.SENT: 2, DeliveryState.FAILED: 1}
    assert (failed.address, failed.smtp_text) == ("guest-1@example.org", "The letter has a line end that is none.")
    assert {one.letter.envelope.rcpt_to for one in transport.sent} == {"guest-0@example.org", "guest-2@example.org"}


@pytest.mark.parametrize(("connections", "letters_claimed"), [(1, 100), (8, 100), (10, 100), (25, 250), (64, 640)])
def test_a_claim_has_ten_letters_for_each_connection_and_never_fewer_than_a_hundred(
    connections: int, letters_claimed: int
):
    assert batch_for(connections) == letters_claimed


def test_the_worker_claims_as_many_as_its_tools_say(office: Office):
    office.approved(letters(5))
    tools = Tools(office.engine, RecordingTransport(), COMPOSER, DESK, "one", lambda: office.now, batch=3)

    assert [deliver_letters(tools) for _ in range(3)] == [3, 2, 0]
