"""Values of the plan: outputs, lines, targets and how they stand, progress markers, and drafts of all these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class LineStatus(StrEnum):
    """Where a line of the plan stands."""

    PLANNED = "planned"
    ONGOING = "ongoing"
    DELIVERED = "delivered"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PlanLine:
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
    status: LineStatus
    delivered_on: date | None
    reason: str
    evidence: str

    def is_late(self, today: date) -> bool:
        """Whether it was due before today and is neither delivered nor given up."""
        return self.due_on < today and self.is_open

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status not in (LineStatus.DELIVERED, LineStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Milestone:
    """What the plan expects of an indicator on a day before its target is due."""

    on: date
    value: float


@dataclass(frozen=True, slots=True)
class Target:
    """What the plan promises for an indicator; milestones by day, the first first.

    `weight` is that of its output in a funder's logframe, in percent; `risk` what could keep it from being reached.
    """

    indicator: str
    baseline: float
    target: float
    due_on: date
    note: str
    milestones: tuple[Milestone, ...] = ()
    weight: float | None = None
    risk: str = ""


class Verdict(StrEnum):
    """How an indicator stands against what the plan expects by now."""

    MET = "met"
    AHEAD = "ahead"
    ON_TIME = "on_time"
    BEHIND = "behind"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Progress:
    """A target beside what the plan expects by the cut-off and how that compares."""

    indicator: str
    baseline: float
    target: float
    due_on: date
    note: str
    expected: float
    verdict: Verdict
    milestones: tuple[Milestone, ...] = ()
    weight: float | None = None
    risk: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """Something we make. `derived_from` is the key of the output it was made out of."""

    id: str
    key: str
    kind: str
    number: int | None
    title: str
    format: str
    status: str
    derived_from: str | None
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    copies: int | None
    published_on: date | None


class Level(StrEnum):
    """How much one may hope to see it."""

    EXPECT = "expect"
    LIKE = "like"
    LOVE = "love"


class Seen(StrEnum):
    """How much of it was seen."""

    NOT_YET = "not_yet"
    SOME = "some"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Marker:
    """What one would see an audience do. `noted_on` is when its status or evidence last changed."""

    id: str
    audience_key: str
    level: Level
    text: str
    status: Seen
    evidence: str
    noted_on: date | None


@dataclass(frozen=True, slots=True)
class MarkerDraft:
    """A marker as a file gives it."""

    audience_key: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class OutputDraft:
    """An output as a file or a form gives it."""

    key: str
    kind: str
    title: str
    number: int | None = None
    format: str = ""
    status: str = "planned"
    derived_from: str | None = None
    languages: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    copies: int | None = None
    published_on: date | None = None


@dataclass(frozen=True, slots=True)
class PlanLineDraft:
    """A plan line as a file or a form gives it."""

    key: str
    title: str
    due_on: date
    audience_key: str | None = None
    channel: str = ""
    output_key: str | None = None
    event_key: str | None = None
    owner: str = ""
    status: str = "planned"
    delivered_on: date | None = None
    reason: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentDraft:
    """Copies that went out, or came back (negative)."""

    output_key: str
    shipped_on: date
    copies: int
    audience_key: str | None = None
    note: str = ""
    country: str | None = None


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A whole plan to load. What is there already is left as it is."""

    outputs: tuple[OutputDraft, ...] = ()
    lines: tuple[PlanLineDraft, ...] = ()
    targets: tuple[Target, ...] = ()
    shipments: tuple[ShipmentDraft, ...] = ()
    markers: tuple[MarkerDraft, ...] = ()
