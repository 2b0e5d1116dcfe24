"""Hostile and broken SMTP peers: each letter ends in the right state, in time, and nobody else waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete

from service.adapters.conversation import Timeouts
from service.adapters.relays import Relay, routes_of
from service.adapters.smtp import SmtpTransport
from service.db.engine import make_engine, writing
from service.mail.tables import RelayRest
from service.mail.values import DeliveryState, Fate, MailingState, Result, Semantics
from tests import databases
from tests.mail.cast import letters, new_mailing
from tests.mail.peers import Answer, Peer, certificate, drip, drop, flood, hang, late, listening, once
from tests.mail.test_delivering import Office
from tests.mail.test_smtp import BookLedger, outgoing

# A hundredth of what they are outside, or less.
FAST = Timeouts(connect=1, command=1, dot=1.2, heartbeat=0.05, patience=0.2)
UNHURRIED = replace(FAST, connect=2.5)  # a handshake is work
DEADLINE_SECONDS = 4

QUEUED, DEFERRED, SENT = DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.SENT
FAILED, BOUNCED, UNKNOWN = DeliveryState.FAILED, DeliveryState.BOUNCED, DeliveryState.UNKNOWN
GOES_ON, PAUSED, DONE = MailingState.RUNNING, MailingState.PAUSED, MailingState.DONE


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite engine: what a state means on each database is tested beside, here the wire is."""
    engine = make_engine(databases.sqlite_url(tmp_path))
    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


@dataclass(frozen=True)
class End:
    """How it ended: the letter, its mailing, attempts counted, and whether it may be there twice."""

    letter: DeliveryState
    mailing: MailingState
    attempts: int = 0
    repeats: int = 0


def end_of(office: Office, relay: Relay, semantics: Semantics = Semantics.AT_LEAST_ONCE) -> End:
    """Send one letter through a relay and say how it ended; in time, or the test fails."""
    office.approved(letters(1), new_mailing(semantics=semantics))
    started = time.monotonic()
    timeouts = FAST if relay.tls == "never" else UNHURRIED
    transport = SmtpTransport(relay, hello="events.example.org", connections=2, timeouts=timeouts)
    office.deliver(transport, routes=routes_of([relay], {}))
    transport.close()
    assert time.monotonic() - started < DEADLINE_SECONDS
    (left,) = office.deliveries()
    return End(left.state, office.view().state, left.attempts, left.repeats)


def plain(peer: Peer) -> Relay:
    return Relay("127.0.0.1", peer.port, "never")


AWAY, BARRED = End(QUEUED, GOES_ON), End(QUEUED, PAUSED)
LATER, THROTTLED = End(DEFERRED, GOES_ON, 1), End(DEFERRED, GOES_ON)
REFUSED, TAKEN, RETURNED = End(FAILED, DONE, 1), End(SENT, DONE, 1), End(BOUNCED, DONE, 1)
UNCLEAR = End(DEFERRED, GOES_ON, 1, repeats=1)
PIPELINING = "250-peer\r\n250 PIPELINING"
NOBODY, NOT_NOW = "550 5.1.1 nobody", "503 5.5.1 bad sequence of commands"
GLUED = b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n"


