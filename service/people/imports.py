"""Importing a file of people: a preview that is stored, then carried out in chunks.

Everything is judged twice by the same rules: at the preview, and again in the transaction that
writes, so that an address that became known or suppressed in between is seen. A chunk and the
place it came to are one transaction: a crash loses nothing and repeats nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from service.audit import log
from service.db.engine import reading, writing
from service.kernel.ids import new_id
from service.kernel.text import clean_line
from service.kernel.tokens import address_hash
from service.people import rules, store
from service.people.bulk import collector_paused
from service.people.columns import changed_person, new_person
from service.people.headings import Layout, find_layout
from service.people.importing import audience_finder, read_drafts
from service.people.judging import judge, judge_all, without_addresses
from service.people.places import read_country
from service.people.reading import Table, read_table
from service.people.values import (
    Basis,
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
_TO_DO = (Verdict.CREATE, Verdict.UPDATE)


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
) -> ImportView:
    """Read a file, store what each of its rows would do, and return it. Nobody is made or changed yet.

    Raises:
        NotATable, FileTooLarge, NoAddressColumn: the file cannot be read.
        Invalid: no such basis. UnknownList: no such list.
    """
    table = read_table(data)  # before the first statement: nothing is locked while we read
    consent = rules.read_consent(consent_basis, consent_source)
    target = store.read_list(session, list_id) if list_id else None
    audiences = store.read_audiences(session)
    find_audience = audience_finder(audiences)
    layout = find_layout(table.records, is_audience=lambda text: find_audience(text) is not None)
    drafts = read_drafts(table.records, layout, find_audience)
    rulings = _judge(session, drafts, target, consent, address_key=address_key)
    how = _reading(table, layout)
    values = {
        "filename": clean_line(filename)[:300] or "file.csv",
        "state": ImportState.PREVIEW,
        "list_id": list_id,
        "consent_basis": consent.basis if consent else None,
        "consent_source": consent.source if consent else None,
        "reading": how,
        "counts": {},
        "applied_through": 0,
        "created_by": actor,
        "created_at": now,
    }
    import_id = store.add_import(session, values)
    store.add_rulings(session, import_id, rulings)
    _recount(session, import_id, how)
    log.record(session, actor=actor, action="import.read", subject=f"import:{import_id}", now=now, rows=len(rulings))
    return store.read_import(session, import_id)


def _judge(
    session: Session,
    drafts: Sequence[Draft],
    target: MailingList | None,
    consent: Consent | None,
    *,
    address_key: bytes,
) -> list[Ruling]:
    keys = {draft.fields["email_key"] for draft in drafts if "email_key" in draft.fields}
    others = {a: rules.normalise_address(a).key for draft in drafts for a in draft.fields.get("other_emails", ())}
    suppressed = _suppressed(session, keys | set(others.values()), target, address_key=address_key)
    if erased := {key for key, why in suppressed.items() if why.reason is Reason.ERASED}:
        drafts = [without_addresses(draft, others, erased) for draft in drafts]
    known = store.read_known(session, keys, target.id if target else None)
    basis = consent.basis if consent else None
    rulings = judge_all(drafts, known, suppressed, joins=target is not None, basis=basis)
    return [with_id(ruling) for ruling in rulings]


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
        "has_heading": layout.heading_at is not None,
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


def read_started_imports(session: Session) -> list[ImportId]:
    """Return the imports that are being carried out, oldest first."""
    return sorted(view.id for view in store.read_imports(session, [ImportState.APPLYING]))


# The life of an import


def start_apply(session: Session, import_id: str, *, now: datetime, actor: str) -> ImportView:
    """Let an import be carried out by the duty; a second press changes nothing.

    Raises:
        ImportClosed: it was discarded.
    """
    batch = store.read_import(session, import_id, lock=True)
    if rules.may_start(batch.state):
        store.write_import(session, import_id, state=ImportState.APPLYING)
        log.record(session, actor=actor, action="import.started", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


def discard(session: Session, import_id: str, *, now: datetime, actor: str) -> ImportView:
    """Throw a preview away with its rows; a second press changes nothing.

    Raises:
        ImportClosed: it was carried out, or is being.
    """
    batch = store.read_import(session, import_id, lock=True)
    if rules.may_discard(batch.state):
        store.drop_rulings(session, import_id)
        store.write_import(session, import_id, state=ImportState.DISCARDED)
        log.record(session, actor=actor, action="import.discarded", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


@collector_paused()
def apply_chunk(engine: Engine, import_id: str, *, address_key: bytes, now: datetime) -> bool:
    """Carry out the next rows of a started import in a transaction of its own; tell whether there are more."""
    with reading(engine) as session:
        if store.read_import(session, import_id).state is not ImportState.APPLYING:
            return False
    with writing(engine) as session:
        batch = store.read_import(session, import_id, lock=True)
        if batch.state is not ImportState.APPLYING:
            return False
        rows = store.read_rulings(session, import_id, _TO_DO, after_row=batch.applied_through, limit=CHUNK)
        if rows:
            _carry_out(session, batch, rows, address_key=address_key, now=now)
        if len(rows) < CHUNK:
            _finish(session, batch, through=rows[-1].row if rows else batch.applied_through, now=now)
            return False
        store.write_import(session, import_id, applied_through=rows[-1].row)
        return True


def _finish(session: Session, batch: ImportView, *, through: int, now: datetime) -> None:
    _recount(session, batch.id, batch.reading)
    store.write_import(session, batch.id, state=ImportState.APPLIED, applied_through=through, applied_at=now)
    log.record(session, actor="system", action="import.applied", subject=f"import:{batch.id}", now=now)


def _carry_out(
    session: Session, batch: ImportView, rows: Sequence[Ruling], *, address_key: bytes, now: datetime
) -> None:
    """Judge rows again as things are now, and do what they say."""
    target = store.read_list(session, batch.list_id) if batch.list_id else None
    basis = batch.consent_basis
    keys = [row.fields["email_key"] for row in rows]
    known = store.read_known(session, keys, batch.list_id, lock=True)
    suppressed = _suppressed(session, keys, target, address_key=address_key)
    rulings = [
        _again(row, known.get(key), suppressed.get(key), joins=target is not None, basis=basis)
        for key, row in zip(keys, rows, strict=True)
    ]
    _write_people(session, batch, rulings, known, now=now)
    if target:
        consent = Consent(basis, batch.consent_source) if basis else None
        _join(session, target, rulings, known, consent, now=now)
    store.write_rulings(session, batch.id, [new for new, old in zip(rulings, rows, strict=True) if new != old])


def _again(
    row: Ruling, known: Known | None, suppressed: Suppressed | None, *, joins: bool, basis: Basis | None
) -> Ruling:
    """Judge a row anew; whoever it makes keeps the id of the preview."""
    if known is None and suppressed is None and row.verdict is Verdict.CREATE:
        return row
    ruling = judge(Draft(row.row, row.fields, row.notes), known, suppressed, joins=joins, basis=basis)
    return with_id(ruling, row.person_id)


def with_id(ruling: Ruling, person_id: str | None = None) -> Ruling:
    """Return a ruling that makes someone with the id they will have."""
    return replace(ruling, person_id=person_id or new_id()) if ruling.verdict is Verdict.CREATE else ruling


def _write_people(
    session: Session, batch: ImportView, rulings: Sequence[Ruling], known: Mapping[str, Known], *, now: datetime
) -> None:
    made = [r for r in rulings if r.verdict is Verdict.CREATE]
    changed = [r for r in rulings if r.verdict is Verdict.UPDATE and r.before]
    names = [r.fields["organisation"] for r in made if "organisation" in r.fields]
    names += [r.fields["organisation"] for r in changed if "organisation" in r.before]
    organisations = store.ensure_organisations(session, names, now=now)
    store.add_people(session, [new_person(r, organisations, source=batch.consent_source, now=now) for r in made])
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for ruling in changed:
        row = changed_person(ruling, known[ruling.fields["email_key"]], organisations, now=now)
        alike.setdefault(tuple(row), []).append(row)
    for group in alike.values():
        store.write_people(session, group)


def _join(
    session: Session,
    target: MailingList,
    rulings: Sequence[Ruling],
    known: Mapping[str, Known],
    consent: Consent | None,
    *,
    now: datetime,
) -> None:
    """Put those on the list who are made or changed and are not on it yet, or only without a basis."""
    joining = []
    for ruling in rulings:
        held = known.get(ruling.fields.get("email_key", ""))
        is_new = held is None or not held.is_member or (held.basis is None and consent is not None)
        if ruling.verdict in _TO_DO and ruling.person_id and is_new:
            joining.append(ruling.person_id)
    store.join(session, target, joining, consent, now=now)
