"""Values of seed data: what a folder says, and what a load did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of seed data, read and not yet believed."""

    project: dict[str, Any]
    people: tuple[dict[str, str], ...]
    outputs: tuple[dict[str, Any], ...]
    events: tuple[dict[str, Any], ...]
    history: dict[str, int]
    plan: tuple[dict[str, str], ...]
    targets: tuple[dict[str, str], ...]
    shipments: tuple[dict[str, str], ...] = ()
    markers: tuple[dict[str, str], ...] = ()
    stances: tuple[dict[str, str], ...] = ()
    messages: tuple[dict[str, str], ...] = ()
    lessons: tuple[dict[str, str], ...] = ()
    grants: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What a load added; all zero when everything was there."""

    created: dict[str, int] = field(default_factory=dict)

    @property
    def unchanged(self) -> bool:
        """Whether nothing was added."""
        return not any(self.created.values())