@pytest.mark.parametrize(
    ("stage", "answer", "end"),
    [
        pytest.param("BANNER", hang, AWAY, id="hang at banner"),
        pytest.param("BANNER", drip("220 hello there"), AWAY, id="banner byte by byte"),
        pytest.param("BANNER", drop, AWAY, id="drop at banner"),
        pytest.param("BANNER", "421 4.3.2 busy", AWAY, id="421 banner"),
        pytest.param("BANNER", "554 no service for you", BARRED, id="554 banner"),
        pytest.param("BANNER", "SSH-2.0-OpenSSH_9", AWAY, id="not a mail server"),
        pytest.param("BANNER", b"\x00\xff\xfe" * 50, AWAY, id="binary banner"),
        pytest.param("EHLO", hang, AWAY, id="hang at EHLO"),
        pytest.param("EHLO", flood, AWAY, id="endless EHLO"),
        pytest.param("EHLO", "421 4.3.2 busy", AWAY, id="421 at EHLO"),
        pytest.param("EHLO", "250 " + "x" * 40_000, AWAY, id="over-long line"),
        pytest.param("EHLO", "250-peer\r\n250 SIZE 100", REFUSED, id="too big for SIZE"),
        pytest.param("EHLO", "250-peer\r\n250 SIZE 0", TAKEN, id="SIZE without a limit"),
        pytest.param("EHLO", "250 peer", TAKEN, id="no 8BITMIME"),
        pytest.param("MAIL", "421 4.3.2 closing", THROTTLED, id="421 at MAIL"),
        pytest.param("MAIL", "452 4.3.1 full", THROTTLED, id="452 at MAIL"),
        pytest.param("MAIL", "451 4.3.0 try later", LATER, id="451 at MAIL"),
        pytest.param("MAIL", "550 5.7.1 not you", BARRED, id="550 5.7.1 at MAIL"),
        pytest.param("MAIL", "553 5.1.8 who?", BARRED, id="553 at MAIL"),
        pytest.param("MAIL", "552 5.3.4 too big", REFUSED, id="552 at MAIL"),
        pytest.param("MAIL", hang, LATER, id="hang at MAIL"),
        pytest.param("MAIL", drop, LATER, id="drop at MAIL"),
        pytest.param("MAIL", "250 ok\r\n250 ok\r\n354 go\r\n250 taken", LATER, id="answers before questions"),
        pytest.param("RCPT", "450 4.2.0 greylisted", LATER, id="greylist"),
        pytest.param("RCPT", "450 4.7.1 too many", THROTTLED, id="450 4.7.1"),
        pytest.param("RCPT", "421 4.3.2 closing", THROTTLED, id="421 at RCPT"),
        pytest.param("RCPT", "550 5.1.1 nobody", RETURNED, id="550 5.1.1"),
        pytest.param("RCPT", "550 5.7.1 policy", BARRED, id="550 5.7.1 at RCPT"),
        pytest.param("RCPT", "552 5.2.2 full", LATER, id="mailbox full"),
        pytest.param("RCPT", "354 go on", LATER, id="354 at RCPT"),
        pytest.param("RCPT", "999 what", LATER, id="a code that is none"),
        pytest.param("RCPT", "251 will forward", TAKEN, id="251 at RCPT"),
        pytest.param("DATA", "554 5.5.1 no valid recipients", REFUSED, id="RCPT taken, DATA refused"),
        pytest.param("DATA", "451 4.3.0 try later", LATER, id="451 at DATA"),
        pytest.param("DATA", "421 4.3.2 closing", THROTTLED, id="421 at DATA"),
        pytest.param("DATA", "250 ok", LATER, id="250 to DATA"),
        pytest.param("DATA", b"354 go on\r\n250 taken\r\n", LATER, id="answer to the dot before the dot"),
        pytest.param("DATA", drop, LATER, id="drop at DATA"),
        pytest.param("DATA", hang, LATER, id="hang at DATA"),
        pytest.param("DOT", drop, UNCLEAR, id="drop after the dot"),
        pytest.param("DOT", hang, UNCLEAR, id="hang after the dot"),
        pytest.param("DOT", drip("250 2.0.0 taken"), UNCLEAR, id="byte by byte after the dot"),
        pytest.param("DOT", "hm", UNCLEAR, id="nonsense after the dot"),
        pytest.param("DOT", "354 go on", UNCLEAR, id="354 after the dot"),
        pytest.param("DOT", flood, UNCLEAR, id="endless reply after the dot"),
        pytest.param("DOT", "451 4.3.0 try later", LATER, id="451 after the dot"),
        pytest.param("DOT", "451 4.7.0 slow down", THROTTLED, id="451 4.7 after the dot"),
        pytest.param("DOT", "421 4.3.2 closing", THROTTLED, id="421 after the dot"),
        pytest.param("DOT", "552 5.3.4 too big", REFUSED, id="552 after the dot"),
        pytest.param("DOT", "554 5.6.1 no 8bit here", REFUSED, id="8 bits refused"),
        pytest.param("DOT", "550 5.7.1 spam", BARRED, id="550 5.7.1 after the dot"),
        pytest.param("DOT", b"250-2.0.0 \xff\x00\r\n250 taken\r\n", TAKEN, id="bytes that are no text"),
        pytest.param("DOT", late("250 2.0.0 taken", 0.4), TAKEN, id="250 after a long while"),
    ],
)
@pytest.mark.parametrize("offer", ["250 peer", PIPELINING], ids=["step by step", "at once"])
def test_letter_ends_in_the_right_state(office: Office, offer: str, stage: str, answer: Answer, end: End):
    with listening(Peer({"EHLO": offer, stage: answer})) as peer:
        assert end_of(office, plain(peer)) == end
        assert (stage == "DOT") <= bool(peer.taken)


