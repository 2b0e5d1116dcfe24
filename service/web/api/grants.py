"""The API of small grants. Amounts are for staff: no report says them."""

from __future__ import annotations

from datetime import date

from fastapi import Response

from service.accounts.values import Permission
from service.campaign import grants
from service.campaign.store import GRANTS
from service.campaign.values import Grant, GrantState
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/grants", tag="campaign")


class NewGrant(ApiModel):
    """An enquiry of an organisation, by `organisation_id` or by name; `amount` in whole units of `currency`."""

    organisation_id: str | None = None
    organisation: str | None = None
    purpose: str
    since: str | None = None
    amount: int | None = None
    currency: str = ""
    report_due_on: str | None = None
    note: str = ""


class GrantIn(ApiModel):
    """What changes of a grant."""

    purpose: str | None = None
    amount: int | None = None
    currency: str | None = None
    report_due_on: str | None = None
    note: str | None = None


class Move(ApiModel):
    """The state a grant goes on to, and the day it did; today when none is given."""

    state: str
    on_day: str | None = None


class GrantOut(ApiModel):
    """A small grant; `since` is the day of its present state."""

    id: str
    organisation_id: str
    purpose: str
    state: GrantState
    since: date
    currency: str
    amount: int | None
    report_due_on: date | None
    note: str


class Grants(Page[GrantOut]):
    """The grants asked for, and how many there are in each state."""

    counts: dict[str, int]


def _grant(grant: Grant) -> GrantOut:
    return GrantOut(**{name: getattr(grant, name) for name in GrantOut.model_fields})


@router.get("")
@rule(Permission.READ)
def list_grants(session: ReadSession, who: Principal, project_id: str, state: GrantState | None = None) -> Grants:
    """Return the grants, or those in one state, with the counts of all."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    found = GRANTS.read_all(session, project_id)
    counts = {kind.value: sum(one.state is kind for one in found) for kind in GrantState}
    return Grants(items=[_grant(one) for one in found if state in (None, one.state)], counts=counts)


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add(session: WriteSession, who: Principal, now: Now, project_id: str, body: NewGrant) -> GrantOut:
    """Note an enquiry."""
    require_project(who, project_id)
    return _grant(grants.add_grant(session, project_id, body.model_dump(), now=now, actor=who.actor))


@router.patch("/{grant_id}")
@rule(Permission.EDIT)
def change(session: WriteSession, who: Principal, now: Now, project_id: str, grant_id: str, body: GrantIn) -> GrantOut:
    """Change what a grant is for, its amount, its report's day or its note."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _grant(grants.edit_grant(session, project_id, grant_id, wishes, now=now, actor=who.actor))


@router.post("/{grant_id}/move")
@rule(Permission.EDIT)
def move(session: WriteSession, who: Principal, now: Now, project_id: str, grant_id: str, body: Move) -> GrantOut:
    """Let a grant go on to its next state."""
    require_project(who, project_id)
    done = grants.move_grant(session, project_id, grant_id, body.state, body.on_day, now=now, actor=who.actor)
    return _grant(done)


@router.delete("/{grant_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, grant_id: str) -> Response:
    """Take away a grant that was put in by mistake."""
    require_project(who, project_id)
    grants.remove_grant(session, project_id, grant_id, now=now, actor=who.actor)
    return Response(status_code=204)
