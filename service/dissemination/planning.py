"""What one does to the plan itself: write its lines, outputs and targets, and approve it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination import editing, rules, store
from service.dissemination.indicators import REGISTRY
from service.dissemination.store import planning
from service.dissemination.values.figures import Unit
from service.dissemination.values.plan import LineStatus, Output, PlanLine, Target
from service.dissemination.versions import Draft, Version, check_approval, draft_of
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.ids import new_id


def add_line(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> PlanLine:
    """Put a line into the plan; it is planned, and its key is made of its title.

    Raises:
        UnknownProject, TitleMissing, NotADay, UnknownReference.
    """
    read_project(session, project_id)
    key = editing.free_key(str(wishes.get("title") or ""), {one.key for one in store.read_plan(session, project_id)})
    blank = PlanLine(new_id(), key, "", None, "", None, None, "", now.date(), LineStatus.PLANNED, None, "", "")
    line = editing.edit_line(blank, {"title": "", "due_on": "", **wishes}, _known(session, project_id))
    planning.add_line(session, project_id, line)
    log.record(session, actor=actor, action="plan-line.added", subject=f"plan-line:{line.id}", now=now)
    return line


def edit_line(
    session: Session, project_id: str, line_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> PlanLine:
    """Change what a line says. How it stands is `actions.set_plan_line`.

    Raises:
        UnknownPlanLine, TitleMissing, NotADay, UnknownReference.
    """
    before = read_line(session, project_id, line_id)
    after = editing.edit_line(before, wishes, _known(session, project_id))
    if after != before:
        planning.write_line(session, after)
        fields = [name for name in editing.LINE_FIELDS if getattr(before, name) != getattr(after, name)]
        log.record(
            session, actor=actor, action="plan-line.edited", subject=f"plan-line:{line_id}", now=now, fields=fields
        )
    return after


def read_line(session: Session, project_id: str, line_id: str) -> PlanLine:
    """Return a line of this project's plan.

    Raises:
        UnknownPlanLine: the plan has none of this id.
    """
    line = next((one for one in store.read_plan(session, project_id) if one.id == line_id), None)
    if line is None:
        raise store.UnknownPlanLine("There is no such line in the plan.")
    return line


def add_output(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Output:
    """Put an output into the project; its key is made of its title.

    Raises:
        UnknownProject, and whatever `editing.edit_output` refuses.
    """
    others = planning.read_outputs(session, project_id)
    key = editing.free_key(str(wishes.get("title") or ""), {other.key for other in others})
    blank = Output(new_id(), key, "publication", None, "", "", "planned", None, (), (), None, None)
    output = editing.edit_output(blank, {"title": "", **wishes}, others, today=_today(session, project_id, now))
    planning.add_output(session, project_id, output)
    log.record(session, actor=actor, action="output.added", subject=f"output:{output.id}", now=now)
    return output


def edit_output(
    session: Session, project_id: str, output_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Output:
    """Change an output: its title, what it was made out of, whether and when it was published.

    Raises:
        UnknownOutput, and whatever `editing.edit_output` refuses.
    """
    before = planning.read_output(session, project_id, output_id)
    others = planning.read_outputs(session, project_id)
    after = editing.edit_output(before, wishes, others, today=_today(session, project_id, now))
    if after != before:
        planning.write_output(session, after)
        fields = [name for name in editing.OUTPUT_FIELDS if getattr(before, name) != getattr(after, name)]
        log.record(session, actor=actor, action="output.edited", subject=f"output:{output_id}", now=now, fields=fields)
    return after


def set_target(
    session: Session, project_id: str, indicator: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Target:
    """Say what the plan promises for an indicator.

    Raises:
        UnknownProject, UnknownIndicator, BaselineMissing, NotANumber, NotADay, BadMilestones, BadWeight.
    """
    read_project(session, project_id)
    if indicator not in REGISTRY:
        raise rules.UnknownIndicator("Choose an indicator of the list.", field="indicator")
    target = editing.make_target(indicator, wishes, is_percent=REGISTRY[indicator].unit is Unit.PERCENT)
    planning.put_target(session, project_id, target)
    subject = f"project:{project_id}"
    log.record(session, actor=actor, action="target.set", subject=subject, now=now, indicator=indicator)
    return target


def drop_target(session: Session, project_id: str, indicator: str, *, now: datetime, actor: str) -> None:
    """Take a promise out of the plan; approved versions keep it.

    Raises:
        UnknownTarget: the plan promises nothing for the indicator.
    """
    planning.remove_target(session, project_id, indicator)
    subject = f"project:{project_id}"
    log.record(session, actor=actor, action="target.dropped", subject=subject, now=now, indicator=indicator)


def read_draft(session: Session, project_id: str) -> Draft:
    """Return the plan as it stands beside the last approved version."""
    versions = planning.read_versions(session, project_id)
    lines, targets = store.read_plan(session, project_id), store.read_targets(session, project_id)
    return draft_of(lines, targets, versions[0] if versions else None)


def approve(session: Session, project_id: str, *, seen: str, now: datetime, actor: str) -> Version:
    """Keep the plan as a version for good; `seen` is the seal of the draft that was read.

    Raises:
        UnknownProject, EmptyPlan, PlanMoved, NothingToApprove.
    """
    read_project(session, project_id)
    draft = read_draft(session, project_id)
    check_approval(draft, seen)
    version = Version(project_id, draft.number, draft.body, draft.sha256, actor, now)
    planning.add_version(session, version)
    facts = {"number": version.number, "sha256": version.sha256}
    log.record(session, actor=actor, action="plan.approved", subject=f"project:{project_id}", now=now, **facts)
    return version


def _today(session: Session, project_id: str, now: datetime) -> date:
    return local_time(now, read_project(session, project_id).time_zone).date()


def _known(session: Session, project_id: str) -> dict[str, set[str]]:
    return {
        "audience_key": {audience.key for audience in store.read_audiences(session)},
        "output_key": {output.key for output in planning.read_outputs(session, project_id)},
        "event_key": set(planning.read_event_keys(session, project_id)),
    }
