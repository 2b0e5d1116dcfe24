"""How the counts of people hang together: what a reader may add and subtract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from service.dissemination.audit import ALL, Cell, Link
from service.dissemination.counting import LESS_USEFUL, USEFUL
from service.dissemination.values.figures import NOT_STATED, Count, Dimension

# The whole is the sum of its parts, in the total and in every row that all of them have.
_SUMS = (
    ("attempted", "delivered", "undelivered"),
    ("undelivered", "bounced", "unsure"),
    ("delivered", "answered", "unanswered"),
    ("delivered", "unsubscribed", "still_written_to"),
    ("answered", "accepted", "not_accepted"),
    ("people_invited", "people_delivered", "people_unreached"),
    ("people_delivered", "people_accepted", "people_not_accepted"),
    ("promised", "kept", "no_shows"),
    ("attended", "kept", "walk_ins"),
    ("people_attended", "complete", "incomplete"),
    ("surveys_sent", "surveys_returned", "surveys_missing"),
    ("usefulness_answers", "found_useful", "found_less_useful"),
    ("asked_to_commit", "committed", "not_committed"),
    ("commitments_asked", "commitments_kept", "commitments_open"),
    ("use_answers", "used_in_work", "not_used_in_work"),
)
# The first is no smaller than the second: nobody is counted who is not counted there.
_AT_LEAST = (
    ("delivered", "people_delivered"),
    ("accepted", "people_accepted"),
    ("attended", "people_attended"),
    ("people_attended", "organisations"),
    ("people_attended", "countries"),
)


def links_between(counts: Iterable[Count], priority: Iterable[str]) -> list[Link]:
    """Return the links between these counts; `priority` are the keys of the audiences of rank 1."""
    known = {count.name: count for count in counts}
    found: list[Link] = []
    for whole, *parts in _SUMS:
        found += _in_every_row(known, whole, parts)
    for whole, part in _AT_LEAST:
        found += _in_every_row(known, whole, [part], at_most=False)
    return found + _of_audiences(known, tuple(priority)) + _of_marks(known)


def _in_every_row(known: Mapping[str, Count], whole: str, parts: list[str], *, at_most: bool = True) -> list[Link]:
    if not {whole, *parts} <= known.keys():
        return []
    shared = set.intersection(*(_cells(known[name]) for name in (whole, *parts)))
    return [Link((whole, *place), tuple((part, *place) for part in parts), at_most=at_most) for place in sorted(shared)]


def _cells(count: Count) -> set[tuple[str, str]]:
    rows = {(str(dimension), key) for dimension, own in count.rows.items() for key in own}
    return {(ALL, ""), *rows}


def _of_audiences(known: Mapping[str, Count], priority: tuple[str, ...]) -> list[Link]:
    """Tie those invited with an audience, and those of rank 1, to the rows they are the sum of."""
    if not {"people_invited", "with_audience", "priority"} <= known.keys():
        return []

    def row(key: str) -> Cell:
        return ("people_invited", str(Dimension.AUDIENCE), key)

    return [
        Link(("people_invited", ALL, ""), (("with_audience", ALL, ""), row(NOT_STATED))),
        Link(("priority", ALL, ""), tuple(row(key) for key in priority)),
    ]


def _of_marks(known: Mapping[str, Count]) -> list[Link]:
    """Tie those who found it useful, and those who did not, to the marks they are the sum of."""
    if not {"usefulness_answers", "found_useful", "found_less_useful"} <= known.keys():
        return []

    def row(key: str) -> Cell:
        return ("usefulness_answers", str(Dimension.ANSWER), key)

    return [
        Link(("found_useful", ALL, ""), (row("5"), row("4"), row(USEFUL))),
        Link(("found_less_useful", ALL, ""), (row("3"), row("2"), row("1"), row(LESS_USEFUL))),
    ]
