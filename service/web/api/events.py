"""The API of events."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import Field

from service.accounts.values import Permission
from service.events import actions, store
from service.events.values import Event, EventDraft
from service.ical import feed
from service.letters import chain, changes
from service.letters.values import ChangePreview, ChangeResult
from service.web.calendars import publishable
from service.web.deps import After, House, Limit, Now, Principal, ReadSession, WriteSession, require_project
from service.web.desk import Desk
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/events", tag="events")


class EventIn(ApiModel):
    """An event to make. `starts_at` is local time, such as 2027-03-04T18:00, in `time_zone`.

    With `whole_day`, `starts_at` and `ends_at` are the first day and the last, such as 2027-03-04, without hours.
    """

    project_id: str
    kind: str
    title: str
    summary: str = ""
    starts_at: str
    time_zone: str
    ends_at: str | None = None
    duration_minutes: int | None = None
    whole_day: bool = False
    mode: str | None = None
    place: str = ""
    online_url: str = ""
    capacity: int | None = None
    language: str = "en"
    series_id: str | None = None
    privacy: str | None = None
    reply_by: str | None = None
    offer_freed_seats: bool = False


class EventPatch(ApiModel):
    """What shall change. `notify: false` tells nobody of a change that matters, and needs a `reason`."""

    title: str | None = None
    summary: str | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    duration_minutes: int | None = None
    whole_day: bool | None = None
    time_zone: str | None = None
    mode: str | None = None
    place: str | None = None
    online_url: str | None = None
    capacity: int | None = None
    language: str | None = None
    series_id: str | None = None
    privacy: str | None = None
    reply_by: str | None = None
    offer_freed_seats: bool | None = None
    notify: bool = True
    reason: str = ""
    note: str = ""

    def wishes(self) -> dict[str, Any]:
        """Return the fields that were given; a null empties what may be empty."""
        given = self.model_dump(exclude_unset=True, exclude={"notify", "reason", "note"})
        may_be_empty = {"capacity", "series_id", "reply_by"}
        return {name: value for name, value in given.items() if value is not None or name in may_be_empty}


class EventOut(ApiModel):
    """An event as it stands: local times with the zone, and the instants they mean.

    Of whole days `starts_at` and `ends_at` are the first day and the last; the instants are those at which the first
    begins and the last is over in the zone.
    """

    id: str
    project_id: str
    series_id: str | None
    slug: str
    kind: str
    state: str
    mode: str
    privacy: str
    title: str
    summary: str
    language: str
    whole_day: bool
    starts_at: str
    ends_at: str
    time_zone: str
    starts_at_utc: datetime
    ends_at_utc: datetime
    place: str
    online_url: str
    capacity: int | None
    offer_freed_seats: bool
    reply_by: datetime | None
    uid: str
    sequence: int
    revision: int
    cancel_reason: str
    head_count: int | None


class ToldOut(ApiModel):
    """One line of a preview."""

    status: str
    people: int
    gets: str
    answer: str


class MovedOut(ApiModel):
    """A planned letter that moves with the event."""

    kind: str
    before: datetime
    after: datetime


class ChangeOut(EventOut):
    """An event after a change, and what the change meant."""

    change: str
    told: int
    mailing_id: str | None = None
    preview: list[ToldOut] = Field(default_factory=list)
    moved_letters: list[MovedOut] = Field(default_factory=list)


class Cancel(ApiModel):
    """Why an event is cancelled; `note` is one more line for the letter."""

    reason: str = Field(default="", max_length=500)
    note: str = Field(default="", max_length=1000)


class Postpone(ApiModel):
    """One line for the letter."""

    note: str = Field(default="", max_length=1000)


class Close(ApiModel):
    """An anonymous head-count, if one was taken."""

    head_count: int | None = None


def event_out(event: Event) -> dict[str, Any]:
    """Return the fields of `EventOut`."""
    fields = asdict(event)
    return {
        **{name: fields[name] for name in EventOut.model_fields if name in fields},
        "starts_at": event.first_day.isoformat() if event.whole_day else event.starts_local,
        "ends_at": event.last_day.isoformat() if event.whole_day else event.ends_local,
        "starts_at_utc": event.starts_at,
        "ends_at_utc": event.ends_at,
    }


@router.get("")
@rule(Permission.READ)
def list_events(
    session: ReadSession, who: Principal, limit: Limit = 100, after: After = None, project_id: str | None = None
) -> Page[EventOut]:
    """Return events in order of start."""
    wanted = who.project_id or project_id
    found = store.read_events(session, wanted, limit=10_000)
    start = next((n + 1 for n, e in enumerate(found) if e.id == after), 0)
    shown = found[start : start + limit]
    more = shown[-1].id if start + limit < len(found) else None
    return Page(items=[EventOut(**event_out(e)) for e in shown], next=more)


@router.post("", status_code=201)
@rule(Permission.EDIT)
def create_event(session: WriteSession, who: Principal, now: Now, desk: Desk, body: EventIn) -> EventOut:
    """Make a draft event; what is left out comes from the kind's template."""
    require_project(who, body.project_id)
    draft = EventDraft(**body.model_dump())
    event = actions.create_event(session, draft, uid_domain=desk.domain, now=now, actor=who.actor)
    return EventOut(**event_out(event))


