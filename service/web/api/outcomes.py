"""The API of outcomes."""

from __future__ import annotations

from datetime import date

from service.accounts.values import Permission
from service.dissemination import outcomes
from service.dissemination.harvest import Outcome
from service.dissemination.store.outcomes import read_outcome, read_outcomes
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/outcomes", tag="results")


class OutcomeIn(ApiModel):
    """What an outcome says; what is left out stays as it is.

    `kind` is discursive, procedural, content, attitudinal or behavioural.
    """

    who: str | None = None
    what: str | None = None
    changed_on: date | None = None
    place: str | None = None
    kind: str | None = None
    audience_key: str | None = None
    significance: str | None = None
    contribution: str | None = None
    evidence: str | None = None
    substantiator: str | None = None


class NewOutcome(OutcomeIn):
    """An outcome to write down; with a `source` it is proposed only, and once for each source."""

    source: str | None = None


class OutcomeOut(NewOutcome):
    """An outcome; `state` is proposed, drafted, agreed, substantiated or dismissed."""

    id: str
    state: str


class StepIn(ApiModel):
    """Where an outcome goes next: drafted, agreed, substantiated or dismissed."""

    state: str


def _outcome(outcome: Outcome) -> OutcomeOut:
    return OutcomeOut(**{name: getattr(outcome, name) for name in OutcomeOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_outcomes(session: ReadSession, who: Principal, project_id: str) -> Page[OutcomeOut]:
    """Return the outcomes of a project, the latest change first."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    return Page(items=[_outcome(one) for one in read_outcomes(session, project_id)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, body: NewOutcome) -> OutcomeOut:
    """Write an outcome down, or propose one."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True, exclude={"source"})
    if body.source is None:
        return _outcome(outcomes.add_outcome(session, project_id, wishes, now=now, actor=who.actor))
    source = body.source[:60]
    return _outcome(outcomes.propose_outcome(session, project_id, wishes, source=source, now=now, actor=who.actor))


@router.get("/{outcome_id}")
@rule(Permission.READ)
def show(session: ReadSession, who: Principal, project_id: str, outcome_id: str) -> OutcomeOut:
    """Return one outcome."""
    require_project(who, project_id)
    return _outcome(read_outcome(session, project_id, outcome_id))


@router.patch("/{outcome_id}")
@rule(Permission.EDIT)
def change(
    session: WriteSession, who: Principal, now: Now, project_id: str, outcome_id: str, body: OutcomeIn
) -> OutcomeOut:
    """Change what an outcome says; what was agreed is a draft again."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _outcome(outcomes.edit_outcome(session, project_id, outcome_id, wishes, now=now, actor=who.actor))


@router.post("/{outcome_id}/step")
@rule(Permission.EDIT)
def step(session: WriteSession, who: Principal, now: Now, project_id: str, outcome_id: str, body: StepIn) -> OutcomeOut:
    """Take an outcome a step on, back to a draft, or dismiss a proposal."""
    require_project(who, project_id)
    return _outcome(outcomes.step_outcome(session, project_id, outcome_id, body.state, now=now, actor=who.actor))
