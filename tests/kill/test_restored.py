"""A backup made while a mailing runs, restored elsewhere: what may have left since is named, and leaves no more."""

from __future__ import annotations

import os
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from service.db import backups
from service.db.engine import make_engine, writing
from service.kernel.clock import utc_now
from service.letters.restoring import Calmed, calm
from service.mail import actions, store
from service.mail.values import DeliveryState, MailingState, Semantics
from tests import databases
from tests.kill.harness import Run
from tests.kill.sink import Plan
from tests.mail.cast import ADDRESS_KEY, letters, new_mailing

SENT, UNKNOWN = DeliveryState.SENT, DeliveryState.UNKNOWN
COUNT = 300  # enough for a slow machine to be still sending when the backup is made
LATER = 5  # letters of a mailing whose day is still to come


@dataclass
class Place:
    """Where a backup is restored to."""

    url: str
    name: str = ""


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty place of the same kind of database."""
    if database_url.startswith("sqlite"):
        yield Place(f"sqlite:///{tmp_path / 'restored.db'}")
        return
    monkeypatch.setenv("PATH", databases.path_with_pg_dump())
    name = f"{make_url(database_url).database}_restored"
    databases.make_empty_postgres(name)
    yield Place(make_url(database_url).set(database=name).render_as_string(hide_password=False), name)
    databases.drop_postgres(name)


@pytest.mark.parametrize("semantics", list(Semantics), ids=["at least once", "at most once"])
def test_what_a_backup_saw_waiting_is_named_and_never_leaves_again(
    database_url: str, place: Place, tmp_path: Path, semantics: Semantics
):
    run = Run(database_url, tmp_path, semantics, count=COUNT)
    other = waiting_for_its_day(run)
    with run.sink(Plan(delay=0.05)) as orders:
        sender = run.start(orders)
        run.wait_for_more(8, seconds=30)
        backups.dump(run.url, tmp_path / "backup")
        run.wait_for_more(8, seconds=30)  # the old one goes on for a while, and is lost
        os.kill(sender.pid or 0, 9)
        sender.join()
        gone = run.accepted()

        backups.load(place.url, tmp_path / "backup")
        restored = copy(run)
        restored.url = place.url
        calmed = let_calm(place.url)
        restored.finish(replace(orders, url=place.url))
        assert run.accepted() == gone

        let_go(place.url, other)
        restored.finish(replace(orders, url=place.url, mailing_id=other))

    outcome = restored.outcome()
    assert calmed == Calmed(unsure=outcome.unknown, paused=1, held=0)
    assert (outcome.lost, outcome.extras, outcome.mailing) == ([], {}, MailingState.DONE)
    assert outcome.states == {SENT: COUNT - outcome.unknown, UNKNOWN: outcome.unknown}
    assert COUNT - outcome.unknown < len(gone)  # some left after the backup was made
    assert sorted(run.accepted()[len(gone) :]) == [f"later-{n}@example.org" for n in range(LATER)]


def waiting_for_its_day(run: Run) -> str:
    """Add an approved mailing to others whose day is tomorrow."""
    engine, now = make_engine(run.url), utc_now()
    with writing(engine) as session:
        made = actions.create_mailing(session, new_mailing(), now=now, actor="staff:1")
        to = [replace(one, address=f"later-{n}@example.org") for n, one in enumerate(letters(LATER))]
        actions.queue(session, made, to, address_key=ADDRESS_KEY, now=now)
        actions.approve(session, made, undo_seconds=86_400, now=now, actor="staff:1")
    engine.dispose()
    return made


def let_calm(url: str) -> Calmed:
    """Do what `farsow restore` does once the tables are there."""
    engine = make_engine(url)
    with writing(engine) as session:
        calmed = calm(session, now=utc_now(), actor="system")
    engine.dispose()
    return calmed


def let_go(url: str, mailing_id: str) -> None:
    """Let staff resume a mailing, and its day come."""
    engine = make_engine(url)
    with writing(engine) as session:
        assert actions.read_mailing(session, mailing_id).state is MailingState.PAUSED
        actions.resume(session, mailing_id, now=utc_now(), actor="staff:1")
        store.change_mailing(session, mailing_id, state=MailingState.RUNNING, send_at=utc_now())
    engine.dispose()
