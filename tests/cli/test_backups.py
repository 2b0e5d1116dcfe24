"""A backup while letters leave, and a restored copy that sends nothing by itself and remembers who was erased."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from service.db.backups import NoTool, dump, is_empty
from service.db.backups import load as load_database
from service.db.engine import make_engine, reading, writing
from service.db.types import columns
from service.kernel.clock import utc_now
from service.letters import actions as letters
from service.mail.tables import Delivery
from service.people import store as people_store
from service.settings import load
from service.wiring import open_installation
from tests.databases import drop_postgres, make_empty_postgres, path_with_pg_dump, postgres_url
from tests.factories import add_event, add_list, add_people, add_project
from tests.house.tree import ROOT

SETTINGS = {
    "FARSOW_SECRET_KEY": "0123456789abcdefghijklmnopqrstuv",
    "FARSOW_PUBLIC_URL": "https://seminars.example.org",
    "FARSOW_UNDO_SECONDS": "0",
}


def environment(folder: Path, **more: str) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("FARSOW_")}
    place = {"FARSOW_DATABASE_URL": f"sqlite:///{folder}/farsow.db", "FARSOW_DATA_DIR": str(folder)}
    return {**plain, **SETTINGS, **place, **more}


def farsow(folder: Path, *arguments: str, code: int = 0, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=ROOT, env=environment(folder, **more), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def engine_of(folder: Path) -> Engine:
    return make_engine(f"sqlite:///{folder}/farsow.db")


def invite_five(folder: Path) -> str:
    """Let an invitation to five people wait to leave; return the address of one."""
    here = open_installation(load(environment(folder)))
    now = utc_now()
    with writing(here.engine) as session:
        event = add_event(session, project_id=add_project(session), now=now, starts_at="2031-02-18T15:00")
        guests = add_list(session, add_people(session, 5))
        done = letters.invite_list(session, event.id, guests, desk=here.desk, now=now, actor="system")
        assert done.mailing_id
        letters.approve(session, done.mailing_id, desk=here.desk, now=now, actor="system")
        address = people_store.read_people(session).items[0].email
    here.engine.dispose()
    return address


def states(folder: Path) -> dict[str, int]:
    engine, d = engine_of(folder), columns(Delivery)
    with reading(engine) as session:
        found = dict(session.execute(select(d.state, func.count()).group_by(d.state)).tuples().all())
    engine.dispose()
    return found


def test_a_restored_copy_sends_nothing_by_itself_and_remembers_who_was_erased(folder: Path, tmp_path: Path) -> None:
    farsow(folder, "migrate")
    address = invite_five(folder)
    engine = engine_of(folder)
    with writing(engine) as session:  # someone is writing meanwhile
        session.execute(select(func.count()).select_from(Delivery))
        made = json.loads(farsow(folder, "backup", str(tmp_path / "all.farsow"), "--json"))
    engine.dispose()
    farsow(folder, "forget", address)
    assert states(folder) == {"queued": 4, "cancelled": 1}

    key, erasures = (folder / "suppression.key").read_bytes(), (folder / "tombstones.jsonl").read_bytes()
    for name in ("farsow.db", "farsow.db-wal", "farsow.db-shm", "suppression.key"):
        (folder / name).unlink(missing_ok=True)
    told = json.loads(farsow(folder, "restore", str(tmp_path / "all.farsow"), "--json"))

    assert told == {"made_at": made["made_at"], "erased_again": 1, "unsure": 4, "paused": 0, "held": 0}
    assert (folder / "suppression.key").read_bytes() == key
    assert (folder / "tombstones.jsonl").read_bytes().startswith(erasures)
    assert address.encode() not in (folder / "farsow.db").read_bytes()
    assert states(folder) == {"unknown": 4, "cancelled": 1}
    assert stat.S_IMODE((tmp_path / "all.farsow").stat().st_mode) == 0o600
    assert "Everything is in order." not in farsow(folder, "doctor", code=1)


def test_what_does_not_fit_is_refused_and_nothing_is_changed(folder: Path, tmp_path: Path) -> None:
    farsow(folder, "migrate")
    file = tmp_path / "all.farsow"
    farsow(folder, "backup", str(file))
    other = tmp_path / "other"
    damaged = tmp_path / "damaged.farsow"
    damaged.write_bytes(file.read_bytes().replace(b"CREATE TABLE", b"CREATE TABEL", 1))
    (tmp_path / "text").write_text("Dear all")

    assert "There is a file all.farsow already" in farsow(folder, "backup", str(file), code=1)
    assert "There is a database at this place" in farsow(folder, "restore", str(file), code=1)
    assert "There is no file gone" in farsow(other, "restore", str(tmp_path / "gone"), code=1)
    for broken in (damaged, tmp_path / "text"):
        assert "no backup of Farsow, or it is damaged" in farsow(other, "restore", str(broken), code=1)
    foreign = {"FARSOW_SUPPRESSION_KEY": "k0123456789abcdefghijklmnopqrstuv"}
    assert "Another suppression key" in farsow(other, "restore", str(file), code=1, **foreign)
    elsewhere = {"FARSOW_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    assert not (other / "farsow.db").exists()
    assert farsow(other, "restore", str(file), code=1, **elsewhere) != ""
    assert "Restored as it was on" in farsow(other, "restore", str(file))


def test_postgresql_is_dumped_and_loaded_by_its_own_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", path_with_pg_dump())
    url, name = postgres_url()
    engine = make_engine(url)
    with writing(engine) as session:
        add_people(session, 3)
    engine.dispose()

    dump(url, tmp_path / "dump")
    drop_postgres(name)
    make_empty_postgres(name)
    assert is_empty(url)
    load_database(url, tmp_path / "dump")

    engine = make_engine(url)
    with reading(engine) as session:
        assert len(people_store.read_people(session).items) == 3
    engine.dispose()
    drop_postgres(name)


def test_without_the_program_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(NoTool, match="pg_dump is not installed here"):
        dump("postgresql://nobody@127.0.0.1:1/none", tmp_path / "dump")
