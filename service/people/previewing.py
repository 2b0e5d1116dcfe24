"""The preview of an import: a file is read, and each of its rows stored with what it would do. Nobody is made or
changed yet.

A small file is read whole in the caller's transaction. A large one is kept, and the worker reads it a stretch at a time
(`large_files`). Both judge their rows here; a `Course` holds what one stretch must know of those before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.kernel.errors import Conflict
from service.kernel.ids import new_id
from service.kernel.sealing import SealRing
from service.kernel.text import clean_line
from service.kernel.tokens import address_hash
from service.people import import_seals
from service.people import store as people
from service.people.bulk import collector_paused
from service.people.cells import tidy
from service.people.files import open_table
from service.people.headings import Layout, NoAddressColumn, chosen_layout, find_layout
from service.people.importing import Finder, audience_finder, read_addresses, read_drafts
from service.people.judging import judge_all, with_own_names, without_addresses
from service.people.places import read_country
from service.people.reading import Table
from service.people.rules import addresses, lists
from service.people.store import import_known, import_rows, shapes
from service.people.store import imports as store
from service.people.suspicions import count_domains, note_suspicions
from service.people.values import (
    Consent,
    Draft,
    ImportState,
    ImportView,
    MailingList,
    Reason,
    Ruling,
    Suppressed,
)

PART = 4_000_000  # bytes of a file that are sealed together


class OriginalGone(Conflict):
    """The file is not kept any more."""

    code = "original-gone"

    def __init__(self) -> None:
        super().__init__("The file is not kept any more. Choose it again.")


@dataclass(slots=True)
class Course:
    """What is carried from one stretch of a file to the next, and how the file is read."""

    import_id: str
    layout: Layout
    facts: Mapping[str, Any]  # of the table: encoding, delimiter, sheet, other_sheets, sheets
    is_remembered: bool
    find_audience: Finder
    target: MailingList | None
    consent: Consent | None
    address_key: bytes
    ring: SealRing | None
    firsts: dict[int, int] = field(default_factory=dict)  # hash of an address key -> the first row that has it
    domains: Counter[str] = field(default_factory=Counter)
    spellings: dict[str, set[str]] = field(default_factory=dict)  # of each country
    names_erased: bool = False

    @property
    def has_addresses(self) -> bool:
        """Whether any column holds addresses; without one there are no rows to judge."""
        return any(column.field == "email" for column in self.layout.columns)


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
    consent = lists.read_consent(consent_basis, consent_source)
    batch = _new_import(filename, ImportState.PREVIEW, list_id, consent, now=now, actor=actor)
    target = people.read_list(session, list_id) if list_id else None
    if target:
        lists.require_members(target)
    find_audience = audience_finder(people.read_audiences(session))
    layout, is_remembered = find_columns(session, table.records, find_audience, may_ask=may_ask)
    import_id = store.add_import(session, batch)
    parts = (layout, facts_of(table), is_remembered, find_audience, target, consent, address_key, ring)
    course = Course(import_id, *parts)
    judge_stretch(session, course, table.records, at=0)
    if ring and not course.names_erased:
        store.keep_original(session, import_id, _parts(data), ring=ring)
    finish(session, course)
    log.record(session, actor=actor, action="import.read", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


def leave_for_worker(
    session: Session,
    pieces: Iterable[bytes],
    *,
    filename: str,
    list_id: str | None,
    consent_basis: str | None,
    consent_source: str | None,
    now: datetime,
    actor: str,
    ring: SealRing,
) -> ImportView:
    """Keep a large file, sealed, for the worker to read, and return the import that has no rows yet.

    Raises:
        Invalid: no such basis. UnknownList: no such list.
    """
    consent = lists.read_consent(consent_basis, consent_source)
    if list_id:
        lists.require_members(people.read_list(session, list_id))
    batch = _new_import(filename, ImportState.READING, list_id, consent, now=now, actor=actor)
    import_id = store.add_import(session, batch)
    store.keep_original(session, import_id, pieces, ring=ring)
    log.record(session, actor=actor, action="import.left", subject=f"import:{import_id}", now=now)
    return store.read_import(session, import_id)


def _new_import(
    filename: str, state: ImportState, list_id: str | None, consent: Consent | None, *, now: datetime, actor: str
) -> dict[str, Any]:
    return {
        "filename": clean_line(filename)[:300] or "file.csv",
        "state": state,
        "list_id": list_id,
        "consent_basis": consent.basis if consent else None,
        "consent_source": consent.source if consent else None,
        "reading": {},
        "counts": {},
        "applied_through": 0,
        "created_by": actor,
        "created_at": now,
    }


def _parts(data: bytes) -> Iterable[bytes]:
    return (data[at : at + PART] for at in range(0, len(data), PART))


def target_and_consent(session: Session, batch: ImportView) -> tuple[MailingList | None, Consent | None]:
    """Return the list that an import's people join, and on which basis."""
    target = people.read_list(session, batch.list_id) if batch.list_id else None
    return target, Consent(batch.consent_basis, batch.consent_source) if batch.consent_basis else None


