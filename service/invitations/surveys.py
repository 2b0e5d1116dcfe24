"""What guests say after an event: the survey, what they will do, and what came of it. The caller commits.

Where an event's survey is nameless, an answer is kept apart from who gave it, with a day and no time; that someone has
answered is kept on their invitation, so that they are not reminded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.events import store as events
from service.events.values import Event
from service.invitations import store as invitations
from service.invitations import survey_form
from service.invitations.store import surveys as store
from service.invitations.survey_form import AlreadyAnswered, Answer, Commitment, NothingSaid, Progress, Said
from service.kernel.clock import local_time


def answer(session: Session, invitation_id: str, raw: Mapping[str, str], *, now: datetime) -> None:
    """Keep a survey as a guest sent it in; under their name a later one takes its place.

    Raises:
        what `survey_form.refuse` and `read_form` do; AlreadyAnswered: a nameless one cannot be changed.
    """
    event = events.lock_event(session, invitations.read_event_id(session, invitation_id))
    survey_form.refuse(survey_form.stand(event, invitations.read(session, invitation_id), now=now), event)
    is_nameless = store.read_plan(session, event.id).is_anonymous
    before = store.read_return(session, invitation_id)
    if is_nameless and before.answered:
        raise AlreadyAnswered("Your answer is in, and nobody can tell which one it is; it cannot be changed.")
    said = survey_form.read_form(raw, event, now=now)
    _keep(session, event, None if is_nameless else invitation_id, said, now=now)
    _promise(session, event, invitation_id, said)
    store.write_return(session, replace(before, answered=True, next_steps=said.next_steps, may_ask=said.may_ask))
    if not is_nameless:  # the trail says when: of a nameless answer nobody keeps that
        _note(session, invitation_id, "survey.answered", now)


def _keep(session: Session, event: Event, invitation_id: str | None, said: Said, *, now: datetime) -> None:
    today = local_time(now, event.time_zone).date()
    known = store.read_answer(session, invitation_id) if invitation_id else None
    one = known or Answer(store.chance_id(), event.id, invitation_id, today)
    one = replace(one, on_day=today, usefulness=said.usefulness, words=said.words)
    if invitation_id:
        store.write_answer(session, one)
    elif said.usefulness is not None or said.words:
        store.add_nameless(session, one)


def _promise(session: Session, event: Event, invitation_id: str, said: Said) -> None:
    before = store.find_commitment(session, invitation_id)
    if not said.promise:
        store.delete_commitment(session, invitation_id)
        return
    blank = Commitment(store.chance_id(), invitation_id, event.id, "", said.due_on, Progress.OPEN, "")
    store.write_commitment(session, replace(before or blank, words=said.promise, due_on=said.due_on))


def check(
    session: Session, invitation_id: str, raw: Mapping[str, str], chapters: Mapping[str, str], *, now: datetime
) -> None:
    """Keep what came of it after three months: of what they would do, and whether the resource was used.

    `chapters` are the resources one may name, by key. What is done is proposed as an outcome, for staff to decide.

    Raises:
        what `survey_form.refuse` does; Invalid: a word that is none. NothingSaid: no question is answered.
    """
    event = events.lock_event(session, invitations.read_event_id(session, invitation_id))
    survey_form.refuse(survey_form.stand_of_check(event, invitations.read(session, invitation_id), now=now), event)
    used = {"yes": True, "no": False}.get(raw.get("used", ""))
    chapter = survey_form.read_chapter(raw.get("chapter", ""), chapters) if used else ""
    is_told = _progress(session, invitation_id, raw.get("state", ""))
    if used is None and not is_told:
        raise NothingSaid("Answer at least one of the questions.", field="used")
    is_nameless = store.read_plan(session, event.id).is_anonymous
    before = store.read_return(session, invitation_id)
    if used is not None and not (is_nameless and before.checked):
        _use(session, event, None if is_nameless else invitation_id, used, chapter, now=now)
    store.write_return(session, replace(before, checked=before.checked or used is not None))
    if not is_nameless:
        _note(session, invitation_id, "survey.checked", now)


def _progress(session: Session, invitation_id: str, state: str) -> bool:
    """Write what came of a guest's commitment; tell whether they said it."""
    commitment = store.find_commitment(session, invitation_id)
    if commitment is None or not state:
        return False
    store.write_commitment(session, progressed(commitment, survey_form.read_progress(state)))
    return True


def _use(session: Session, event: Event, invitation_id: str | None, used: bool, chapter: str, *, now: datetime) -> None:
    today = local_time(now, event.time_zone).date()
    known = store.read_answer(session, invitation_id) if invitation_id else None
    one = known or Answer(store.chance_id(), event.id, invitation_id, today)
    one = replace(one, used=used, chapter=chapter)
    if invitation_id:
        store.write_answer(session, one)
    else:
        store.add_nameless(session, one)


def progressed(before: Commitment, state: Progress) -> Commitment:
    """Return a commitment with what came of it; one that is done proposes an outcome, unless it was decided on."""
    proposes = state is Progress.DONE and not before.outcome
    takes_back = state is not Progress.DONE and before.outcome == "proposed"
    return replace(before, state=state, outcome="proposed" if proposes else "" if takes_back else before.outcome)


def set_progress(session: Session, commitment_id: str, state: str, *, now: datetime, actor: str) -> Commitment:
    """Note what came of a commitment as a guest told staff.

    Raises:
        UnknownCommitment, Invalid: nothing is stored.
    """
    after = progressed(store.read_commitment(session, commitment_id), survey_form.read_progress(state))
    store.write_commitment(session, after)
    facts = {"actor": actor, "action": "commitment.noted", "subject": f"commitment:{commitment_id}", "to": state}
    log.record(session, **facts, now=now)
    return after


def _note(session: Session, invitation_id: str, action: str, now: datetime) -> None:
    log.record(session, actor=f"guest:{invitation_id}", action=action, subject=f"invitation:{invitation_id}", now=now)
