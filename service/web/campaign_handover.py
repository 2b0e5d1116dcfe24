"""The page on which everything for the next project manager is saved as one file, and the file."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlmodel import Session

from service.accounts.rules import may
from service.accounts.values import Permission, Principal
from service.db.engine import reading
from service.dissemination import handover
from service.dissemination.formats import bundle_zip
from service.events.values import Project
from service.kernel.errors import FarsowError, Forbidden
from service.people import exports
from service.people.exporting import Format
from service.web.deps import House, Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/campaign/hand-over")
FIELDS = ("people", "at_risk", "why")
README = """\
Hand-over of {project}, {day}.

plan, late        the plan, and the lines of it that are late
tasks             open tasks of the checklists of events
due               what is due within a month, and what is late already
drafts, lists     letters that wait for Send; lists and who looks after them
decisions         versions of the plan, messages signed off, lines and events called off with the reason
stances, messages, meetings, lessons, grants     the records of the campaign; amounts of grants are for staff only
{people}
Whatever people wrote freely stands as they wrote it: read it before you give it on.
"""


class MayNotTakePeople(Forbidden):
    """Taking people out as a file needs another role."""

    code = "may-not-take-people"


@router.get("")
@rule(Permission.EDIT)
def ask(request: Request, session: ReadSession, who: Who) -> Response:
    """Say what is in it, and choose whether people are."""
    return _form(request, own_project(request, session, who), {})


def _form(request: Request, project: Project, typed: Mapping[str, str], error: str = "") -> Response:
    values = dict.fromkeys(FIELDS, "") | {name: typed[name] for name in FIELDS if name in typed}
    status = 422 if error else 200
    return page(request, "campaign/handover.html", project=project, values=values, error=error, status=status)


@dataclass
class Made:
    """The file, made before any transaction begins; or the sentence why there is none."""

    project: Project
    content: bytes = b""
    wish: exports.Wish | None = None
    taken: exports.Taken | None = None
    error: str = ""


def made(form: Typed, request: Request, who: Who, house: House, now: Now) -> Made:
    """Make the file that is asked for. With people it takes a while, so it holds no transaction."""
    with reading(house.engine) as session:
        project = own_project(request, session, who)
        try:
            return _made(session, project, who, form, now=now)
        except FarsowError as error:
            return Made(project, error=error.sentence)


def _made(session: Session, project: Project, who: Principal, form: Mapping[str, str], *, now: datetime) -> Made:
    done, files = Made(project), {}
    sheets = handover.collect(session, project, now=now)
    if form.get("people") or form.get("at_risk"):
        if not may(who.role, Permission.EXPORT):
            raise MayNotTakePeople("Only a manager may take people out as a file.")
        at_risk, file = bool(form.get("at_risk")), io.BytesIO()
        done.wish = exports.read_wish(wanted=Format.CSV.value, at_risk=at_risk, why=form.get("why", ""))
        done.taken = exports.write_export(session, done.wish, file, signed_in_at=who.signed_in_at, now=now)
        files["people.csv"] = file.getvalue()
        sheets.append(handover.introductions(session, project, at_risk=at_risk))
    said = "people, introductions     guard these: they name people\n" if files else "Nobody is named in it.\n"
    readme = README.format(project=project.name, day=now.date(), people=said)
    done.content = bundle_zip.render(sheets, {"README.txt": readme.encode(), **files})
    return done


@router.post("")
@rule(Permission.EDIT)
def save(
    form: Typed, made: Annotated[Made, Depends(made)], request: Request, session: WriteSession, who: Who, now: Now
) -> Response:
    """Note who takes it, then hand the file out."""
    if made.error:
        return _form(request, made.project, form, made.error)
    if made.wish and made.taken:
        exports.record_export(session, made.wish, made.taken, now=now, actor=who.actor)
    handover.record(session, made.project, people_too=made.taken is not None, now=now, actor=who.actor)
    headers = {"Content-Disposition": f'attachment; filename="hand-over-{now:%Y-%m-%d}.zip"'}
    return Response(made.content, media_type=bundle_zip.MEDIA_TYPE, headers=headers)
