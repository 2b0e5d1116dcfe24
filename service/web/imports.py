"""Staff pages of an import: the file, what each row will do, and how far it is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.directory import undoing
from service.dissemination.formats.table_csv import guarded
from service.kernel.errors import FarsowError, Invalid
from service.kernel.sealing import CannotOpen, SealRing
from service.people import actions, choices, imports, rereading, store
from service.people.headings import FIELDS, NoAddressColumn
from service.people.pasting import pasted_file
from service.people.rules import imports as people_imports
from service.people.store.imports import has_original, read_imports, read_original
from service.people.values import ImportState, ImportView, Verdict
from service.web import house as house_of
from service.web import identifiers
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.import_rows import row_of
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule
from service.web.uploads import Given, look_into, take_in

router = page_router("/people/import")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
ROWS = 100
PAST = 20
PASTED = "pasted list"
ACCEPT = ".csv,.tsv,.txt,.vcf,.xlsx,.xlsm,.xls,.xlsb,.ods,.json,text/csv,text/vcard"


class Upload:
    """The uploaded file, or what was pasted, before any transaction begins."""

    def __init__(self, file: Annotated[UploadFile | None, File()] = None, pasted: Annotated[str, Form()] = "") -> None:
        self.name = (file.filename if file else "") or (PASTED if pasted.strip() else "")
        self.pasted = pasted
        self.file = file

    def given(self) -> Given:
        """Return the file, or what was pasted when there is none.

        Raises:
            Invalid: neither was given.
        """
        if self.name == PASTED:
            return Given(PASTED, data=pasted_file(self.pasted))
        if not self.name:
            raise Invalid("Choose a file, or paste addresses into the box.", field="file")
        return Given(self.name, self.file)

    @property
    def is_given(self) -> bool:
        """Whether there is a file or anything pasted."""
        return bool(self.name)


@router.get("")
@rule(Permission.EDIT)
def choose(request: Request, session: ReadSession, who: Who) -> Response:
    """Choose the file, the list and the ground."""
    return _form(request, session, who, {}, error="")


def _form(
    request: Request, session: Session, who: Principal, values: dict[str, str], *, error: str, status: int = 200
) -> Response:
    blank = {"kept": "", "pasted": "", "list_id": "", "new_list": "", "basis": "", "source": ""}
    context: dict[str, Any] = {
        "values": blank | values,
        "lists": [one for one in store.read_lists(session) if one.filter is None],
        "error": error,
    }
    context["past"] = read_imports(session, limit=PAST)
    context["kept_name"] = imports.read_import(session, values["kept"]).filename if values.get("kept") else ""
    context["project"] = current_project(request, session, who)
    context["megabytes"] = house_of.house_of(request).sizes.bytes // 1_000_000
    return page(request, "import/choose.html", status=status, accept=ACCEPT, **context)


@router.post("")
@rule(Permission.EDIT)
def read(
    upload: Annotated[Upload, Depends()],
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    house: House,
    list_id: Annotated[str, Form()] = "",
    new_list: Annotated[str, Form()] = "",
    basis: Annotated[str, Form()] = "",
    source: Annotated[str, Form()] = "",
    kept: Annotated[str, Form()] = "",
) -> Response:
    """Read the file and show what it would do; nobody is stored."""
    values = {"list_id": list_id, "new_list": new_list, "basis": basis, "source": source, "pasted": upload.pasted}
    try:
        given = _given(session, upload, kept, house.ring)
        table = look_into(given, house)  # before the list is made
        if new_list.strip():
            list_id = actions.create_list(session, name=new_list, now=now, actor=who.actor).id
        asked = {"list_id": list_id or None, "consent_basis": basis or None, "consent_source": source or None}
        view = take_in(session, given, table, {**asked, "may_ask": True}, house, now=now, actor=who.actor)
        if kept:
            imports.discard(session, kept, now=now, actor=who.actor)
    except FarsowError as error:
        session.rollback()
        values["kept"] = (
            kept if kept and not upload.is_given else _keep(session, upload, house, now=now, actor=who.actor)
        )
        return _form(request, session, who, values, error=error.sentence, status=422)
    return RedirectResponse(f"/people/import/{view.id}", 303)


def _given(session: Session, upload: Upload, kept: str, ring: SealRing) -> Given:
    """Return what was given now, or else what was kept of the last try."""
    if kept and not upload.is_given and (data := b"".join(read_original(session, kept, ring=ring))):
        return Given(imports.read_import(session, kept).filename, data=data)
    return upload.given()


def _keep(session: Session, upload: Upload, house: house_of.House, *, now: datetime, actor: str) -> str:
    """Keep a file that was given beside something that cannot be; return the id of its preview, "" when it is none."""
    nothing: dict[str, Any] = {"list_id": None, "consent_basis": None, "consent_source": None, "may_ask": True}
    try:
        given = upload.given()
        if given.is_large:
            return ""
        return take_in(session, given, look_into(given, house), nothing, house, now=now, actor=actor).id
    except FarsowError:
        session.rollback()
        return ""


@router.get("/{import_id:identifier}")
@rule(Permission.EDIT)
def show(
    request: Request,
    session: ReadSession,
    who: Who,
    now: Now,
    import_id: str,
    verdict: str = "",
    look: bool = False,
    after: int = 0,
) -> Response:
    """Show what each row will do, or how far it is, or what was done."""
    return _show(request, session, who, import_id, now=now, verdict=verdict, look=look, after=after)


def _show(
    request: Request,
    session: Session,
    who: Principal,
    import_id: str,
    *,
    now: datetime,
    verdict: str = "",
    look: bool = False,
    after: int = 0,
    error: str = "",
    chosen: Mapping[int, str | None] | None = None,
    status: int = 200,
) -> Response:
    view = imports.read_import(session, import_id)
    wanted = Verdict(verdict) if verdict in list(Verdict) else None
    rows = imports.read_import_rows(session, import_id, wanted, look=look, after_row=after, limit=ROWS)
    audiences = {str(a.id): a.name for a in store.read_audiences(session)}
    lists: dict[str, str] = {x.id: x.name for x in store.read_lists(session)}
    return page(
        request,
        "import/show.html",
        status=status,
        error=error,
        chosen={
            c["letter"]: (chosen or {}).get(i, c["field"]) or "" for i, c in enumerate(view.reading.get("columns", []))
        },
        fields=FIELDS,
        can_read_again=view.state is ImportState.PREVIEW and has_original(session, import_id),
        project=current_project(request, session, who),
        view=view,
        is_preview=view.state is ImportState.PREVIEW,
        can_undo=view.state in (ImportState.APPLIED, ImportState.STOPPED)
        and now - view.created_at < people_imports.UNDO_FOR,
        done=_done(view),
        rows=[row_of(r, audiences) for r in rows],
        verdict=verdict,
        look=look,
        after=after,
        verdicts=[v.value for v in Verdict],
        more=rows[-1].row if len(rows) == ROWS else 0,
        list_name=lists.get(view.list_id or "", ""),
    )


def _done(view: ImportView) -> int:
    """Return how many rows are behind us; the last of them may be one more than there are, for the headings."""
    return min(view.applied_through, view.rows)


@router.get("/{import_id:identifier}/progress")
@rule(Permission.EDIT)
def progress(request: Request, session: ReadSession, import_id: str) -> Response:
    """Show how far it is, for the page that asks every second."""
    view = imports.read_import(session, import_id)
    return page(request, "import/progress.html", view=view, done=_done(view))


@router.post("/{import_id:identifier}/rows")
@rule(Permission.EDIT)
def choose_row(
    session: WriteSession,
    who: Who,
    now: Now,
    import_id: str,
    row: Annotated[int, Form()] = 0,
    choice: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Do for one row what staff chose, and go back to where they were."""
    if choice not in list(choices.Choice):
        raise Invalid("Choose one of what is offered.", field="choice")
    choices.choose(session, import_id, row, choices.Choice(choice), now=now, actor=who.actor)
    return RedirectResponse(f"/people/import/{import_id}{_query(back)}#row-{row}", 303)


