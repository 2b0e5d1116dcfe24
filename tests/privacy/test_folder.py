"""After forgetting, the whole data folder and all that was printed hold nothing: read byte by byte."""

from __future__ import annotations

import base64
import os
import quopri
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from service.db.engine import make_engine
from tests.house.tree import ROOT
from tests.privacy.test_forget import MARKS, build

MORE_MARKS = ("achieng",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def farsow(folder: Path, *arguments: str, code: int = 0) -> str:
    """Run the command line on an installation in a folder; return all it printed."""
    settings = {
        "FARSOW_DATABASE_URL": f"sqlite:///{folder}/farsow.db",
        "FARSOW_DATA_DIR": str(folder),
        "FARSOW_SECRET_KEY": "0123456789abcdefghijklmnopqrstuv",
        "FARSOW_SUPPRESSION_KEY": "k0123456789abcdefghijklmnopqrstuv",
        "FARSOW_PUBLIC_URL": "https://seminars.example.org",
        "FARSOW_LOG_LEVEL": "debug",
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith("FARSOW_")}
    done = subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=ROOT, env=plain | settings, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def found_in(folder: Path, marks: tuple[str, ...]) -> dict[str, list[str]]:
    """Return which marks stand in which file, as they are or as mail writes them."""
    found = {}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes().lower()
        if there := [mark for mark in marks if any(one in content for one in spellings(mark))]:
            found[path.name] = there
    return found


def spellings(mark: str) -> set[bytes]:
    """Return a text as it is, in UTF-16, quoted-printable, and base64 at each of its three offsets."""
    plain = mark.encode()
    shifted = {base64.b64encode(b"x" * offset + plain)[4 if offset else 0 : -4].lower() for offset in range(3)}
    return {plain, mark.encode("utf-16-le"), quopri.encodestring(plain).lower(), *shifted}


def test_nothing_of_her_is_left_in_any_file_or_word(folder: Path) -> None:
    farsow(folder, "migrate")
    engine: Engine = make_engine(f"sqlite:///{folder}/farsow.db")
    world = build(engine)
    person_id = world.maria.id
    engine.dispose()
    assert set(found_in(folder, MARKS)) >= {"farsow.db"}
    everything = (*MARKS, *MORE_MARKS)
    assert len(found_in(folder, everything)["farsow.db"]) == len(everything)

    printed = farsow(folder, "forget", "Maria@example.org")
    printed += farsow(folder, "forget", "m.achieng@example.org", "--even-that", "--json")
    # Her address ends as Maria's does, in every spelling of it.
    printed += farsow(folder, "forget", "anna-maria@example.org")
    printed += farsow(folder, "doctor", "--json", code=1)
    printed += farsow(folder, "certificates", "--check") + farsow(folder, "erase-again")

    assert found_in(folder, everything) == {}
    assert [mark for mark in (*everything, person_id) if mark in printed.lower()] == []
    assert {path.name for path in folder.iterdir()} <= {
        "farsow.db",
        "farsow.db-wal",
        "farsow.db-shm",
        "tombstones.jsonl",
    }
    assert "Whole: 3 certificates" in printed
    assert "Nobody was erased after this database was backed up." in printed
