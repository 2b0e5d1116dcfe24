"""The API of a report's life: its words, its figures anew, what stands against issuing it, and issuing it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from service.accounts.values import Permission
from service.dissemination import issuing
from service.dissemination.gate import as_data
from service.web.api.reports import SnapshotLineOut, line_out
from service.web.deps import House, Now, Principal, ReadSession, WriteSession
from service.web.models import ApiModel, Page
from service.web.report_life import own_report
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/snapshots/{snapshot_id}", tag="reports")


class WordsIn(ApiModel):
    """The parts of a report that people write; `seen` is the seal of the draft they were written for."""

    grade: str = "interim"
    summary: str = ""
    outcomes: str = ""
    changes: str = ""
    next_steps: str = ""
    seen: str | None = None


class SeenIn(ApiModel):
    """The seal of the draft that was read; left out, any will do."""

    seen: str | None = None


class IssueIn(ApiModel):
    """`waived` says that the words which may name someone were read and name nobody."""

    waived: bool = False


@router.get("/state")
@rule(Permission.READ)
def read(session: ReadSession, who: Principal, snapshot_id: str) -> SnapshotLineOut:
    """Return where a report stands, and who brought it there when."""
    return line_out(own_report(session, who, snapshot_id))


@router.get("/refusals")
@rule(Permission.READ)
def refusals(session: ReadSession, who: Principal, now: Now, snapshot_id: str) -> Page[dict[str, Any]]:
    """Return everything that stands against issuing a report."""
    line = own_report(session, who, snapshot_id)
    return Page(items=[as_data(one) for one in issuing.read_refusals(session, line, now=now)])


class ReportDifferenceOut(ApiModel):
    """A figure, a target, a line of the plan or a part of the words that is not the same in two reports."""

    kind: str
    part: str
    key: str
    title: str
    fields: list[tuple[str, Any, Any]]


class ReportChangesOut(ApiModel):
    """What differs from another report: each field with its name, before and after. `since` is null for the first."""

    since: str | None
    items: list[ReportDifferenceOut]


@router.get("/changes")
@rule(Permission.READ)
def changes(session: ReadSession, who: Principal, snapshot_id: str, since: str = "") -> ReportChangesOut:
    """Return what differs from another report of the project: the one issued before it, unless another is named."""
    other, found = issuing.read_changes(session, own_report(session, who, snapshot_id), since)
    items = [ReportDifferenceOut(**asdict(one)) for one in found]
    return ReportChangesOut(since=other.id if other else None, items=items)


@router.put("/words")
@rule(Permission.EXPORT)
def write(session: WriteSession, who: Principal, now: Now, snapshot_id: str, body: WordsIn) -> SnapshotLineOut:
    """Write the words of a draft, and whether it is interim or final."""
    own_report(session, who, snapshot_id)
    words = body.model_dump(exclude={"grade", "seen"})
    issuing.write_words(session, snapshot_id, words, grade=body.grade, seen=body.seen, now=now, actor=who.actor)
    return line_out(issuing.read_line(session, snapshot_id))


@router.post("/figures")
@rule(Permission.EXPORT)
def count(session: WriteSession, who: Principal, now: Now, snapshot_id: str) -> SnapshotLineOut:
    """Take the figures and the plan of a draft anew."""
    own_report(session, who, snapshot_id)
    issuing.count_anew(session, snapshot_id, now=now, actor=who.actor)
    return line_out(issuing.read_line(session, snapshot_id))


@router.post("/review")
@rule(Permission.EXPORT)
def review(session: WriteSession, who: Principal, now: Now, snapshot_id: str, body: SeenIn) -> SnapshotLineOut:
    """Close a draft that was read."""
    own_report(session, who, snapshot_id)
    return line_out(issuing.review(session, snapshot_id, seen=body.seen, now=now, actor=who.actor))


@router.post("/reopen")
@rule(Permission.EXPORT)
def reopen(session: WriteSession, who: Principal, now: Now, snapshot_id: str) -> SnapshotLineOut:
    """Make a reviewed report a draft again."""
    own_report(session, who, snapshot_id)
    return line_out(issuing.reopen(session, snapshot_id, now=now, actor=who.actor))


@router.post("/issue")
@rule(Permission.EXPORT)
def issue(
    session: WriteSession, who: Principal, now: Now, house: House, snapshot_id: str, body: IssueIn
) -> SnapshotLineOut:
    """Issue a reviewed report; the one of its profile that was issued is superseded."""
    own_report(session, who, snapshot_id)
    yes = {"waived": body.waived, "four_eyes": house.four_eyes}
    return line_out(issuing.issue(session, snapshot_id, **yes, now=now, actor=who.actor))
