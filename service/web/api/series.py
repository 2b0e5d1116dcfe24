"""The API of series: who stands invited to all of one, and dates made by a rule."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pydantic import Field

from service.accounts.values import Permission
from service.events import actions as event_actions
from service.events import store as events
from service.events.recurrence import Repeat, plan_dates
from service.events.values import EventDraft
from service.invitations.store import standing as store
from service.invitations.values import Standing
from service.letters import standing
from service.letters import store as letter_store
from service.web.api.events import EventIn, EventOut, event_out
from service.web.api.invitations import Skipped
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.desk import Desk
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/series", tag="series")


class StandingIn(ApiModel):
    """Whom to invite to every date: a list as it is now, or people."""

    list_id: str | None = None
    people: list[str] = Field(default_factory=list)


class StandingOut(ApiModel):
    """One person's standing invitation; `left_out` names the events they are not invited to."""

    id: str
    series_id: str
    person_id: str
    list_id: str | None
    since: datetime
    ended_at: datetime | None
    left_out: list[str]


class EnrolledOut(ApiModel):
    """What one date made of it: how many letters, in which drafts."""

    event_id: str
    queued: int
    skipped: list[Skipped]
    mailing_ids: list[str]


class StoodOut(ApiModel):
    """Who stands invited from now on, who does not and why, and the dates."""

    added: list[str]
    skipped: list[Skipped]
    dates: list[EnrolledOut]


class DateIn(ApiModel):
    """One date of the series."""

    event_id: str


class EndedOut(ApiModel):
    """How many dates were taken back before they were sent, and how many stay."""

    taken_back: int
    kept: int


class RepeatIn(ApiModel):
    """Every so many days, weeks or months, `count` times (104 at most) or `until` a day (within five years)."""

    frequency: str
    every: int = 1
    count: int | None = None
    until: date | None = None


class DatesIn(EventIn):
    """The first date, and the rule that makes the others."""

    repeat: RepeatIn


class SkippedDate(ApiModel):
    """A date the rule leaves out: no-such-day or no-such-time. Of whole days `time` is empty."""

    day: str
    time: str
    reason: str


class DatesOut(ApiModel):
    """The local starts a rule makes, what it leaves out, and the events once they are made."""

    starts: list[str]
    skipped: list[SkippedDate]
    events: list[EventOut] = Field(default_factory=list)


def _out(one: Standing) -> StandingOut:
    return StandingOut(**{n: v for n, v in asdict(one).items() if n in StandingOut.model_fields})


def _own_series(session: ReadSession, who: Principal, series_id: str) -> None:
    require_project(who, events.read_one_series(session, series_id)["project_id"])


def _own(session: ReadSession, who: Principal, series_id: str, standing_id: str) -> None:
    _own_series(session, who, series_id)
    if store.read(session, standing_id).series_id != series_id:
        raise store.UnknownStanding("There is no such standing invitation.")


@router.get("/{series_id}/standing")
@rule(Permission.READ)
def list_standing(session: ReadSession, who: Principal, series_id: str) -> Page[StandingOut]:
    """Return the standing invitations to a series, those that were ended too."""
    _own_series(session, who, series_id)
    return Page(items=[_out(one) for one in store.read_of_series(session, series_id)])


@router.post("/{series_id}/standing", status_code=201)
@rule(Permission.SEND)
def invite(session: WriteSession, who: Principal, now: Now, desk: Desk, series_id: str, body: StandingIn) -> StoodOut:
    """Invite a list or people to every date, those added later too; the letters are drafts."""
    _own_series(session, who, series_id)
    if body.list_id:
        letter_store.require_list(session, body.list_id)
    letter_store.require_people(session, body.people)
    done = standing.invite_to_series(
        session, series_id, person_ids=body.people, list_id=body.list_id, desk=desk, now=now, actor=who.actor
    )
    dates = [
        EnrolledOut(
            event_id=one.event_id, queued=one.queued, skipped=_skipped(one.skipped), mailing_ids=list(one.mailing_ids)
        )
        for one in done.dates
    ]
    return StoodOut(added=list(done.added), skipped=_skipped(done.skipped), dates=dates)


def _skipped(skipped: tuple[tuple[str, str], ...]) -> list[Skipped]:
    return [Skipped(person_id=person, reason=reason) for person, reason in skipped]


@router.post("/{series_id}/standing/{standing_id}/leave-out")
@rule(Permission.SEND)
def leave_out(
    session: WriteSession, who: Principal, now: Now, desk: Desk, series_id: str, standing_id: str, body: DateIn
) -> StandingOut:
    """Leave a person out of one date; whoever has its letter gets a cancellation."""
    _own(session, who, series_id, standing_id)
    return _out(standing.leave_out(session, standing_id, body.event_id, desk=desk, now=now, actor=who.actor))


@router.post("/{series_id}/standing/{standing_id}/put-back")
@rule(Permission.SEND)
def put_back(
    session: WriteSession, who: Principal, now: Now, desk: Desk, series_id: str, standing_id: str, body: DateIn
) -> StandingOut:
    """Let a person be invited to a date again."""
    _own(session, who, series_id, standing_id)
    return _out(standing.put_back(session, standing_id, body.event_id, desk=desk, now=now, actor=who.actor))


@router.post("/{series_id}/standing/{standing_id}/end")
@rule(Permission.SEND)
def end(session: WriteSession, who: Principal, now: Now, series_id: str, standing_id: str) -> EndedOut:
    """End a standing invitation: dates not sent yet are taken back, those that were sent stay."""
    _own(session, who, series_id, standing_id)
    return EndedOut(**asdict(standing.end(session, standing_id, now=now, actor=who.actor)))


@router.post("/{series_id}/dates", status_code=201)
@rule(Permission.EDIT)
def make_dates(
    session: WriteSession, who: Principal, now: Now, desk: Desk, series_id: str, body: DatesIn, preview: bool = False
) -> DatesOut:
    """Make draft events by a rule, each with a UID of its own; `?preview=true` only says when they would be."""
    _own_series(session, who, series_id)
    project_id = events.read_one_series(session, series_id)["project_id"]
    given = {**body.model_dump(exclude={"repeat"}), "series_id": series_id, "project_id": project_id}
    draft, repeat = EventDraft(**given), Repeat(**body.repeat.model_dump())
    dates = plan_dates(draft.starts_at, draft.time_zone, repeat, whole_day=draft.whole_day)
    skipped = [SkippedDate(day=day, time=time, reason=why) for day, time, why in dates.skipped]
    said: dict[str, Any] = {"starts": list(dates.starts), "skipped": skipped}
    if preview:
        return DatesOut(**said)
    made = event_actions.create_dates(session, draft, repeat, uid_domain=desk.domain, now=now, actor=who.actor)
    return DatesOut(**said, events=[EventOut(**event_out(one)) for one in made])
