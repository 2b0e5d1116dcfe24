"""What a guest has done is proposed as an outcome; a person takes it up or dismisses it. The caller commits.

What is taken up stands among the outcomes, to be written out there: who, what kind of change, why it matters.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.dissemination.outcomes import propose_outcome
from service.events.store import read_event
from service.invitations.store import surveys
from service.invitations.survey_form import Commitment
from service.kernel.errors import Conflict


class NotProposed(Conflict):
    """Nothing is proposed here, or it was decided before."""

    code = "not-proposed"


def accept(session: Session, commitment_id: str, *, now: datetime, actor: str) -> None:
    """Take up what a guest has done.

    Raises:
        UnknownCommitment, NotProposed: nothing is changed.
    """
    taken = _decide(session, commitment_id, "accepted")
    hand_over(session, taken, now=now, actor=actor)


def dismiss(session: Session, commitment_id: str, *, now: datetime, actor: str) -> None:
    """Leave what a guest has done where it is.

    Raises:
        UnknownCommitment, NotProposed: nothing is changed.
    """
    _decide(session, commitment_id, "dismissed")
    log.record(session, actor=actor, action="outcome.dismissed", subject=f"commitment:{commitment_id}", now=now)


def hand_over(session: Session, commitment: Commitment, *, now: datetime, actor: str) -> None:
    """Hand what was done to the records of outcomes, once: its words, and after which event; nobody is named."""
    event = read_event(session, commitment.event_id)
    wishes = {"what": commitment.words, "contribution": event.title}
    source = f"commitment:{commitment.id}"
    propose_outcome(session, event.project_id, wishes, source=source, now=now, actor=actor)
    log.record(session, actor=actor, action="outcome.taken-up", subject=source, now=now)


def _decide(session: Session, commitment_id: str, outcome: str) -> Commitment:
    before = surveys.read_commitment(session, commitment_id)
    if before.outcome != "proposed":
        raise NotProposed("This was decided before, or is not proposed.")
    after = replace(before, outcome=outcome)
    surveys.write_commitment(session, after)
    return after
