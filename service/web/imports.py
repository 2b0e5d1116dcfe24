"""Staff pages of an import: the file, what each row will do, and how far it is."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any

from fastapi import Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.dissemination.formats.table_csv import guarded
from service.kernel.errors import FarsowError
from service.people import actions, imports, store
from service.people.importing import SENTENCES
from service.people.values import Basis, Reason, Ruling, Verdict
from service.web import identifiers
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/people/import")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
ROWS = 100
NEW_LIST = "new"


class Upload:
    """The uploaded file, read before any transaction begins."""

    def __init__(self, file: Annotated[UploadFile | None, File()] = None) -> None:
        self.name = (file.filename if file else "") or ""
        self.data = file.file.read() if file else b""


@router.get("")
@rule(Permission.EDIT)
def choose(request: Request, session: ReadSession, who: Who) -> Response:
    """Choose the file, the list and the ground."""
    return _form(request, session, who, {}, error="")


def _form(
    request: Request, session: Session, who: Principal, values: dict[str, str], *, error: str, status: int = 200
) -> Response:
    blank = {"list_id": "", "new_list": "", "basis": "", "source": ""}
    context: dict[str, Any] = {"values": blank | values, "lists": store.read_lists(session), "error": error}
    context["project"] = current_project(request, session, who)
    return page(request, "people/import.html", status=status, bases=[b.value for b in Basis], **context)


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
) -> Response:
    """Read the file and show what it would do; nobody is stored."""
    values = {"list_id": list_id, "new_list": new_list, "basis": basis, "source": source}
    try:
        if new_list.strip():
            list_id = actions.create_list(session, name=new_list, now=now, actor=who.actor).id
        view = imports.preview_import(
            session,
            upload.data,
            filename=upload.name or "file.csv",
            list_id=list_id or None,
            consent_basis=basis or None,
            consent_source=source or None,
            address_key=house.address_key,
            now=now,
            actor=who.actor,
        )
    except FarsowError as error:
        session.rollback()
        return _form(request, session, who, values, error=error.sentence, status=422)
    return RedirectResponse(f"/people/import/{view.id}", 303)


@router.get("/{import_id:identifier}")
@rule(Permission.EDIT)
def show(
    request: Request, session: ReadSession, who: Who, import_id: str, verdict: str = "", after: int = 0
) -> Response:
    """Show what each row will do, or how far it is, or what was done."""
    view = imports.read_import(session, import_id)
    wanted = Verdict(verdict) if verdict in list(Verdict) else None
    rows = imports.read_import_rows(session, import_id, wanted, after_row=after, limit=ROWS)
    lists: dict[str, str] = {x.id: x.name for x in store.read_lists(session)}
    return page(
        request,
        "people/preview.html",
        project=current_project(request, session, who),
        view=view,
        rows=[_row(r) for r in rows],
        verdict=verdict,
        verdicts=[v.value for v in Verdict],
        more=rows[-1].row if len(rows) == ROWS else 0,
        list_name=lists.get(view.list_id or "", ""),
    )


def _row(ruling: Ruling) -> dict[str, Any]:
    words = [_sentence(code, detail) for code, detail in ruling.notes]
    if ruling.reason and not words:
        words = [_sentence(ruling.reason, "")]
    changed = [(name, ruling.before[name], ruling.fields.get(name)) for name in ruling.before if name in SHOWN]
    return {
        "row": ruling.row,
        "verdict": ruling.verdict.value,
        "name": ruling.fields.get("name", ""),
        "email": ruling.fields.get("email", ""),
        "at_risk": ruling.fields.get("at_risk", False),
        "words": words,
        "changed": changed,
    }


SHOWN = ("name", "organisation", "country", "language", "role", "greeting")


def _sentence(code: str, detail: str) -> str:
    return SENTENCES[Reason(code)].format(detail).replace(", .", ".").replace(": .", ".")


@router.post("/{import_id:identifier}/apply")
@rule(Permission.EDIT)
def apply(session: WriteSession, who: Who, now: Now, import_id: str) -> Response:
    """Let the worker carry it out."""
    imports.start_apply(session, import_id, now=now, actor=who.actor)
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
    for row in (_row(r) for r in rows):
        writer.writerow([guarded(str(x)) for x in (row["row"], row["name"], row["email"], " ".join(row["words"]))])
    headers = {"Content-Disposition": 'attachment; filename="refused.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)
