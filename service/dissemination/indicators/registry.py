"""The registry: an indicator's id, name, unit, verification and definition, and how it is measured."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from service.dissemination.facts import Facts
from service.dissemination.values.figures import Measure, Profile, Unit

Measurer = Callable[[Facts], Measure]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator. `fewer_is_better`: the target is a limit. `readers`: the profiles that print it."""

    id: str
    name: str
    unit: Unit
    verification: str
    definition: str
    measure: Measurer
    fewer_is_better: bool = False
    readers: tuple[Profile, ...] = tuple(Profile)

    @property
    def is_rate(self) -> bool:
        """Whether its target holds at any time, not only at the end."""
        return self.unit in (Unit.PERCENT, Unit.POINTS, Unit.COST)


REGISTRY: dict[str, Indicator] = {}


def indicator(
    id_: str,
    name: str,
    unit: Unit,
    *,
    verification: str,
    fewer_is_better: bool = False,
    readers: tuple[Profile, ...] = tuple(Profile),
) -> Callable[[Measurer], Measurer]:
    """Register a function as an indicator under an id; its docstring is what reports print."""

    def register(measure: Measurer) -> Measurer:
        definition = " ".join((inspect.getdoc(measure) or "").split())
        REGISTRY[id_] = Indicator(id_, name, unit, verification, definition, measure, fewer_is_better, readers)
        return measure

    return register
