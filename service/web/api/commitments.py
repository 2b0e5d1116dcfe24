"""The API of what guests will do, and of what is proposed as an outcome."""

from __future__ import annotations

from datetime import date

from service.accounts.values import Permission
from service.dissemination import proposals
from service.dissemination.commitments import Line, Show, chosen
from service.dissemination.store.commitments import read_lines
from service.events.store import read_project
from service.invitations import surveys
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.plan_commitments import own_commitment
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="commitments")


class CommitmentOut(ApiModel):
    """What a guest will do.

    `state` is open, done, partly, not_yet or no_longer; `outcome` is empty, proposed, accepted or dismissed.
    """

    id: str
    event_id: str
    invitation_id: str
    words: str
    due_on: date
    state: str
    is_late: bool
    outcome: str


class ProgressIn(ApiModel):
    """What came of it: open, done, partly, not_yet or no_longer."""

    state: str


def _out(line: Line, today: date) -> CommitmentOut:
    one = line.commitment
    names = ("id", "event_id", "invitation_id", "words", "due_on", "outcome")
    told = {name: getattr(one, name) for name in names}
    return CommitmentOut(**told, state=one.state.value, is_late=one.is_late(today))


@router.get("/projects/{project_id}/commitments")
@rule(Permission.READ)
def read(
    session: ReadSession, who: Principal, now: Now, project_id: str, show: str = "all", event_id: str = ""
) -> Page[CommitmentOut]:
    """Return what guests of a project's events will do, by day; `show` is all, late, open, done or proposed."""
    require_project(who, project_id)
    if show not in list(Show):
        raise Invalid("Choose all, late, open, done or proposed.", field="show")
    today = local_time(now, read_project(session, project_id).time_zone).date()
    lines = chosen(read_lines(session, project_id), Show(show), event_id, today=today)
    return Page(items=[_out(one, today) for one in lines])


@router.patch("/commitments/{commitment_id}", status_code=204)
@rule(Permission.EDIT)
def note(session: WriteSession, who: Principal, now: Now, commitment_id: str, body: ProgressIn) -> None:
    """Note what came of it, as the guest told staff."""
    own_commitment(session, who, commitment_id)
    surveys.set_progress(session, commitment_id, body.state, now=now, actor=who.actor)


@router.post("/commitments/{commitment_id}/accept", status_code=204)
@rule(Permission.EDIT)
def accept(session: WriteSession, who: Principal, now: Now, commitment_id: str) -> None:
    """Take up what is proposed as an outcome."""
    own_commitment(session, who, commitment_id)
    proposals.accept(session, commitment_id, now=now, actor=who.actor)


@router.post("/commitments/{commitment_id}/dismiss", status_code=204)
@rule(Permission.EDIT)
def dismiss(session: WriteSession, who: Principal, now: Now, commitment_id: str) -> None:
    """Leave what is proposed as an outcome where it is."""
    own_commitment(session, who, commitment_id)
    proposals.dismiss(session, commitment_id, now=now, actor=who.actor)
