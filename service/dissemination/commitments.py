"""What guests will do, as staff look at it. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.invitations.survey_form import Commitment, Progress

KEPT = (Progress.DONE, Progress.PARTLY)


class Show(StrEnum):
    """Which commitments to look at."""

    ALL = "all"
    LATE = "late"
    OPEN = "open"
    DONE = "done"
    PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class Line:
    """One commitment, of which event and by whom; `name` "" of someone at risk without a pseudonym."""

    commitment: Commitment
    event_title: str
    name: str

    def is_of(self, event_id: str) -> bool:
        """Tell whether it belongs to an event; "" is every one."""
        return event_id in ("", self.commitment.event_id)

    def is_in(self, show: Show, today: date) -> bool:
        """Tell whether one looks at it so."""
        one = self.commitment
        return {
            Show.ALL: True,
            Show.LATE: one.is_late(today),
            Show.OPEN: one.state in (Progress.OPEN, Progress.NOT_YET, Progress.PARTLY),
            Show.DONE: one.state is Progress.DONE,
            Show.PROPOSED: one.outcome == "proposed",
        }[show]


def chosen(lines: Iterable[Line], show: Show, event_id: str, *, today: date) -> list[Line]:
    """Return the lines of one sort, of one event where it is named."""
    return [one for one in lines if one.is_in(show, today) and one.is_of(event_id)]


def shown_by_files(lines: Iterable[Line], event_id: str, files: Container[str]) -> tuple[int, int]:
    """Return how many commitments that were kept, at least in part, have a file of evidence, and how many were kept."""
    kept = [one.commitment.id for one in lines if one.commitment.state in KEPT and one.is_of(event_id)]
    return sum(one in files for one in kept), len(kept)


def counts(lines: Iterable[Line], event_id: str, *, today: date) -> Mapping[Show, int]:
    """Return how many lines there are of each sort, of one event where it is named."""
    known = list(lines)
    return {show: len(chosen(known, show, event_id, today=today)) for show in Show}
