"""Snapshots: a report's whole content, frozen, and its form in JSON.

A snapshot is taken at a *cut-off* for a *profile*; its words are written while it is a draft. Its JSON
is canonical (sorted keys, no spaces, UTF-8), and `sha256` is the hash of that without the `sha256` itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from service.dissemination.logos import Logo
from service.dissemination.quoting import UsableQuote
from service.dissemination.values.figures import Figure, Profile, Release, Unit
from service.dissemination.values.plan import LineStatus, Progress

SCHEMA_VERSION = 3
DEFINITIONS_VERSION = 4
_TARGETS_SINCE_2 = ("milestones", "weight", "risk")
_SINCE = {
    "grade": 2,
    "narrative": 2,
    "plan": 2,
    "quotes": 2,
    "outcomes": 2,
    "studies": 2,
    "use": 3,
    "print": 3,
}  # parts that the JSON of an older schema does not have


class Grade(StrEnum):
    """Whether more reports are to follow."""

    INTERIM = "interim"
    FINAL = "final"


class State(StrEnum):
    """Where a report stands; from `reviewed` on its content does not change."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    ISSUED = "issued"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Period:
    """Days, the first included and the last not."""

    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """The project a report is about."""

    id: str
    slug: str
    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class AudienceLine:
    """An audience as reports name it. `planned_share` is of distinct attendees, 0 to 1."""

    key: str
    rank: int
    name: str
    planned_share: float | None


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event as the profile may name it; `when` is its day, or only its month, in ISO 8601."""

    key: str
    label: str
    kind: str
    state: str
    mode: str
    when: str
    files: int = 0  # of evidence held, such as its sheet of those who came; what is in them stays here


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """A line of the plan as the profile may read it; `event` is the key of an event of the same report."""

    key: str
    title: str
    audience: str
    channel: str
    output: str
    event: str
    due_on: date
    status: LineStatus
    delivered_on: date | None
    reason: str
    has_evidence: bool
    evidence: str
    files: int = 0  # of evidence held; what is in them stays here


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """A change in others as the profile may read it: what, who, when, why it matters, what we contributed."""

    what: str
    who: str
    changed_on: date | None
    kind: str
    state: str  # agreed substantiated
    significance: str
    contribution: str


@dataclass(frozen=True, slots=True)
class StudyLine:
    """A case study that is published."""

    title: str
    campaign: str
    text: str


@dataclass(frozen=True, slots=True)
class Narrative:
    """The parts of a report that people write."""

    summary: str = ""
    outcomes: str = ""
    changes: str = ""
    next_steps: str = ""


class LateKind(StrEnum):
    """What can be late."""

    PLAN_LINE = "plan_line"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class LateLine:
    """Something that should have happened by the cut-off."""

    kind: LateKind
    title: str
    due_on: date
    days: int
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is not in the figures: events, and why; requests of programs."""

    research: int = 0
    cancelled: int = 0
    not_closed: int = 0
    robots: int = 0


@dataclass(frozen=True, slots=True)
class Definition:
    """What an indicator meant when the snapshot was taken."""

    indicator: str
    name: str
    unit: Unit
    definition: str
    verification: str


class ExternalMetric(StrEnum):
    """What others count."""

    VIEWS = "views"
    VISITORS = "visitors"
    DOWNLOADS = "downloads"
    CITATIONS = "citations"


@dataclass(frozen=True, slots=True)
class ExternalLine:
    """One number of one source elsewhere, as it stood on a day; `unavailable_on`: the day it could not be had."""

    key: str
    source: str
    provider: str
    metric: ExternalMetric
    value: int | None
    as_of: date | None
    unavailable_on: date | None


@dataclass(frozen=True, slots=True)
class UseLine:
    """How often materials were asked for in one month, “2027-01”."""

    month: str
    requests: int
    sessions: int


