"""Taking in what lies in the mailbox: each message once, whatever happens between two of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from service.db.engine import reading, writing
from service.kernel.tokens import Keyring
from service.letters import collecting, unplaced
from service.letters.collecting import read_cursor, take_in_all
from service.letters.store import mailboxes
from service.letters.values import Cursor, Fetched, Look
from tests.factories import DESK, NOW

KEY = "k" * 64
TOLD: dict[str, Any] = {"desk": DESK, "keyring": Keyring(b"k" * 32), "clock": lambda: NOW}


def letter(n: int) -> bytes:
    return f"From: maria@example.org\r\nTo: rsvp@example.org\r\nSubject: Question {n}\r\n\r\nHello.\r\n".encode()


def waiting(engine: Engine) -> list[tuple[str, str]]:
    """Return subject and reason of what waits for staff."""
    with reading(engine) as session:
        return sorted((item.subject, item.reason) for item in unplaced.read_queue(session))


def cursor(engine: Engine) -> Cursor:
    with reading(engine) as session:
        return read_cursor(session, KEY)


def test_each_message_is_taken_in_once_and_the_cursor_moves(engine: Engine) -> None:
    look = Look(7, (Fetched(5, letter(1)), Fetched(9, letter(2)), Fetched(12, None)))

    taken = [take_in_all(engine, KEY, look, **TOLD) for _twice in range(2)]

    assert (taken, cursor(engine)) == ([3, 0], Cursor(7, 12))
    assert waiting(engine) == [("Question 1", "no-calendar-part"), ("Question 2", "no-calendar-part")]


def test_a_mailbox_made_anew_is_read_from_its_start_and_repeats_nothing(engine: Engine) -> None:
    take_in_all(engine, KEY, Look(7, (Fetched(99, letter(1)),)), **TOLD)

    assert take_in_all(engine, KEY, Look(8, (Fetched(1, letter(1)), Fetched(2, letter(2)))), **TOLD) == 2

    assert cursor(engine) == Cursor(8, 2)
    assert [subject for subject, _reason in waiting(engine)] == ["Question 1", "Question 2"]


def test_one_that_we_fail_on_is_kept_and_holds_up_no_other(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = collecting.take_in

    def failing(session: Any, raw: bytes, **told: Any) -> Any:
        honest(session, raw, **told)
        if b"Question 1" in raw:
            raise RuntimeError("half way")
        return None

    monkeypatch.setattr(collecting, "take_in", failing)
    take_in_all(engine, KEY, Look(7, (Fetched(5, letter(1)), Fetched(9, letter(2)))), **TOLD)

    assert (waiting(engine), cursor(engine)) == (
        [("", "not-read"), ("Question 2", "no-calendar-part")],
        Cursor(7, 9),
    )
    with writing(engine) as session:
        for item in unplaced.read_queue(session):
            unplaced.set_aside(session, item.id, now=NOW, actor="staff:x")
    assert waiting(engine) == []


def test_a_database_that_is_away_loses_no_message(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    look, honest = Look(7, (Fetched(5, letter(1)), Fetched(9, letter(2)))), collecting.take_in

    def away(session: Any, raw: bytes, **told: Any) -> Any:
        honest(session, raw, **told)
        if b"Question 2" in raw:
            raise OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(collecting, "take_in", away)
    with pytest.raises(OperationalError):
        take_in_all(engine, KEY, look, **TOLD)
    assert (cursor(engine), len(waiting(engine))) == (Cursor(7, 5), 1)

    monkeypatch.setattr(collecting, "take_in", honest)
    assert take_in_all(engine, KEY, look, **TOLD) == 1
    assert (cursor(engine), len(waiting(engine))) == (Cursor(7, 9), 2)


def test_trouble_is_known_with_its_beginning_until_it_is_over(engine: Engine) -> None:
    def at(minutes: int, trouble: str) -> Any:
        take_in_all(engine, KEY, Look(trouble=trouble), **{**TOLD, "clock": lambda: NOW + timedelta(minutes=minutes)})
        with reading(engine) as session:
            return mailboxes.read_trouble(session)

    take_in_all(engine, KEY, Look(7, (Fetched(5, letter(1)),)), **TOLD)
    assert at(1, "imap-away") == ("imap-away", NOW + timedelta(minutes=1))
    assert at(2, "imap-away") == ("imap-away", NOW + timedelta(minutes=1))
    assert at(3, "imap-sign-in") == ("imap-sign-in", NOW + timedelta(minutes=3))
    assert at(4, "") is None
    assert cursor(engine) == Cursor(7, 5)
