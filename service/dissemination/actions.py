"""What one does with the plan and its figures: look at them, freeze them, say how a line stands."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination import rules, store
from service.dissemination.composing import compose_snapshot
from service.dissemination.proving import Claim
from service.dissemination.quotes import usable_quotes
from service.dissemination.quoting import UsableQuote
from service.dissemination.snapshots import (
    DEFINITIONS_VERSION,
    Period,
    SnapshotLine,
    SnapshotView,
    from_json,
    to_json,
)
from service.dissemination.store import evidence as files
from service.dissemination.store import logos, reports
from service.dissemination.values.figures import Profile
from service.dissemination.values.plan import PlanDraft, PlanLine
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.ids import new_id


def freeze_snapshot(
    session: Session,
    project_id: str,
    *,
    profile: str,
    period: Period | None = None,
    k: int | None = None,
    like: SnapshotView | None = None,
    now: datetime,
    actor: str,
) -> SnapshotView:
    """Count a project, keep what the profile may print, and store it as the draft of a report.

    `like` is a report whose words are taken over.

    Raises:
        UnknownProject, UnknownProfile, SmallK, BadPeriod, PeriodAhead, PeriodsOverlap.
    """
    wanted = rules.parse_profile(profile)
    live, before_id = count_figures(session, project_id, wanted, period, k, now=now, snapshot_id=new_id())
    rules.check_overlap(live.period, reports.read_issued_periods(session, project_id, wanted), wanted)
    if like:
        said = _quotes(session, project_id, wanted, instead_of=like.snapshot_id, now=now)
        live = replace(live, narrative=like.narrative, grade=like.grade, quotes=said)
    view = live.sealed()
    line = SnapshotLine(
        id=view.snapshot_id,
        project_id=project_id,
        profile=wanted,
        k=view.k,
        period=view.period,
        cutoff=now,
        sha256=view.sha256,
        created_by=actor,
        created_at=now,
        written_by=actor,
        before_id=before_id,
    )
    reports.add_snapshot(session, line, to_json(view), DEFINITIONS_VERSION)
    subject = f"snapshot:{line.id}"
    log.record(session, actor=actor, action="snapshot.frozen", subject=subject, now=now, profile=wanted.value, k=view.k)
    return view


def live_figures(
    session: Session, project_id: str, profile: str, now: datetime, *, in_full: bool = False
) -> SnapshotView:
    """Return what a snapshot taken now would hold; nothing is stored, and it has no id and no seal.

    What only a report shows and takes long, some breakdowns and the months of use, is in it when asked for `in_full`.
    """
    return count_figures(session, project_id, rules.parse_profile(profile), None, None, now=now, in_full=in_full)[0]


def read_snapshot(session: Session, snapshot_id: str) -> SnapshotView:
    """Return a frozen snapshot.

    Raises:
        UnknownSnapshot: there is none of this id.
    """
    return from_json(reports.read_body(session, snapshot_id))


def read_snapshots(session: Session, project_id: str) -> list[SnapshotLine]:
    """Return the snapshots of a project, newest first."""
    return reports.read_snapshots(session, project_id)


def read_plan(session: Session, project_id: str) -> list[PlanLine]:
    """Return the lines of a project's plan by due date."""
    return store.read_plan(session, project_id)


def read_late(session: Session, project_id: str, *, now: datetime) -> list[PlanLine]:
    """Return the lines of the plan that are late, the longest first."""
    today = local_time(now, read_project(session, project_id).time_zone).date()
    return rules.late_lines(store.read_plan(session, project_id), today)


def set_plan_line(
    session: Session,
    line_id: str,
    status: str,
    evidence: str | None = None,
    reason: str | None = None,
    *,
    now: datetime,
    actor: str,
) -> PlanLine:
    """Say how a line of the plan stands; a day is the project's.

    Raises:
        UnknownPlanLine, UnknownStatus, EvidenceMissing, ReasonMissing.
    """
    before = store.read_plan_line(session, line_id)
    today = local_time(now, store.read_zone(session, line_id)).date()
    is_shown = files.has_any(session, Claim.LINE, line_id)
    after = rules.change_line(before, status=status, evidence=evidence, reason=reason, today=today, has_files=is_shown)
    store.write_plan_line(session, after)
    subject, change = f"plan-line:{line_id}", {"before": before.status.value, "after": after.status.value}
    log.record(session, actor=actor, action="plan-line.changed", subject=subject, now=now, **change)
    return after


def load_plan(session: Session, project_id: str, draft: PlanDraft, *, now: datetime, actor: str) -> dict[str, int]:
    """Add what is new of a plan: outputs and lines by key, targets by indicator, shipments as a whole.

    What is there stays as it is. Returns how many of each were added.

    Raises:
        UnknownProject, UnknownStatus, UnknownIndicator.
    """
    read_project(session, project_id)
    rules.check_plan(draft)
    added = {
        "outputs": store.add_outputs(session, project_id, [_row(output) for output in draft.outputs]),
        "plan_lines": store.add_plan_lines(session, project_id, [_row(line) for line in draft.lines]),
        "targets": store.add_targets(session, project_id, [_row(target) for target in draft.targets]),
        "shipments": store.add_shipments(session, project_id, [_row(shipment) for shipment in draft.shipments]),
        "markers": store.add_markers(session, project_id, [_row(marker) for marker in draft.markers]),
    }
    log.record(session, actor=actor, action="plan.loaded", subject=f"project:{project_id}", now=now, **added)
    return added


def _row(draft: Any) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(draft).items()}


def count_figures(
    session: Session,
    project_id: str,
    profile: Profile,
    period: Period | None,
    k: int | None,
    *,
    now: datetime,
    snapshot_id: str = "",
    in_full: bool = True,
) -> tuple[SnapshotView, str | None]:
    """Return the figures of this moment, not stored, and the id of the snapshot they were set against.

    Those that are to be stored, under a `snapshot_id`, are all of one moment.
    """
    if snapshot_id:
        store.hold_still(session)
    project = read_project(session, project_id)
    smallest = rules.choose_k(profile, k)
    shown = rules.choose_period(period, project.starts_on, local_time(now, project.time_zone).date())
    inside = in_full and profile is Profile.INTERNAL
    facts = store.read_facts(
        session, project_id, period, zone=project.time_zone, now=now, in_full=in_full, inside=inside
    )
    before = reports.read_before(session, project_id, profile, shown.starts_on, but=snapshot_id)
    view = compose_snapshot(
        facts,
        project,
        store.read_targets(session, project_id),
        profile=profile,
        k=smallest,
        period=shown,
        cutoff=now,
        before=from_json(before[1]).counts if before and smallest > 1 else None,
        snapshot_id=snapshot_id,
    )
    said = _quotes(session, project_id, profile, instead_of=snapshot_id or None, now=now)
    return replace(view, quotes=said, logo=logos.read(session, project_id)), before[0] if before else None


def _quotes(
    session: Session, project_id: str, profile: Profile, *, instead_of: str | None, now: datetime
) -> tuple[UsableQuote, ...]:
    """Return what people said and let this profile's report print today."""
    today = local_time(now, read_project(session, project_id).time_zone).date()
    return tuple(usable_quotes(session, project_id, profile.value, today, instead_of=instead_of))
