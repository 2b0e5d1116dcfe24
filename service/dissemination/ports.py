"""The world outside that dissemination asks."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from service.dissemination.external import Answer, Source


class Statistics(Protocol):
    """Those who count elsewhere."""

    def look(self, source: Source, *, today: date) -> Answer | None:
        """Return what a source says, troubles included; None while it is being asked."""