@pytest.mark.parametrize("answer", [hang, drop, "hm"])
def test_letter_of_unclear_fate_is_named_where_once_is_enough(office: Office, answer: Answer):
    with listening(Peer({"DOT": answer})) as peer:
        assert end_of(office, plain(peer), Semantics.AT_MOST_ONCE) == End(UNKNOWN, DONE, 1)


def test_letter_greylisted_twice_arrives_at_the_third_try(office: Office):
    with listening(Peer({"RCPT": ["450 4.2.0 later", "450 4.2.0 later"]})) as peer:
        transport = SmtpTransport(plain(peer), hello="events.example.org", timeouts=FAST)
        office.approved(letters(1))
        for _ in range(3):
            office.deliver(transport)
            office.later(minutes=5)
        transport.close()

    assert office.counts() == {SENT: 1}
    assert [delivery.attempts for delivery in office.deliveries()] == [3]


def test_letters_without_an_answer_hold_nobody_up(office: Office):
    """One letter of eight hangs at the dot: the other seven go, batch after batch, before it has its answer."""
    answers = threading.Event()
    with listening(Peer({"DOT": [once(answers, "250 2.0.0 at last")]})) as peer:
        slow = Timeouts(connect=30, command=30, dot=60, heartbeat=0.05, patience=0.2)
        transport = SmtpTransport(plain(peer), hello="events.example.org", connections=2, timeouts=slow)
        office.approved(letters(8))
        for _ in range(50):  # a slow machine gives letters back, and its relay a rest: then it is tried again
            office.deliver(transport, size=4)
            if (meanwhile := office.counts()) == {SENT: 7, DeliveryState.SENDING: 1}:
                break
            end_rests(office)
        answers.set()
        transport.close()

    assert meanwhile == {SENT: 7, DeliveryState.SENDING: 1}
    assert office.counts() == {SENT: 8}


def end_rests(office: Office) -> None:
    """Let a minute of rest be over, without moving the clock of the leases."""
    with writing(office.engine) as session:
        session.execute(delete(RelayRest))


def test_relay_that_answers_nobody_is_left_for_the_next(office: Office):
    with listening(Peer({"MAIL": hang})) as stuck, listening(Peer()) as good:
        relays = [plain(stuck), plain(good)]
        slow = Timeouts(connect=1, command=1, dot=1, heartbeat=0.05, patience=0.2)
        transport = SmtpTransport(*relays, hello="events.example.org", connections=2, timeouts=slow)
        office.approved(letters(10))
        for _ in range(3):
            office.deliver(transport, routes=routes_of(relays, {}))
        transport.close()

    assert office.counts() == {SENT: 8, DEFERRED: 2}  # the two that the first one holds
    assert (len(stuck.taken), len(good.taken)) == (0, 8)


def test_ledger_that_fails_meanwhile_ends_the_batch(tmp_path: Path):
    class Failing(BookLedger):
        def commit(self, results: Sequence[Result], leaving: Sequence[str] = ()) -> frozenset[str]:
            self.fails = bool(results)
            return super().commit(results, leaving)

    with listening(Peer({"DOT": hang})) as peer:
        transport = SmtpTransport(plain(peer), hello="events.example.org", connections=1, timeouts=FAST)
        with pytest.raises(RuntimeError, match="disk full"):
            transport.send(outgoing(3), Failing())  # the first hangs, the others are given back
        transport.close()


# PIPELINING


