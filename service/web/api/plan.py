"""The API of the plan: its lines, outputs, targets and approved versions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pydantic import Field

from service.accounts.values import Permission
from service.dissemination import actions, planning, store
from service.dissemination.store import planning as plan_store
from service.dissemination.values.plan import Output, PlanLine, Target
from service.dissemination.versions import Difference, Version, compare
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/plan", tag="plan")
STANDING = ("status", "evidence", "reason")


class PlanLineOut(ApiModel):
    """One activity of the plan."""

    id: str
    key: str
    title: str
    audience_key: str | None
    channel: str
    output_key: str | None
    event_key: str | None
    owner: str
    due_on: date
    status: str
    delivered_on: date | None
    evidence: str
    reason: str


class NewLine(ApiModel):
    """A line to put into the plan. `event_key` is an event's slug; the key is made of the title."""

    title: str
    due_on: date
    audience_key: str | None = None
    channel: str = ""
    output_key: str | None = None
    event_key: str | None = None
    owner: str = ""


class PlanLineIn(ApiModel):
    """What changes on a line; what is left out stays as it is.

    Delivered needs evidence; postponed or cancelled a reason.
    """

    title: str | None = None
    due_on: date | None = None
    audience_key: str | None = None
    channel: str | None = None
    output_key: str | None = None
    event_key: str | None = None
    owner: str | None = None
    status: str | None = None
    evidence: str | None = None
    reason: str | None = None


class OutputOut(ApiModel):
    """Something the project makes."""

    id: str
    key: str
    kind: str
    number: int | None
    title: str
    format: str
    status: str
    derived_from: str | None
    languages: list[str]
    copies: int | None
    published_on: date | None


class OutputIn(ApiModel):
    """What an output is to be; what is left out stays. `derived_from` is another output's key."""

    title: str | None = None
    kind: str | None = None
    number: int | None = None
    format: str | None = None
    status: str | None = None
    derived_from: str | None = None
    languages: list[str] | None = None
    copies: int | None = None
    published_on: date | None = None


class MilestoneModel(ApiModel):
    """What is expected on a day on the way."""

    on: date
    value: float


class TargetIn(ApiModel):
    """What is promised; a target without a baseline is refused. `weight`: in a logframe, in percent."""

    baseline: float | None = None
    milestones: list[MilestoneModel] = Field(default=[], max_length=100)
    target: float | None = None
    due_on: date | None = None
    note: str = ""
    weight: float | None = None
    risk: str = ""


class TargetOut(ApiModel):
    """What is promised for an indicator."""

    indicator: str
    baseline: float
    milestones: list[MilestoneModel]
    target: float
    due_on: date
    note: str
    weight: float | None
    risk: str


class ApprovalIn(ApiModel):
    """`seen`: the seal of the draft that was read, so that nobody approves what they have not seen."""

    seen: str


class VersionOut(ApiModel):
    """An approved version; `body` only where one is asked for."""

    number: int
    sha256: str
    approved_by: str
    approved_at: datetime
    body: dict[str, Any] | None = None


class DifferenceOut(ApiModel):
    """What happened to one line or target; fields as [name, before, after]."""

    kind: str
    part: str
    key: str
    title: str
    fields: list[list[Any]]


class DraftOut(ApiModel):
    """The plan as it stands, with its seal and what changed since the last approval."""

    number: int
    sha256: str
    is_approved: bool
    body: dict[str, Any]
    differences: list[DifferenceOut]


def _line(line: PlanLine) -> PlanLineOut:
    return PlanLineOut(**{name: getattr(line, name) for name in PlanLineOut.model_fields})


def _output(output: Output) -> OutputOut:
    values = {name: getattr(output, name) for name in OutputOut.model_fields}
    return OutputOut(**values | {"languages": list(output.languages)})


def _target(target: Target) -> TargetOut:
    values = asdict(target)
    return TargetOut(**values | {"milestones": [MilestoneModel(**one) for one in values["milestones"]]})


def _version(version: Version, *, body: bool = False) -> VersionOut:
    values = {name: getattr(version, name) for name in ("number", "sha256", "approved_by", "approved_at")}
    return VersionOut(**values, body=version.body if body else None)


def _difference(one: Difference) -> DifferenceOut:
    return DifferenceOut(
        kind=one.kind, part=one.part, key=one.key, title=one.title, fields=[list(field) for field in one.fields]
    )


