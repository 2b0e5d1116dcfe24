"""The indicators. Each is one decorated pure function; its docstring is the published definition."""

from __future__ import annotations

from service.dissemination.indicators import attendance, elsewhere, given, outputs, reach, use
from service.dissemination.indicators.registry import REGISTRY, Indicator, indicator

_CHAPTERS = "OREUCQ"  # outputs, reach, events, use, change, quality: the order of a report

INDICATORS: tuple[Indicator, ...] = tuple(
    sorted(REGISTRY.values(), key=lambda one: (_CHAPTERS.index(one.id[0]), int(one.id[1:])))
)

__all__ = [
    "INDICATORS",
    "REGISTRY",
    "Indicator",
    "attendance",
    "elsewhere",
    "given",
    "indicator",
    "outputs",
    "reach",
    "use",
]
