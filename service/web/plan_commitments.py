"""Staff page of what guests will do: what is late, what came of it, and what is proposed as an outcome."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from service.accounts.values import Permission, Principal
from service.dissemination import proposals
from service.dissemination.commitments import Show, chosen, counts, shown_by_files
from service.dissemination.proving import Claim
from service.dissemination.store import evidence as files
from service.dissemination.store.commitments import read_lines
from service.invitations import surveys
from service.invitations.store.surveys import read_commitment
from service.invitations.survey_form import Commitment, Progress
from service.kernel.clock import local_time
from service.web import identifiers
from service.web.deps import Now, ReadSession, WriteSession
from service.web.deps import Principal as Who
from service.web.events import own_event
from service.web.projects import own_project
from service.web.render import page
from service.web.routing import page_router
from service.web.rules import rule

router = page_router("/plan/commitments")
IDENTIFIERS = identifiers  # its convertor must be known before the paths below


@router.get("")
@rule(Permission.READ)
def show(
    request: Request, session: ReadSession, who: Who, now: Now, show: str = "all", event: str = "", saved: bool = False
) -> Response:
    """Show what guests will do, of one sort and one event where they are named."""
    project = own_project(request, session, who)
    today = local_time(now, project.time_zone).date()
    lines = read_lines(session, project.id)
    wanted = Show(show) if show in list(Show) else Show.ALL
    held = files.count(session, project.id, Claim.COMMITMENT)
    return page(
        request,
        "plan/commitments.html",
        project=project,
        lines=chosen(lines, wanted, event, today=today),
        files=held,
        shown=shown_by_files(lines, event, held),
        counted=counts(lines, event, today=today),
        events={one.commitment.event_id: one.event_title for one in lines},
        states=[one.value for one in Progress],
        wanted=wanted.value,
        event_id=event,
        today=today,
        saved=saved,
    )


@router.post("/{commitment_id:identifier}")
@rule(Permission.EDIT)
def note(session: WriteSession, who: Who, now: Now, commitment_id: str, state: Annotated[str, Form()] = "") -> Response:
    """Note what came of it, as the guest told staff."""
    one = own_commitment(session, who, commitment_id)
    surveys.set_progress(session, commitment_id, state, now=now, actor=who.actor)
    return _back(one)


@router.post("/{commitment_id:identifier}/{wish}")
@rule(Permission.EDIT)
def decide(session: WriteSession, who: Who, now: Now, commitment_id: str, wish: str) -> Response:
    """Take up what is proposed as an outcome, or dismiss it."""
    one = own_commitment(session, who, commitment_id)
    act = proposals.accept if wish == "accept" else proposals.dismiss
    act(session, commitment_id, now=now, actor=who.actor)
    return _back(one)


def own_commitment(session: Session, who: Principal, commitment_id: str) -> Commitment:
    """Return a commitment this person may see."""
    found = read_commitment(session, commitment_id)
    own_event(session, who, found.event_id)
    return found


def _back(one: Commitment) -> Response:
    return RedirectResponse(f"/plan/commitments?event={one.event_id}&saved=true#commitment-{one.id}", 303)