@router.get("")
@rule(Permission.READ)
def read_plan(session: ReadSession, who: Principal, project_id: str) -> Page[PlanLineOut]:
    """Return the plan by due date."""
    _own(session, who, project_id)
    return Page(items=[_line(line) for line in actions.read_plan(session, project_id)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def add_line(session: WriteSession, who: Principal, now: Now, project_id: str, body: NewLine) -> PlanLineOut:
    """Put a line into the plan."""
    _own(session, who, project_id)
    return _line(planning.add_line(session, project_id, body.model_dump(), now=now, actor=who.actor))


@router.get("/outputs")
@rule(Permission.READ)
def list_outputs(session: ReadSession, who: Principal, project_id: str) -> Page[OutputOut]:
    """Return what the project makes."""
    _own(session, who, project_id)
    return Page(items=[_output(one) for one in plan_store.read_outputs(session, project_id)])


@router.post("/outputs", status_code=201)
@rule(Permission.EDIT)
def add_output(session: WriteSession, who: Principal, now: Now, project_id: str, body: OutputIn) -> OutputOut:
    """Put in an output."""
    _own(session, who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _output(planning.add_output(session, project_id, wishes, now=now, actor=who.actor))


@router.patch("/outputs/{output_id}")
@rule(Permission.EDIT)
def change_output(
    session: WriteSession, who: Principal, now: Now, project_id: str, output_id: str, body: OutputIn
) -> OutputOut:
    """Change an output."""
    _own(session, who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _output(planning.edit_output(session, project_id, output_id, wishes, now=now, actor=who.actor))


@router.get("/targets")
@rule(Permission.READ)
def list_targets(session: ReadSession, who: Principal, project_id: str) -> Page[TargetOut]:
    """Return what the plan promises, by indicator."""
    _own(session, who, project_id)
    return Page(items=[_target(one) for one in store.read_targets(session, project_id)])


@router.put("/targets/{indicator}")
@rule(Permission.EDIT)
def set_target(
    session: WriteSession, who: Principal, now: Now, project_id: str, indicator: str, body: TargetIn
) -> TargetOut:
    """Say what the plan promises for an indicator, in place of what it promised."""
    _own(session, who, project_id)
    return _target(planning.set_target(session, project_id, indicator, body.model_dump(), now=now, actor=who.actor))


@router.delete("/targets/{indicator}", status_code=204)
@rule(Permission.EDIT)
def drop_target(session: WriteSession, who: Principal, now: Now, project_id: str, indicator: str) -> None:
    """Take a promise out of the plan; approved versions keep it."""
    _own(session, who, project_id)
    planning.drop_target(session, project_id, indicator, now=now, actor=who.actor)


@router.get("/draft")
@rule(Permission.READ)
def read_draft(session: ReadSession, who: Principal, project_id: str) -> DraftOut:
    """Return the plan as it stands beside the last approved version."""
    _own(session, who, project_id)
    draft = planning.read_draft(session, project_id)
    return DraftOut(
        number=draft.number,
        sha256=draft.sha256,
        is_approved=draft.is_approved,
        body=draft.body,
        differences=[_difference(one) for one in draft.differences],
    )


@router.get("/versions")
@rule(Permission.READ)
def list_versions(session: ReadSession, who: Principal, project_id: str) -> Page[VersionOut]:
    """Return the approved versions, the newest first, without their bodies."""
    _own(session, who, project_id)
    return Page(items=[_version(one) for one in plan_store.read_versions(session, project_id)])


@router.post("/versions", status_code=201)
@rule(Permission.ADMINISTER)
def approve(session: WriteSession, who: Principal, now: Now, project_id: str, body: ApprovalIn) -> VersionOut:
    """Keep the plan as a version for good."""
    _own(session, who, project_id)
    return _version(planning.approve(session, project_id, seen=body.seen, now=now, actor=who.actor), body=True)


@router.get("/versions/{number}")
@rule(Permission.READ)
def read_version(session: ReadSession, who: Principal, project_id: str, number: int) -> VersionOut:
    """Return an approved version with its body, word for word."""
    _own(session, who, project_id)
    return _version(plan_store.read_version(session, project_id, number), body=True)


@router.get("/versions/{number}/changes")
@rule(Permission.READ)
def read_changes(session: ReadSession, who: Principal, project_id: str, number: int, since: int) -> Page[DifferenceOut]:
    """Return what differs between version `since` and this one."""
    _own(session, who, project_id)
    before = plan_store.read_version(session, project_id, since)
    after = plan_store.read_version(session, project_id, number)
    return Page(items=[_difference(one) for one in compare(before.body, after.body)])


@router.patch("/{line_id}")
@rule(Permission.EDIT)
def change_line(
    session: WriteSession, who: Principal, now: Now, project_id: str, line_id: str, body: PlanLineIn
) -> PlanLineOut:
    """Change what a line says and how it stands."""
    _own(session, who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    line = planning.edit_line(session, project_id, line_id, wishes, now=now, actor=who.actor)
    if wishes.keys() & set(STANDING):
        status = line.status if body.status is None else body.status
        line = actions.set_plan_line(session, line_id, status, body.evidence, body.reason, now=now, actor=who.actor)
    return _line(line)


def _own(session: ReadSession, who: Principal, project_id: str) -> None:
    require_project(who, project_id)
    events.read_project(session, project_id)
