"""What a fault of the database or the machine means to the one who asked.

Messages of drivers may carry values, and so names and addresses: they are never shown or
logged, only the kind of error and the places in the code it came through.
"""

from __future__ import annotations

import sqlite3
import traceback
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault that has a name: the status, code and sentence to answer with."""

    status: int
    code: str
    sentence: str


BUSY = Trouble(503, "busy", "The database is busy. Nothing was changed; try again in a moment.")
AWAY = Trouble(503, "database-away", "The database cannot be reached. Nothing was changed; try again soon.")
FULL = Trouble(507, "disk-full", "The disk is full. Nothing was changed. Tell whoever runs this installation.")
OLD = Trouble(503, "not-migrated", "The database is not up to date. Whoever runs this must call “farsow migrate”.")
ODD = Trouble(422, "invalid", "There is a character in this that cannot be stored.")

_SQLITE = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_IOERR: FULL,
    sqlite3.SQLITE_CANTOPEN: AWAY,
    sqlite3.SQLITE_READONLY: AWAY,
}
_SQLSTATE = {
    "53100": FULL,
    "53200": BUSY,
    "53300": BUSY,
    "55P03": BUSY,
    "40001": BUSY,
    "40P01": BUSY,
    "57014": BUSY,
    "42P01": OLD,
    "42703": OLD,
}
_SQLSTATE_CLASSES = {"08": AWAY, "57": AWAY, "58": AWAY}


def database_trouble(error: DBAPIError | PoolTimeout) -> Trouble | None:
    """Return what a fault of the database means, or None when it is a mistake of ours."""
    if isinstance(error, PoolTimeout):
        return BUSY
    if isinstance(error.orig, sqlite3.Error):
        return _sqlite_trouble(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        # psycopg gives no SQLSTATE when there is no server to give one, or for a NUL in a text.
        return ODD if isinstance(error, DataError) else AWAY
    return _SQLSTATE.get(state) or _SQLSTATE_CLASSES.get(state[:2]) or (ODD if state[:2] == "22" else None)


def _sqlite_trouble(error: sqlite3.Error) -> Trouble | None:
    primary = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if primary == sqlite3.SQLITE_ERROR and str(error).startswith(("no such table", "no such column")):
        return OLD
    return _SQLITE.get(primary)


def places(error: BaseException) -> list[str]:
    """Return where an error passed, innermost last: file, line and function, no values."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