@pytest.mark.parametrize(
    ("script", "end"),
    [
        pytest.param({"MAIL": "550 5.7.1 not you", "RCPT": NOT_NOW, "DATA": NOT_NOW}, BARRED, id="MAIL refused"),
        pytest.param({"MAIL": "552 5.3.4 too big", "RCPT": NOT_NOW, "DATA": NOT_NOW}, REFUSED, id="too big at MAIL"),
        pytest.param({"MAIL": "451 4.3.0 later"}, LATER, id="354 although MAIL was refused"),
        pytest.param({"MAIL": "421 4.3.2 closing", "RCPT": drop}, THROTTLED, id="421 at MAIL, and gone"),
        pytest.param({"RCPT": NOBODY, "DATA": "554 5.5.1 no valid recipients"}, RETURNED, id="RCPT refused"),
        pytest.param({"RCPT": NOBODY, "DATA": "354 go on"}, RETURNED, id="354 although RCPT was refused"),
        pytest.param({"RCPT": NOBODY, "DATA": drop}, RETURNED, id="RCPT refused, and gone"),
        pytest.param({"RCPT": NOBODY, "DATA": hang}, RETURNED, id="RCPT refused, and silent"),
        pytest.param({"RCPT": NOBODY, "DATA": "hm"}, LATER, id="RCPT refused, then nonsense"),
        pytest.param({"RCPT": NOBODY, "DATA": b"554 no\r\n250 taken\r\n"}, LATER, id="RCPT refused, then too much"),
        pytest.param({"RCPT": b""}, LATER, id="no reply to RCPT"),
        pytest.param({"MAIL": b"", "RCPT": b"", "DATA": b""}, LATER, id="no reply at all"),
        pytest.param({"MAIL": b"250 ok\r\n250 ok\r\n"}, LATER, id="a reply too many"),
        pytest.param({"MAIL": b"250-so\r\n550 not so\r\n"}, LATER, id="two codes in one reply"),
        pytest.param({"MAIL": b"", "RCPT": b"", "DATA": GLUED}, TAKEN, id="replies glued together"),
        pytest.param({"MAIL": b"", "RCPT": b"", "DATA": drip(GLUED.decode(), 0.001)}, TAKEN, id="replies byte by byte"),
    ],
)
def test_letter_whose_commands_went_at_once_ends_in_the_right_state(
    office: Office, script: dict[str, Answer], end: End
):
    with listening(Peer({"EHLO": PIPELINING, **script})) as peer:
        assert end_of(office, plain(peer)) == end

    assert len(peer.taken) == (end == TAKEN)  # nothing is sent to whoever refused, not even a dot


def test_line_stays_in_step_behind_a_refused_letter():
    script: dict[str, Answer | list[Answer]] = {"EHLO": PIPELINING, "RCPT": [NOBODY], "DATA": ["554 5.5.1 to whom?"]}
    ledger = BookLedger()
    with listening(Peer(script)) as peer:
        transport = SmtpTransport(plain(peer), hello="events.example.org", connections=1, timeouts=FAST)
        transport.send(outgoing(2), ledger)
        transport.close()

    assert [result.outcome.code for result in ledger.results] == [550, 250]
    assert verbs(peer) == ["EHLO", "MAIL", "RCPT", "DATA", "RSET", "MAIL", "RCPT", "DATA", "QUIT"]


def test_relay_that_loses_what_is_said_at_once_is_spoken_to_step_by_step():
    ledger, patient = BookLedger(), replace(FAST, command=0.5, patience=5)
    with listening(Peer({"EHLO": PIPELINING}, forgets=True)) as peer:
        transport = SmtpTransport(plain(peer), hello="events.example.org", connections=1, timeouts=patient)
        transport.send(outgoing(3), ledger)
        transport.close()

    fates = [result.outcome.fate for result in ledger.results]
    assert fates == [Fate.DEFERRED, Fate.ACCEPTED, Fate.ACCEPTED]
    assert verbs(peer) == ["EHLO", "MAIL", "EHLO", *("MAIL", "RCPT", "DATA") * 2, "QUIT"]


