"""What differs between two reports: figures, targets, the plan, the words. Pure; only of what each prints."""

from __future__ import annotations

from typing import Any

from service.dissemination.snapshots import ActivityLine, SnapshotView
from service.dissemination.values.figures import Figure, number
from service.dissemination.values.plan import Progress
from service.dissemination.versions import Difference, compare

PARTS = ("figures", "targets", "plan", "words")


def compare_reports(before: SnapshotView, after: SnapshotView) -> list[Difference]:
    """Return what differs, by part in the order of PARTS, then by key."""
    return compare(_body(before), _body(after), PARTS)


def _body(view: SnapshotView) -> dict[str, dict[str, Any]]:
    words = view.narrative
    return {
        "figures": {figure.indicator: _figure(figure) for figure in view.figures},
        "targets": {one.indicator: _target(one, view.figure(one.indicator)) for one in view.targets},
        "plan": {line.key: _line(line) for line in view.plan},
        "words": {name: {"title": name, "text": getattr(words, name)} for name in words.__dataclass_fields__}
        | {"grade": {"title": "grade", "text": view.grade.value}},
    }


def _figure(figure: Figure) -> dict[str, str]:
    """Return a figure in print with every cell; a rate has the numbers it was made of."""
    found = {"title": f"{figure.indicator} {figure.name}", "figure": figure.text}
    if figure.denominator is not None:
        found |= {"numerator": _said(figure.numerator), "denominator": _said(figure.denominator)}
    return found | {f"{cell.dimension.value}: {cell.label}": cell.text for cell in figure.cells}


def _said(value: float | str | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else number(value)


def _target(one: Progress, figure: Figure) -> dict[str, Any]:
    promised = {"baseline": number(one.baseline), "target": number(one.target), "due_on": one.due_on.isoformat()}
    title = f"{one.indicator} {figure.name}"
    return {"title": title, **promised, "expected": number(one.expected), "verdict": one.verdict.value}


def _line(line: ActivityLine) -> dict[str, Any]:
    names = ("title", "audience", "channel", "output", "reason", "evidence")
    dates = {"due_on": line.due_on.isoformat(), "delivered_on": line.delivered_on and line.delivered_on.isoformat()}
    return {**{name: getattr(line, name) for name in names}, "status": line.status.value, **dates}
