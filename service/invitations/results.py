"""What the answers to one survey come to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from service.invitations.survey_form import MARKS, Answer


@dataclass(frozen=True, slots=True)
class Results:
    """One survey summed up; `is_hidden`: there are too few answers to show any of them."""

    sent: int
    returned: int
    is_hidden: bool
    marks: Mapping[int, int]
    median: float | None
    words: tuple[tuple[str, str], ...]  # what was written, and by whom, "" when nobody knows
    used: int
    use_answers: int

    @property
    def n(self) -> int:
        """How many chose a number."""
        return sum(self.marks.values())

    @property
    def useful(self) -> int:
        """How many chose 4 or 5."""
        return self.marks[4] + self.marks[5]


def sum_up(answers: Iterable[Answer], *, sent: int, returned: int, names: Mapping[str, str], smallest: int) -> Results:
    """Return the results of a survey; nothing is told of answers that are fewer than `smallest`."""
    given = list(answers)
    said = [one for one in given if one.usefulness is not None or one.words]
    later = [one.used for one in given if one.used is not None]
    shown, later = (said if len(said) >= smallest else []), (later if len(later) >= smallest else [])
    marks = [one.usefulness for one in shown if one.usefulness is not None]
    return Results(
        sent=sent,
        returned=returned,
        is_hidden=len(said) < smallest and not later,
        marks={mark: marks.count(mark) for mark in MARKS},
        median=median(marks) if marks else None,
        words=tuple((one.words, names.get(one.invitation_id or "", "")) for one in shown if one.words),
        used=sum(later),
        use_answers=len(later),
    )
