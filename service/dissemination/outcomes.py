"""What one does with outcomes: propose one, write it down, take it a step on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.accounts import store as accounts
from service.audit import log
from service.dissemination import harvest
from service.dissemination import store as plans
from service.dissemination.harvest import Outcome, OutcomeState
from service.dissemination.proving import Claim
from service.dissemination.store import evidence as files
from service.dissemination.store import outcomes as store
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.ids import new_id


def propose_outcome(
    session: Session, project_id: str, wishes: Mapping[str, Any], *, source: str | None, now: datetime, actor: str
) -> Outcome:
    """Propose an outcome that a person then takes up or dismisses; at least `what` is said.

    `source` names what it comes from, such as `commitment:ID`: what was proposed of it before is returned
    as it is, also when it was dismissed.

    Raises:
        UnknownProject, OutcomeIncomplete, NotADay, UnknownReference.
    """
    known = store.find_proposed(session, project_id, source) if source else None
    return known or _add(session, project_id, wishes, OutcomeState.PROPOSED, source, now=now, actor=actor)


def add_outcome(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Outcome:
    """Write down an outcome that someone of staff saw: a draft from the start.

    Raises:
        UnknownProject, OutcomeIncomplete, NotADay, UnknownReference.
    """
    return _add(session, project_id, wishes, OutcomeState.DRAFTED, None, now=now, actor=actor)


def _add(
    session: Session,
    project_id: str,
    wishes: Mapping[str, Any],
    state: OutcomeState,
    source: str | None,
    *,
    now: datetime,
    actor: str,
) -> Outcome:
    today, audiences = _today(session, project_id, now), _audiences(session)
    outcome = harvest.edit(Outcome(new_id(), state, "", source=source), wishes, audiences, today=today)
    harvest.check(outcome, ())
    store.add_outcome(session, project_id, outcome)
    subject = f"outcome:{outcome.id}"
    log.record(session, actor=actor, action=f"outcome.{state.value}", subject=subject, now=now, source=source)
    return outcome


def edit_outcome(
    session: Session, project_id: str, outcome_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Outcome:
    """Change what an outcome says; what was agreed is a draft again.

    Raises:
        UnknownOutcome, WrongStep, OutcomeIncomplete, NotADay, UnknownReference, SubstantiatorNotIndependent.
    """
    before = store.read_outcome(session, project_id, outcome_id)
    after = harvest.edit(before, wishes, _audiences(session), today=_today(session, project_id, now))
    harvest.check(after, _staff(session))
    return _write(session, before, after, "outcome.changed", now=now, actor=actor)


def step_outcome(
    session: Session, project_id: str, outcome_id: str, wanted: str, *, now: datetime, actor: str
) -> Outcome:
    """Take an outcome a step on, or back to a draft; a dismissed one keeps none of its words and files.

    Raises:
        UnknownOutcome, WrongStep, OutcomeIncomplete, SubstantiatorNotIndependent.
    """
    before = store.read_outcome(session, project_id, outcome_id)
    after = harvest.step(before, wanted, _staff(session))
    if after.state is OutcomeState.DISMISSED:
        files.remove_of(session, Claim.OUTCOME, outcome_id)
    return _write(session, before, after, f"outcome.{after.state.value}", now=now, actor=actor)


def _write(session: Session, before: Outcome, after: Outcome, action: str, *, now: datetime, actor: str) -> Outcome:
    if after != before:
        store.write_outcome(session, after)
        facts = {"before": before.state.value, "after": after.state.value}
        log.record(session, actor=actor, action=action, subject=f"outcome:{after.id}", now=now, **facts)
    return after


def _today(session: Session, project_id: str, now: datetime) -> Any:
    return local_time(now, read_project(session, project_id).time_zone).date()


def _audiences(session: Session) -> set[str]:
    return {one.key for one in plans.read_audiences(session)}


def _staff(session: Session) -> list[str]:
    return [text for one in accounts.list_staff(session) for text in (one.name, one.email)]
