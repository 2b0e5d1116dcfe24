"""The relay adapter against a real SMTP server on loopback: answers, broken lines, the gate."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.adapters.at_once import send_at_once
from service.adapters.conversation import Timeouts
from service.adapters.gate import Gate
from service.adapters.relays import BadMailUrl, Relay, read_relay, read_relays, routes_of
from service.adapters.smtp import SmtpTransport
from service.mail.routes import Road, Routes
from service.mail.values import Fate, Outcome, Outgoing, Result
from tests.mail.cast import an_id, composer, delivery, mailing

FAST = Timeouts(connect=2, command=2, dot=0.5, heartbeat=0.05, patience=2)
COMPOSER = composer()


@dataclass
class Sink:
    """What the relay took, and how it answers; `at` maps a command to an answer or to "drop"."""

    taken: list[tuple[str, str, bytes]] = field(default_factory=list)
    at: dict[str, str | Callable[[str], str]] = field(default_factory=dict)
    connections: int = 0

    def answer(self, command: str, address: str, otherwise: str) -> str:
        wish = self.at.get(command, otherwise)
        return wish(address) if callable(wish) else wish

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answer("MAIL", address, "250 2.1.0 ok")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.answer("RCPT", address, "250 2.1.5 ok")
        if reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        address = envelope.rcpt_tos[0]
        reply = self.answer("DOT", address, "250 2.0.0 queued as 7")
        if reply == "silence":
            await asyncio.sleep(5)
        assert isinstance(envelope.content, bytes)
        if reply.startswith("250") or reply == "drop":
            self.taken.append((envelope.mail_from or "", address, envelope.content))
        if reply == "drop":
            assert server.transport is not None
            server.transport.abort()
        return reply


class DroppingSmtp(SMTP):
    """A server that hangs up when it reads DATA."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        sink: Any = self.event_handler
        if sink.at.get("DATA") == "drop":
            assert self.transport is not None
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class SinkController(Controller):
    def factory(self) -> SMTP:
        return DroppingSmtp(self.handler, hostname="sink.example.org")


@pytest.fixture
def sink() -> Iterator[tuple[Sink, Relay]]:
    sink = Sink()
    controller = SinkController(sink, hostname="127.0.0.1", port=0)
    with socket.socket() as probe:  # aiosmtpd asks for a port by number
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    yield sink, Relay("127.0.0.1", controller.port, "never")
    controller.stop()


@dataclass
class BookLedger:
    """A ledger that writes into lists; `shut` names the deliveries that may not leave."""

    shut: frozenset[str] = frozenset()
    results: list[Result] = field(default_factory=list)
    leaving: list[list[str]] = field(default_factory=list)
    threads: set[int] = field(default_factory=set)
    taken_at_gate: list[int] = field(default_factory=list)
    sink: Sink | None = None
    fails: bool = False

    def commit(self, results: Sequence[Result], leaving: Sequence[str] = ()) -> frozenset[str]:
        if self.fails:
            raise RuntimeError("disk full")
        self.threads.add(threading.get_ident())
        self.results.extend(results)
        if leaving:
            self.leaving.append(list(leaving))
            self.taken_at_gate.append(len(self.sink.taken) if self.sink else 0)
        return frozenset(leaving) - self.shut

    def keep(self, letters: Sequence[Outgoing]) -> None:
        raise AssertionError("a relay keeps nothing")


def outgoing(count: int) -> list[Outgoing]:
    made = []
    for number in range(count):
        one = replace(delivery(), id=an_id(500 + number), address=f"guest-{number}@example.org")
        made.append(Outgoing(one.id, "invitation", COMPOSER.compose(mailing(), one)))
    return made


def send(
    relay: Relay, letters: list[Outgoing], ledger: BookLedger | None = None, connections: int = 1
) -> dict[str, Outcome]:
    ledger = ledger or BookLedger()
    transport = SmtpTransport(relay, hello="events.example.org", connections=connections, timeouts=FAST)
    transport.send(letters, ledger)
    transport.close()
    assert len(ledger.results) == len(letters)
    return {result.delivery_id: result.outcome for result in ledger.results}


def test_letters_arrive_byte_for_byte_with_their_envelope(sink: tuple[Sink, Relay]):
    letters = outgoing(5)

    outcomes = send(sink[1], letters, connections=2)

    assert set(outcomes.values()) == {Outcome(Fate.ACCEPTED, 250, "2.0.0 queued as 7")}
    assert sorted(sink[0].taken) == sorted(
        (one.letter.envelope.mail_from, one.letter.envelope.rcpt_to, one.letter.raw) for one in letters
    )


