"""Taking an import back as a whole: whom it made goes, what it changed is put back, where nobody has touched it since.

It goes backwards, stretch by stretch as it went forward, each in a transaction of its own: a crash
loses nothing and takes nothing back twice. Someone who was invited, written to, changed or put on
another list since stays, with all that is known of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.directory.store import undoing as store
from service.directory.values import Undoing
from service.kernel.ids import new_id
from service.people import store as people
from service.people.columns import SETS
from service.people.rules import fields as people_fields
from service.people.rules import imports
from service.people.rules import organisations as people_organisations
from service.people.store import history, import_making
from service.people.store import imports as imports_store
from service.people.values import Change, ImportState, ImportView, StoredChange


def plan_undo(session: Session, import_id: str) -> Undoing:
    """Return what undoing an import would do now. Nothing is stored."""
    view = imports_store.read_import(session, import_id)
    through = range(1, view.applied_through + 1)
    going = len(store.read_untouched(session, view.id, through))
    known = {change.person_id for change in store.read_changes(session, view.id, through)}
    known |= {person_id for person_id, _field in store.read_filled(session, view.id, through)}
    return Undoing(going, store.count_made(session, view.id, through) - going, len(known))


def start_undo(session: Session, import_id: str, *, now: datetime, actor: str) -> ImportView:
    """Let an import be taken back by the duty; a second press changes nothing.

    Raises:
        ImportClosed: it was not carried out, or is being. TooLate: it is older than 30 days.
    """
    batch = imports_store.read_import(session, import_id, lock=True)
    if imports.may_undo(batch, now=now):
        imports_store.write_import(session, import_id, state=ImportState.UNDOING)
        log.record(session, actor=actor, action="import.undone", subject=f"import:{import_id}", now=now)
    return imports_store.read_import(session, import_id)


def undo_chunk(engine: Engine, import_id: str, *, now: datetime) -> bool:
    """Take the last stretch of rows back in a transaction of its own; tell whether there are more."""
    with reading(engine) as session:
        if imports_store.read_import(session, import_id).state is not ImportState.UNDOING:
            return False
    with writing(engine) as session:
        batch = imports_store.read_import(session, import_id, lock=True)
        chunk = import_making.last_chunk(session, import_id)
        if batch.state is not ImportState.UNDOING:
            return False
        if chunk is None:
            imports_store.write_import(session, import_id, state=ImportState.UNDONE)
            return False
        rows, at = chunk
        done = _take_back(session, batch, rows, at, now=now)
        import_making.drop_chunk(session, import_id, rows)
        told = _added(batch.reading.get("undo", {}), done)
        values = {"applied_through": rows.start - 1, "reading": {**batch.reading, "undo": told}}
        imports_store.write_import(session, import_id, **values)
        return True


def _take_back(session: Session, batch: ImportView, rows: range, at: datetime, *, now: datetime) -> dict[str, int]:
    """Take one stretch back; return how many people are removed, stay, and are put back."""
    made = store.count_made(session, batch.id, rows)
    going = store.read_untouched(session, batch.id, rows)
    store.remove_people(session, going)
    put_back = _put_back(session, batch, rows, now=now)
    if batch.list_id:
        store.leave_list(session, batch, rows, at, now=now)
    store.remove_organisations(session, made_at=at)
    return {"removed": len(going), "stay": made - len(going), "put_back": put_back}


def _added(before: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {name: before.get(name, 0) + count for name, count in more.items()}


def _put_back(session: Session, batch: ImportView, rows: range, *, now: datetime) -> int:
    """Put the fields that the import changed back to what they were, where they still say what it wrote."""
    changes = store.read_changes(session, batch.id, rows)
    held = store.lock_people(session, {change.person_id for change in changes})
    news: dict[str, dict[str, Any]] = {}
    written: list[Change] = []
    for change in changes:
        if (person := held.get(change.person_id)) is None:
            continue
        now_says = person[change.field]
        if (after := _undone(change, now_says)) != now_says:
            news.setdefault(change.person_id, {})[change.field] = after
            written.append(Change(change.person_id, now, f"undo:{batch.id}", change.field, now_says, after))
    emptied = _empty(session, store.read_filled(session, batch.id, rows), f"undo:{batch.id}", now=now)
    organisations = people.ensure_organisations(session, _organisations(news.values()), now=now)
    for person_id, fields in news.items():
        store.write_person(session, person_id, _columns(held[person_id], fields, organisations, now=now))
    history.add_changes(session, written)
    return len(news.keys() | emptied)


def _empty(session: Session, filled: Sequence[tuple[str, str]], actor: str, *, now: datetime) -> set[str]:
    """Empty the sealed fields that the import filled; it never writes over what was held."""
    history.write_many_cells(session, [(person_id, field, None) for person_id, field in filled])
    blank = {"before": None, "after": None, "before_sealed": None, "after_sealed": None, "at": now, "actor": actor}
    rows = [{"id": new_id(), "person_id": person_id, "field": field, **blank} for person_id, field in filled]
    history.add_sealed_changes(session, rows)
    return {person_id for person_id, _field in filled}


def _undone(change: StoredChange, now_says: Any) -> Any:
    """Return what a field is to say: of a set, what was added goes; else the old value, unless it changed since."""
    if change.field in SETS:
        added = set(change.after or ()) - set(change.before or ())
        return [item for item in now_says or () if item not in added]
    return change.before if now_says == change.after else now_says


def _organisations(news: Iterable[Mapping[str, Any]]) -> list[str]:
    return [fields["organisation"] for fields in news if fields.get("organisation")]


def _columns(
    held: Mapping[str, Any], fields: Mapping[str, Any], organisations: Mapping[str, str], *, now: datetime
) -> dict[str, Any]:
    """Return the columns to write for one person, with what is worked out from them."""
    columns = dict(fields)
    said = {**held, **fields}
    if "organisation" in columns:
        name = columns.pop("organisation")
        columns["organisation_id"] = organisations[people_organisations.organisation_key(name)] if name else None
    if "country" in columns:
        columns |= people_fields.place_columns(columns["country"])
    columns["folded"] = people_fields.search_text(said["name"], held["email"], said["organisation"], said["tags"] or ())
    return {**columns, "updated_at": now}
