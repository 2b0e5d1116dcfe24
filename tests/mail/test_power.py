"""The power goes: what SQLite's journal had not yet on the disk is gone, and no letter with it.

A claim does not wait for the disk. Here the journal is cut where the claim began, inside it, or a little before its
end, as a machine without power may leave it; the copy is opened and sends what it holds.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, make_url, text

from service.db.engine import make_engine, reading, writing
from service.mail import actions
from service.mail.claiming import claim
from service.mail.delivering import ANY_ROUTE
from service.mail.recording import DeliveryLedger
from service.mail.values import DeliveryState, Fate, Outcome, Result
from tests.mail.cast import ADDRESS_KEY, NOW, RecordingTransport, composer, letters, new_mailing

ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
COUNT = 12
COMPOSER = composer()


def approved(engine: Engine) -> str:
    with writing(engine) as session:
        mailing_id = actions.create_mailing(session, new_mailing(), now=NOW, actor="staff:1")
        actions.queue(session, mailing_id, letters(COUNT), address_key=ADDRESS_KEY, now=NOW)
        actions.approve(session, mailing_id, undo_seconds=0, now=NOW, actor="staff:1")
    return mailing_id


def journal_of(engine: Engine) -> Path:
    return Path(f"{engine.url.database}-wal")


def after_the_cut(engine: Engine, kept: int, folder: Path) -> Engine:
    """Return what is left of a database whose journal has come to the disk so far."""
    copy = folder / "after.db"
    shutil.copyfile(str(engine.url.database), copy)
    Path(f"{copy}-wal").write_bytes(journal_of(engine).read_bytes()[:kept])
    return make_engine(str(make_url("sqlite://").set(database=str(copy))))


def counts(engine: Engine, mailing_id: str) -> dict[DeliveryState, int]:
    with reading(engine) as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        return {state: count for state, count in actions.read_mailing(session, mailing_id).counts.items() if count}


def take_all(engine: Engine, at: datetime = NOW):
    return claim(engine, owner="one", now=at, size=COUNT, routes=ANY_ROUTE, on_recorded=lambda *_: None)


def deliver(engine: Engine) -> RecordingTransport:
    transport = RecordingTransport()
    actions.deliver_batch(
        engine, transport, COMPOSER, owner="two", now_fn=lambda: NOW, on_recorded=lambda *_: None, size=COUNT
    )
    return transport


@ON_SQLITE
@pytest.mark.parametrize("share", [0, 0.3, 0.7, 0.999])
def test_a_claim_lost_with_the_power_leaves_its_letters_waiting(engine: Engine, tmp_path: Path, share: float):
    mailing_id = approved(engine)
    before = journal_of(engine).stat().st_size
    assert len(take_all(engine).deliveries) == COUNT
    whole = journal_of(engine).stat().st_size
    assert whole > before

    left = after_the_cut(engine, before + int((whole - before) * share), tmp_path)

    assert counts(left, mailing_id) == {DeliveryState.QUEUED: COUNT}
    assert len({outgoing.delivery_id for outgoing in deliver(left).sent}) == COUNT
    assert counts(left, mailing_id) == {DeliveryState.SENT: COUNT}
    left.dispose()


@ON_SQLITE
def test_the_mark_before_the_dot_takes_the_claim_to_the_disk(engine: Engine, tmp_path: Path):
    mailing_id = approved(engine)
    claims = take_all(engine)
    ledger = DeliveryLedger(engine, claims, ANY_ROUTE, owner="one", now_fn=lambda: NOW, on_recorded=lambda *_: None)
    first, second, *_ = [one.id for one in claims.deliveries]
    assert ledger.commit([], [first, second]) == {first, second}
    durable = journal_of(engine).stat().st_size
    ledger.commit([Result(first, Outcome(Fate.ACCEPTED, 250, "2.0.0 ok"))])

    left = after_the_cut(engine, durable, tmp_path)
    with writing(left) as session:
        actions.recover(session, now=NOW, on_recorded=lambda *_: None, is_alone=True)

    # Ours are sent once or more: both that stood at the dot leave again, and are named as perhaps there twice.
    assert counts(left, mailing_id) == {DeliveryState.QUEUED: COUNT}
    with reading(left) as session:
        repeated, lines = actions.read_repeated(session, mailing_id, limit=COUNT)
    assert (repeated, sorted(line.id for line in lines)) == (2, sorted([first, second]))
    left.dispose()
