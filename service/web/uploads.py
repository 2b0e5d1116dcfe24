"""A file of people as it was sent: a small one is read at once, a large one is left for the worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import UploadFile
from sqlmodel import Session

from service.people import previewing
from service.people.files import AT_ONCE, check_size, open_table
from service.people.previewing import PART
from service.people.reading import Table
from service.people.values import ImportView
from service.web.house import House


class Given:
    """The bytes that were sent, on disk or in memory, and how they are called."""

    def __init__(self, name: str, file: UploadFile | None = None, data: bytes = b"") -> None:
        self.name = name
        self.size = (file.size or 0) if file else len(data)
        self._file, self._data = file, data

    @property
    def is_large(self) -> bool:
        """Whether the worker is to read it."""
        return self.size > AT_ONCE

    def data(self) -> bytes:
        """Return all of it."""
        return b"".join(self.pieces()) if self._file else self._data

    def start(self) -> bytes:
        """Return its first bytes, which tell what it is."""
        return next(self.pieces(), b"")[:4] if self._file else self._data[:4]

    def pieces(self) -> Iterator[bytes]:
        """Give it a piece at a time."""
        if not self._file:
            yield from (self._data[at : at + PART] for at in range(0, self.size, PART))
            return
        file = self._file.file
        file.seek(0)
        yield from iter(lambda: file.read(PART), b"")


def look_into(given: Given, house: House) -> Table | None:
    """Return the table in a file; None of a large one, which is only looked at from outside.

    Call it before the first statement: a hostile file may take its time, and nobody waits for it.

    Raises:
        FileTooLarge, NotATable and their kinds: it cannot be read.
    """
    check_size(given.start(), given.size, house.sizes)
    return None if given.is_large else open_table(given.data(), house.sizes)


def take_in(
    session: Session,
    given: Given,
    table: Table | None,
    asked: dict[str, Any],
    house: House,
    *,
    now: datetime,
    actor: str,
) -> ImportView:
    """Store what each row of a file would do, or leave it for the worker. `asked`: list_id, consent_basis and _source.

    Raises:
        Invalid and its kinds: there is no such list or basis, or no column of addresses where nobody may be asked.
    """
    asked = {**asked, "filename": given.name, "now": now, "actor": actor, "ring": house.ring}
    if table is None:
        asked.pop("may_ask", None)
        return previewing.leave_for_worker(session, given.pieces(), **asked)
    return previewing.preview_import(session, given.data(), table=table, address_key=house.address_key, **asked)
