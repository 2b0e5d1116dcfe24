"""Staff pages for changing or cancelling an event: who is told stands on the page before it happens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.events import store
from service.events.rules import has_another_clock
from service.events.together import Scope
from service.events.values import Change, Event, EventState
from service.kernel.errors import Invalid
from service.letters import changes
from service.letters.series_changes import SeriesPreview, change_series, preview_series
from service.letters.values import ChangePreview
from service.letters.values import Desk as DeskValue
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.event_forms import as_typed, hours_of, shown_field, typed_fields
from service.web.events import LANGUAGES, Typed, own_event
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events")


def _values(event: Event) -> dict[str, Any]:
    return {
        "title": event.title,
        "summary": event.summary,
        "starts_date": event.first_day.isoformat(),
        "ends_date": event.last_day.isoformat() if event.last_day != event.first_day else "",
        **hours_of(event),
        "time_zone": event.time_zone,
        "mode": event.mode.value,
        "privacy": event.privacy.value,
        "place": event.place,
        "online_url": event.online_url,
        "capacity": "" if event.capacity is None else event.capacity,
        "language": event.language,
    }


def _page(
    request: Request,
    session: Session,
    event: Event,
    values: dict[str, Any],
    *,
    errors: dict[str, str],
    preview: ChangePreview | None = None,
    status: int = 200,
) -> Response:
    dates = len(store.read_dates(session, event.series_id)) if event.series_id else 0
    return page(
        request,
        "events/change.html",
        project=store.read_project(session, event.project_id),
        event=event,
        dates=dates,
        values={"scope": Scope.THIS.value, **_values(event), **as_typed(values)},
        errors=errors,
        preview=preview,
        another_clock=has_another_clock(event),
        options={"languages": LANGUAGES},
        status=status,
    )


@router.get("/{event_id:identifier}/change")
@rule(Permission.EDIT)
def show_form(request: Request, session: ReadSession, who: Who, event_id: str) -> Response:
    """Show the event's fields to change."""
    return _page(request, session, own_event(session, who, event_id), {}, errors={})


@router.post("/{event_id:identifier}/change")
@rule(Permission.EDIT)
def change(
    form: Typed, request: Request, session: WriteSession, who: Who, now: Now, desk: Desk, event_id: str
) -> Response:
    """Save what tells nobody; ask first where people would be told, or where more than one date changes."""
    event = own_event(session, who, event_id)
    try:
        wishes = typed_fields(form)
        if form.get("scope", Scope.THIS) != Scope.THIS:
            return _change_dates(form, request, session, who, event, wishes, now=now, desk=desk)
        preview = changes.preview_change(session, event_id, wishes, now=now)
        if _must_ask(preview) and not form.get("confirmed"):
            return _page(request, session, event, dict(form), errors={}, preview=preview)
        done = changes.change_event(
            session,
            event_id,
            wishes,
            notify=form.get("notify", "yes") == "yes",
            reason=form.get("reason", ""),
            note=form.get("note", ""),
            desk=desk,
            now=now,
            actor=who.actor,
        )
    except Invalid as error:
        session.rollback()
        errors = {shown_field(error, form): error.sentence}
        return _page(request, session, event, dict(form), errors=errors, status=422)
    if done.mailing_id:
        return RedirectResponse(f"/letters/{done.mailing_id}", 303)
    quiet = "nothing" if done.edit.diff.change is Change.NONE else "quietly"
    return RedirectResponse(f"/events/{event_id}?saved={quiet}", 303)


def _change_dates(
    form: dict[str, str],
    request: Request,
    session: Session,
    who: Principal,
    event: Event,
    wishes: dict[str, Any],
    *,
    now: datetime,
    desk: DeskValue,
) -> Response:
    """Change several dates of a series; what happens to each stands on a page first."""
    scope = form["scope"]
    preview = preview_series(session, event.id, wishes, scope, now=now)
    if not form.get("confirmed"):
        return _dates_page(request, session, event, form, preview)
    quiet = form.get("notify", "yes") != "yes"
    said = {"reason": form.get("reason", ""), "note": form.get("note", "")}
    done = change_series(
        session, event.id, wishes, scope, notify=not quiet, **said, desk=desk, now=now, actor=who.actor
    )
    told = sum(one.told for one in done.dates)
    return RedirectResponse(f"/series/{event.series_id}?changed={done.changed}&told={told}", 303)


def _dates_page(
    request: Request, session: Session, event: Event, form: dict[str, str], preview: SeriesPreview
) -> Response:
    return page(
        request,
        "events/change_dates.html",
        project=store.read_project(session, event.project_id),
        event=event,
        values={name: value for name, value in form.items() if name != "csrf"},
        preview=preview,
    )


def _must_ask(preview: ChangePreview) -> bool:
    return preview.edit.after.state is EventState.ANNOUNCED and preview.tell_count > 0


@router.get("/{event_id:identifier}/end")
@rule(Permission.EDIT)
def show_end(request: Request, session: ReadSession, who: Who, now: Now, event_id: str) -> Response:
    """Show the ways to end an event: close it when it is over, put it off, or cancel it."""
    event = own_event(session, who, event_id)
    return page(
        request,
        "events/end.html",
        project=store.read_project(session, event.project_id),
        event=event,
        tell_count=changes.count_live(session, event_id),
        begun=now >= event.starts_at,
    )


@router.post("/{event_id:identifier}/postpone")
@rule(Permission.SEND)
def postpone(
    session: WriteSession, who: Who, now: Now, desk: Desk, event_id: str, note: Annotated[str, Form()] = ""
) -> Response:
    """Put the event off without a new date, and tell everyone with a live invitation."""
    own_event(session, who, event_id)
    done = changes.postpone_event(session, event_id, note=note, desk=desk, now=now, actor=who.actor)
    where = f"/letters/{done.mailing_id}" if done.mailing_id else f"/events/{event_id}?saved=postponed"
    return RedirectResponse(where, 303)


@router.post("/{event_id:identifier}/cancel")
@rule(Permission.SEND)
def cancel(
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    event_id: str,
    reason: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Cancel the event and tell everyone with a live invitation."""
    own_event(session, who, event_id)
    done = changes.cancel_event(session, event_id, reason=reason, note=note, desk=desk, now=now, actor=who.actor)
    where = f"/letters/{done.mailing_id}" if done.mailing_id else f"/events/{event_id}?saved=cancelled"
    return RedirectResponse(where, 303)
