"""What staff do to projects and events. Telling people about it is the floor of letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.events import rules, store
from service.events.recurrence import Repeat, drafts_of, plan_dates
from service.events.values import Change, Event, EventDraft, EventEdit, EventState, Project
from service.kernel.errors import Invalid
from service.kernel.text import clean_line


def create_project(
    session: Session,
    *,
    name: str,
    time_zone: str,
    starts_on: date,
    ends_on: date,
    summary: str = "",
    organisation: str = "",
    locale: str = "en",
    slug: str | None = None,
    is_sample: bool = False,
    now: datetime,
    actor: str,
) -> Project:
    """Make a project and return it.

    Raises:
        Invalid: as `change_project`.
    """
    given = {"name": name, "organisation": organisation, "summary": summary, "time_zone": time_zone}
    columns = rules.check_project({**given, "starts_on": starts_on, "ends_on": ends_on})
    project_id = store.add_project(
        session, {**columns, "locale": locale, "slug": slug, "is_sample": is_sample}, now=now
    )
    log.record(session, actor=actor, action="project.created", subject=f"project:{project_id}", now=now)
    return store.read_project(session, project_id)


def change_project(
    session: Session, project_id: str, changes: Mapping[str, str | date], *, now: datetime, actor: str
) -> Project:
    """Change what a project is called, its days and its time zone, from now on; what is not in `changes` stays.

    Events, letters and frozen reports keep what they had.

    Raises:
        UnknownProject: there is none.
        Invalid: it has no name, ends before it begins, or lies in no zone there is.
    """
    before = store.read_project(session, project_id)
    columns = rules.check_project({name: getattr(before, name) for name in rules.PROJECT_FIELDS} | dict(changes))
    if changed := [name for name, value in columns.items() if getattr(before, name) != value]:
        store.write_project(session, project_id, columns)
        log.record(
            session, actor=actor, action="project.changed", subject=f"project:{project_id}", now=now, fields=changed
        )
    return store.read_project(session, project_id)


def create_event(
    session: Session, draft: EventDraft, *, uid_domain: str, slug: str = "", now: datetime, actor: str
) -> Event:
    """Make a draft event and return it; its address is of the title unless a `slug` is given."""
    store.read_project(session, draft.project_id)
    columns = {**rules.plan_event(draft), "project_id": draft.project_id}
    event_id = store.add_event(session, columns, wanted_slug=slug, uid_domain=uid_domain, now=now)
    log.record(session, actor=actor, action="event.created", subject=f"event:{event_id}", now=now)
    return store.read_event(session, event_id)


def create_dates(
    session: Session, draft: EventDraft, repeat: Repeat, *, uid_domain: str, now: datetime, actor: str
) -> list[Event]:
    """Make a draft event for each date of a rule, each with its own UID, and return them in order.

    Raises:
        what `plan_dates` and `create_event` do: nothing is stored.
    """
    drafts = drafts_of(draft, plan_dates(draft.starts_at, draft.time_zone, repeat, whole_day=draft.whole_day))
    return [create_event(session, one, uid_domain=uid_domain, now=now, actor=actor) for one in drafts]


def plan_edit(session: Session, event_id: str, wishes: Mapping[str, Any]) -> EventEdit:
    """Return what an edit would do; nothing is stored."""
    before = store.read_event(session, event_id)
    after = rules.plan_edit(before, wishes)
    return EventEdit(before, after, rules.compare(before, after))


def edit_event(
    session: Session,
    event_id: str,
    wishes: Mapping[str, Any],
    *,
    told: bool,
    reason: str = "",
    now: datetime,
    actor: str,
) -> EventEdit:
    """Carry an edit out. A material one to an announced event raises SEQUENCE and revision.

    `told` is remembered with the edit: whether people are told of it, and if not, why.
    """
    store.lock_event(session, event_id)
    plan = plan_edit(session, event_id, wishes)
    if plan.diff.change is Change.NONE:
        return plan
    after = replace(plan.after, changed_at=now)
    if plan.diff.change is Change.MATERIAL and after.state is not EventState.DRAFT:
        after = _newer(after)
    names = {*plan.diff.fields, "starts_at", "ends_at", "changed_at", "sequence", "revision"}
    store.write_event(session, after, names)
    store.add_change(session, after, plan.diff, told=told, reason=reason, actor=actor, now=now)
    log.record(
        session,
        actor=actor,
        action="event.changed",
        subject=f"event:{event_id}",
        now=now,
        change=plan.diff.change.value,
        fields=sorted(plan.diff.fields),
        told=told,
        reason=reason,
    )
    return replace(plan, after=after)


def announce_event(session: Session, event_id: str, *, now: datetime, actor: str) -> Event:
    """Let a draft take invitations, or one that was put off take place at its first time after all.

    Announcing twice changes nothing. SEQUENCE rises for the second: its status changes.
    """
    event = store.lock_event(session, event_id)
    if event.state is EventState.ANNOUNCED:
        return event
    rules.must_be(event, (EventState.DRAFT, EventState.POSTPONED), "announced")
    if event.state is EventState.POSTPONED:
        if now >= event.starts_at:
            raise rules.NoDateYet(event.id)
        event = _newer(event)
    after = replace(event, state=EventState.ANNOUNCED, announced_at=event.announced_at or now, changed_at=now)
    return _settle(session, after, "event.announced", now=now, actor=actor)


def postpone_event(session: Session, event_id: str, *, now: datetime, actor: str) -> Event:
    """Put an event off without a new date: SEQUENCE rises; putting it off twice changes nothing.

    Raises:
        WrongState: it is not announced. EventClosed: it has begun.
    """
    event = store.lock_event(session, event_id)
    if event.state is EventState.POSTPONED:
        return event
    rules.must_be(event, (EventState.ANNOUNCED,), "put off")
    if now >= event.starts_at:
        raise rules.EventClosed(event.id, event.starts_at)
    after = replace(_newer(event), state=EventState.POSTPONED, changed_at=now)
    return _settle(session, after, "event.postponed", now=now, actor=actor)


def _newer(event: Event) -> Event:
    return replace(event, sequence=event.sequence + 1, revision=event.revision + 1)


def cancel_event(session: Session, event_id: str, *, reason: str, now: datetime, actor: str) -> Event:
    """Cancel an event: SEQUENCE rises; cancelling twice changes nothing."""
    event = store.lock_event(session, event_id)
    if event.state is EventState.CANCELLED:
        return event
    rules.must_be(event, (EventState.DRAFT, EventState.ANNOUNCED, EventState.POSTPONED), "cancelled")
    after = replace(
        _newer(event),
        state=EventState.CANCELLED,
        cancelled_at=now,
        cancel_reason=clean_line(reason)[:500],
        changed_at=now,
    )
    return _settle(session, after, "event.cancelled", now=now, actor=actor)


def close_event(session: Session, event_id: str, *, head_count: int | None = None, now: datetime, actor: str) -> Event:
    """Close an event that has begun: its attendance is final and its figures count."""
    event = store.lock_event(session, event_id)
    if event.state is EventState.CLOSED:
        return event
    rules.must_be(event, (EventState.ANNOUNCED,), "closed")
    if now < event.starts_at:
        raise NotYet()
    if head_count is not None and head_count < 0:
        raise Invalid("A head-count cannot be below 0.", field="head_count")
    after = replace(event, state=EventState.CLOSED, closed_at=now, head_count=head_count)
    return _settle(session, after, "event.closed", now=now, actor=actor)


class NotYet(rules.WrongState):
    """The event has not begun."""

    code = "not-yet"

    def __init__(self) -> None:
        super().__init__("still ahead", "closed")


def _settle(session: Session, after: Event, action: str, *, now: datetime, actor: str) -> Event:
    names = (
        "state",
        "announced_at",
        "closed_at",
        "cancelled_at",
        "cancel_reason",
        "sequence",
        "revision",
        "changed_at",
        "head_count",
    )
    store.write_event(session, after, names)
    log.record(session, actor=actor, action=action, subject=f"event:{after.id}", now=now)
    return after
