"""The API of what follows an event: its steps, and the yes that lets them leave."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.accounts.values import Permission
from service.events.values import Event
from service.invitations.store import surveys
from service.letters import chain
from service.web.deps import Now, Principal, ReadSession, WriteSession
from service.web.desk import Desk
from service.web.events import own_event
from service.web.follow_up import chosen_materials
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/events/{event_id}/follow-up", tag="follow-up")


class StepOut(ApiModel):
    """One letter after an event. `people`: to how many it would go now; null before the close and once it left."""

    id: str
    kind: str
    due_at: datetime
    held: bool
    left: bool
    note: str
    people: int | None


class FollowUpOut(ApiModel):
    """What follows an event. `materials` are those that go with the thanks, by their titles."""

    is_approved: bool
    is_stopped: bool
    is_anonymous: bool
    materials: list[str]
    steps: list[StepOut]


class FollowUpPatch(ApiModel):
    """How answers are kept, and the ids of the materials that go with the thanks."""

    is_anonymous: bool | None = None
    materials: list[str] | None = None


class StepPatch(ApiModel):
    """Another day, other words, or whether the step is switched off."""

    on_day: date | None = None
    note: str | None = None
    held: bool | None = None


def _out(session: Session, event: Event, *, now: datetime) -> FollowUpOut:
    found = chain.read(session, event, now=now)
    steps = [
        StepOut(
            id=step.letter.id,
            kind=step.letter.kind.value,
            due_at=step.letter.due_at,
            held=step.letter.held,
            left=step.letter.mailing_id is not None,
            note=step.letter.note,
            people=step.people,
        )
        for step in found.steps
    ]
    return FollowUpOut(
        is_approved=found.plan.approved_at is not None,
        is_stopped=found.plan.stopped_at is not None,
        is_anonymous=found.plan.is_anonymous,
        materials=[one["title"] for one in found.plan.materials],
        steps=steps,
    )


@router.get("")
@rule(Permission.READ)
def read(session: ReadSession, who: Principal, now: Now, event_id: str) -> FollowUpOut:
    """Return what follows an event, and to how many each step would go now."""
    return _out(session, own_event(session, who, event_id), now=now)


@router.patch("")
@rule(Permission.SEND)
def set_up(
    session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str, body: FollowUpPatch
) -> FollowUpOut:
    """Say how answers are kept and which materials go with the thanks."""
    event = own_event(session, who, event_id)
    plan = surveys.read_plan(session, event_id)
    given: Any = plan.materials if body.materials is None else chosen_materials(session, event, body.materials)
    is_anonymous = plan.is_anonymous if body.is_anonymous is None else body.is_anonymous
    wishes = {"is_anonymous": is_anonymous, "materials": given}
    chain.set_up(session, event_id, **wishes, desk=desk, now=now, actor=who.actor)
    return _out(session, event, now=now)


@router.patch("/steps/{step_id}")
@rule(Permission.SEND)
def edit_step(
    session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str, step_id: str, body: StepPatch
) -> FollowUpOut:
    """Give a step another day or other words, or switch it off or on."""
    event = own_event(session, who, event_id)
    wishes: dict[str, Any] = body.model_dump(exclude_unset=True)
    chain.edit_step(session, event_id, step_id, **wishes, desk=desk, now=now, actor=who.actor)
    return _out(session, event, now=now)


@router.post("/plan")
@rule(Permission.SEND)
def plan(session: WriteSession, who: Principal, now: Now, event_id: str) -> FollowUpOut:
    """Plan what usually follows an event; what is planned stays as it is."""
    event = own_event(session, who, event_id)
    chain.begin(session, event_id, now=now, actor=who.actor)
    return _out(session, event, now=now)


@router.post("/approve")
@rule(Permission.SEND)
def approve(session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str) -> FollowUpOut:
    """Say yes, once for the event: its steps leave on their days."""
    event = own_event(session, who, event_id)
    chain.approve(session, event_id, desk=desk, now=now, actor=who.actor)
    return _out(session, event, now=now)


@router.post("/stop")
@rule(Permission.SEND)
def stop(session: WriteSession, who: Principal, now: Now, event_id: str) -> FollowUpOut:
    """Stop all that follows an event; letters that wait are called off."""
    event = own_event(session, who, event_id)
    chain.stop(session, event_id, now=now, actor=who.actor)
    return _out(session, event, now=now)
