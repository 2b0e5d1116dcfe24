"""The API of imports: a preview first, then its rows are carried out by the worker."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, File, Form, UploadFile

from service.accounts.values import Permission
from service.directory import undoing
from service.kernel.errors import Invalid
from service.people import imports, rereading
from service.people.headings import column_index
from service.people.values import ImportView, Ruling, Verdict
from service.web.deps import House, Limit, Now, Principal, ReadSession, WriteSession
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule
from service.web.uploads import Given, look_into, take_in

router = api_router("/imports", tag="imports")


class ImportOut(ApiModel):
    """An import as it stands."""

    id: str
    filename: str
    state: str
    list_id: str | None
    columns: list[dict[str, Any]]
    reading: dict[str, Any]
    counts: dict[str, int]
    created_at: datetime
    applied_at: datetime | None


class RowOut(ApiModel):
    """One row with its verdict; `before` is what the fields that change hold now."""

    row: int
    verdict: str
    reason: str | None
    fields: dict[str, Any]
    before: dict[str, Any]
    notes: list[str]


def import_out(view: ImportView) -> ImportOut:
    """Return an import as the API shows it."""
    reading = dict(view.reading)
    return ImportOut(
        id=view.id,
        filename=view.filename,
        state=view.state,
        list_id=view.list_id,
        columns=reading.get("columns", []),
        reading=reading,
        counts={v.value: view.counts.get(v.value, 0) for v in Verdict},
        created_at=view.created_at,
        applied_at=view.applied_at,
    )


def row_out(ruling: Ruling) -> RowOut:
    """Return a row as the API shows it."""
    shown = {k: v for k, v in ruling.fields.items() if k in SHOWN}
    return RowOut(
        row=ruling.row,
        verdict=ruling.verdict,
        reason=ruling.reason,
        fields=shown,
        before=dict(ruling.before),
        notes=[code for code, _detail in ruling.notes],
    )


SHOWN = ("name", "email", "other_emails", "organisation", "audience", "country", "language", "role", "tags", "at_risk")


class Upload:
    """The uploaded file, looked into before any transaction begins."""

    def __init__(self, file: Annotated[UploadFile, File()], house: House) -> None:
        self.given = Given(file.filename or "file.csv", file)
        self.table = look_into(self.given, house)


@router.post("", status_code=201)
@rule(Permission.EDIT)
def preview(
    upload: Annotated[Upload, Depends()],
    session: WriteSession,
    who: Principal,
    now: Now,
    house: House,
    list_id: Annotated[str | None, Form()] = None,
    consent_basis: Annotated[str | None, Form()] = None,
    consent_source: Annotated[str | None, Form()] = None,
) -> ImportOut:
    """Read a file and say what each row would do; nobody is made or changed.

    The worker reads a file of more than 2 MB: its state is `reading` until it is a `preview`.
    """
    asked = {
        "list_id": list_id or None,
        "consent_basis": consent_basis or None,
        "consent_source": consent_source or None,
    }
    return import_out(take_in(session, upload.given, upload.table, asked, house, now=now, actor=who.actor))


@router.get("/{import_id}")
@rule(Permission.READ)
def read_import(session: ReadSession, import_id: str) -> ImportOut:
    """Return one import."""
    return import_out(imports.read_import(session, import_id))


@router.get("/{import_id}/rows")
@rule(Permission.READ)
def read_rows(
    session: ReadSession, import_id: str, verdict: str | None = None, limit: Limit = 100, after: int = 0
) -> Page[RowOut]:
    """Return rows in order, of one verdict if asked."""
    wanted = _verdict(verdict) if verdict else None
    found = imports.read_import_rows(session, import_id, wanted, after_row=after, limit=limit)
    more = str(found[-1].row) if len(found) == limit else None
    return Page(items=[row_out(r) for r in found], next=more)


def _verdict(raw: str) -> Verdict:
    try:
        return Verdict(raw)
    except ValueError:
        raise Invalid("A verdict is create, update, merge, skip or refuse.", field="verdict") from None


class Columns(ApiModel):
    """What columns hold, by their letters: `{"A": "name", "C": null}`; those not named stay as guessed."""

    columns: dict[str, str | None]


@router.post("/{import_id}/columns")
@rule(Permission.EDIT)
def read_again(
    body: Columns, session: WriteSession, who: Principal, now: Now, house: House, import_id: str
) -> ImportOut:
    """Read the file of a preview again with other columns, which are remembered for files with the same headings."""
    fields = {column_index(letter): field for letter, field in body.columns.items()}
    keys: dict[str, Any] = {"ring": house.ring, "address_key": house.address_key}
    return import_out(rereading.read_again(session, import_id, fields, **keys, now=now, actor=who.actor))


class SheetIn(ApiModel):
    """The sheet to read: one of `reading.sheets`."""

    sheet: str


@router.post("/{import_id}/sheet")
@rule(Permission.EDIT)
def read_sheet(
    body: SheetIn, session: WriteSession, who: Principal, now: Now, house: House, import_id: str
) -> ImportOut:
    """Read another sheet of a preview's workbook instead."""
    keys: dict[str, Any] = {"ring": house.ring, "address_key": house.address_key}
    return import_out(rereading.read_sheet(session, import_id, body.sheet, **keys, now=now, actor=who.actor))


@router.post("/{import_id}/apply")
@rule(Permission.EDIT)
def apply(session: WriteSession, who: Principal, now: Now, import_id: str) -> ImportOut:
    """Let the worker carry the rows out."""
    return import_out(imports.start_apply(session, import_id, now=now, actor=who.actor))


@router.post("/{import_id}/stop")
@rule(Permission.EDIT)
def stop(session: WriteSession, who: Principal, now: Now, import_id: str) -> ImportOut:
    """Stop it between two chunks; applying goes on where it stopped."""
    return import_out(imports.stop(session, import_id, now=now, actor=who.actor))


@router.post("/{import_id}/undo")
@rule(Permission.EDIT)
def undo(session: WriteSession, who: Principal, now: Now, import_id: str) -> ImportOut:
    """Let the worker take it back as a whole, within 30 days; whoever is in use since stays."""
    return import_out(undoing.start_undo(session, import_id, now=now, actor=who.actor))


@router.post("/{import_id}/discard")
@rule(Permission.EDIT)
def discard(session: WriteSession, who: Principal, now: Now, import_id: str) -> ImportOut:
    """Throw a preview away."""
    return import_out(imports.discard(session, import_id, now=now, actor=who.actor))
