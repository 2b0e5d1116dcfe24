"""Values of the campaign's records. Each is one row of one project; what it names lies on lower floors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Position(StrEnum):
    """How a state or an institution stands to what the campaign asks for."""

    CORE_GROUP = "core_group"
    SUPPORTIVE = "supportive"
    LATENT = "latent"  # would support, and has not been asked or has not said so
    RELUCTANT = "reluctant"


@dataclass(frozen=True, slots=True)
class Stance:
    """What a state (`country`) or an institution (`organisation_id`) was known to hold from a day on.

    It stays when a later one follows: together they are the history. Never about a person.
    """

    id: str
    country: str | None
    organisation_id: str | None
    position: Position
    noted_on: date
    source: str
    note: str
    is_current: bool = True

    @property
    def subject(self) -> str:
        """Whose stance it is, the same in every one of them."""
        return self.country or self.organisation_id or ""