def test_lines_that_begin_with_a_dot_arrive_whole(sink: tuple[Sink, Relay]):
    (one,) = outgoing(1)
    dotted = replace(one, letter=replace(one.letter, raw=b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\n"))

    send(sink[1], [dotted])

    assert sink[0].taken[0][2] == b"Subject: x\r\n\r\n.\r\n..\r\n.a\r\n"


@pytest.mark.parametrize(
    ("command", "reply", "outcome"),
    [
        ("MAIL", "450 4.3.2 not now", Outcome(Fate.DEFERRED, 450, "4.3.2 not now")),
        ("MAIL", "550 5.1.8 who are you", Outcome(Fate.OUR_FAULT, 550, "5.1.8 who are you")),
        ("RCPT", "450 4.2.0 greylisted", Outcome(Fate.DEFERRED, 450, "4.2.0 greylisted")),
        ("RCPT", "550 5.1.1 no such user", Outcome(Fate.BOUNCED, 550, "5.1.1 no such user")),
        ("RCPT", "550 5.7.1 relaying denied", Outcome(Fate.OUR_FAULT, 550, "5.7.1 relaying denied")),
        ("DOT", "451 4.7.0 slow down", Outcome(Fate.THROTTLED, 451, "4.7.0 slow down")),
        ("DOT", "554 5.6.0 bad content", Outcome(Fate.REFUSED, 554, "5.6.0 bad content")),
    ],
)
def test_refusal_is_that_letters_alone_and_the_line_stays(
    sink: tuple[Sink, Relay], command: str, reply: str, outcome: Outcome
):
    letters = outgoing(2)
    answered: list[str] = []

    def once(address: str) -> str:
        answered.append(address)
        return reply if len(answered) == 1 else "250 2.0.0 ok"

    sink[0].at[command] = once

    outcomes = send(sink[1], letters)

    assert list(outcomes.values()) == [outcome, Outcome(Fate.ACCEPTED, 250, outcomes[letters[1].delivery_id].text)]
    assert (len(sink[0].taken), sink[0].connections) == (1, 1)


def test_line_that_breaks_before_the_dot_defers(sink: tuple[Sink, Relay]):
    sink[0].at["DATA"] = "drop"
    ledger = BookLedger()

    outcomes = send(sink[1], outgoing(2), ledger)

    assert set(outcomes.values()) == {Outcome(Fate.DEFERRED, None, "The line to the relay broke.")}
    assert (ledger.leaving, sink[0].taken) == ([], [])


def test_line_that_breaks_after_the_dot_is_unclear(sink: tuple[Sink, Relay]):
    sink[0].at["DOT"] = lambda address: "drop" if address.startswith("guest-0") else "250 2.0.0 ok"

    outcomes = send(sink[1], outgoing(2))

    assert list(outcomes.values()) == [
        Outcome(Fate.UNCLEAR, None, "The line to the relay broke."),
        Outcome(Fate.ACCEPTED, 250, "2.0.0 ok"),
    ]
    assert len(sink[0].taken) == 2  # it had arrived: that is what unclear means


def test_silence_after_the_dot_is_unclear(sink: tuple[Sink, Relay]):
    sink[0].at["DOT"] = "silence"

    outcomes = send(sink[1], outgoing(1))

    assert list(outcomes.values()) == [Outcome(Fate.UNCLEAR, None, "The relay gave no answer in time.")]


def test_closing_relay_is_left_and_called_anew(sink: tuple[Sink, Relay]):
    sink[0].at["RCPT"] = lambda address: "421 4.3.2 closing" if address.startswith("guest-0") else "250 2.1.5 ok"

    outcomes = send(sink[1], outgoing(2))

    assert [outcome.fate for outcome in outcomes.values()] == [Fate.THROTTLED, Fate.ACCEPTED]
    assert sink[0].connections == 2


def test_gate_is_asked_before_each_dot_and_keeps_letters_back(sink: tuple[Sink, Relay]):
    letters = outgoing(3)
    ledger = BookLedger(shut=frozenset({letters[1].delivery_id}), sink=sink[0])

    outcomes = send(sink[1], letters, ledger)

    assert [outcome.fate for outcome in outcomes.values()] == [Fate.ACCEPTED, Fate.HELD, Fate.ACCEPTED]
    assert ledger.leaving == [[one.delivery_id] for one in letters]
    assert ledger.taken_at_gate == [0, 1, 1]
    assert [rcpt for _, rcpt, _ in sink[0].taken] == ["guest-0@example.org", "guest-2@example.org"]


def test_waiting_lines_share_a_commit(sink: tuple[Sink, Relay]):
    ledger = BookLedger()

    send(sink[1], outgoing(40), ledger, connections=8)

    assert sum(map(len, ledger.leaving)) == 40
    assert len(ledger.leaving) < 40


def test_gate_waits_for_lines_on_their_way_and_for_no_other(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("service.adapters.gate._MOMENT_SECONDS", 30)
    ledger, (first, second) = BookLedger(), outgoing(2)

    async def line(gate: Gate, seconds: float, one: Outgoing | None) -> None:
        with gate.line():
            await asyncio.sleep(seconds)
            if one:
                await gate.may_leave(one)

    async def work() -> None:
        gate = Gate(ledger, heartbeat=30)
        keeper = asyncio.create_task(gate.keep())
        await asyncio.gather(line(gate, 0, first), line(gate, 0.01, second), line(gate, 0.02, None))
        gate.end()
        await keeper

    asyncio.run(work())

    assert ledger.leaving == [[first.delivery_id, second.delivery_id]]


def test_connections_are_kept_between_batches(sink: tuple[Sink, Relay]):
    transport = SmtpTransport(sink[1], hello="events.example.org", connections=1, timeouts=FAST)
    for _ in range(3):
        transport.send(outgoing(1), BookLedger())
    transport.close()

    assert (len(sink[0].taken), sink[0].connections) == (3, 1)


def test_kept_connection_that_died_is_replaced(sink: tuple[Sink, Relay]):
    transport = SmtpTransport(sink[1], hello="events.example.org", connections=1, timeouts=FAST)
    sink[0].at["DOT"] = "drop"
    transport.send(outgoing(1), BookLedger())
    sink[0].at.clear()
    ledger = BookLedger()
    transport.send(outgoing(1), ledger)
    transport.close()

    assert [result.outcome.fate for result in ledger.results] == [Fate.ACCEPTED]


def test_absent_relay_is_unreachable_for_all():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    outcomes = send(Relay("127.0.0.1", port, "never"), outgoing(3), connections=2)

    assert {outcome.fate for outcome in outcomes.values()} == {Fate.UNREACHABLE}


def test_relay_without_starttls_is_refused_by_us(sink: tuple[Sink, Relay]):
    outcomes = send(replace(sink[1], tls="starttls"), outgoing(2))

    assert {outcome.fate for outcome in outcomes.values()} == {Fate.BARRED}
    assert sink[0].taken == []


def test_password_is_not_given_to_a_relay_that_cannot_take_it(sink: tuple[Sink, Relay]):
    outcomes = send(replace(sink[1], username="u", password="p"), outgoing(1))

    assert [outcome.fate for outcome in outcomes.values()] == [Fate.BARRED]


def test_failing_ledger_ends_the_batch(sink: tuple[Sink, Relay]):
    transport = SmtpTransport(sink[1], hello="events.example.org", connections=4, timeouts=FAST)

    for _ in range(10):  # whatever the lines are at just then
        with pytest.raises(RuntimeError, match="disk full"):
            transport.send(outgoing(8), BookLedger(fails=True))
    transport.close()

    assert sink[0].taken == []


@pytest.mark.parametrize(
    ("url", "relay"),
    [
        ("smtp://mail.example.org", Relay("mail.example.org", 587, "starttls")),
        ("smtp://mail.example.org:25?starttls=never", Relay("mail.example.org", 25, "never")),
        ("smtp://me%40x:p%3Aw@mail.example.org", Relay("mail.example.org", 587, "starttls", "me@x", "p:w")),
        ("smtps://u:p@mail.example.org", Relay("mail.example.org", 465, "implicit", "u", "p")),
    ],
)
def test_mail_url_is_read(url: str, relay: Relay):
    assert read_relay(url) == relay
    assert "p:w" not in repr(relay)


def test_several_relays_are_roads_in_their_order():
    relays = read_relays("smtp://a.example.org?per_minute=300  smtps://b.example.org")

    assert routes_of(relays, {"*": 60}) == Routes(
        (Road("a.example.org:587", 300), Road("b.example.org:465")), {"*": 60}
    )


@pytest.mark.parametrize("urls", ["", "smtp://a smtp://a", "smtp://a mailbox:", "smtp://a?per_minute=many"])
def test_bad_list_of_relays_is_refused(urls: str):
    with pytest.raises(BadMailUrl):
        read_relays(urls)


def test_letter_at_once_goes_through_the_relay_that_is_there(sink: tuple[Sink, Relay]):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        away = Relay("127.0.0.1", probe.getsockname()[1], "never")
    transport = SmtpTransport(away, sink[1], hello="events.example.org", timeouts=FAST)

    outcome = send_at_once(transport, outgoing(1)[0].letter, [away.name, sink[1].name])

    assert (outcome.fate, len(sink[0].taken)) == (Fate.ACCEPTED, 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://x",
        "smtp:",
        "smtp://host:port",
        "smtp://host?starttls=maybe",
        "smtp://host:99999",
        "mailbox:",
        "smtp://host?tls=no",
    ],
)
def test_bad_mail_url_is_refused(url: str):
    with pytest.raises(BadMailUrl):
        read_relay(url)
