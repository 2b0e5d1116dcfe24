"""Rotating the keys of sealed cells, on both databases: whole, resumable, and harmless to what others write."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from service.cli import data
from service.db.engine import reading, writing
from service.kernel.ids import new_id
from service.kernel.sealing import FieldKey, SealRing, UnknownFieldKey, make_field_key, read_field_keys
from service.people import actions as people
from service.people.private import read_history, read_private, write_private
from service.people.store import history
from service.people.tables import Person, PersonChange
from service.people.values import Change, Private
from service.privacy import resealing
from service.privacy.store import sealed
from tests.factories import NOW, STAFF

OLD, NEW = FieldKey("old", bytes(range(32))), FieldKey("new", bytes(range(32, 64)))
BEFORE, BOTH, AFTER = SealRing(OLD), SealRing(NEW, OLD), SealRing(NEW)


def add_people(engine: Engine, count: int, ring: SealRing = BEFORE) -> list[str]:
    with writing(engine) as session:
        return [
            people.create_person(
                session,
                {"name": f"P {n}", "email": f"p{n}@example.org", "notes": f"note {n}", "phone": "+44"},
                now=NOW, actor=STAFF, ring=ring,
            ).id
            for n in range(count)
        ]  # fmt: skip


def test_every_cell_comes_under_the_current_key(engine: Engine) -> None:
    ids = add_people(engine, 3)
    assert resealing.count_elsewhere(engine, BOTH) == 12  # two on the person, two in the history

    done = resealing.reseal(engine, BOTH)

    assert done == resealing.Resealed(12, 0, ())
    assert resealing.count_elsewhere(engine, BOTH) == 0
    with reading(engine) as session:
        opened = [read_private(session, one, ring=AFTER) for one in ids]
        story = [(c.field, c.before, c.after) for c in read_history(session, ids[0], ring=AFTER)]
    assert opened == [Private(f"note {n}", "+44") for n in range(3)]
    assert sorted(story) == [("created", None, None), ("notes", None, "note 0"), ("phone", None, "+44")]
    assert resealing.reseal(engine, BOTH) == resealing.Resealed(0, 0, ())


def test_a_run_that_is_stopped_goes_on_where_it_was(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    add_people(engine, 3)
    monkeypatch.setattr(resealing, "BATCH", 2)
    write, calls = sealed.write_cells, []

    def stop(*given: object) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sealed, "write_cells", stop)
    with pytest.raises(KeyboardInterrupt):
        resealing.reseal(engine, BOTH)
    monkeypatch.setattr(sealed, "write_cells", write)

    assert resealing.count_elsewhere(engine, BOTH) == 10
    assert resealing.reseal(engine, BOTH).cells == 10


def test_what_others_write_meanwhile_stays(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    (person_id,) = add_people(engine, 1)
    lock = sealed.lock_cells

    def meddle(session, column, keys):  # type: ignore[no-untyped-def]
        if engine.dialect.name == "postgresql" and column.name == "notes" and column.table.name == "person":
            with writing(engine) as other:
                write_private(other, person_id, {"notes": "newer"}, ring=BOTH, now=NOW, actor=STAFF)
        return lock(session, column, keys)

    monkeypatch.setattr(sealed, "lock_cells", meddle)
    resealing.reseal(engine, BOTH)

    with reading(engine) as session:
        wanted = "newer" if engine.dialect.name == "postgresql" else "note 0"
        assert read_private(session, person_id, ring=AFTER).notes == wanted


def test_a_cell_that_does_not_open_is_left_and_said(engine: Engine) -> None:
    ids = add_people(engine, 2)
    with writing(engine) as session:
        cell = session.execute(select(Person.notes).where(Person.id == ids[0])).scalar_one()
        session.execute(update(Person).where(Person.id == ids[1]).values(notes=cell))  # moved by a thief

    done = resealing.reseal(engine, BOTH)

    assert (done.cells, done.unopened) == (7, 1)
    assert done.reasons == ("This text does not open: it was changed outside Farsow, or belongs to another record.",)
    with reading(engine) as session:
        assert session.execute(select(Person.notes).where(Person.id == ids[1])).scalar_one() == cell


def test_without_the_older_key_nothing_is_lost(engine: Engine) -> None:
    (person_id,) = add_people(engine, 1)

    done = resealing.reseal(engine, AFTER)

    assert (done.cells, done.unopened, len(done.reasons)) == (0, 4, 1)
    assert "the key “old”, which is not here" in done.reasons[0]
    with reading(engine) as session:
        with pytest.raises(UnknownFieldKey):
            read_private(session, person_id, ring=AFTER)
        assert read_private(session, person_id, ring=BEFORE) == Private("note 0", "+44")


def test_overwriting_what_does_not_open_is_refused(engine: Engine) -> None:
    (person_id,) = add_people(engine, 1)

    with pytest.raises(UnknownFieldKey), writing(engine) as session:
        write_private(session, person_id, {"notes": "other"}, ring=AFTER, now=NOW, actor=STAFF)

    with reading(engine) as session:
        assert read_private(session, person_id, ring=BEFORE).notes == "note 0"


def test_history_of_plain_fields_cannot_take_a_sealed_one(engine: Engine) -> None:
    (person_id,) = add_people(engine, 1)
    change = Change(person_id, NOW, STAFF, "notes", None, "in the open")

    with pytest.raises(ValueError), writing(engine) as session:
        history.add_changes(session, [change])
    with reading(engine) as session:
        columns = (PersonChange.field, PersonChange.before, PersonChange.after)
        rows = session.execute(select(*columns).where(PersonChange.person_id == person_id)).all()
    assert sorted(tuple(row) for row in rows) == [(f, None, None) for f in ("created", "notes", "phone")]


def test_the_command_rotates_and_doctor_counts(
    engine: Engine,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    old, new = make_field_key("old"), make_field_key("new")
    environment = {
        "DATABASE_URL": database_url, "DATA_DIR": str(tmp_path / new_id()), "PUBLIC_URL": "https://x.example.org",
        "SECRET_KEY": "0123456789abcdef" * 2, "FIELD_KEYS": f"{new},{old}",
    }  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(f"FARSOW_{name}", value)
    add_people(engine, 1, SealRing(*read_field_keys(old)))
    monkeypatch.setattr("service.db.migrations.is_current", lambda _engine: True)  # tables are made without revisions

    monkeypatch.setenv("FARSOW_FIELD_KEYS", new)
    missing = data.doctor(as_json=False), capsys.readouterr().out
    monkeypatch.setenv("FARSOW_FIELD_KEYS", f"{new},{old}")
    counted = data.doctor(as_json=False), capsys.readouterr().out
    rotated = data.rotate_keys(as_json=True), capsys.readouterr().out
    again = data.doctor(as_json=False), capsys.readouterr().out

    sentence = "4 sealed texts lie under another key than the current one."
    lost = "4 sealed texts cannot be read: their key is not here."
    assert (missing[0], lost in missing[1], sentence in missing[1]) == (1, True, False)
    assert (counted[0], sentence in counted[1], lost in counted[1]) == (1, True, False)
    assert rotated == (0, '{"key": "new", "resealed": 4, "unopened": 0, "reasons": []}\n')
    assert sentence not in again[1]
    assert "sealed texts" not in again[1]


def test_a_new_secret_key_loses_nothing_once_all_is_sealed_under_a_key_of_its_own(
    engine: Engine,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "DATA_DIR": str(tmp_path / new_id()),
        "PUBLIC_URL": "https://x.example.org",
    }
    for name, value in {**environment, "SECRET_KEY": "0123456789abcdef" * 2}.items():
        monkeypatch.setenv(f"FARSOW_{name}", value)
    monkeypatch.setattr("service.db.migrations.is_current", lambda _engine: True)  # tables are made without revisions
    (person_id,) = add_people(engine, 1, data.installation().ring)

    monkeypatch.setenv("FARSOW_FIELD_KEYS", make_field_key("2027"))
    rotated = data.rotate_keys(as_json=False), capsys.readouterr().out
    monkeypatch.setenv("FARSOW_SECRET_KEY", "fedcba9876543210" * 2)
    ring = data.installation().ring

    assert rotated == (0, "Sealed again under the key “2027”: 4.\n")
    with reading(engine) as session:
        assert read_private(session, person_id, ring=ring) == Private("note 0", "+44")
