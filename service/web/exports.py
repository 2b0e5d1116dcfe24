"""The page on which people are saved as a file, and the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, cast

from fastapi import Depends, Form, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.db.engine import reading
from service.directory import store as directory
from service.kernel.errors import FarsowError, Invalid
from service.people import exports, store
from service.people.exporting import MEDIA_TYPES, Format
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.people import Picked, posted, wanted_of
from service.web.projects import current_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/people/export")
IN_MEMORY = 64_000_000  # bytes; a larger file lies on the disk without a name until it has left
PIECE = 65_536


@router.get("")
@rule(Permission.EXPORT)
def ask(
    request: Request,
    session: ReadSession,
    who: Who,
    picked: Annotated[Picked, Depends()],
    q: str = "",
    in_list: str = "",
) -> Response:
    """Choose how the people that were searched for are saved."""
    return _form(request, session, who, {"q": q, "in_list": in_list}, picked)


def _form(
    request: Request,
    session: Session,
    who: Principal,
    given: dict[str, str],
    picked: Picked,
    *,
    error: str = "",
    status: int = 200,
) -> Response:
    values = {"q": "", "in_list": "", "wanted": Format.XLSX.value, "at_risk": "", "why": ""} | given
    chosen = next((one for one in store.read_lists(session) if one.id == values["in_list"]), None)
    context: dict[str, Any] = {"values": values, "error": error, "list_name": chosen.name if chosen else ""}
    wanted, fault = wanted_of(session, picked, chosen)
    context["total"] = directory.count_matching(session, wanted, text=values["q"])
    context |= {"picked": picked.given, "error": error or fault}
    context["project"] = current_project(request, session, who)
    return page(request, "people/export.html", status=status, **context)


@dataclass
class Made:
    """The file, written before any transaction begins; or the sentence why there is none."""

    given: dict[str, str]
    picked: Picked
    wish: exports.Wish | None = None
    taken: exports.Taken | None = None
    file: BinaryIO | None = None
    error: str = ""


def made(
    who: Who,
    house: House,
    now: Now,
    picked: Annotated[Picked, Depends(posted)],
    wanted: Annotated[str, Form()] = "",
    q: Annotated[str, Form()] = "",
    in_list: Annotated[str, Form()] = "",
    at_risk: Annotated[str, Form()] = "",
    why: Annotated[str, Form()] = "",
) -> Made:
    """Write the file that is asked for. It takes a while, so it holds no transaction."""
    given = {"wanted": wanted, "q": q, "in_list": in_list, "at_risk": at_risk, "why": why}
    file = cast(BinaryIO, SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115  (closed when it has left)
    try:
        wish = exports.read_wish(wanted=wanted, text=q, list_id=in_list, at_risk=bool(at_risk), why=why)
        with reading(house.engine) as session:
            where = _where(session, picked, in_list)
            taken = exports.write_export(session, wish, file, signed_in_at=who.signed_in_at, now=now, where=where)
    except FarsowError as error:
        file.close()
        return Made(given, picked, error=error.sentence)
    return Made(given, picked, wish, taken, file)


def _where(session: Session, picked: Picked, in_list: str) -> Any:
    """Return the condition of a list or segment and of what was picked; None when there is neither.

    Raises:
        Invalid: it cannot be read. UnknownList: there is no such list.
    """
    shown = store.read_list(session, in_list) if in_list else None
    if shown is None and not picked.given:
        return None
    wanted, fault = wanted_of(session, picked, shown)
    if fault:
        raise Invalid(fault, field="filter")
    return directory.clause(session, wanted)


@router.post("")
@rule(Permission.EXPORT)
def save(made: Annotated[Made, Depends(made)], request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Note who takes it, then hand the file out."""
    if made.wish is None or made.taken is None or made.file is None:
        return _form(request, session, who, made.given, made.picked, error=made.error, status=422)
    exports.record_export(session, made.wish, made.taken, now=now, actor=who.actor)
    wanted = made.wish.wanted
    headers = {"Content-Disposition": f'attachment; filename="people-{now:%Y-%m-%d}.{wanted.value}"'}
    return StreamingResponse(_pieces(made.file), media_type=MEDIA_TYPES[wanted], headers=headers)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
