"""The plan against today, in five rows for the home page. Pure."""

from __future__ import annotations

from typing import Any

from service.dissemination.progress import rows
from service.dissemination.snapshots import SnapshotView
from service.dissemination.wording import Voice

SHOWN = ("O3", "E4", "O4", "R6", "O2")


def bullets(view: SnapshotView, say: Voice) -> list[dict[str, Any]]:
    """Return the rows of the home page: label, value, words, full, actual, line, expected, behind."""
    found = {row.key: row for row in rows(view, say)}
    return [
        {
            "label": row.label.partition(" ")[2],
            "value": row.value,
            "words": row.words,
            "full": row.bar.full,
            "actual": row.bar.actual,
            "line": row.bar.expected if row.bar.expected is not None else row.bar.line,
            "expected": None,
            "behind": row.bar.behind,
        }
        for key in SHOWN
        if (row := found.get(key)) and row.bar
    ]
