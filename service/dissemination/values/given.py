"""Values that people give by hand: amounts and costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Basis(StrEnum):
    """How a figure given by hand is known."""

    COUNTED = "counted"
    ESTIMATED = "estimated"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Given:
    """A figure given by hand: so many, of so many where it is a rate, known on a day."""

    id: str
    indicator: str
    on_day: date
    amount: int
    out_of: int | None
    basis: Basis
    evidence: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What was spent on an event on a day, in hundredths of a currency."""

    id: str
    event_id: str
    on_day: date
    hundredths: int
    currency: str
    what: str

    @property
    def amount(self) -> float:
        """The amount in the currency."""
        return self.hundredths / 100
