"""Staff pages of what follows an event: yes or stop, days, words and materials, and what guests say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission
from service.dissemination import materials
from service.dissemination.handouts import UnknownMaterial
from service.dissemination.values.figures import SMALLEST_K
from service.events import store as events
from service.events.values import Event
from service.invitations import results
from service.invitations.store import guests as invitation_guests
from service.invitations.store import surveys
from service.kernel.errors import Conflict, Invalid
from service.letters import chain
from service.letters.store import planned_letters
from service.letters.values import Kind
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.desk import Desk
from service.web.events import Typed, own_event
from service.web.letters import agreed
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/events/{event_id:identifier}")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below


@router.get("/follow-up")
@rule(Permission.READ)
def show(request: Request, session: ReadSession, who: Who, now: Now, event_id: str, saved: bool = False) -> Response:
    """Show days, words and materials."""
    return _page(request, session, own_event(session, who, event_id), now=now, saved=saved)


def _page(
    request: Request,
    session: Session,
    event: Event,
    *,
    now: datetime,
    typed: Mapping[str, str] | None = None,
    errors: dict[str, str] | None = None,
    saved: bool = False,
) -> Response:
    found = chain.read(session, event, now=now)
    return page(
        request,
        "events/follow_up.html",
        project=events.read_project(session, event.project_id),
        event=event,
        chain=found,
        materials=[one for one in materials.read_all(session, event.project_id) if one.retired_at is None],
        chosen={one["path"].removeprefix("/m/").partition("?")[0] for one in found.plan.materials},
        drafted=agreed(session, event),
        typed={"form": "", "on_day": "", "note": "", **(typed or {})},
        errors=errors or {},
        saved=saved,
        status=422 if errors else 200,
    )


@router.post("/follow-up/{planned_id:identifier}/switch")
@rule(Permission.SEND)
def switch(
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    event_id: str,
    planned_id: str,
    held: Annotated[str, Form()] = "yes",
) -> Response:
    """Switch one step off, or on again."""
    own_event(session, who, event_id)
    chain.edit_step(session, event_id, planned_id, held=held == "yes", desk=desk, now=now, actor=who.actor)
    return RedirectResponse(f"/events/{event_id}#follow-up", 303)


@router.post("/follow-up/{planned_id:identifier}")
@rule(Permission.SEND)
def change(
    form: Typed,
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    event_id: str,
    planned_id: str,
) -> Response:
    """Give a step another day or other words; a form that cannot be used comes back with what was typed."""
    event = own_event(session, who, event_id)
    try:
        wishes: dict[str, Any] = {"on_day": read_day(form.get("on_day", "")), "note": form.get("note")}
        chain.edit_step(session, event_id, planned_id, **wishes, desk=desk, now=now, actor=who.actor)
    except Invalid as error:
        session.rollback()
        typed, fault = {**form, "form": planned_id}, {error.field or "note": error.sentence}
        return _page(request, session, event, now=now, typed=typed, errors=fault)
    return RedirectResponse(f"/events/{event_id}/follow-up?saved=true#step-{planned_id}", 303)


def read_day(raw: str) -> date | None:
    """Return a day as typed, None of nothing.

    Raises:
        Invalid: it is no day.
    """
    try:
        return date.fromisoformat(raw.strip()) if raw.strip() else None
    except ValueError:
        raise Invalid("Give the day as in 2027-05-31.", field="on_day") from None


@router.post("/follow-up/set-up")
@rule(Permission.SEND)
def set_up(
    request: Request,
    session: WriteSession,
    who: Who,
    now: Now,
    desk: Desk,
    event_id: str,
    is_anonymous: Annotated[str, Form()] = "no",
    material: Annotated[list[str], Form()] = [],  # noqa: B006
) -> Response:
    """Say how answers are kept and which materials go with the thanks."""
    event = own_event(session, who, event_id)
    try:
        chain.set_up(
            session,
            event_id,
            is_anonymous=is_anonymous == "yes",
            materials=chosen_materials(session, event, material),
            desk=desk,
            now=now,
            actor=who.actor,
        )
    except Conflict as error:
        session.rollback()
        return _page(
            request, session, event, now=now, typed={"form": "set-up"}, errors={"is_anonymous": error.sentence}
        )
    return RedirectResponse(f"/events/{event_id}/follow-up?saved=true#set-up", 303)


@router.post("/follow-up/{wish}")
@rule(Permission.SEND)
def decide(session: WriteSession, who: Who, now: Now, desk: Desk, event_id: str, wish: str) -> Response:
    """Plan what usually follows, let it leave, or stop it."""
    own_event(session, who, event_id)
    if wish == "plan":
        chain.begin(session, event_id, now=now, actor=who.actor)
    elif wish == "approve":
        chain.approve(session, event_id, desk=desk, now=now, actor=who.actor)
    elif wish == "stop":
        chain.stop(session, event_id, now=now, actor=who.actor)
    else:
        raise planned_letters.UnknownPlannedLetter("There is no such step.")
    return RedirectResponse(f"/events/{event_id}#follow-up", 303)


def chosen_materials(session: Session, event: Event, asset_ids: list[str]) -> list[dict[str, str]]:
    """Return what is frozen of materials that go with a letter, in their order on the page.

    Raises:
        UnknownMaterial: the project hands out none of an id.
    """
    known = {one.id: one for one in materials.read_all(session, event.project_id) if one.retired_at is None}
    if set(asset_ids) - known.keys():
        raise UnknownMaterial
    return [{"title": one.title, "path": f"/m/{one.id}?c=follow-up"} for one in known.values() if one.id in asset_ids]


@router.get("/answers")
@rule(Permission.READ)
def answers(request: Request, session: ReadSession, who: Who, event_id: str) -> Response:
    """Show what guests say; nameless answers once there are enough of them."""
    event = own_event(session, who, event_id)
    plan = surveys.read_plan(session, event_id)
    found = results.sum_up(
        surveys.read_answers(session, event_id),
        sent=len(planned_letters.read_had(session, event_id).get(Kind.SURVEY, ())),
        returned=sum(one.answered for one in surveys.read_returns(session, event_id).values()),
        names=_names(session, event_id),
        smallest=SMALLEST_K if plan.is_anonymous else 0,
    )
    project = events.read_project(session, event.project_id)
    context: dict[str, Any] = {"project": project, "event": event, "found": found, "k": SMALLEST_K}
    return page(request, "events/answers.html", is_anonymous=plan.is_anonymous, **context)


def _names(session: Session, event_id: str) -> dict[str, str]:
    """Return how guests are called on staff pages, by invitation; someone at risk by pseudonym."""
    guests = invitation_guests.read_guests(session, event_id)
    return {g["invitation"].id: (g["pseudonym"] or "") if g["at_risk"] else g["name"] for g in guests}
