"""What follows an event: letters that count from its close and leave once staff have said yes. The caller commits.

Each step is a planned letter. The key of what a guest gets is the event, the guest and the step: whoever has, or had, a
letter of a step does not get it again, however often the duty runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.events import actions as event_actions
from service.events import store as events
from service.events.values import Event, EventState
from service.invitations import store as invitations
from service.invitations.store import surveys
from service.invitations.survey_form import Plan
from service.invitations.values import Invitation
from service.kernel.clock import local_time
from service.kernel.errors import Conflict, Invalid
from service.kernel.text import clean_block
from service.letters import rules, store
from service.letters.actions import SecondPairOfEyes, discard
from service.letters.store import planned_letters
from service.letters.values import Desk, Kind, PlannedLetter
from service.mail import actions as mail
from service.mail.values import MailingState

LONGEST_NOTE = 4_000
_WAITING = (MailingState.APPROVED, MailingState.RUNNING, MailingState.PAUSED)


class StepGone(Conflict):
    """This step has left; it cannot be changed any more."""

    code = "step-gone"


class SurveyBegun(Conflict):
    """Guests were told how their answers are kept; that stays."""

    code = "survey-begun"


class NothingFollows(Conflict):
    """Nothing can follow an event that does not take place."""

    code = "nothing-follows"


@dataclass(frozen=True, slots=True)
class Step:
    """One letter after an event; `people` is to how many it would go now, None until the event is closed.

    `is_too_late`: what it leads to cannot be answered any more, so it goes to nobody.
    """

    letter: PlannedLetter
    people: int | None
    is_too_late: bool = False

    @property
    def wants_words(self) -> bool:
        """Whether it waits for words of staff."""
        return self.letter.kind is Kind.NEXT_STEPS and not self.letter.note


@dataclass(frozen=True, slots=True)
class Chain:
    """All that follows an event, in order of days."""

    plan: Plan
    steps: tuple[Step, ...]

    @property
    def is_open(self) -> bool:
        """Whether anything of it is still to leave."""
        return any(step.letter.mailing_id is None for step in self.steps)


def close_event(session: Session, event_id: str, *, head_count: int | None = None, now: datetime, actor: str) -> Event:
    """Close an event: its attendance is final, and what follows counts from this day.

    Raises:
        what `events.actions.close_event` does.
    """
    before = events.lock_event(session, event_id)
    event = event_actions.close_event(session, event_id, head_count=head_count, now=now, actor=actor)
    if before.state is not EventState.CLOSED:
        if event.kind in rules.FOLLOWED:
            _add_missing(session, event)
        for letter in _open_steps(session, event_id):
            planned_letters.write(session, letter.id, due_at=rules.due_at(event, letter.offset_minutes))
    return event


def begin(session: Session, event_id: str, *, now: datetime, actor: str) -> None:
    """Plan what usually follows an event of any kind; what is planned already stays as it is."""
    event = _followed(session, event_id)
    _add_missing(session, event)
    _note(session, event_id, "planned", now=now, actor=actor)


def _add_missing(session: Session, event: Event) -> None:
    known = {letter.kind for letter in planned_letters.read(session, event.id)}
    missing = [(kind, minutes, rules.due_at(event, minutes)) for kind, minutes in rules.STEPS if kind not in known]
    planned_letters.add(session, event.id, missing, held=store.is_sample(session, event.project_id))


def _open_steps(session: Session, event_id: str) -> list[PlannedLetter]:
    found = planned_letters.read(session, event_id)
    return [one for one in found if one.kind in rules.AFTER_EVENT and one.mailing_id is None]


def read(session: Session, event: Event, *, now: datetime) -> Chain:
    """Return what follows an event, and to how many each step would go now."""
    order = [kind for kind, _minutes in rules.STEPS]
    letters = [one for one in planned_letters.read(session, event.id) if one.kind in rules.AFTER_EVENT]
    letters.sort(key=lambda one: (one.due_at, order.index(one.kind)))
    late = {one.kind for one in letters if not rules.is_in_time(one.kind, event, now=max(now, one.due_at))}
    counts: Mapping[Kind, int] = {}
    if event.state is EventState.CLOSED:
        open_kinds = [one.kind for one in letters if one.mailing_id is None and one.kind not in late]
        counts = {kind: len(found) for kind, found in recipients(session, event.id, open_kinds).items()}
    steps = (Step(one, counts.get(one.kind), one.kind in late and not one.mailing_id) for one in letters)
    return Chain(surveys.read_plan(session, event.id), tuple(steps))


def recipients(session: Session, event_id: str, kinds: Iterable[Kind]) -> dict[Kind, list[Invitation]]:
    """Return who gets each of some steps as things are; suppression is looked at when a letter is handed over."""
    everyone = invitations.read_of_event(session, event_id)
    returns, had = surveys.read_returns(session, event_id), planned_letters.read_had(session, event_id)
    for_whom = {kind: rules.recipients_of(kind, everyone, rules.DEFAULT_STATUSES[kind]) for kind in kinds}
    return {kind: rules.step_recipients(kind, chosen, returns, had) for kind, chosen in for_whom.items()}


def facts_of(session: Session, letter: PlannedLetter) -> dict[str, Any]:
    """Return what is frozen on the mailing of a step beside the event: words of staff, and materials where they go."""
    materials = surveys.read_plan(session, letter.event_id).materials
    gives = letter.kind in (Kind.THANK_YOU, Kind.MISSED_YOU)
    return {"note": letter.note, **({"materials": [dict(one) for one in materials]} if gives else {})}


# What staff decide


def approve(session: Session, event_id: str, *, desk: Desk, now: datetime, actor: str) -> None:
    """Say yes, once for the event: its steps leave on their days; those whose day is over leave after a moment.

    Raises:
        NothingFollows: the event does not take place. SecondPairOfEyes: the desk wants someone else than its writer.
    """
    event = _followed(session, event_id)
    plan = surveys.read_plan(session, event_id)
    if desk.four_eyes and plan.written_by == actor:
        raise SecondPairOfEyes
    soonest = now + timedelta(seconds=desk.undo_seconds)
    for letter in _open_steps(session, event_id):
        can_leave = event.state is EventState.CLOSED and rules.is_in_time(letter.kind, event, now=soonest)
        if can_leave and letter.due_at < soonest:
            planned_letters.write(session, letter.id, due_at=soonest)
    surveys.write_plan(session, replace(plan, approved_at=now, approved_by=actor, stopped_at=None))
    _note(session, event_id, "approved", now=now, actor=actor)


def stop(session: Session, event_id: str, *, now: datetime, actor: str) -> None:
    """Stop all that follows an event: no step leaves any more, and letters that wait are called off."""
    events.lock_event(session, event_id)
    plan = surveys.read_plan(session, event_id)
    if plan.stopped_at:
        return
    for mailing in mail.read_mailings(session, context=f"event:{event_id}", states=_WAITING):
        if mailing.kind in rules.AFTER_EVENT:
            discard(session, mailing.id, now=now, actor=actor)
    surveys.write_plan(session, replace(plan, stopped_at=now))
    _note(session, event_id, "stopped", now=now, actor=actor)


def edit_step(
    session: Session,
    event_id: str,
    planned_id: str,
    *,
    on_day: date | None = None,
    note: str | None = None,
    held: bool | None = None,
    desk: Desk,
    now: datetime,
    actor: str,
) -> None:
    """Give a step another day, other words, or switch it off or on; None leaves a thing as it is.

    Raises:
        UnknownPlannedLetter, StepGone, Invalid: nothing is changed.
    """
    event = _followed(session, event_id)
    letter = _step(session, event_id, planned_id)
    values: dict[str, Any] = {} if held is None else {"held": held}
    if on_day is not None and on_day != local_time(letter.due_at, event.time_zone).date():
        values |= _moved(event, letter.kind, on_day, desk=desk, now=now)
    if note is not None and (words := _words(note)) != letter.note:
        values["note"] = words
        if event.state is EventState.CLOSED and letter.due_at <= now:  # it waited for these words
            values["due_at"] = now + timedelta(seconds=desk.undo_seconds)
    if not values:
        return
    planned_letters.write(session, planned_id, **values)
    _rewritten(session, event_id, "note" in values, desk=desk, actor=actor)
    said = {"step": letter.kind.value, "changed": sorted(values)}
    _note(session, event_id, "step-changed", now=now, actor=actor, **said)


def _step(session: Session, event_id: str, planned_id: str) -> PlannedLetter:
    found = {one.id: one for one in planned_letters.read(session, event_id) if one.kind in rules.AFTER_EVENT}
    if planned_id not in found:
        raise planned_letters.UnknownPlannedLetter("There is no such step.")
    if found[planned_id].mailing_id:
        raise StepGone("This step has left.")
    return found[planned_id]


def _moved(event: Event, kind: Kind, on_day: date, *, desk: Desk, now: datetime) -> dict[str, Any]:
    """Return the columns of a step on another day; today means after a moment."""
    today, first = local_time(now, event.time_zone).date(), rules.closing_day(event)
    if on_day < today or on_day <= first or on_day > first + timedelta(days=365):
        raise Invalid("Choose a day from today on, after the event and within a year of it.", field="on_day")
    minutes = (on_day - first).days * rules.DAY
    due = max(rules.due_at(event, minutes), now + timedelta(seconds=desk.undo_seconds))
    if not rules.is_in_time(kind, event, now=due):
        raise Invalid("The questions are closed by then: choose an earlier day.", field="on_day")
    return {"offset_minutes": minutes, "due_at": due}


def _words(raw: str) -> str:
    words = clean_block(raw)
    if len(words) > LONGEST_NOTE:
        raise Invalid(f"This is too long: {LONGEST_NOTE:,} letters at most.", field="note")
    return words


def set_up(
    session: Session,
    event_id: str,
    *,
    is_anonymous: bool,
    materials: Iterable[Mapping[str, str]],
    desk: Desk,
    now: datetime,
    actor: str,
) -> None:
    """Say how answers are kept, and which materials go with the thanks.

    Raises:
        SurveyBegun: the survey was sent or answered; how answers are kept stays as guests were told.
    """
    _followed(session, event_id)
    before = surveys.read_plan(session, event_id)
    given = tuple({"title": one["title"], "path": one["path"]} for one in materials)
    after = replace(before, is_anonymous=is_anonymous, materials=given)
    if after == before:
        return
    if is_anonymous != before.is_anonymous and _has_begun(session, event_id):
        raise SurveyBegun("The survey is out: its answers are kept as guests were told.")
    surveys.write_plan(session, after)
    _rewritten(session, event_id, True, desk=desk, actor=actor)
    _note(session, event_id, "set-up", now=now, actor=actor, is_anonymous=is_anonymous, materials=len(given))


def _has_begun(session: Session, event_id: str) -> bool:
    had = planned_letters.read_had(session, event_id)
    return bool(had.get(Kind.SURVEY) or any(one.answered for one in surveys.read_returns(session, event_id).values()))


def _rewritten(session: Session, event_id: str, is_in_words: bool, *, desk: Desk, actor: str) -> None:
    """Note who changed what leaves; where a second person must look, they look again."""
    plan = replace(surveys.read_plan(session, event_id), written_by=actor)
    if desk.four_eyes and is_in_words:
        plan = replace(plan, approved_at=None, approved_by=None)
    surveys.write_plan(session, plan)


def _followed(session: Session, event_id: str) -> Event:
    """Return an event that something can follow, held until the transaction ends."""
    event = events.lock_event(session, event_id)
    if event.state not in (EventState.ANNOUNCED, EventState.CLOSED):
        raise NothingFollows("Nothing follows an event that does not take place.", state=event.state.value)
    return event


def _note(session: Session, event_id: str, what: str, *, now: datetime, actor: str, **details: Any) -> None:
    log.record(session, actor=actor, action=f"follow-up.{what}", subject=f"event:{event_id}", now=now, **details)
