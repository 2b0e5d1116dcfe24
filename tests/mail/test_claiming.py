"""What is claimed: fair shares of domains, rests of relays, and what a dead predecessor held."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.mail import actions, store
from service.mail.claiming import claim
from service.mail.routes import Road, Routes
from service.mail.rules import COOL_DOWN, RELAY_AWAY, RELAY_BARS_US
from service.mail.values import DeliveryState, Fate, Letter, MailingState, Outcome, Outgoing, Semantics
from tests.mail.cast import NOW, RecordingTransport, an_id, letters, new_mailing
from tests.mail.test_delivering import DyingTransport, Killed, Office

TWO = Routes((Road("first"), Road("second")))


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def to_domain(domain: str, count: int, first: int = 0) -> list[Letter]:
    made = letters(first + count)[first:]
    return [replace(letter, address=f"guest-{at}@{domain}") for at, letter in enumerate(made)]


def domains(transport: RecordingTransport) -> Counter[str]:
    return Counter(outgoing.letter.envelope.rcpt_to.rpartition("@")[2] for outgoing in transport.sent)


def relays(transport: RecordingTransport) -> Counter[str]:
    return Counter(outgoing.relay for outgoing in transport.sent)


def test_small_domains_do_not_wait_behind_a_big_one(office: Office):
    office.approved(
        [*to_domain("big.example", 300), *to_domain("one.example", 3, 300), *to_domain("a.example", 3, 303)]
    )
    transport = RecordingTransport()

    office.deliver(transport, size=100)

    assert domains(transport) == {"big.example": 94, "one.example": 3, "a.example": 3}


def test_claim_is_full_although_each_domain_has_a_share(office: Office):
    office.approved([letter for n in range(5) for letter in to_domain(f"d{n}.example", 30, 30 * n)])
    transport = RecordingTransport()

    office.deliver(transport, size=100)

    assert domains(transport) == {f"d{n}.example": 20 for n in range(5)}


def test_every_domain_has_its_turn(office: Office):
    office.approved([letter for n in range(60) for letter in to_domain(f"d{n}.example", 1, n)])
    transport = RecordingTransport()

    while office.deliver(transport).claimed:
        pass

    assert domains(transport) == {f"d{n}.example": 1 for n in range(60)}


def test_domains_are_offered_from_a_start_on_and_then_from_the_first(office: Office):
    mailing_id = office.approved([x for n in range(4) for x in to_domain(f"d{n}.example", 2, 2 * n)])

    def offered(start: str, domains: int = 9, shut: tuple[str, ...] = (), now: datetime = NOW) -> list[tuple[str, int]]:
        given = {"start": start, "domains": domains, "share": 1, "shut": shut, "now": now}
        with reading(office.engine) as session:
            offers = store.offers(session, [mailing_id], **given)
        return [(offer.domain[:2], len(offer.delivery_ids)) for offer in offers]

    assert offered("d2") == [("d2", 1), ("d3", 1), ("d0", 1), ("d1", 1)]
    assert offered("d2", domains=3) == [("d2", 1), ("d3", 1), ("d0", 1)]
    assert offered("z", domains=1) == [("d0", 1)]
    assert offered("", shut=("d0.example", "d2.example")) == [("d1", 1), ("d3", 1)]
    assert offered("", now=NOW - timedelta(seconds=1)) == []


def test_letter_of_each_mailing_leaves_however_many_mailings_wait(office: Office):
    for n in range(40):
        office.approved(to_domain(f"d{n % 3}.example", 1, n))
    transport = RecordingTransport()

    claimed = []
    while more := office.deliver(transport).claimed:
        claimed.append(more)

    assert claimed == [12, 12, 12, 4]
    assert sum(domains(transport).values()) == 40


def test_senders_who_look_at_the_same_instant_take_different_letters(office: Office):
    office.approved(to_domain("big.example", 60))
    together = Barrier(3)

    def take(owner: str) -> list[str]:
        given = {"now": NOW, "size": 20, "routes": Routes(), "on_recorded": lambda *_: None}
        together.wait()
        return [delivery.id for delivery in claim(office.engine, owner=owner, **given).deliveries]

    with ThreadPoolExecutor(3) as senders:
        taken = list(senders.map(take, "abc"))

    assert [len(ids) for ids in taken] == [20, 20, 20]
    assert len({key for ids in taken for key in ids}) == 60


def test_throttled_domain_rests_with_that_relay_only(office: Office):
    office.approved([*to_domain("slow.example", 40), *to_domain("quick.example", 5, 40)])

    def answer(outgoing: Outgoing) -> Outcome:
        is_slow = outgoing.relay == "first" and outgoing.letter.envelope.rcpt_to.endswith("@slow.example")
        return Outcome(Fate.THROTTLED, 451, "4.7.0 slow down") if is_slow else Outcome(Fate.ACCEPTED, 250, "ok")

    first = RecordingTransport(answer)
    office.deliver(first, size=10, routes=TWO)
    then = RecordingTransport(answer)
    while office.deliver(then, routes=TWO).claimed:
        pass

    with reading(office.engine) as session:
        assert store.read_rests(session, now=NOW) == {("first", "slow.example")}
        assert store.read_rests(session, now=NOW + COOL_DOWN) == set()
    assert relays(first) == {"first": 10}
    assert domains(then) == {"slow.example": 35}
    assert relays(then) == {"second": 35}
    assert office.counts() == {DeliveryState.SENT: 40, DeliveryState.DEFERRED: 5}


def test_absent_relay_is_avoided_and_its_letters_take_the_next_at_once(office: Office):
    office.approved(letters(5))

    def answer(outgoing: Outgoing) -> Outcome:
        return Outcome(Fate.UNREACHABLE if outgoing.relay == "first" else Fate.ACCEPTED)

    one, two = RecordingTransport(answer), RecordingTransport(answer)
    office.deliver(one, routes=TWO)
    office.deliver(two, routes=TWO)

    assert (relays(one), relays(two)) == ({"first": 5}, {"second": 5})
    assert office.counts() == {DeliveryState.SENT: 5}
    assert {delivery.attempts for delivery in office.deliveries()} == {1}


def test_only_relay_away_is_asked_again_after_a_minute(office: Office):
    office.approved(letters(3))
    office.deliver(RecordingTransport(lambda _: Outcome(Fate.UNREACHABLE)))

    at_once = office.deliver(RecordingTransport()).claimed
    office.now += RELAY_AWAY
    later = office.deliver(RecordingTransport()).claimed

    assert (at_once, later) == (0, 3)
    assert office.counts() == {DeliveryState.SENT: 3}


def test_only_relay_that_bars_us_pauses_the_mailing_with_its_words(office: Office):
    office.approved(letters(2))
    office.deliver(RecordingTransport(lambda _: Outcome(Fate.BARRED, 535, "5.7.8 wrong password")))

    view = office.view()
    assert (view.state, view.pause_reason) == (MailingState.PAUSED, "535 5.7.8 wrong password")
    assert office.counts() == {DeliveryState.QUEUED: 2}


def test_mailing_goes_on_while_one_relay_lets_us_in(office: Office):
    office.approved(letters(2))

    def answer(outgoing: Outgoing) -> Outcome:
        return Outcome(Fate.BARRED if outgoing.relay == "first" else Fate.ACCEPTED)

    office.deliver(RecordingTransport(answer), routes=TWO)
    between = office.view().state
    office.deliver(RecordingTransport(answer), routes=TWO)

    assert (between, office.view().state) == (MailingState.RUNNING, MailingState.DONE)
    assert office.counts() == {DeliveryState.SENT: 2}
    with reading(office.engine) as session:
        assert store.read_rests(session, now=NOW + RELAY_BARS_US - timedelta(seconds=1)) == {("first", "")}


def test_rate_holds_across_workers_and_claims(office: Office):
    office.approved([*to_domain("slow.example", 20), *to_domain("quick.example", 20, 20)])
    routes = Routes((Road("only"),), {"slow.example": 120})
    transport = RecordingTransport()
    seen = []
    for second in range(4):
        for owner in ("one", "two"):
            office.deliver(transport, owner=owner, routes=routes)
        seen.append(domains(transport)["slow.example"])
        office.now = NOW + timedelta(seconds=second + 1)

    assert seen == [2, 4, 6, 8]
    assert domains(transport)["quick.example"] == 20


def test_rate_of_a_relay_holds_and_the_rest_waits(office: Office):
    office.approved(letters(10))
    routes = Routes((Road("only", per_minute=180),))

    claimed = [office.deliver(RecordingTransport(), routes=routes).claimed for _ in range(2)]

    assert claimed == [3, 0]
    assert office.counts() == {DeliveryState.SENT: 3, DeliveryState.QUEUED: 7}


@pytest.mark.parametrize(
    ("at", "semantics", "state", "repeats"),
    [
        ("before the dot mark", Semantics.AT_LEAST_ONCE, DeliveryState.QUEUED, 0),
        ("before the dot mark", Semantics.AT_MOST_ONCE, DeliveryState.QUEUED, 0),
        ("after the dot mark", Semantics.AT_LEAST_ONCE, DeliveryState.QUEUED, 1),
        ("after the dot mark", Semantics.AT_MOST_ONCE, DeliveryState.UNKNOWN, 0),
    ],
)
def test_worker_that_is_alone_takes_over_at_once_and_names_what_leaves_again(
    office: Office, at: str, semantics: Semantics, state: DeliveryState, repeats: int
):
    office.approved(letters(2), new_mailing(semantics=semantics))
    with pytest.raises(Killed):
        office.deliver(DyingTransport(at), owner="dead")

    with writing(office.engine) as session:
        taken = actions.recover(session, now=office.now, on_recorded=office.on_recorded, is_alone=True)
    with reading(office.engine) as session:
        lines = actions.read_deliveries(session, office.mailing_id)

    assert taken == 2
    assert [(line.state, line.repeats) for line in lines] == [(state, repeats)] * 2


def test_letter_sent_again_by_staff_is_counted(office: Office):
    office.approved(letters(1), new_mailing(semantics=Semantics.AT_MOST_ONCE))
    office.deliver(RecordingTransport(lambda _: Outcome(Fate.UNCLEAR)))
    (unsure,) = office.deliveries()

    office.do(actions.resend, unsure.id)

    (again,) = office.deliveries()
    assert (unsure.repeats, again.repeats) == (0, 1)
    assert an_id(100) == again.recipient_ref
