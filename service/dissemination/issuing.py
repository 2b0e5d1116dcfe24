"""What one does with a report: write its words, count it anew, close it, issue it. The caller commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.dissemination import gate, lifecycle, rules
from service.dissemination.actions import count_figures, freeze_snapshot, read_snapshot
from service.dissemination.comparing import compare_reports
from service.dissemination.gate import Refusal
from service.dissemination.quotes import usable_quotes
from service.dissemination.rules import choose_period
from service.dissemination.snapshots import (
    DEFINITIONS_VERSION,
    Period,
    SnapshotLine,
    SnapshotView,
    to_json,
)
from service.dissemination.store import reports as store
from service.dissemination.store.reports import UnknownSnapshot
from service.dissemination.values.figures import Profile, Release
from service.dissemination.versions import Difference
from service.events.store import read_project
from service.kernel.clock import local_time


def write_words(
    session: Session,
    snapshot_id: str,
    words: dict[str, str],
    *,
    grade: str,
    seen: str | None = None,
    now: datetime,
    actor: str,
) -> SnapshotView:
    """Write the parts of a draft that people write, and whether it is interim or final.

    Raises:
        UnknownSnapshot, WrongState, ReportMoved, UnknownGrade, TooLong.
    """
    line = _draft(session, snapshot_id, seen)
    view = read_snapshot(session, snapshot_id)
    news = replace(view, narrative=lifecycle.read_words(words), grade=lifecycle.parse_grade(grade))
    return _write(session, line, news, "report.written", now=now, actor=actor)


def count_anew(session: Session, snapshot_id: str, *, now: datetime, actor: str) -> SnapshotView:
    """Take the figures and the plan of a draft anew, as they are now; its words stay.

    Raises:
        UnknownSnapshot, WrongState.
    """
    line = _draft(session, snapshot_id, None)
    old = read_snapshot(session, snapshot_id)
    period = _given_period(session, line)
    fresh, before_id = count_figures(
        session, line.project_id, line.profile, period, line.k, now=now, snapshot_id=line.id
    )
    news = replace(fresh, narrative=old.narrative, grade=old.grade)
    moved = replace(line, before_id=before_id, period=fresh.period, cutoff=now)
    return _write(session, moved, news, "report.counted", now=now, actor=actor)


def _given_period(session: Session, line: SnapshotLine) -> Period | None:
    """Return the period that was asked for; None where it was the project until that day."""
    project = read_project(session, line.project_id)
    usual = choose_period(None, project.starts_on, local_time(line.cutoff, project.time_zone).date())
    return None if line.period == usual else line.period


def _draft(session: Session, snapshot_id: str, seen: str | None) -> SnapshotLine:
    line = store.read_line(session, snapshot_id, hold=True)
    lifecycle.check_open(line, seen)
    return line


def _write(
    session: Session, line: SnapshotLine, news: SnapshotView, action: str, *, now: datetime, actor: str
) -> SnapshotView:
    sealed = news.sealed()
    line = replace(line, sha256=sealed.sha256, written_by=actor)
    store.write_draft(session, line, to_json(sealed), DEFINITIONS_VERSION)
    log.record(session, actor=actor, action=action, subject=f"snapshot:{line.id}", now=now)
    return sealed


def succeed(session: Session, snapshot_id: str, *, now: datetime, actor: str) -> SnapshotView:
    """Begin the draft of another report like this one: its words and its grade, its period, the figures of now.

    Raises:
        UnknownSnapshot: there is none of this id.
    """
    line, old = store.read_line(session, snapshot_id), read_snapshot(session, snapshot_id)
    period = _given_period(session, line)
    return freeze_snapshot(
        session, line.project_id, profile=line.profile, period=period, k=line.k, like=old, now=now, actor=actor
    )


def review(session: Session, snapshot_id: str, *, seen: str | None = None, now: datetime, actor: str) -> SnapshotLine:
    """Close a draft that was read.

    Raises:
        UnknownSnapshot, WrongState, ReportMoved.
    """
    line = lifecycle.reviewed(store.read_line(session, snapshot_id, hold=True), seen=seen, now=now, actor=actor)
    return _move(session, line, "report.reviewed", now=now, actor=actor)


def reopen(session: Session, snapshot_id: str, *, now: datetime, actor: str) -> SnapshotLine:
    """Make a reviewed report a draft again.

    Raises:
        UnknownSnapshot, WrongState.
    """
    line = lifecycle.reopened(store.read_line(session, snapshot_id, hold=True))
    return _move(session, line, "report.reopened", now=now, actor=actor)


def issue(
    session: Session, snapshot_id: str, *, waived: bool = False, four_eyes: bool, now: datetime, actor: str
) -> SnapshotLine:
    """Issue a reviewed report; the one of its profile that was issued is superseded.

    Raises:
        UnknownSnapshot, WrongState, AnotherMustIssue, NotReady, PeriodsOverlap.
    """
    line = store.read_line(session, snapshot_id, hold=True)
    rules.check_overlap(line.period, store.read_issued_periods(session, line.project_id, line.profile), line.profile)
    against = read_refusals(session, line, now=now)
    line = lifecycle.issued(line, against, waived=waived, four_eyes=four_eyes, now=now, actor=actor)
    for gone in store.supersede(session, line.project_id, line.profile, by=line.id, now=now):
        subject = f"snapshot:{gone}"
        log.record(session, actor=actor, action="report.superseded", subject=subject, now=now, by=line.id)
    return _move(session, line, "report.issued", now=now, actor=actor)


def _move(session: Session, line: SnapshotLine, action: str, *, now: datetime, actor: str) -> SnapshotLine:
    store.write_line(session, line)
    log.record(session, actor=actor, action=action, subject=f"snapshot:{line.id}", now=now, sha256=line.sha256)
    return line


def read_line(session: Session, snapshot_id: str) -> SnapshotLine:
    """Return where a report stands.

    Raises:
        UnknownSnapshot: there is none of this id.
    """
    return store.read_line(session, snapshot_id)


def read_refusals(session: Session, line: SnapshotLine, *, now: datetime) -> tuple[Refusal, ...]:
    """Return all that stands against issuing a report."""
    newest = read_current(session, line.project_id, line.profile)
    return gate.refusals(
        read_snapshot(session, line.id),
        names=store.read_names(session),
        before=_before(session, line),
        agreed=_agreed(session, line, now),
        is_overtaken=bool(newest and newest.issued_at and newest.id != line.id and newest.issued_at > line.cutoff),
    )


def _agreed(session: Session, line: SnapshotLine, now: datetime) -> set[str]:
    today = local_time(now, read_project(session, line.project_id).time_zone).date()
    found = usable_quotes(session, line.project_id, line.profile.value, today, instead_of=line.id)
    return {one.id for one in found}


def _before(session: Session, line: SnapshotLine) -> Mapping[str, Release] | None:
    return read_snapshot(session, line.before_id).counts if line.before_id else None


def read_changes(session: Session, line: SnapshotLine, since: str) -> tuple[SnapshotLine | None, list[Difference]]:
    """Return what differs from another report of the project; without `since`, from the one issued before it.

    Raises:
        UnknownSnapshot: the project has no report of this id.
    """
    known = {one.id: one for one in store.read_snapshots(session, line.project_id)}
    if since and since not in known:
        raise UnknownSnapshot
    other = known.get(since) or lifecycle.issued_before(line, known.values())
    if other is None:
        return None, []
    return other, compare_reports(read_snapshot(session, other.id), read_snapshot(session, line.id))


def read_current(session: Session, project_id: str, profile: Profile) -> SnapshotLine | None:
    """Return the report of a profile that stands: issued, and not superseded."""
    return store.read_issued(session, project_id, profile)
