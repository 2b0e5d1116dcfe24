"""What of a person lies sealed: read it, write it, and read the history, sealed values too. The caller commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.kernel.ids import new_id
from service.kernel.sealing import SealRing, open_fields, seal_fields
from service.people.store import history
from service.people.values import Change, Private, StoredChange

TABLE, CHANGES = "person", "person_change"


def read_private(session: Session, person_id: str, *, ring: SealRing) -> Private:
    """Return notes and phone of a person; nothing when there is no such person.

    Raises:
        CannotOpen: one of them does not open.
    """
    return Private(**open_fields(ring, TABLE, person_id, history.read_cells(session, person_id)))


def write_private(
    session: Session,
    person_id: str,
    wanted: Mapping[str, str | None],
    *,
    ring: SealRing | None,
    now: datetime,
    actor: str,
) -> list[str]:
    """Seal what is wanted and keep what it was; return the names of the fields that changed.

    Raises:
        ValueError: there is something to seal and no ring.
        CannotOpen: what it was does not open, so that it is not overwritten either.
    """
    if not wanted:
        return []
    if ring is None:
        raise ValueError("notes and phone are sealed: the ring is needed")
    held = {name: cell for name, cell in history.read_cells(session, person_id).items() if name in wanted}
    before = open_fields(ring, TABLE, person_id, held)
    news = {name: text for name, text in wanted.items() if text != before.get(name)}
    if news:
        history.write_cells(session, person_id, seal_fields(ring, TABLE, person_id, news))
        rows = [_row(ring, Change(person_id, now, actor, name, before.get(name), text)) for name, text in news.items()]
        history.add_sealed_changes(session, rows)
    return sorted(news)


def fill(
    session: Session, wanted: Mapping[str, Mapping[str, str]], *, ring: SealRing, now: datetime, actor: str
) -> None:
    """Seal texts of many people whose fields are empty so far. `wanted`: person's id -> field -> text."""
    cells = [
        (person_id, name, ring.seal(text, table=TABLE, row_id=person_id, column=name))
        for person_id, texts in wanted.items()
        for name, text in texts.items()
    ]
    history.write_many_cells(session, cells)
    changes = (
        Change(person_id, now, actor, name, None, text)
        for person_id, texts in wanted.items()
        for name, text in texts.items()
    )
    history.add_sealed_changes(session, [_row(ring, change) for change in changes])


def _row(ring: SealRing, change: Change) -> dict[str, Any]:
    change_id = new_id()
    values = {"before_sealed": change.before, "after_sealed": change.after}
    plain = {"person_id": change.person_id, "at": change.at, "actor": change.actor, "field": change.field}
    return {"id": change_id, **plain, **seal_fields(ring, CHANGES, change_id, values)}


def read_history(session: Session, person_id: str, *, ring: SealRing) -> list[Change]:
    """Return what changed of a person, newest first.

    Raises:
        CannotOpen: a sealed value does not open.
    """
    return [open_change(stored, ring=ring) for stored in history.read_changes(session, person_id)]


def open_change(stored: StoredChange, *, ring: SealRing) -> Change:
    """Return a change with its values opened.

    Raises:
        CannotOpen: a sealed value does not open.
    """
    before, after = stored.before, stored.after
    if stored.is_sealed:
        cells = {"before_sealed": stored.before_sealed, "after_sealed": stored.after_sealed}
        before, after = open_fields(ring, CHANGES, stored.id, cells).values()
    return Change(stored.person_id, stored.at, stored.actor, stored.field, before, after)
