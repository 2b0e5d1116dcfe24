"""Staff page of figures that others count: name a source, ask it again, put numbers in by file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, File, Request, Response, UploadFile
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import external, sources
from service.dissemination.snapshots import ExternalLine
from service.dissemination.store import external as store
from service.events.values import Project
from service.kernel.errors import FarsowError, Invalid
from service.people.files import open_table
from service.people.reading import Sizes
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/sources")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("provider", "host", "reference", "label")
SIZES = Sizes(bytes=1_000_000, rows=sources.MOST_ROWS + 1)


class Sent:
    """A file of numbers, read before any transaction begins."""

    def __init__(self, file: Annotated[UploadFile | None, File()] = None) -> None:
        self.records: list[list[str]] = []
        self.error: FarsowError | None = None
        try:
            self.records = open_table(file.file.read(SIZES.bytes + 1), SIZES).records if file else []
        except FarsowError as error:
            self.error = error


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, saved: str = "") -> Response:
    """Show what others count, side by side."""
    return _page(request, session, own_project(request, session, who), {}, saved=saved)


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Name a source; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        sources.add_source(session, project.id, form, now=now, actor=who.actor)
    except (Invalid, sources.TooManySources) as error:
        session.rollback()
        return _page(request, session, project, form, error=error)
    return RedirectResponse(f"/plan/sources?project={project.id}&saved=source", 303)


@router.post("/numbers")
@rule(Permission.EDIT)
def put_in(sent: Annotated[Sent, Depends()], request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Put in the numbers of a file, all of them or none."""
    project = own_project(request, session, who)
    try:
        if sent.error:
            raise sent.error
        sources.put_in_numbers(session, project.id, sent.records, now=now, actor=who.actor)
    except FarsowError as error:
        session.rollback()
        return _page(request, session, project, {}, error=error, field="file")
    return RedirectResponse(f"/plan/sources?project={project.id}&saved=numbers", 303)


@router.post("/{source_id:identifier}/ask")
@rule(Permission.EDIT)
def ask(request: Request, session: WriteSession, who: Who, now: Now, source_id: str) -> Response:
    """Let a source be asked soon."""
    project = own_project(request, session, who)
    sources.ask_again(session, project.id, source_id, now=now, actor=who.actor)
    return RedirectResponse(f"/plan/sources?project={project.id}&saved=asked", 303)


@router.post("/{source_id:identifier}/remove")
@rule(Permission.EDIT)
def remove(request: Request, session: WriteSession, who: Who, now: Now, source_id: str) -> Response:
    """Let a source go, with its numbers."""
    project = own_project(request, session, who)
    sources.remove_source(session, project.id, source_id, now=now, actor=who.actor)
    return RedirectResponse(f"/plan/sources?project={project.id}", 303)


def _page(
    request: Request,
    session: Session,
    project: Project,
    values: Mapping[str, str],
    *,
    error: FarsowError | None = None,
    field: str = "",
    saved: str = "",
) -> Response:
    named = field or getattr(error, "field", None) or "provider"
    return page(
        request,
        "plan/sources.html",
        project=project,
        sources=store.read_sources(session, project.id),
        lines=_by_source(session, project.id),
        providers=[provider.value for provider in external.ASKED],
        columns=sources.COLUMNS,
        values=dict.fromkeys(FIELDS, "") | {name: values.get(name, "") for name in FIELDS},
        errors={named: error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )


def _by_source(session: Session, project_id: str) -> dict[str, list[ExternalLine]]:
    found: dict[str, list[ExternalLine]] = {}
    for line in store.read_lines(session, project_id):
        found.setdefault(line.key.partition(":")[0], []).append(line)
    return found
