"""The API of coordinated actions: the local events of an umbrella."""

from __future__ import annotations

from fastapi import Response

from service.accounts.values import Permission
from service.campaign import together
from service.campaign.store.together import Numbers
from service.events.values import Event
from service.web.api.events import event_out
from service.web.deps import Now, Principal, ReadSession, WriteSession
from service.web.events import own_event
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/events/{event_id}/local", tag="events")


class LocalIn(ApiModel):
    """An event of the same project that becomes a local one of the umbrella."""

    event_id: str


class LocalOut(ApiModel):
    """A local event: when it is there, in its own zone, and its people."""

    event_id: str
    title: str
    starts_at: str
    time_zone: str
    place: str
    state: str
    invited: int
    accepted: int
    attended: int


class ActionOut(ApiModel):
    """The local events in order of start, and their numbers together; who was at two counts twice."""

    local: list[LocalOut]
    invited: int
    accepted: int
    attended: int


def _numbers(numbers: Numbers) -> dict[str, int]:
    return {"invited": numbers.invited, "accepted": numbers.accepted, "attended": numbers.attended}


def _local(event: Event, numbers: Numbers) -> LocalOut:
    where = {"time_zone": event.time_zone, "place": event.place, "state": event.state.value}
    starts_at = event_out(event)["starts_at"]
    return LocalOut(event_id=event.id, title=event.title, starts_at=starts_at, **where, **_numbers(numbers))


@router.get("")
@rule(Permission.READ)
def show(session: ReadSession, who: Principal, event_id: str) -> ActionOut:
    """Return the local events of an umbrella."""
    action = together.read_action(session, own_event(session, who, event_id))
    return ActionOut(local=[_local(event, numbers) for event, numbers in action.local], **_numbers(action.total))


@router.post("", status_code=201)
@rule(Permission.EDIT)
def join(session: WriteSession, who: Principal, now: Now, event_id: str, body: LocalIn) -> ActionOut:
    """Make an event a local one."""
    own_event(session, who, event_id)
    together.join(session, event_id, body.event_id, now=now, actor=who.actor)
    return show(session, who, event_id)


@router.delete("/{local_id}", status_code=204)
@rule(Permission.EDIT)
def part(session: WriteSession, who: Principal, now: Now, event_id: str, local_id: str) -> Response:
    """Let a local event stand alone again."""
    own_event(session, who, event_id)
    together.part(session, event_id, local_id, now=now, actor=who.actor)
    return Response(status_code=204)
