"""The charts of a report for paper: SVG with its words in it, drawn of the document tree and of nothing else. Pure.

Pages draw the same tree with words beside it (templates/reports/_sections.html). Tones differ in grey; a number that
is not shown is hatched, one that is still to come a dashed outline, both of one size whatever they stand for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from service.dissemination.document import BarRow, Month, Panel, Step, Tile, Use

WIDTH = 470.0  # points between the margins of A4
HATCHED = 12.0  # points, of every bar whose number is not shown
_ROOM = 96.0  # what the words of a bar take on its left
_SIZE = 8.5
_FONTS = "Libertinus Serif, Noto Naskh Arabic"
_TONES = {
    "track": {"fill": "#e8ecea"},
    "mile": {"fill": "#cfd6d2"},
    "act": {"fill": "#0c5a49"},
    "behind": {"fill": "#7a4a00"},
    "light": {"fill": "#b9cdc4"},
    "ghost": {"fill": "none", "stroke": "#5c6862", "stroke-dasharray": "3 2"},
    "outline": {"fill": "none", "stroke": "#9aa5a0"},
    "ring": {"fill": "#ffffff", "stroke": "#0c5a49"},
    "line": {"stroke": "#5c6862"},
    "target": {"stroke": "#17211c", "stroke-width": "2"},
}
_TILES = ("outline", "ghost", "tile-2", "tile-3", "tile-4", "tile-5")
_TONES |= {
    f"tile-{level}": {"fill": tone} for level, tone in enumerate(("#d5e4de", "#9fc4b7", "#3b7d6c", "#0c5a49"), 2)
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart: what it is, what it says in words, its size in points and its SVG."""

    title: str
    about: str
    width: float
    height: float
    svg: str


