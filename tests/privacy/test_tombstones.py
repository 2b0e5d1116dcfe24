"""Erasures outlive a restored backup, and "forget even that" leaves nothing."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlmodel import Session

from service.db.engine import make_engine, reading, writing
from service.kernel.tokens import address_hash
from service.mail.tables import Suppression
from service.people import actions as people
from service.people.tables import Person
from service.privacy import actions, certifying
from service.privacy.store import certificates
from service.privacy.tombstones import FILE, BadTombstones, Tombstone, Tombstones, missing
from tests.factories import DESK, NOW, STAFF
from tests.privacy.test_forget import KEY, LATER, MARKS, World, own, places_of, world

FIXTURES = (world,)
MUCH_LATER = LATER + timedelta(days=3)


@pytest.fixture
def tombstones(tmp_path: Path) -> Tombstones:
    return Tombstones(tmp_path / FILE)


def forget(engine: Engine, email: str, tombstones: Tombstones, **wishes: bool) -> str:
    with writing(engine) as session:
        done = actions.forget(
            session, email, address_key=KEY, now=LATER, actor=STAFF, tombstones=tombstones, desk=DESK, **wishes
        )
    return done.id


def erase_again(engine: Engine, tombstones: Tombstones) -> int:
    return actions.erase_again(engine, tombstones, address_key=KEY, now=MUCH_LATER)


def stopped(session: Session) -> set[str]:
    return set(session.execute(select(Suppression.address_hash).where(Suppression.reason == "erased")).scalars())


def test_a_line_holds_hashes_and_nothing_else(world: World, tombstones: Tombstones) -> None:
    certificate = forget(world.engine, world.maria.email, tombstones)

    hashes = sorted(address_hash(KEY, key) for key in ("maria@example.org", "m.achieng@example.org"))
    assert tombstones.read() == [Tombstone(certificate, LATER, True, tuple(hashes))]
    assert json.loads(tombstones.path.read_text()) == {
        "certificate": certificate, "at": LATER.isoformat(), "scope": "all", "hashes": hashes,
    }  # fmt: skip
    assert stat.S_IMODE(tombstones.path.stat().st_mode) == 0o600


def test_a_restored_file_is_erased_again(tmp_path: Path, world: World, tombstones: Tombstones) -> None:
    url = world.engine.url.render_as_string(hide_password=False)
    if not url.startswith("sqlite"):
        return
    path, backup = Path(url.removeprefix("sqlite:///")), tmp_path / "backup"
    assert actions.empty_journal(world.engine)
    shutil.copy(path, backup)
    certificate = forget(world.engine, world.maria.email, tombstones)
    world.engine.dispose()

    shutil.copy(backup, path)
    for part in ("-wal", "-shm"):
        path.with_name(path.name + part).unlink(missing_ok=True)
    restored = make_engine(url)
    assert "person" in places_of(restored)
    done = erase_again(restored, tombstones)
    again = erase_again(restored, tombstones)
    emptied = actions.empty_journal(restored)

    assert (done, again, emptied) == (1, 0, True)
    assert places_of(restored) == set()
    left = b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*")).decode("utf-8", "replace").lower()
    assert [mark for mark in MARKS if mark in own(left)] == []
    with reading(restored) as session:
        (proof,) = certificates.read_chain(session)
        assert stopped(session) == set(tombstones.read()[0].hashes)
    assert (proof.id, proof.rule, proof.counts["people"]) == (certificate, "forget again", 1)
    assert certifying.first_broken([proof]) is None
    restored.dispose()


def test_an_erasure_that_the_database_lacks_is_done_on_both_databases(world: World, tombstones: Tombstones) -> None:
    hashes = (address_hash(KEY, "m.achieng@example.org"),)  # her second address only
    tombstones.add(Tombstone("0" * 26, LATER, True, hashes))
    tombstones.add(Tombstone("1" * 26, LATER, True, (address_hash(KEY, "stranger@example.org"),)))

    assert erase_again(world.engine, tombstones) == 2

    assert places_of(world.engine) == set()
    with reading(world.engine) as session:
        proofs = {one.id: one.counts for one in certificates.read_chain(session)}
        assert stopped(session) == {*hashes, address_hash(KEY, "stranger@example.org")}
        assert session.execute(select(func.count()).select_from(Person)).scalar_one() == 1
    assert (proofs["0" * 26]["people"], proofs["1" * 26]) == (1, {})
    assert erase_again(world.engine, tombstones) == 0


def test_someone_who_came_back_after_being_erased_stays(world: World, tombstones: Tombstones) -> None:
    forget(world.engine, world.maria.email, tombstones)
    with writing(world.engine) as session:
        people.create_person(session, {"name": "Maria Achieng", "email": "maria@example.org"}, now=LATER, actor=STAFF)

    assert erase_again(world.engine, tombstones) == 0
    assert "person" in places_of(world.engine)


def test_even_that_can_be_forgotten(world: World, tombstones: Tombstones) -> None:
    forget(world.engine, world.maria.email, tombstones)
    forget(world.engine, "m.achieng@example.org", tombstones, remember=False)
    forget(world.engine, world.maria.email, tombstones, remember=False)

    with reading(world.engine) as session:
        assert session.execute(select(func.count()).select_from(Suppression)).scalar_one() == 0
    assert [one.remember for one in tombstones.read()] == [True, False, False]


def test_even_that_stays_forgotten_in_a_restored_database(world: World, tombstones: Tombstones) -> None:
    tombstones.add(Tombstone("0" * 26, LATER, False, (address_hash(KEY, "maria@example.org"),)))

    assert erase_again(world.engine, tombstones) == 1

    assert places_of(world.engine) == set()
    with reading(world.engine) as session:
        assert stopped(session) == set()


def test_a_line_cut_short_is_no_erasure_and_does_not_spoil_the_next(tombstones: Tombstones) -> None:
    first, second = Tombstone("0" * 26, NOW, True, ("a",)), Tombstone("1" * 26, NOW, False, ())
    tombstones.add(first)
    with tombstones.path.open("ab") as file:
        file.write(b'\n{"certificate": "2222", "at')

    tombstones.add(second)

    assert tombstones.read() == [first, second]
    assert missing(tombstones.read(), ["0" * 26]) == [second]


def test_a_line_that_was_spoilt_stops_the_start(tombstones: Tombstones) -> None:
    tombstones.add(Tombstone("0" * 26, NOW, True, ("a",)))
    with tombstones.path.open("ab") as file:
        file.write(b'{"certificate": 7}\n')

    with pytest.raises(BadTombstones, match=r"Line 3 of tombstones\.jsonl cannot be read"):
        tombstones.read()


def test_no_file_is_no_erasure(engine: Engine, tombstones: Tombstones) -> None:
    assert (tombstones.read(), erase_again(engine, tombstones)) == ([], 0)