@dataclass(frozen=True, slots=True)
class PrintLine:
    """Copies of one output that went out, and that came back."""

    title: str
    shipped: int
    returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotView:
    """A report's whole content: aggregates only, as the profile may read them.

    `snapshot_id` and `sha256` are empty for live figures, which nobody froze. `counts` holds every
    count of people once, by name; the figures are made of them.
    """

    snapshot_id: str
    project: ProjectLine
    profile: Profile
    k: int
    period: Period
    cutoff: datetime
    figures: tuple[Figure, ...]
    counts: Mapping[str, Release]
    targets: tuple[Progress, ...]
    audiences: tuple[AudienceLine, ...]
    events: tuple[EventLine, ...]
    late: tuple[LateLine, ...]
    left_out: LeftOut
    definitions: tuple[Definition, ...]
    external: tuple[ExternalLine, ...] = ()
    grade: Grade = Grade.INTERIM
    narrative: Narrative = Narrative()
    plan: tuple[ActivityLine, ...] = ()
    quotes: tuple[UsableQuote, ...] = ()
    outcomes: tuple[OutcomeLine, ...] = ()
    studies: tuple[StudyLine, ...] = ()
    use: tuple[UseLine, ...] = ()
    print: tuple[PrintLine, ...] = ()
    logo: Logo | None = None
    schema_version: int = SCHEMA_VERSION
    definitions_version: int = DEFINITIONS_VERSION
    sha256: str = ""

    def figure(self, indicator: str) -> Figure:
        """Return the figure of one indicator."""
        return next(figure for figure in self.figures if figure.indicator == indicator)

    def sealed(self) -> SnapshotView:
        """Return it with the hash of its JSON."""
        return replace(self, sha256=seal(to_json(self)))


@dataclass(frozen=True, slots=True)
class SnapshotLine:
    """One snapshot in a list: what it is, where it stands and who brought it there.

    `written_by` last wrote its words or took its figures. `before_id` is the snapshot that its figures
    were set against, so that nobody learns from the two together.
    """

    id: str
    project_id: str
    profile: Profile
    k: int
    period: Period
    cutoff: datetime
    sha256: str
    created_by: str
    created_at: datetime
    state: State = State.DRAFT
    written_by: str = ""
    before_id: str | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    issued_by: str | None = None
    issued_at: datetime | None = None
    superseded_at: datetime | None = None
    superseded_by: str | None = None
    forgotten_in: str = ""  # the parts whose words name someone who was forgotten since, with commas between


_ADAPTER = TypeAdapter(SnapshotView)


def to_json(view: SnapshotView) -> dict[str, Any]:
    """Return a snapshot as the Report JSON; a period is written as one says it, to its last day."""
    body: dict[str, Any] = _ADAPTER.dump_python(view, mode="json")
    body = {name: part for name, part in body.items() if _SINCE.get(name, 1) <= view.schema_version}
    if view.logo is None:  # as before there were any
        del body["logo"]
    for part in {"plan", "events"} & body.keys():  # a line that says nothing of files is as before there were any
        body[part] = [{name: v for name, v in one.items() if name != "files" or v} for one in body[part]]
    if view.schema_version < 2:
        body["targets"] = [{k: v for k, v in one.items() if k not in _TARGETS_SINCE_2} for one in body["targets"]]
    last = view.period.ends_on - timedelta(days=1)
    return body | {"period": {"from": view.period.starts_on.isoformat(), "to": last.isoformat()}}


def from_json(body: Mapping[str, Any]) -> SnapshotView:
    """Return the snapshot of a Report JSON.

    Raises:
        pydantic.ValidationError: the body is of another schema.
    """
    period = body["period"]
    after = date.fromisoformat(period["to"]) + timedelta(days=1)
    return _ADAPTER.validate_python({**body, "period": {"starts_on": period["from"], "ends_on": after}})


def canonical(body: Mapping[str, Any]) -> bytes:
    """Return the one way to write a body."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def seal(body: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a body, its own `sha256` left aside."""
    return hashlib.sha256(canonical({name: part for name, part in body.items() if name != "sha256"})).hexdigest()
