"""Staff page of quotes: what people said, what they agreed to, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import quotes
from service.dissemination.formats import records_csv
from service.dissemination.quoting import Attribution, Quote, Standing, Use
from service.dissemination.store import quotes as store
from service.events.store import read_events
from service.events.values import Project
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.people import store as people
from service.people.rules.addresses import normalise_address
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed
from service.web.files import csv_file
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/quotes")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below
FIELDS = ("words", "attribution", "credit", "agreed_on", "agreed_how", "until", "event_id", "email", "person_ref")
COLUMNS = ("id", "words", "credit", "uses", "once", "agreed_on", "until", "standing")


@router.get("")
@rule(Permission.READ)
def show(
    request: Request, session: ReadSession, who: Who, now: Now, show: str = "holds", person: str = "", saved: str = ""
) -> Response:
    """Show the quotes whose consent stands in one way; `person` begins the form with whose words they are."""
    project = own_project(request, session, who)
    return _page(request, session, project, {"person_ref": person}, now=now, shown=show, saved=saved)


@router.post("")
@rule(Permission.EDIT)
def add(form: Typed, request: Request, session: WriteSession, who: Who, now: Now) -> Response:
    """Put in a quote; a form that cannot be used comes back with what was typed."""
    project = own_project(request, session, who)
    try:
        quotes.add_quote(session, project.id, _wishes(session, form), now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, project, form, now=now, error=error)
    return RedirectResponse(f"/plan/quotes?project={project.id}&saved=yes", 303)


def _wishes(session: Session, form: Mapping[str, str]) -> dict[str, Any]:
    """Return a form as wishes; whoever has the address said it.

    Raises:
        Invalid: nobody has the address, or it is none.
    """
    uses = [use.value for use in Use if form.get(f"use_{use.value}")]
    person_ref = form.get("person_ref") or None
    if email := form.get("email", "").strip():
        person_ref = people.find_person(session, normalise_address(email).key)
        if person_ref is None:
            raise Invalid("Nobody here has this address. Add them first, or leave it empty.", field="email")
    return {**form, "uses": uses, "once": bool(form.get("once")), "person_ref": person_ref}


@router.post("/{quote_id:identifier}/withdraw")
@rule(Permission.EDIT)
def withdraw(request: Request, session: WriteSession, who: Who, now: Now, quote_id: str) -> Response:
    """Take a quote back."""
    project = own_project(request, session, who)
    quotes.withdraw(session, project.id, quote_id, now=now, actor=who.actor)
    return RedirectResponse(f"/plan/quotes?project={project.id}&saved=withdrawn", 303)


@router.get("/quotes.csv")
@rule(Permission.EXPORT)
def download(request: Request, session: ReadSession, who: Who, now: Now) -> Response:
    """Give the quotes as a file, without whose they are beyond what may be printed."""
    project = own_project(request, session, who)
    at_risk, today = store.read_at_risk(session, project.id), _today(project, now)
    rows = (_row(quote, today, is_at_risk=quote.id in at_risk) for quote in store.read_quotes(session, project.id))
    return csv_file(records_csv.written(COLUMNS, rows), f"quotes-{project.slug}.csv")


def _row(quote: Quote, today: date, *, is_at_risk: bool) -> list[Any]:
    credit = "" if is_at_risk else quote.credit
    uses = [use.value for use in quote.uses]
    return [
        quote.id, quote.words, credit, uses, quote.once, quote.agreed_on, quote.until, quote.standing(today).value,
    ]  # fmt: skip


def _today(project: Project, now: datetime) -> date:
    return local_time(now, project.time_zone).date()


def _page(
    request: Request,
    session: Session,
    project: Project,
    values: Mapping[str, str],
    *,
    now: datetime,
    shown: str = "holds",
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    today, found = _today(project, now), store.read_quotes(session, project.id)
    by = {one.value: [quote for quote in found if quote.standing(today) is one] for one in Standing}
    speaker = people.read_these(session, [values.get("person_ref") or ""]).get(values.get("person_ref") or "")
    return page(
        request,
        "plan/quotes.html",
        project=project,
        quotes=by.get(shown, found),
        counted=[("all", len(found)), *((name, len(part)) for name, part in by.items())],
        shown=shown if shown in by else "all",
        at_risk=store.read_at_risk(session, project.id),
        speakers=people.read_these(session, {quote.person_ref for quote in found if quote.person_ref}),
        speaker=speaker,
        events=read_events(session, project.id),
        today=today,
        uses=[use.value for use in Use],
        attributions=[one.value for one in Attribution],
        values=dict.fromkeys(FIELDS, "") | dict(values),
        errors={error.field or "words": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
