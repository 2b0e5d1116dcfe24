"""Importing a file of people: a preview that is stored, then carried out in chunks.

Everything is judged twice by the same rules: at the preview, and again in the transaction that
writes, so that an address that became known or suppressed in between is seen. A chunk and the
place it came to are one transaction: a crash loses nothing and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.kernel.errors import Conflict
from service.kernel.ids import new_id
from service.kernel.sealing import SealRing
from service.kernel.text import clean_line
from service.kernel.tokens import address_hash
from service.people import import_seals, rules
from service.people import store as people
from service.people.bulk import collector_paused
from service.people.cells import tidy
from service.people.columns import changed_person, changes
from service.people.files import open_table
from service.people.headings import Layout, NoAddressColumn, chosen_layout, find_layout
from service.people.importing import Finder, audience_finder, read_addresses, read_drafts
from service.people.judging import judge, judge_all, with_own_names, without_addresses
from service.people.places import read_country
from service.people.reading import Table
from service.people.store import history, shapes
from service.people.store import imports as store
from service.people.suspicions import count_domains, note_suspicions
from service.people.values import (
    Change,
    Consent,
    Draft,
    ImportId,
    ImportState,
    ImportView,
    Known,
    MailingList,
    Reason,
    Ruling,
    Suppressed,
    Verdict,
)

CHUNK = 2_000  # rows a transaction: under 100 ms


class OriginalGone(Conflict):
    """The file is not kept any more."""

    code = "original-gone"

    def __init__(self) -> None:
        super().__init__("The file is not kept any more. Choose it again.")


@collector_paused()
def preview_import(
    session: Session,
    data: bytes,
    *,
    filename: str,
    list_id: str | None,
    consent_basis: str | None,
    consent_source: str | None,
    address_key: bytes,
    now: datetime,
    actor: str,
    may_ask: bool = False,
    ring: SealRing | None = None,
    table: Table | None = None,
) -> ImportView:
    """Read a file, store what each of its rows would do, and return it. Nobody is made or changed yet.

    With `may_ask` a file without a column of addresses is kept without rows: staff say which column it is.
    Notes, telephone numbers and the file itself are kept sealed by the `ring`; without it they are left out.
    `table`: the file as it was read already, by someone who writes something else first.

    Raises:
        NotATable, FileTooLarge, NoAddressColumn: the file cannot be read.
        Invalid: no such basis. UnknownList: no such list.
    """
    table = table or open_table(data)  # before the first statement: nothing is locked while we read
    consent = rules.read_consent(consent_basis, consent_source)
    target = people.read_list(session, list_id) if list_id else None
    audiences = people.read_audiences(session)
    find_audience = audience_finder(audiences)
    layout, is_remembered = _layout(session, table, find_audience, may_ask=may_ask)
    values: dict[str, Any] = {
        "filename": clean_line(filename)[:300] or "file.csv",
        "state": ImportState.PREVIEW,
        "list_id": list_id,
        "consent_basis": consent.basis if consent else None,
        "consent_source": consent.source if consent else None,
        "reading": {},
        "counts": {},
        "applied_through": 0,
        "created_by": actor,
        "created_at": now,
    }
    import_id = store.add_import(session, values)
    if ring and not _names_erased(session, table, address_key=address_key):
        store.keep_original(session, import_id, data, ring=ring)
    how = {**_reading(table, layout), "remembered": is_remembered}
    parts = (import_id, table, layout, how, target, consent, find_audience)
    _judge_rows(session, *parts, address_key=address_key, ring=ring)
    log.record(session, actor=actor, action="import.read", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


@collector_paused()
def read_again(
    session: Session,
    import_id: str,
    fields: Mapping[int, str | None],
    *,
    ring: SealRing,
    address_key: bytes,
    now: datetime,
    actor: str,
) -> ImportView:
    """Read the file of a preview again with the columns that staff chose, and remember them for files of its shape.

    `fields`: what a column holds, by its index; those not named stay as they were guessed. What was chosen for single
    rows is forgotten.

    Raises:
        ImportClosed, OriginalGone: there is nothing to read again. Invalid: no such field.
        NoAddressColumn: none of them holds addresses. CannotOpen: the key of the file is not here.
    """
    batch = store.read_import(session, import_id, lock=True)
    if batch.state is not ImportState.PREVIEW:
        raise rules.ImportClosed(batch.state)
    data = store.read_original(session, import_id, ring=ring)
    if data is None:
        raise OriginalGone
    table = open_table(data)
    find_audience = audience_finder(people.read_audiences(session))
    layout = chosen_layout(_guess(table, find_audience), fields)
    chosen = {column.index: column.field for column in layout.columns}
    shapes.write_chosen(session, shapes.fingerprint(layout), chosen, now=now)
    store.drop_rulings(session, import_id)
    target = people.read_list(session, batch.list_id) if batch.list_id else None
    consent = Consent(batch.consent_basis, batch.consent_source) if batch.consent_basis else None
    how = {**_reading(table, layout), "remembered": False}
    parts = (import_id, table, layout, how, target, consent, find_audience)
    _judge_rows(session, *parts, address_key=address_key, ring=ring)
    log.record(session, actor=actor, action="import.read-again", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


def _layout(session: Session, table: Table, find_audience: Finder, *, may_ask: bool) -> tuple[Layout, bool]:
    """Return what each column holds, and whether that is because staff chose so for a file of this shape."""
    try:
        guessed = find_layout(table.records, is_audience=lambda text: find_audience(text) is not None)
    except NoAddressColumn as refused:
        chosen = shapes.read_chosen(session, shapes.fingerprint(refused.layout))
        if chosen is None and not may_ask:
            raise
        return (refused.layout, False) if chosen is None else (chosen_layout(refused.layout, chosen), True)
    chosen = shapes.read_chosen(session, shapes.fingerprint(guessed))
    return (guessed, False) if chosen is None else (chosen_layout(guessed, chosen), True)


def _guess(table: Table, find_audience: Finder) -> Layout:
    try:
        return find_layout(table.records, is_audience=lambda text: find_audience(text) is not None)
    except NoAddressColumn as refused:
        return refused.layout


def _judge_rows(
    session: Session,
    import_id: str,
    table: Table,
    layout: Layout,
    how: Mapping[str, Any],
    target: MailingList | None,
    consent: Consent | None,
    find_audience: Finder,
    *,
    address_key: bytes,
    ring: SealRing | None,
) -> None:
    """Store the verdict of each row, and how the file was read; without a column of addresses there are no rows."""
    has_addresses = any(column.field == "email" for column in layout.columns)
    wanted = layout if ring else import_seals.without_sealed(layout)
    drafts = read_drafts(table.records, wanted, find_audience) if has_addresses else []
    rulings = _judge(session, drafts, target, consent, address_key=address_key)
    store.add_rulings(session, import_id, *import_seals.hide(rulings, import_id, ring=ring))
    note_suspicions(session, import_id, count_domains(drafts))
    _recount(session, import_id, how)


def _names_erased(session: Session, table: Table, *, address_key: bytes) -> bool:
    """Tell whether any cell names someone who asked to be forgotten: such a file is not kept."""
    if not store.is_anyone_suppressed(session):
        return False
    cells = (cell for record in table.records for cell in record if "@" in cell)
    keys = {address.key for cell in cells for address in read_addresses(tidy(cell))[0]}
    found = _suppressed(session, keys, None, address_key=address_key)
    return any(why.reason is Reason.ERASED for why in found.values())


def _judge(
    session: Session,
    drafts: Sequence[Draft],
    target: MailingList | None,
    consent: Consent | None,
    *,
    address_key: bytes,
) -> list[Ruling]:
    drafts = with_own_names(drafts, people.read_own_names(session))
    keys = {draft.fields["email_key"] for draft in drafts if "email_key" in draft.fields}
    others = {a: rules.normalise_address(a).key for draft in drafts for a in draft.fields.get("other_emails", ())}
    suppressed = _suppressed(session, keys | set(others.values()), target, address_key=address_key)
    if erased := {key for key, why in suppressed.items() if why.reason is Reason.ERASED}:
        drafts = [without_addresses(draft, others, erased) for draft in drafts]
    known = store.read_known(session, keys, target.id if target else None)
    basis = consent.basis if consent else None
    return judge_all(drafts, known, suppressed, joins=target is not None, basis=basis, make_id=new_id)


def _suppressed(
    session: Session, keys: Iterable[str], target: MailingList | None, *, address_key: bytes
) -> dict[str, Suppressed]:
    """Return who is not to be written to, by address key."""
    if not store.is_anyone_suppressed(session):
        return {}
    by_hash = {address_hash(address_key, key): key for key in keys}
    scopes = ["all", *([f"list:{target.id}", f"purpose:{target.purpose}"] if target else [])]
    found = store.read_suppressed(session, by_hash, scopes)
    return {by_hash[hashed]: why for hashed, why in found.items()}


def _reading(table: Table, layout: Layout) -> dict[str, Any]:
    """Return how the file was read, for staff to check."""
    columns = [
        {"letter": c.letter, "heading": c.heading, "field": c.field if c.is_held else None} for c in layout.columns
    ]
    return {
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "other_sheets": list(table.other_sheets),
        "has_heading": layout.heading_at is not None,
        "heading_row": layout.first_row,
        "columns": columns,
        "left_out": [{"letter": c.letter, "heading": c.heading} for c in layout.columns if not c.is_held],
        "countries": _countries(table, layout),
    }


def _countries(table: Table, layout: Layout) -> dict[str, list[str]]:
    """Return the spellings met of each country that is spelled in more ways than one."""
    index = next((c.index for c in layout.columns if c.field == "country"), None)
    if index is None:
        return {}
    spellings: dict[str, set[str]] = {}
    for raw in {record[index] for record in table.records[layout.first_row :] if index < len(record)}:
        if code := read_country(raw):
            spellings.setdefault(code, set()).add(clean_line(raw))
    return {code: sorted(raws) for code, raws in sorted(spellings.items()) if len(raws) > 1}


def _recount(session: Session, import_id: str, reading: Mapping[str, Any]) -> None:
    counts, looks = store.count_rulings(session, import_id)
    store.write_import(session, import_id, counts=counts, reading={**reading, "look": looks})


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
    return store.read_rulings(session, import_id, verdicts, look=look, after_row=after_row, limit=limit)


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
    if rules.may_start(batch.state):
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
    if rules.may_stop(batch.state):
        store.write_import(session, import_id, state=ImportState.STOPPED)
        log.record(session, actor=actor, action="import.stopped", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


def discard(session: Session, import_id: str, *, now: datetime, actor: str) -> ImportView:
    """Throw a preview away with its rows; a second press changes nothing.

    Raises:
        ImportClosed: it was carried out, or is being.
    """
    batch = store.read_import(session, import_id, lock=True)
    if rules.may_discard(batch.state):
        store.drop_original(session, import_id)
        store.drop_rulings(session, import_id)
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
        rows = store.next_rows(session, import_id, after=batch.applied_through, limit=CHUNK)
        if rows is None:
            _finish(session, batch, now=now)
            return False
        _carry_out(session, batch, rows, address_key=address_key, now=now)
        unopened = import_seals.carry_out(session, import_id, rows, ring=ring, now=now)
        how = {**batch.reading, "unopened": batch.reading.get("unopened", 0) + unopened}
        store.add_chunk(session, import_id, rows, now=now)
        store.write_import(session, import_id, applied_through=rows.stop - 1, reading=how)
        return True


def _finish(session: Session, batch: ImportView, *, now: datetime) -> None:
    _recount(session, batch.id, batch.reading)
    store.write_import(session, batch.id, state=ImportState.APPLIED, applied_at=now)
    log.record(session, actor="system", action="import.applied", subject=f"import:{batch.id}", now=now)


def _carry_out(session: Session, batch: ImportView, rows: range, *, address_key: bytes, now: datetime) -> None:
    """Do what a stretch of rows says, after judging again those that things may have changed for."""
    target = people.read_list(session, batch.list_id) if batch.list_id else None
    known = store.lock_known(session, batch.id, rows, batch.list_id)
    suppressed = _suppressed_rows(session, batch.id, rows, target, address_key=address_key)
    changed = _judge_again(session, batch, rows, known, suppressed)
    people.ensure_organisations(session, store.read_missing_organisations(session, batch.id, rows), now=now)
    store.make_people(session, batch.id, rows, source=batch.consent_source, now=now)
    _change_people(session, batch.id, changed, known, now=now)
    if target:
        consent = Consent(batch.consent_basis, batch.consent_source) if batch.consent_basis else None
        store.join_list(session, batch.id, rows, target, consent, now=now)


def _suppressed_rows(
    session: Session, import_id: str, rows: range, target: MailingList | None, *, address_key: bytes
) -> dict[str, Suppressed]:
    if not store.is_anyone_suppressed(session):
        return {}
    return _suppressed(session, store.read_keys(session, import_id, rows), target, address_key=address_key)


def _judge_again(
    session: Session, batch: ImportView, rows: range, known: Mapping[str, Known], suppressed: Mapping[str, Suppressed]
) -> list[Ruling]:
    """Judge updates and rows of known or suppressed addresses as things are now; return the updates.

    A row whose verdict is another than at the preview is stored so; whoever it makes keeps the id.
    """
    updates, others = [], []
    for row in store.read_open_rulings(session, batch.id, rows, known.keys() | suppressed.keys()):
        key = row.fields["email_key"]
        ruling = _again(batch, row, known.get(key), suppressed.get(key))
        if ruling != row:
            others.append(ruling)
        if ruling.verdict is Verdict.UPDATE:
            updates.append(ruling)
    store.write_rulings(session, batch.id, others)
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
        store.write_people(session, group)
