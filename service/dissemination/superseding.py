"""Words that must not stand in a report any more: taken back, or naming someone who was forgotten. The caller commits.

A report that is not issued yet loses them, and is a draft again. An issued one never changes: without a quote that was
taken back it is issued anew, the same but for that quote; where its own words name someone it is marked, for staff to
write another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.dissemination.snapshots import SnapshotLine, SnapshotView, State, from_json, to_json
from service.dissemination.store import quotes, reports
from service.dissemination.unnaming import places_naming, without_words
from service.kernel.ids import new_id

SYSTEM = "system"


def issue_without(session: Session, quote_ids: Collection[str], *, now: datetime) -> list[str]:
    """Put a newer version without some quotes in the place of each issued report that holds one; return their ids.

    Figures, words and cut-off stay, so nothing else has to be judged again. Secret addresses lead to the newer one.
    """
    return [_issue_without(session, one, quote_ids, now=now) for one in quotes.read_issued_holding(session, quote_ids)]


def _issue_without(session: Session, snapshot_id: str, quote_ids: Collection[str], *, now: datetime) -> str:
    line, old = reports.read_line(session, snapshot_id, hold=True), from_json(reports.read_body(session, snapshot_id))
    left = tuple(one for one in old.quotes if one.id not in quote_ids)
    view = replace(old, snapshot_id=new_id(), quotes=left, sha256="").sealed()
    reports.supersede(session, line.project_id, line.profile, by=view.snapshot_id, now=now)
    own = replace(line, id=view.snapshot_id, sha256=view.sha256)
    news = replace(own, created_by=SYSTEM, created_at=now, issued_by=SYSTEM, issued_at=now)
    reports.add_snapshot(session, news, to_json(view), view.definitions_version)
    by, subject = {"by": news.id}, f"snapshot:{snapshot_id}"
    log.record(session, actor=SYSTEM, action="report.superseded", subject=subject, now=now, **by)
    facts = {"sha256": view.sha256, "instead_of": snapshot_id}
    log.record(session, actor=SYSTEM, action="report.issued", subject=f"snapshot:{news.id}", now=now, **facts)
    return news.id


def read_naming(session: Session, marks: Collection[str]) -> list[tuple[SnapshotLine, SnapshotView, tuple[str, ...]]]:
    """Return the reports whose words hold one of some texts (lower case), and in which parts."""
    found = ((line, from_json(body)) for line, body in (reports.read_all(session) if marks else ()))
    named = ((line, view, places_naming(view, marks)) for line, view in found)
    return [one for one in named if one[2]]


def forget_words(session: Session, marks: Collection[str], quote_ids: Collection[str], *, now: datetime) -> int:
    """Take someone's name and quotes out of the reports that are not issued, and mark those that are.

    Return how many of the first lost words.
    """
    named = {line.id: (line, view, places) for line, view, places in read_naming(session, marks)}
    held = quotes.read_open_holding(session, quote_ids)
    for snapshot_id in (one for one in held if one not in named):
        view = from_json(reports.read_body(session, snapshot_id))
        named[snapshot_id] = (reports.read_line(session, snapshot_id), view, ())
    return sum(_forget(session, *one, marks, quote_ids, now=now) for one in named.values())


def _forget(
    session: Session,
    line: SnapshotLine,
    view: SnapshotView,
    places: Iterable[str],
    marks: Collection[str],
    quote_ids: Collection[str],
    *,
    now: datetime,
) -> bool:
    """Take someone out of one report, or mark it; tell whether it lost words."""
    if line.state not in (State.DRAFT, State.REVIEWED):
        _mark(session, line, places, now=now)
        return False
    left = without_words(view, marks, quote_ids)
    if left == view:
        return False
    sealed = replace(left, sha256="").sealed()
    again = replace(line, sha256=sealed.sha256, state=State.DRAFT, reviewed_by=None, reviewed_at=None)
    reports.write_draft(session, again, to_json(sealed), sealed.definitions_version)
    log.record(session, actor=SYSTEM, action="report.name-removed", subject=f"snapshot:{line.id}", now=now)
    return True


def _mark(session: Session, line: SnapshotLine, places: Iterable[str], *, now: datetime) -> None:
    marked = ",".join(sorted({*filter(None, line.forgotten_in.split(",")), *places}))
    reports.write_line(session, replace(line, forgotten_in=marked))
    log.record(session, actor=SYSTEM, action="report.names-forgotten", subject=f"snapshot:{line.id}", now=now)