def _query(back: str) -> str:
    """Return where on the page staff were, made anew: nothing that was sent is repeated."""
    verdict, _, after = back.partition("-")
    wanted = "look=true" if verdict == "look" else f"verdict={verdict}" if verdict in list(Verdict) else "verdict="
    return f"?{wanted}&after={int(after)}" if after.isdecimal() and len(after) < 9 else f"?{wanted}"


async def chosen_fields(request: Request) -> dict[int, str | None]:
    """Return the field chosen for each column: c0, c1, … of the form; None for one that is left out."""
    form = await request.form()
    return {int(name[1:]): str(value) or None for name, value in form.items() if re.fullmatch(r"c\d{1,3}", name)}


@router.post("/{import_id:identifier}/columns")
@rule(Permission.EDIT)
def choose_columns(
    request: Request,
    fields: Annotated[dict[int, str | None], Depends(chosen_fields)],
    session: WriteSession,
    who: Who,
    now: Now,
    house: House,
    import_id: str,
) -> Response:
    """Read the same file again, with the columns that staff chose."""
    keys: dict[str, Any] = {"address_key": house.address_key, "ring": house.ring}
    try:
        rereading.read_again(session, import_id, fields, **keys, now=now, actor=who.actor)
    except (NoAddressColumn, CannotOpen) as error:
        session.rollback()
        told: dict[str, Any] = {"error": error.sentence, "status": 409 if isinstance(error, CannotOpen) else 422}
        return _show(request, session, who, import_id, now=now, chosen=fields, **told)
    return RedirectResponse(f"/people/import/{import_id}", 303)


