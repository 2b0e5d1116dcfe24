"""The document tree of a report: words and geometry, no markup. Every format renders this."""

from __future__ import annotations

from dataclasses import dataclass, field

from service.dissemination.logos import Logo


@dataclass(frozen=True, slots=True)
class Big:
    """One of the five figures at the top, and the indicator it shows."""

    label: str
    text: str
    note: str
    indicator: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from 0 to `full`; `line` is the target, `expected` what the plan expects by now."""

    full: float
    actual: float
    line: float | None = None
    expected: float | None = None
    behind: bool = False


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar with its words; `state` is a word of the plan axis, empty where there is no plan."""

    key: str
    label: str
    value: str
    words: str
    state: str
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Step:
    """One step from invitation to attendance; `n` is None for a number that is not printed.

    `is_ahead`: it is not known yet.
    """

    label: str
    n: int | None
    text: str
    note: str
    indicator: str = field(default="", compare=False)
    is_ahead: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Panel:
    """One event: how many were invited, said yes and came."""

    label: str
    when: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """What was asked for in a month, and the numbers of the marks in it."""

    label: str
    requests: int
    sessions: int
    marks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """An event on the line of months; `is_held`: it took place."""

    number: int
    label: str
    when: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class Use:
    """The months of a project: what of its materials was asked for, its events. `today` is a place among them."""

    months: tuple[Month, ...]
    marks: tuple[Mark, ...]
    today: int
    is_counted: bool


@dataclass(frozen=True, slots=True)
class Tile:
    """One region; level 0 is none, 1 masked, 2 to 5 darker. `place` is its column and row on the map."""

    key: str
    name: str
    text: str
    level: int
    place: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row names it, columns from `numbers_from` on are numbers."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class LateRow:
    """Something late, in words."""

    title: str
    words: str
    reason: str


@dataclass(frozen=True, slots=True)
class Words:
    """A part that people wrote, in paragraphs."""

    key: str
    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Someone's own words; without a credit they are anonymous."""

    words: str
    credit: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the method note with its first words."""

    head: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report. `about` says whose report it is and when its figures were taken."""

    language: str
    direction: str
    title: str
    lead: str
    about: str
    project: str
    organisation: str
    logo: Logo | None
    summary: tuple[str, ...]
    quote: Said | None
    five: tuple[Big, ...]
    plan: tuple[BarRow, ...]
    steps: tuple[Step, ...]
    bands: str
    tiles: tuple[Tile, ...]
    tiles_note: str
    audiences: tuple[BarRow, ...]
    audiences_note: str
    panels: tuple[Panel, ...]
    events: Table
    use: Use
    external: Table
    print: Table
    uptake: tuple[str, ...]
    uptake_tables: tuple[Table, ...]
    late: tuple[LateRow, ...]
    written: tuple[Words, ...]
    quotes: tuple[Said, ...]
    outcomes: Table
    method: tuple[Paragraph, ...]
    tables: tuple[Table, ...]
    seal: str
    footer: str
