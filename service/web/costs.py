"""Staff page of what was spent on an event: book a cost, take one back."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import costs
from service.dissemination.store import costs as store
from service.events.store import read_project
from service.events.values import Event
from service.kernel.errors import Invalid
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import Typed, own_event
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events/{event_id:identifier}/costs")
IDENTIFIERS = identifiers  # its convertor must be known before the paths above
FIELDS = ("what", "on_day", "amount", "currency")


@router.get("")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, event_id: str, saved: str = "") -> Response:
    """Show what was spent on an event."""
    return _page(request, session, own_event(session, who, event_id), {}, saved=saved)


@router.post("")
@rule(Permission.EDIT)
def book(form: Typed, request: Request, session: WriteSession, who: Who, now: Now, event_id: str) -> Response:
    """Book a cost; a form that cannot be used comes back with what was typed."""
    event = own_event(session, who, event_id)
    try:
        costs.book(session, event, form, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        return _page(request, session, event, form, error=error)
    return RedirectResponse(f"/events/{event_id}/costs?saved=yes", 303)


@router.post("/{cost_id:identifier}/take-back")
@rule(Permission.EDIT)
def take_back(session: WriteSession, who: Who, now: Now, event_id: str, cost_id: str) -> Response:
    """Take a cost away that was wrong."""
    event = own_event(session, who, event_id)
    costs.take_back(session, event.id, cost_id, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}/costs", 303)


def _page(
    request: Request,
    session: Session,
    event: Event,
    values: Mapping[str, str],
    *,
    error: Invalid | None = None,
    saved: str = "",
) -> Response:
    booked = store.read_of_event(session, event.id)
    currency = store.read_currency(session, event.project_id)
    return page(
        request,
        "events/costs.html",
        event=event,
        project=read_project(session, event.project_id),
        costs=booked,
        total=sum(cost.hundredths for cost in booked) / 100,
        currency=currency,
        values=dict.fromkeys(FIELDS, "") | {"currency": currency} | dict(values),
        errors={error.field or "amount": error.sentence} if error else {},
        saved=saved,
        status=422 if error else 200,
    )
