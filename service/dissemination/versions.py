"""Versions of a plan: what is promised, its seal, and what differs between two. Pure.

The plan that staff work on is the *draft*. Approving it keeps its promises as a version for good;
how far a line has got is no promise and makes no new version, giving one up does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from service.dissemination.snapshots import seal
from service.dissemination.values.plan import LineStatus, PlanLine, Target
from service.kernel.errors import Conflict, Invalid

SCHEMA = 1
PROMISED = ("title", "audience_key", "channel", "output_key", "event_key", "owner")


class PlanMoved(Conflict):
    """The plan is no longer the one that was read before approving it."""

    code = "plan-moved"


class NothingToApprove(Conflict):
    """The plan is as it was approved."""

    code = "nothing-to-approve"


class EmptyPlan(Invalid):
    """A plan without lines."""

    code = "empty-plan"


@dataclass(frozen=True, slots=True)
class Version:
    """An approved version. `sha256` is the seal of its body, so that it can be checked later."""

    project_id: str
    number: int
    body: dict[str, Any]
    sha256: str
    approved_by: str
    approved_at: datetime


class Kind(StrEnum):
    """What happened to a line or a target between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One line or target that is not the same; `fields` are (name, before, after)."""

    kind: Kind
    part: str
    key: str
    title: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The plan as it stands: the number it would get, its body and seal, and what differs from the last one."""

    number: int
    body: dict[str, Any]
    sha256: str
    last: Version | None
    differences: tuple[Difference, ...]

    @property
    def is_approved(self) -> bool:
        """Whether it is word for word the last approved version."""
        return self.last is not None and self.last.sha256 == self.sha256


def draft_of(lines: Iterable[PlanLine], targets: Iterable[Target], last: Version | None) -> Draft:
    """Return the plan that staff work on, beside the last approved version."""
    body = {
        "schema_version": SCHEMA,
        "lines": {line.key: _line(line) for line in lines},
        "targets": {target.indicator: _target(target) for target in targets},
    }
    before = last.body if last else {"lines": {}, "targets": {}}
    return Draft(last.number + 1 if last else 1, body, seal(body), last, tuple(compare(before, body)))


def _line(line: PlanLine) -> dict[str, Any]:
    given_up = line.reason or True if line.status is LineStatus.CANCELLED else False
    return {**{name: getattr(line, name) for name in PROMISED}, "due_on": line.due_on.isoformat(), "given_up": given_up}


def _target(target: Target) -> dict[str, Any]:
    return {
        "baseline": target.baseline,
        "milestones": [{"on": one.on.isoformat(), "value": one.value} for one in target.milestones],
        "target": target.target,
        "due_on": target.due_on.isoformat(),
        "note": target.note,
        **({"weight": target.weight} if target.weight is not None else {}),
        **({"risk": target.risk} if target.risk else {}),
    }


def compare(
    before: Mapping[str, Any], after: Mapping[str, Any], parts: Iterable[str] = ("lines", "targets")
) -> list[Difference]:
    """Return what differs between two bodies, part by part, each by key."""
    return [
        found
        for part in parts
        for key in sorted({*before[part], *after[part]})
        if (found := _difference(part, key, before[part].get(key), after[part].get(key)))
    ]


def _difference(
    part: str, key: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> Difference | None:
    if before is None or after is None:
        kind = Kind.ADDED if before is None else Kind.REMOVED
        return Difference(kind, part, key, _title(key, after or before or {}))
    names = {**before, **after}
    fields = tuple((name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name))
    return Difference(Kind.CHANGED, part, key, _title(key, after), fields) if fields else None


def _title(key: str, one: Mapping[str, Any]) -> str:
    return str(one.get("title", key))


def check_approval(draft: Draft, seen: str) -> None:
    """Refuse to approve an empty plan, one that changed since it was read, or one that is approved already.

    Raises:
        EmptyPlan, PlanMoved, NothingToApprove.
    """
    if not draft.body["lines"]:
        raise EmptyPlan("There is nothing to approve yet: add a line first.")
    if draft.is_approved:
        raise NothingToApprove("The plan is as it was approved. Change it first.")
    if seen != draft.sha256:
        raise PlanMoved("The plan changed while you read it. Read what changed, then approve.")