# What the columns hold


def find_columns(
    session: Session, records: Sequence[Sequence[str]], find_audience: Finder, *, may_ask: bool
) -> tuple[Layout, bool]:
    """Return what each column holds, and whether that is because staff chose so for a file of this shape.

    Raises:
        NoAddressColumn: none holds addresses, and staff may not be asked.
    """
    try:
        guessed = find_layout(records, is_audience=lambda text: find_audience(text) is not None)
    except NoAddressColumn as refused:
        chosen = shapes.read_chosen(session, shapes.fingerprint(refused.layout))
        if chosen is None and not may_ask:
            raise
        return (refused.layout, False) if chosen is None else (chosen_layout(refused.layout, chosen), True)
    chosen = shapes.read_chosen(session, shapes.fingerprint(guessed))
    return (guessed, False) if chosen is None else (chosen_layout(guessed, chosen), True)


def choose_columns(
    session: Session,
    records: Sequence[Sequence[str]],
    fields: Mapping[int, str | None],
    find_audience: Finder,
    *,
    now: datetime,
) -> Layout:
    """Return the columns as staff chose them, and remember it for files of this shape.

    Raises:
        Invalid: no such field. NoAddressColumn: none holds addresses.
    """
    layout = chosen_layout(_guess(records, find_audience), fields)
    shapes.write_chosen(session, shapes.fingerprint(layout), {c.index: c.field for c in layout.columns}, now=now)
    return layout


def _guess(records: Sequence[Sequence[str]], find_audience: Finder) -> Layout:
    try:
        return find_layout(records, is_audience=lambda text: find_audience(text) is not None)
    except NoAddressColumn as refused:
        return refused.layout


# The verdicts


def judge_stretch(session: Session, course: Course, records: Sequence[Sequence[str]], *, at: int) -> None:
    """Store the verdict of each row of a stretch of the file. `at`: the index of its first record."""
    if not course.has_addresses:
        return
    wanted = course.layout if course.ring else import_seals.without_sealed(course.layout)
    drafts = read_drafts(records, wanted, course.find_audience, at=at)
    _note(session, course, records, drafts, at=at)
    rulings = _judge(session, course, drafts)
    rulings, cells = import_seals.hide(rulings, course.import_id, ring=course.ring)
    before = [ruling for ruling in rulings if ruling.row <= at]
    import_rows.write_rulings(session, course.import_id, before, cells)
    import_rows.add_rulings(session, course.import_id, rulings[len(before) :], cells)


def _note(
    session: Session, course: Course, records: Sequence[Sequence[str]], drafts: Sequence[Draft], *, at: int
) -> None:
    """Note of a stretch what later ones and the end of the file need."""
    course.domains.update(count_domains(drafts))
    _note_spellings(course, records[max(0, course.layout.first_row - at) :])
    if course.ring and not course.names_erased:
        course.names_erased = _names_erased(session, records, address_key=course.address_key)


def _names_erased(session: Session, records: Sequence[Sequence[str]], *, address_key: bytes) -> bool:
    """Tell whether any cell names someone who asked to be forgotten: such a file is not kept."""
    if not import_known.is_anyone_suppressed(session):
        return False
    cells = (cell for record in records for cell in record if "@" in cell)
    keys = {address.key for cell in cells for address in read_addresses(tidy(cell))[0]}
    found = suppressed_by_key(session, keys, None, address_key=address_key)
    return any(why.reason is Reason.ERASED for why in found.values())