def own_event(session: ReadSession, who: Principal, event_id: str) -> Event:
    """Return an event this caller may see.

    Raises:
        UnknownEvent: there is none, or it belongs to another project.
    """
    event = store.read_event(session, event_id)
    require_project(who, event.project_id)
    return event


@router.get("/{event_id}")
@rule(Permission.READ)
def read_event(session: ReadSession, who: Principal, event_id: str) -> EventOut:
    """Return one event."""
    return EventOut(**event_out(own_event(session, who, event_id)))


@router.patch("/{event_id}")
@rule(Permission.EDIT)
def change_event(
    session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str, body: EventPatch, preview: bool = False
) -> ChangeOut:
    """Change an event and tell who must be told; `?preview=true` stores nothing and says who that would be."""
    own_event(session, who, event_id)
    if preview:
        return previewed_out(changes.preview_change(session, event_id, body.wishes(), now=now))
    done = changes.change_event(
        session,
        event_id,
        body.wishes(),
        notify=body.notify,
        reason=body.reason,
        note=body.note,
        desk=desk,
        now=now,
        actor=who.actor,
    )
    return changed_out(done)


def previewed_out(plan: ChangePreview) -> ChangeOut:
    """Return what a change would do, as the API shows it."""
    return ChangeOut(
        **event_out(plan.edit.after),
        change=plan.edit.diff.change.value,
        told=plan.tell_count,
        preview=[ToldOut(**asdict(line)) for line in plan.told],
        moved_letters=[MovedOut(**asdict(moved)) for moved in plan.moved],
    )


def changed_out(done: ChangeResult) -> ChangeOut:
    """Return what a change did, as the API shows it."""
    change = done.edit.diff.change.value
    return ChangeOut(**event_out(done.edit.after), change=change, told=done.told, mailing_id=done.mailing_id)


@router.post("/{event_id}/announce")
@rule(Permission.EDIT)
def announce_event(session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str) -> EventOut:
    """Let an event take invitations; one that was put off takes place at its first time, and people are told."""
    own_event(session, who, event_id)
    return EventOut(**event_out(changes.announce_event(session, event_id, desk=desk, now=now, actor=who.actor)))


@router.post("/{event_id}/postpone")
@rule(Permission.SEND)
def postpone_event(
    session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str, body: Postpone | None = None
) -> ChangeOut:
    """Put an event off without a new date and tell everyone with a live invitation; another time brings it back."""
    own_event(session, who, event_id)
    note = (body or Postpone()).note
    return changed_out(changes.postpone_event(session, event_id, note=note, desk=desk, now=now, actor=who.actor))


@router.post("/{event_id}/cancel")
@rule(Permission.SEND)
def cancel_event(
    session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str, body: Cancel | None = None
) -> ChangeOut:
    """Cancel an event and tell everyone with a live invitation."""
    own_event(session, who, event_id)
    said = body or Cancel()
    done = changes.cancel_event(
        session, event_id, reason=said.reason, note=said.note, desk=desk, now=now, actor=who.actor
    )
    return changed_out(done)


@router.post("/{event_id}/close")
@rule(Permission.EDIT)
def close_event(session: WriteSession, who: Principal, now: Now, event_id: str, body: Close | None = None) -> EventOut:
    """Close an event that has begun: its attendance is final."""
    own_event(session, who, event_id)
    head_count = body.head_count if body else None
    closed = chain.close_event(session, event_id, head_count=head_count, now=now, actor=who.actor)
    return EventOut(**event_out(closed))


@router.get("/{event_id}/changes")
@rule(Permission.READ)
def list_changes(session: ReadSession, who: Principal, event_id: str) -> Page[dict[str, Any]]:
    """Return the edits of an event, newest first."""
    own_event(session, who, event_id)
    return Page(items=store.read_changes(session, event_id))


@router.get("/{event_id}/calendar.ics", response_class=Response)
@rule(Permission.READ)
def event_calendar(session: ReadSession, who: Principal, house: House, event_id: str) -> Response:
    """Return the event's PUBLISH file: nobody is named in it."""
    event = own_event(session, who, event_id)
    meetings = publishable([event], organizer=house.organizer, public_url=house.public_url)
    data = feed.publish(meetings, name=event.title)
    headers = {"Content-Disposition": f'attachment; filename="{event.slug}.ics"'}
    return Response(data, media_type="text/calendar; charset=utf-8", headers=headers)