class _Sheet:
    """Takes marks and words; numbers are written with two digits so that the same chart is the same text."""

    def __init__(self, title: str, about: str, height: float) -> None:
        self.title, self.about, self.height = title, about, height
        box = f"0 0 {_n(WIDTH)} {_n(height)}"
        self.root = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=box, role="img")
        self.root.attrib |= {"width": _n(WIDTH), "height": _n(height)}
        ElementTree.SubElement(self.root, "title").text = title
        ElementTree.SubElement(self.root, "desc").text = about

    def rect(self, x: float, y: float, width: float, height: float, tone: str) -> None:
        """Draw a rectangle."""
        place = {"x": _n(x), "y": _n(y), "width": _n(width), "height": _n(height)}
        ElementTree.SubElement(self.root, "rect", place | _TONES[tone])

    def line(self, x1: float, y1: float, x2: float, y2: float, tone: str = "line") -> None:
        """Draw a line."""
        place = {"x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2)}
        ElementTree.SubElement(self.root, "line", place | _TONES[tone])

    def dot(self, x: float, y: float, radius: float, tone: str) -> None:
        """Draw a disc or a ring."""
        ElementTree.SubElement(self.root, "circle", {"cx": _n(x), "cy": _n(y), "r": _n(radius)} | _TONES[tone])

    def hatch(self, x: float, y: float, width: float, height: float) -> None:
        """Draw a number that is not shown."""
        self.rect(x, y, width, height, "outline")
        for step in range(1, int(width / 4)):
            self.line(x + 4 * step, y, x + 4 * step - 4, y + height)

    def words(self, x: float, y: float, text: str, *, room: float, tone: str = "#17211c", **wishes: str) -> None:
        """Write on a line, cut to its room."""
        size = float(wishes.get("font-size", _SIZE))
        place = {"x": _n(x), "y": _n(y), "font-family": _FONTS, "font-size": _n(size), "fill": tone}
        ElementTree.SubElement(self.root, "text", place | wishes).text = _cut(text, int(room / (0.5 * size)))

    def done(self) -> Drawing:
        """Return what is drawn."""
        return Drawing(self.title, self.about, WIDTH, self.height, ElementTree.tostring(self.root, encoding="unicode"))


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


END, MIDDLE, BOLD = {"text-anchor": "end"}, {"text-anchor": "middle"}, {"font-weight": "bold"}


def bars(title: str, rows: Sequence[BarRow]) -> Drawing | None:
    """Draw each row on its track: the part expected by now, the bar, the upright mark of the target."""
    drawn = [row for row in rows if row.bar]
    if not drawn:
        return None
    about = "; ".join(f"{row.label}: {row.value}. {row.words}" for row in drawn)
    sheet = _Sheet(title, about, 34.0 * len(drawn))
    for place, row in enumerate(drawn):
        _bar(sheet, row, 34.0 * place)
    return sheet.done()


def _bar(sheet: _Sheet, row: BarRow, top: float) -> None:
    bar = row.bar
    if bar is None:
        return
    unit = WIDTH / bar.full if bar.full else 0.0
    sheet.words(0, top + 9, row.label, room=0.4 * WIDTH, **BOLD)
    sheet.words(WIDTH, top + 9, f"{row.value} · {row.words}" if row.words else row.value, room=0.6 * WIDTH, **END)
    sheet.rect(0, top + 14, WIDTH, 11, "track")
    if bar.expected is not None:
        sheet.rect(0, top + 14, min(bar.expected * unit, WIDTH), 11, "mile")
    sheet.rect(0, top + 17, min(bar.actual * unit, WIDTH), 5, "behind" if bar.behind else "act")
    if bar.line is not None:
        at = min(max(bar.line * unit, 1), WIDTH - 1)
        sheet.line(at, top + 12, at, top + 27, "target")


def funnel(title: str, steps: Sequence[Step]) -> Drawing:
    """Draw people from step to step, each bar from the left and as long as its number."""
    sheet = _Sheet(title, _said(steps), 18.0 * len(steps) + 2)
    _steps(sheet, steps, (0.0, 0.0, WIDTH), _top(steps))
    return sheet.done()


def panels(title: str, events: Sequence[Panel]) -> Drawing | None:
    """Draw the events three abreast, all on one scale."""
    if not events:
        return None
    height, gap = 84.0, 12.0
    width = (WIDTH - 2 * gap) / 3
    about = "; ".join(f"{one.label}, {one.when}: {_said(one.steps)}" for one in events)
    sheet = _Sheet(title, about, height * (-(-len(events) // 3)))
    top = _top([step for one in events for step in one.steps])
    for place, one in enumerate(events):
        x, y = (place % 3) * (width + gap), (place // 3) * height
        sheet.words(x, y + 9, one.label, room=width, **BOLD)
        sheet.words(x, y + 19, one.when, room=width, tone="#4a5750", **{"font-size": "7.5"})
        _steps(sheet, one.steps, (x, y + 22, width), top)
    return sheet.done()


def _steps(sheet: _Sheet, steps: Sequence[Step], box: tuple[float, float, float], top: int) -> None:
    """Draw steps below each other in a box (left, top, width): its word, its bar, what is printed."""
    left, y, width = box
    name, text = min(_ROOM, 0.32 * width), min(_ROOM, 0.3 * width)
    full = width - name - text
    for place, step in enumerate(steps):
        at = y + 18.0 * place
        sheet.words(left, at + 12, step.label, room=name)
        if step.n is not None:
            sheet.rect(left + name, at + 3, full * step.n / top, 12, "act")
        elif step.is_ahead:
            sheet.rect(left + name, at + 3, full / 3, HATCHED, "ghost")
        else:
            sheet.hatch(left + name, at + 3, full / 3, HATCHED)
        sheet.words(left + width, at + 12, step.text, room=text, **END)


def _top(steps: Sequence[Step]) -> int:
    return max((step.n or 0 for step in steps), default=0) or 1


def _said(steps: Sequence[Step]) -> str:
    return ", ".join(f"{step.label} {step.text}" for step in steps)


def tiles(title: str, regions: Sequence[Tile]) -> Drawing | None:
    """Draw one equal tile a region, where it lies; a row of its own for those that lie nowhere."""
    if not regions:
        return None
    about = "; ".join(f"{one.name}: {one.text}" for one in regions)
    last = max(one.place[1] for one in regions)
    width, height = WIDTH / 7, 36.0
    sheet = _Sheet(title, about, height * (last + 1))
    placed = [one.place if one.place[0] else (1, last + 1) for one in regions]
    for one, (column, row) in zip(regions, placed, strict=True):
        x, y = (column - 1) * width, (row - 1) * height
        ink = "#ffffff" if one.level >= 4 else "#17211c"
        sheet.rect(x + 1, y + 1, width - 3, height - 3, _TILES[one.level])
        for line, words in enumerate(_two_lines(one.name)):
            sheet.words(x + 4, y + 9 + 7 * line, words, room=width, tone=ink, **{"font-size": "6.5"})
        sheet.words(x + 4, y + 29, one.text, room=width, tone=ink, **BOLD)
    return sheet.done()


def _two_lines(name: str) -> tuple[str, ...]:
    """Return a name on one or two lines of a tile."""
    head, _, rest = name.rpartition(" ") if len(name) > 15 else (name, "", "")
    if len(head) > 18:
        head, _, more = head.partition(" ")
        rest = f"{more} {rest}".strip()
    return tuple(filter(None, (head or rest, rest if head else "")))


def use(title: str, drawn: Use, about: str) -> Drawing | None:
    """Draw the months: what was asked for as bars, the events as numbered marks below, today as an upright line."""
    if not drawn.is_counted and not drawn.marks:
        return None
    column, base = WIDTH / len(drawn.months), 104.0 if drawn.is_counted else 14.0
    deepest = max(len(month.marks) for month in drawn.months)
    sheet = _Sheet(title, about, base + 14 + 14 * max(deepest, 1))
    top = max(month.requests for month in drawn.months) or 1
    every = -(-len(drawn.months) // 9)
    for place, month in enumerate(drawn.months):
        _month(sheet, month, place * column, column, (base, top))
        if place % every == 0:
            sheet.words(place * column + 1, base + 9, month.label, room=every * column, **{"font-size": "7"})
        for deep, number in enumerate(month.marks):
            _mark(sheet, drawn, number, place * column + column / 2, base + 20 + 14 * deep)
    sheet.line(0, base, WIDTH, base)
    sheet.line((drawn.today + 1) * column, 0, (drawn.today + 1) * column, base, "target")
    return sheet.done()


def _month(sheet: _Sheet, month: Month, left: float, width: float, scale: tuple[float, int]) -> None:
    base, top = scale
    for amount, tone, share in ((month.requests, "light", 0.8), (month.sessions, "act", 0.45)):
        height = 88.0 * amount / top
        sheet.rect(left + width * (1 - share) / 2, base - height, width * share, height, tone)
    if month.requests:
        room = max(width, 24.0)
        at = base - 88.0 * month.requests / top - 3
        sheet.words(left + width / 2, at, f"{month.requests:,}", room=room, **MIDDLE, **{"font-size": "6.5"})


def _mark(sheet: _Sheet, drawn: Use, number: int, x: float, y: float) -> None:
    is_held = drawn.marks[number - 1].is_held
    sheet.dot(x, y, 6, "act" if is_held else "ring")
    ink = "#ffffff" if is_held else "#17211c"
    sheet.words(x, y + 2.4, str(number), room=20, tone=ink, **MIDDLE, **{"font-size": "7"})