def _judge(session: Session, course: Course, drafts: Sequence[Draft]) -> list[Ruling]:
    """Return rulings on the drafts, after those on earlier rows that the drafts complete."""
    drafts = with_own_names(drafts, people.read_own_names(session))
    keys = {draft.fields["email_key"] for draft in drafts if "email_key" in draft.fields}
    others = {a: addresses.normalise_address(a).key for draft in drafts for a in draft.fields.get("other_emails", ())}
    among = keys | set(others.values())
    suppressed = suppressed_by_key(session, among, course.target, address_key=course.address_key)
    if erased := {key for key, why in suppressed.items() if why.reason is Reason.ERASED}:
        drafts = [without_addresses(draft, others, erased) for draft in drafts]
    earlier = _earlier(session, course, keys - suppressed.keys())
    _note_firsts(course, drafts)
    known = import_known.read_known(session, keys, course.target.id if course.target else None)
    joining: dict[str, Any] = {"joins": course.target is not None, "basis": course.consent and course.consent.basis}
    return judge_all(drafts, known, suppressed, **joining, make_id=new_id, earlier=earlier)


def _earlier(session: Session, course: Course, keys: Iterable[str]) -> dict[str, Ruling]:
    """Return the rows of earlier stretches that have one of these addresses first, by address key."""
    rows = [row for key in keys if (row := course.firsts.get(hash(key)))]
    found = import_rows.read_rows(session, course.import_id, rows)
    whole = import_seals.reveal(session, found, course.import_id, ring=course.ring)
    return {ruling.fields["email_key"]: ruling for ruling in whole if "email_key" in ruling.fields}


def _note_firsts(course: Course, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        if not draft.refusal:
            course.firsts.setdefault(hash(draft.fields["email_key"]), draft.row)


def suppressed_by_key(
    session: Session, keys: Iterable[str], target: MailingList | None, *, address_key: bytes
) -> dict[str, Suppressed]:
    """Return who is not to be written to, by address key."""
    if not import_known.is_anyone_suppressed(session):
        return {}
    by_hash = {address_hash(address_key, key): key for key in keys}
    scopes = ["all", *([f"list:{target.id}", f"purpose:{target.purpose}"] if target else [])]
    found = import_known.read_suppressed(session, by_hash, scopes)
    return {by_hash[hashed]: why for hashed, why in found.items()}


# How the file was read, for staff to check


def finish(session: Session, course: Course, **more: Any) -> None:
    """Store how a file was read whose rows all have a verdict, and how many have which. `more`: to be told with it."""
    note_suspicions(session, course.import_id, course.domains)
    recount(session, course.import_id, {**_how(course), **more})


def facts_of(table: Table) -> dict[str, Any]:
    """Return what is told of a table beside its records."""
    sheets = {"sheet": table.sheet, "other_sheets": list(table.other_sheets), "sheets": list(table.sheets)}
    return {"encoding": table.encoding, "delimiter": table.delimiter, **sheets}


def _how(course: Course) -> dict[str, Any]:
    layout = course.layout
    columns = [
        {"letter": c.letter, "heading": c.heading, "field": c.field if c.is_held else None} for c in layout.columns
    ]
    return {
        "sheet": "",
        "other_sheets": [],
        "sheets": [],
        **course.facts,
        "has_heading": layout.heading_at is not None,
        "heading_row": layout.first_row,
        "columns": columns,
        "left_out": [{"letter": c.letter, "heading": c.heading} for c in layout.columns if not c.is_held],
        "countries": {code: sorted(raws) for code, raws in sorted(course.spellings.items()) if len(raws) > 1},
        "remembered": course.is_remembered,
    }


def _note_spellings(course: Course, records: Sequence[Sequence[str]]) -> None:
    """Note the spellings met of each country."""
    index = next((c.index for c in course.layout.columns if c.field == "country"), None)
    if index is None:
        return
    for raw in {record[index] for record in records if index < len(record)}:
        if code := read_country(raw):
            course.spellings.setdefault(code, set()).add(clean_line(raw))


def recount(session: Session, import_id: str, reading: Mapping[str, Any]) -> None:
    """Count the verdicts of an import again."""
    counts, looks = import_rows.count_rulings(session, import_id)
    store.write_import(session, import_id, counts=counts, reading={**reading, "look": looks})
