"""Letters through a real Postfix: accepted, deferred, refused, and bounced back as its DSN, which is taken in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import dkim
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from service.adapters.relays import Relay
from service.adapters.smtp import SmtpTransport
from service.db.engine import reading, writing
from service.invitations import store as invitations
from service.invitations.values import LetterState
from service.letters import actions
from service.letters.intake import take_in
from service.mail import actions as mail
from service.mail.dkim import Signer
from service.mail.values import DeliveryLine, DeliveryState
from service.worker.duties import Tools, run_until_idle
from tests.factories import DESK, NOW, STAFF, add_event, add_list, add_people
from tests.mail import postfix
from tests.mail.cast import KEYRING, composer
from tests.mail.postfix import Postfix
from tests.mail.test_dkim import RSA, verified
from tests.mail.test_smtp import Sink, sink

__all__ = ["sink"]
LATER = NOW + timedelta(minutes=2)
GUESTS = ("taken", "gone", "slow", "refused", "busy")
COMPOSER = composer(signer=Signer("example.org", (RSA,)), intake_address="rsvp@example.org")


@pytest.fixture
def relay(sink: tuple[Sink, Relay]) -> Iterator[Postfix]:
    """Postfix, whose next hop knows nobody called gone0 and lets slow0 wait."""
    server, hop = sink
    answers = {"gone0@example.org": "550 5.1.1 no such mailbox", "slow0@example.org": "451 4.2.0 come back later"}
    server.at["RCPT"] = lambda address: answers.get(address, "250 2.1.5 ok")
    with TemporaryDirectory(prefix="farsow-postfix-") as named, postfix.running(Path(named), hop=hop.port) as running:
        yield running


def invite(engine: Engine) -> str:
    """Invite the guests; return the id of the mailing, which leaves soon."""
    with writing(engine) as session:
        people = [person for name in GUESTS for person in add_people(session, 1, prefix=name)]
        list_id = add_list(session, people)
        event = add_event(session)
        done = actions.invite_list(session, event.id, list_id, desk=DESK, now=NOW, actor=STAFF)
        assert done.mailing_id
        actions.approve(session, done.mailing_id, desk=DESK, now=NOW, actor=STAFF)
    return done.mailing_id


def send(engine: Engine, port: int) -> None:
    """Do the duties once all may leave."""
    transport = SmtpTransport(Relay("127.0.0.1", port, "never"), hello="seminars.example.org", connections=2)
    run_until_idle(Tools(engine, transport, COMPOSER, DESK, "test", lambda: LATER))
    transport.close()


def lines(session: Session, mailing_id: str) -> dict[str, DeliveryLine]:
    return {line.address.partition("0@")[0]: line for line in mail.read_deliveries(session, mailing_id)}


def states(engine: Engine, mailing_id: str) -> dict[str, DeliveryState]:
    with reading(engine) as session:
        return {name: line.state for name, line in lines(session, mailing_id).items()}


@pytest.fixture
def _then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let dkimpy live in our time: it refuses a signature of the future."""
    monkeypatch.setattr(dkim, "time", SimpleNamespace(time=LATER.timestamp))


@pytest.mark.usefixtures("_then")
def test_a_mailing_through_postfix_ends_as_postfix_says(engine: Engine, relay: Postfix, sink: tuple[Sink, Relay]):
    server, _hop = sink
    mailing_id = invite(engine)
    send(engine, relay.port)
    accepted = {"taken": DeliveryState.SENT, "gone": DeliveryState.SENT, "slow": DeliveryState.SENT}
    at_once = {"refused": DeliveryState.BOUNCED, "busy": DeliveryState.DEFERRED}
    assert states(engine, mailing_id) == accepted | at_once

    (returned,) = relay.wait_for_mail(1)
    with writing(engine) as session:
        taken = take_in(session, returned, desk=DESK, keyring=KEYRING, now=LATER)
    assert (taken.verdict, taken.applied) == ("bounce", True)
    assert states(engine, mailing_id) == accepted | at_once | {"gone": DeliveryState.BOUNCED}
    with reading(engine) as session:
        gone = invitations.read(session, lines(session, mailing_id)["gone"].recipient_ref)
        hashes = {name: mail.hash_of(f"{name}0@example.org", DESK.address_key) for name in GUESTS}
        stopped = mail.suppressed_hashes(session, hashes.values(), ["all"])
    assert gone.letter is LetterState.BOUNCED
    assert stopped == {hashes["gone"], hashes["refused"]}

    assert postfix.wait_until(lambda: relay.waiting() == 1)  # the slow one comes back to its queue
    server.at.clear()
    relay.try_again()
    arrived = sorted(wait_for(server, 2))
    assert arrived == ["slow0@example.org", "taken0@example.org"]
    assert all(verified(raw, RSA) == [True] for _sender, _to, raw in server.taken)


def test_a_dsn_whose_envelope_was_made_up_changes_nothing(engine: Engine, relay: Postfix):
    mailing_id = invite(engine)
    send(engine, relay.port)
    (returned,) = relay.wait_for_mail(1)
    forged = returned.replace(b"rsvp+b.", b"rsvp+b.0")

    with writing(engine) as session:
        taken = take_in(session, forged, desk=DESK, keyring=KEYRING, now=LATER)

    assert taken.applied is False
    assert states(engine, mailing_id)["gone"] is DeliveryState.SENT


def wait_for(server: Sink, count: int) -> list[str]:
    """Return who got a letter, when that many did."""
    postfix.wait_until(lambda: len(server.taken) >= count)
    return [to for _sender, to, _raw in server.taken]