@router.post("/{import_id:identifier}/sheet")
@rule(Permission.EDIT)
def choose_sheet(
    session: WriteSession, who: Who, now: Now, house: House, import_id: str, sheet: Annotated[str, Form()] = ""
) -> Response:
    """Read another sheet of the same workbook instead."""
    keys: dict[str, Any] = {"address_key": house.address_key, "ring": house.ring}
    rereading.read_sheet(session, import_id, sheet, **keys, now=now, actor=who.actor)
    return RedirectResponse(f"/people/import/{import_id}", 303)


@router.post("/{import_id:identifier}/apply")
@rule(Permission.EDIT)
def apply(session: WriteSession, who: Who, now: Now, import_id: str) -> Response:
    """Let the worker carry it out."""
    imports.start_apply(session, import_id, now=now, actor=who.actor)
    return RedirectResponse(f"/people/import/{import_id}", 303)


@router.post("/{import_id:identifier}/stop")
@rule(Permission.EDIT)
def stop(session: WriteSession, who: Who, now: Now, import_id: str) -> Response:
    """Stop it where it is; it may go on later."""
    imports.stop(session, import_id, now=now, actor=who.actor)
    return RedirectResponse(f"/people/import/{import_id}", 303)


@router.get("/{import_id:identifier}/undo")
@rule(Permission.EDIT)
def ask_undo(request: Request, session: ReadSession, who: Who, now: Now, import_id: str) -> Response:
    """Show what taking it back would do."""
    view = imports.read_import(session, import_id)
    people_imports.may_undo(view, now=now)
    plan = undoing.plan_undo(session, import_id)
    project = current_project(request, session, who)
    return page(request, "import/undo.html", project=project, view=view, plan=plan)


@router.post("/{import_id:identifier}/undo")
@rule(Permission.EDIT)
def undo(session: WriteSession, who: Who, now: Now, import_id: str) -> Response:
    """Let the worker take it back."""
    undoing.start_undo(session, import_id, now=now, actor=who.actor)
    return RedirectResponse(f"/people/import/{import_id}", 303)


@router.post("/{import_id:identifier}/discard")
@rule(Permission.EDIT)
def discard(session: WriteSession, who: Who, now: Now, import_id: str) -> Response:
    """Throw it away."""
    imports.discard(session, import_id, now=now, actor=who.actor)
    return RedirectResponse("/people/import", 303)


@router.post("/{import_id:identifier}/refused")
@rule(Permission.EDIT)
def refused(session: WriteSession, import_id: str) -> Response:
    """Give the refused rows back as a file, each with its reason."""
    rows = imports.read_import_rows(session, import_id, Verdict.REFUSE, limit=100_000)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["row", "name", "e-mail", "reason"])
    for row in (row_of(r, {}) for r in rows):
        reason = " ".join(sentence for sentence, _look in row.words)
        writer.writerow([guarded(str(x)) for x in (row.row, row.name, row.email, reason)])
    headers = {"Content-Disposition": 'attachment; filename="refused.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)
