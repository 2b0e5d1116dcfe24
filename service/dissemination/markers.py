"""Progress markers: what the plan expects, would like and would love to see each audience do.

A marker that is seen, in part or fully, says by what one can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.dissemination import store
from service.dissemination.editing import UnknownReference
from service.dissemination.proving import Claim
from service.dissemination.rules import EvidenceMissing, UnknownStatus
from service.dissemination.store import evidence as files
from service.dissemination.store import markers as marker_store
from service.dissemination.values.plan import Level, Marker, Seen
from service.events.store import read_project
from service.kernel.clock import local_time
from service.kernel.errors import Invalid
from service.kernel.ids import new_id
from service.kernel.text import clean_line


class MarkerMissing(Invalid):
    """A marker that says nothing."""

    code = "marker-missing"


@dataclass(frozen=True, slots=True)
class Audience:
    """An audience with its markers: expect, then like, then love."""

    key: str
    name: str
    markers: tuple[Marker, ...]

    @property
    def seen(self) -> int:
        """How many are seen fully."""
        return sum(marker.status is Seen.SEEN for marker in self.markers)


def read_audiences(session: Session, project_id: str) -> list[Audience]:
    """Return the audiences by rank with the markers of a project."""
    markers = sorted(marker_store.read_markers(session, project_id), key=lambda one: list(Level).index(one.level))
    return [
        Audience(a.key, a.name, tuple(marker for marker in markers if marker.audience_key == a.key))
        for a in store.read_audiences(session)
    ]


def add_marker(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Marker:
    """Put in a marker of an audience; nothing of it is seen yet.

    Raises:
        UnknownProject, UnknownReference, UnknownStatus, MarkerMissing.
    """
    read_project(session, project_id)
    audience = str(wishes.get("audience_key") or "")
    if audience not in {one.key for one in store.read_audiences(session)}:
        raise UnknownReference("Choose one of the list.", field="audience_key")
    text = _text(wishes.get("text"))
    marker = Marker(new_id(), audience, _level(wishes.get("level")), text, Seen.NOT_YET, "", None)
    marker_store.add_marker(session, project_id, marker)
    log.record(session, actor=actor, action="marker.added", subject=f"marker:{marker.id}", now=now)
    return marker


def edit_marker(
    session: Session, project_id: str, marker_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Marker:
    """Change what a marker says, or say how much of it is seen and by what one can tell.

    Raises:
        UnknownMarker, UnknownStatus, MarkerMissing, EvidenceMissing.
    """
    before = marker_store.read_marker(session, project_id, marker_id)
    today = local_time(now, read_project(session, project_id).time_zone).date()
    after = judge(before, wishes, today)
    if after != before:
        marker_store.write_marker(session, after)
        facts = {"before": before.status.value, "after": after.status.value}
        log.record(session, actor=actor, action="marker.changed", subject=f"marker:{marker_id}", now=now, **facts)
    return after


def remove_marker(session: Session, project_id: str, marker_id: str, *, now: datetime, actor: str) -> None:
    """Take a marker away.

    Raises:
        UnknownMarker: the project has none of this id.
    """
    marker_store.read_marker(session, project_id, marker_id)
    marker_store.remove_marker(session, marker_id)
    files.remove_of(session, Claim.MARKER, marker_id)
    log.record(session, actor=actor, action="marker.removed", subject=f"marker:{marker_id}", now=now)


def judge(marker: Marker, wishes: Mapping[str, Any], today: date) -> Marker:
    """Return a marker as it is wanted; what is left out stays.

    Raises:
        UnknownStatus, MarkerMissing, EvidenceMissing.
    """
    status = _seen(wishes.get("status", marker.status))
    evidence = clean_line(str(wishes.get("evidence", marker.evidence) or ""))[:500]
    if status is not Seen.NOT_YET and not evidence:
        raise EvidenceMissing("Say by what one can tell: who did what, when, where it is written.", field="evidence")
    noted_on = marker.noted_on if (status, evidence) == (marker.status, marker.evidence) else today
    text = _text(wishes.get("text", marker.text))
    return replace(marker, text=text, status=status, evidence=evidence, noted_on=noted_on)


def _text(raw: Any) -> str:
    text = clean_line(str(raw or ""))[:300]
    if not text:
        raise MarkerMissing("Say what one would see them do.", field="text")
    return text


def _level(raw: Any) -> Level:
    try:
        return Level(raw)
    except ValueError:
        raise UnknownStatus("Choose expect, like or love.", field="level") from None


def _seen(raw: Any) -> Seen:
    try:
        return Seen(raw)
    except ValueError:
        raise UnknownStatus("Choose not yet, in part or seen.", field="status") from None
