"""The life of an import after its preview: carried out in chunks, stopped, gone on with, thrown away.

Everything is judged twice by the same rules: at the preview, and again in the transaction that
writes, so that an address that became known or suppressed in between is seen. A chunk and the
place it came to are one transaction: a crash loses nothing and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.kernel.ids import new_id
from service.kernel.sealing import SealRing
from service.people import import_seals
from service.people import store as people
from service.people.bulk import collector_paused
from service.people.columns import changed_person, changes
from service.people.judging import judge
from service.people.previewing import recount, suppressed_by_key
from service.people.rules import imports
from service.people.store import history, import_known, import_making, import_rows
from service.people.store import imports as store
from service.people.values import (
    Change,
    Consent,
    Draft,
    ImportId,
    ImportState,
    ImportView,
    Known,
    MailingList,
    Ruling,
    Suppressed,
    Verdict,
)

CHUNK = 2_000  # rows a transaction: under 100 ms


def read_import(session: Session, import_id: str) -> ImportView:
    """Return one import."""
    return store.read_import(session, import_id)


def read_import_rows(
    session: Session,
    import_id: str,
    verdict: Verdict | None = None,
    *,
    look: bool = False,
    after_row: int = 0,
    limit: int = 100,
) -> list[Ruling]:
    """Return rows of an import in order, of one verdict or all, or those that ask for a look."""
    store.read_import(session, import_id)
    verdicts = [verdict] if verdict else []
    return import_rows.read_rulings(session, import_id, verdicts, look=look, after_row=after_row, limit=limit)


def read_imports_in(session: Session, state: ImportState) -> list[ImportId]:
    """Return the imports in a state, such as being carried out, oldest first."""
    return sorted(view.id for view in store.read_imports(session, [state]))


# The life of an import


def start_apply(session: Session, import_id: str, *, now: datetime, actor: str) -> ImportView:
    """Let an import be carried out by the duty; a second press changes nothing.

    Raises:
        ImportClosed: it was discarded.
    """
    batch = store.read_import(session, import_id, lock=True)
    if imports.may_start(batch.state):
        store.drop_original(session, import_id)
        store.write_import(session, import_id, state=ImportState.APPLYING)
        log.record(session, actor=actor, action="import.started", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


def stop(session: Session, import_id: str, *, now: datetime, actor: str) -> ImportView:
    """Stop an import between two chunks; it may go on later, or be undone. A second press changes nothing.

    Raises:
        ImportClosed: it was not started.
    """
    batch = store.read_import(session, import_id, lock=True)
    if imports.may_stop(batch.state):
        store.write_import(session, import_id, state=ImportState.STOPPED)
        log.record(session, actor=actor, action="import.stopped", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


def discard(session: Session, import_id: str, *, now: datetime, actor: str) -> ImportView:
    """Throw a preview away with its rows; a second press changes nothing.

    Raises:
        ImportClosed: it was carried out, or is being.
    """
    batch = store.read_import(session, import_id, lock=True)
    if imports.may_discard(batch.state):
        store.drop_original(session, import_id)
        import_rows.drop_rulings(session, import_id)
        store.write_import(session, import_id, state=ImportState.DISCARDED)
        log.record(session, actor=actor, action="import.discarded", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


@collector_paused()
def apply_chunk(
    engine: Engine, import_id: str, *, address_key: bytes, now: datetime, ring: SealRing | None = None
) -> bool:
    """Carry out the next rows of a started import in a transaction of its own; tell whether there are more."""
    with reading(engine) as session:
        if store.read_import(session, import_id).state is not ImportState.APPLYING:
            return False
    with writing(engine) as session:
        batch = store.read_import(session, import_id, lock=True)
        if batch.state is not ImportState.APPLYING:
            return False
        rows = import_rows.next_rows(session, import_id, after=batch.applied_through, limit=CHUNK)
        if rows is None:
            _finish(session, batch, now=now)
            return False
        _carry_out(session, batch, rows, address_key=address_key, now=now)
        unopened = import_seals.carry_out(session, import_id, rows, ring=ring, now=now)
        how = {**batch.reading, "unopened": batch.reading.get("unopened", 0) + unopened}
        import_making.add_chunk(session, import_id, rows, now=now)
        store.write_import(session, import_id, applied_through=rows.stop - 1, reading=how)
        return True


def _finish(session: Session, batch: ImportView, *, now: datetime) -> None:
    recount(session, batch.id, batch.reading)
    store.write_import(session, batch.id, state=ImportState.APPLIED, applied_at=now)
    log.record(session, actor="system", action="import.applied", subject=f"import:{batch.id}", now=now)


def _carry_out(session: Session, batch: ImportView, rows: range, *, address_key: bytes, now: datetime) -> None:
    """Do what a stretch of rows says, after judging again those that things may have changed for."""
    target = people.read_list(session, batch.list_id) if batch.list_id else None
    known = import_known.lock_known(session, batch.id, rows, batch.list_id)
    suppressed = _suppressed_rows(session, batch.id, rows, target, address_key=address_key)
    changed = _judge_again(session, batch, rows, known, suppressed)
    people.ensure_organisations(session, import_making.read_missing_organisations(session, batch.id, rows), now=now)
    import_making.make_people(session, batch.id, rows, source=batch.consent_source, now=now)
    _change_people(session, batch.id, changed, known, now=now)
    if target:
        consent = Consent(batch.consent_basis, batch.consent_source) if batch.consent_basis else None
        import_making.join_list(session, batch.id, rows, target, consent, now=now)


def _suppressed_rows(
    session: Session, import_id: str, rows: range, target: MailingList | None, *, address_key: bytes
) -> dict[str, Suppressed]:
    if not import_known.is_anyone_suppressed(session):
        return {}
    return suppressed_by_key(session, import_rows.read_keys(session, import_id, rows), target, address_key=address_key)


def _judge_again(
    session: Session, batch: ImportView, rows: range, known: Mapping[str, Known], suppressed: Mapping[str, Suppressed]
) -> list[Ruling]:
    """Judge updates and rows of known or suppressed addresses as things are now; return the updates.

    A row whose verdict is another than at the preview is stored so; whoever it makes keeps the id.
    """
    updates, others = [], []
    for row in import_rows.read_open_rulings(session, batch.id, rows, known.keys() | suppressed.keys()):
        key = row.fields["email_key"]
        ruling = _again(batch, row, known.get(key), suppressed.get(key))
        if ruling != row:
            others.append(ruling)
        if ruling.verdict is Verdict.UPDATE:
            updates.append(ruling)
    import_rows.write_rulings(session, batch.id, others)
    return updates


def _again(batch: ImportView, row: Ruling, known: Known | None, suppressed: Suppressed | None) -> Ruling:
    return judge(
        Draft(row.row, row.fields, row.notes),
        known,
        suppressed,
        joins=batch.list_id is not None,
        basis=batch.consent_basis,
        make_id=lambda: row.person_id or new_id(),
    )


def _history(updates: Sequence[Ruling], import_id: str, *, now: datetime) -> list[Change]:
    """Return what rulings change, field by field, as the history of people keeps it."""
    return [
        Change(ruling.person_id or "", now, f"import:{import_id}", name, ruling.before[name], value)
        for ruling in updates
        for name, value in changes(ruling.fields, ruling.before).items()
    ]


def _change_people(
    session: Session, import_id: str, updates: Sequence[Ruling], known: Mapping[str, Known], *, now: datetime
) -> None:
    names = [ruling.fields["organisation"] for ruling in updates if "organisation" in ruling.before]
    organisations = people.ensure_organisations(session, names, now=now)
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for ruling in updates:
        if ruling.before:
            row = changed_person(ruling, known[ruling.fields["email_key"]], organisations, now=now)
            alike.setdefault(tuple(row), []).append(row)
    history.add_changes(session, _history(updates, import_id, now=now))
    for group in alike.values():
        import_making.write_people(session, group)
