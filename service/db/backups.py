"""A whole database to a file and back, while others work: SQLite by itself, PostgreSQL by its own tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, inspect, make_url

from service.db.engine import make_engine
from service.kernel.errors import Conflict

_MINUTES = 60 * 60.0  # seconds that a dump may take


class NoTool(Conflict):
    """A program of PostgreSQL is not installed here."""

    code = "no-tool"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not installed here: install PostgreSQL's client programs and try again.")


class DumpFailed(Conflict):
    """PostgreSQL's program refused."""

    code = "dump-failed"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} could not do it; what it said stands above. Nothing was changed.")


class BrokenCopy(Conflict):
    """The copy of the database is damaged."""

    code = "broken-copy"

    def __init__(self) -> None:
        super().__init__("The database in this backup is damaged. Take another one.")


def is_empty(url: str) -> bool:
    """Tell whether there is nothing at a database's place yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        return not path.exists() or not path.stat().st_size
    engine = make_engine(url)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def dump(url: str, target: Path) -> None:
    """Write the database, as it is at one instant, to a new file. Writers go on meanwhile.

    Raises:
        NoTool, DumpFailed: see there.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        source = sqlite3.connect(f"file:{parsed.database}?mode=ro", uri=True)
        with closing(source), closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
        return
    _run("pg_dump", parsed, "--format=custom", "--no-owner", f"--file={target}")


def load(url: str, source: Path) -> None:
    """Make the database of a file that `dump` wrote, at a place where there is none.

    Raises:
        BrokenCopy, NoTool, DumpFailed: see there.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        _run("pg_restore", parsed, "--no-owner", "--single-transaction", "--exit-on-error", str(source))
        return
    target = Path(parsed.database or "")
    _check(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    shutil.copyfile(source, part)
    part.replace(target)


def _check(copy: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError:
        raise BrokenCopy from None
    if found != ("ok",):
        raise BrokenCopy


def _run(name: str, url: URL, *arguments: str) -> None:
    """Run a program of PostgreSQL on a database; the password never stands in the command."""
    program = shutil.which(name)
    if program is None:
        raise NoTool(name)
    plain = url.set(drivername="postgresql", password=None).render_as_string()
    secret = {"PGPASSWORD": url.password} if isinstance(url.password, str) else {}
    command = [program, *arguments, f"--dbname={plain}"]
    done = subprocess.run(command, env=os.environ | secret, timeout=_MINUTES, check=False)  # noqa: S603  (no shell)
    if done.returncode:
        raise DumpFailed(name)