def verbs(peer: Peer) -> list[str]:
    """Return what it was told, without the addresses."""
    return [heard.split()[0] for heard in peer.heard]


# TLS and AUTH


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Peer:
    """A peer with a certificate that we trust."""
    context, pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    return Peer({"EHLO": "250-peer\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"}, tls=context)


def required(peer: Peer, **more: str) -> Relay:
    return Relay("127.0.0.1", peer.port, "implicit" if peer.is_smtps else "starttls", **more)  # type: ignore[arg-type]


def test_letter_goes_by_starttls_and_auth(office: Office, trusted: Peer):
    with listening(trusted) as peer:
        assert end_of(office, required(peer, username="me@example.org", password="p w")) == TAKEN

    assert peer.over_tls == [True]
    assert [heard.split()[0] for heard in peer.heard][:4] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]


def test_letter_goes_by_smtps(office: Office, trusted: Peer):
    trusted.is_smtps = True
    with listening(trusted) as peer:
        assert end_of(office, required(peer)) == TAKEN

    assert peer.over_tls == [True]


def test_words_smuggled_in_before_tls_are_not_believed(office: Office, trusted: Peer):
    trusted.injects = b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n250 2.0.0 taken\r\n"
    with listening(trusted) as peer:
        end = end_of(office, required(peer))

    assert end in (TAKEN, AWAY, BARRED)
    assert (end == TAKEN) is (peer.over_tls == [True])  # taken only by having come, encrypted


@pytest.mark.parametrize(
    ("script", "end"),
    [
        pytest.param({"EHLO": "250 peer"}, BARRED, id="STARTTLS not offered"),
        pytest.param({"STARTTLS": "454 4.7.0 not available"}, AWAY, id="STARTTLS refused for now"),
        pytest.param({"STARTTLS": "501 5.5.4 no"}, BARRED, id="STARTTLS refused"),
        pytest.param({"STARTTLS": "220 go on"}, BARRED, id="STARTTLS agreed and not done"),
        pytest.param({"STARTTLS": drop}, AWAY, id="drop at STARTTLS"),
        pytest.param({"STARTTLS": hang}, AWAY, id="hang at STARTTLS"),
        pytest.param({"AUTH": "535 5.7.8 wrong"}, BARRED, id="AUTH refused"),
        pytest.param({"AUTH": "454 4.7.0 later"}, AWAY, id="AUTH refused for now"),
        pytest.param({"AUTH": hang}, AWAY, id="hang at AUTH"),
        pytest.param({"EHLO": "250-peer\r\n250 STARTTLS"}, BARRED, id="AUTH not offered"),
    ],
)
def test_letter_never_goes_in_the_clear_or_unsigned_in(
    office: Office, trusted: Peer, script: dict[str, Answer], end: End
):
    trusted.script = {**trusted.script, **script}
    with listening(trusted) as peer:
        assert end_of(office, required(peer, username="me", password="pw")) == end

    assert peer.taken == []
    assert not any(heard.startswith(("MAIL", "RCPT")) for heard in peer.heard)


@pytest.mark.parametrize(
    ("host", "days", "is_known"),
    [
        pytest.param("127.0.0.1", 1, False, id="signed by itself"),
        pytest.param("127.0.0.1", -1, True, id="run out"),
        pytest.param("other.example.org", 1, True, id="of another host"),
    ],
)
@pytest.mark.parametrize("is_smtps", [False, True], ids=["starttls", "smtps"])
def test_bad_certificate_pauses_the_mailing(
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    days: int,
    is_known: bool,
    is_smtps: bool,
):
    context, pem = certificate(tmp_path, host=host, days=days)
    if is_known:
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    with listening(Peer({"EHLO": "250-peer\r\n250 STARTTLS"}, tls=context, is_smtps=is_smtps)) as peer:
        assert end_of(office, required(peer)) == BARRED

    assert peer.taken == []
    assert "certificate" in office.view().pause_reason.lower()


def test_smtps_to_a_plain_server_sends_nothing(office: Office):
    with listening(Peer()) as peer:
        assert end_of(office, Relay("127.0.0.1", peer.port, "implicit")).letter == QUEUED

    assert peer.taken == []
