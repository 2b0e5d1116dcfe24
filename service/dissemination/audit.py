"""What a reader can work out: the range of values that printed numbers leave for each cell.

Pure interval arithmetic. Cells hang together by links (a total and its rows, those invited and
those reached of them); every link narrows the ranges of its cells until nothing moves any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ALL = ""  # the dimension of a total
Cell = tuple[str, str, str]  # count, dimension, row
Range = tuple[int, int]  # lowest and highest value, both possible
MOST_SWEEPS = 50


@dataclass(frozen=True, slots=True)
class Link:
    """The whole is the sum of its parts; or only at least it, or only at most it.

    `at_least`: the whole is no smaller than the sum. `at_most`: it is no greater.
    """

    whole: Cell
    parts: tuple[Cell, ...]
    at_least: bool = True
    at_most: bool = True


def ranges(known: Mapping[Cell, Range], links: Sequence[Link]) -> dict[Cell, Range]:
    """Return the range of every cell, given what is known of each and how they hang together.

    The ranges are no narrower than the truth allows: a cell with two values left may really have
    one only where several links meet in ways that sums alone do not show.
    """
    low = {cell: pair[0] for cell, pair in known.items()}
    high = {cell: pair[1] for cell, pair in known.items()}
    for _sweep in range(MOST_SWEEPS):
        moved = [_narrow(link, low, high) for link in links]
        if not any(moved):
            break
    return {cell: (low[cell], high[cell]) for cell in known}


def _narrow(link: Link, low: dict[Cell, int], high: dict[Cell, int]) -> bool:
    """Narrow the cells of one link; tell whether any moved."""
    whole, parts = link.whole, link.parts
    least, most = sum(low[part] for part in parts), sum(high[part] for part in parts)
    moved = False
    if link.at_most:
        moved |= _lower(high, whole, most)
        for part in parts:
            moved |= _raise(low, part, low[whole] - (most - high[part]))
    if link.at_least:
        moved |= _raise(low, whole, least)
        for part in parts:
            moved |= _lower(high, part, high[whole] - (least - low[part]))
    return moved


def _raise(bounds: dict[Cell, int], cell: Cell, bound: int) -> bool:
    if bounds[cell] >= bound:
        return False
    bounds[cell] = bound
    return True


def _lower(bounds: dict[Cell, int], cell: Cell, bound: int) -> bool:
    if bounds[cell] <= bound:
        return False
    bounds[cell] = bound
    return True
