"""The API of figures that others count."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import Response

from service.accounts.values import Permission
from service.dissemination import sources
from service.dissemination.external import Source
from service.dissemination.snapshots import ExternalLine
from service.dissemination.store import external as store
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/sources", tag="plan")


class SourceIn(ApiModel):
    """Who counts what: `provider`, its `host` where it has one of its own, and how it knows the work or the site."""

    provider: str
    host: str = ""
    reference: str
    label: str


class SourceOut(ApiModel):
    """A source; `trouble` is why it could not be asked the last time, "" when it could."""

    id: str
    provider: str
    host: str
    reference: str
    label: str
    trouble: str
    asked_at: datetime | None


class NumberIn(ApiModel):
    """A number that somebody counted: views, visitors, downloads or citations, as it stood on a day."""

    source: str
    metric: str
    day: date
    number: int


class NumbersIn(ApiModel):
    """Numbers to put in, all of them or none."""

    items: list[NumberIn]


class NumberOut(ApiModel):
    """The latest number of a source; `unavailable_on` is the day since when it could not be had."""

    source: str
    provider: str
    metric: str
    value: int | None
    as_of: date | None
    unavailable_on: date | None


def _source(source: Source) -> SourceOut:
    return SourceOut(**{name: getattr(source, name) for name in SourceOut.model_fields})


def _number(line: ExternalLine) -> NumberOut:
    return NumberOut(**{name: getattr(line, name) for name in NumberOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_sources(session: ReadSession, who: Principal, project_id: str) -> Page[SourceOut]:
    """Return the sources of a project by label."""
    _own(session, who, project_id)
    return Page(items=[_source(one) for one in store.read_sources(session, project_id)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add_source(session: WriteSession, who: Principal, now: Now, project_id: str, body: SourceIn) -> SourceOut:
    """Name a source; it is asked as soon as the worker looks."""
    _own(session, who, project_id)
    return _source(sources.add_source(session, project_id, body.model_dump(), now=now, actor=who.actor))


@router.get("/numbers")
@rule(Permission.READ)
def list_numbers(session: ReadSession, who: Principal, project_id: str) -> Page[NumberOut]:
    """Return the latest numbers side by side. They are never added up."""
    _own(session, who, project_id)
    return Page(items=[_number(line) for line in store.read_lines(session, project_id)])


@router.post("/numbers", status_code=201)
@rule(Permission.EDIT)
def put_in_numbers(
    session: WriteSession, who: Principal, now: Now, project_id: str, body: NumbersIn
) -> Page[NumberOut]:
    """Put in numbers of sources that cannot be asked."""
    _own(session, who, project_id)
    rows = [[one.source, one.metric, one.day.isoformat(), str(one.number)] for one in body.items]
    sources.put_in_numbers(session, project_id, [list(sources.COLUMNS), *rows], now=now, actor=who.actor)
    return Page(items=[_number(line) for line in store.read_lines(session, project_id)])


@router.post("/{source_id}/ask", status_code=202)
@rule(Permission.EDIT)
def ask_again(session: WriteSession, who: Principal, now: Now, project_id: str, source_id: str) -> SourceOut:
    """Let a source be asked as soon as the worker looks."""
    _own(session, who, project_id)
    sources.ask_again(session, project_id, source_id, now=now, actor=who.actor)
    return _source(store.read_source(session, project_id, source_id))


@router.delete("/{source_id}", status_code=204)
@rule(Permission.EDIT)
def remove_source(session: WriteSession, who: Principal, now: Now, project_id: str, source_id: str) -> Response:
    """Let a source go, with its numbers; frozen reports keep theirs."""
    _own(session, who, project_id)
    sources.remove_source(session, project_id, source_id, now=now, actor=who.actor)
    return Response(status_code=204)


def _own(session: ReadSession, who: Principal, project_id: str) -> None:
    require_project(who, project_id)
    events.read_project(session, project_id)
