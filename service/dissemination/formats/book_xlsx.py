"""The report as a workbook: Summary, Logframe, Activities, Indicators, Definitions.

Every cell is text or a number by its type, so that no formula can be among them. The same
snapshot gives the same bytes: the file bears the time of the cut-off, not of the writing.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from service.dissemination.document import Document
from service.dissemination.formats import table_csv
from service.dissemination.outline import Section
from service.dissemination.snapshots import SnapshotView
from service.dissemination.values.figures import Dimension, number
from service.dissemination.wording import Voice

ENGLISH = Voice()
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LOGFRAME = ("indicator", "baseline", "milestones", "target", "achieved", "source", "weight", "risk")
ACTIVITIES = ("activity", "type", "when", "how", "status", "invited", "delivered", "accepted", "attended")
DEFINITIONS = ("indicator", "name", "unit", "definition", "verification")
_WIDEST = 70  # letters
_REACH = ("people_invited", "delivered", "accepted", "attended")

Row = Sequence[str]


def render(view: SnapshotView, report: Document, sections: Sequence[Section], say: Voice = ENGLISH) -> bytes:
    """Return the report as a workbook (XLSX)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    book.set_properties({"title": report.title, "company": report.organisation, "created": view.cutoff})
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    for name, head, rows in (
        ("Summary", (report.title,), _summary(report, sections)),
        ("Logframe", LOGFRAME, logframe(view, say)),
        ("Activities", *_activities(view, sections)),
        ("Indicators", table_csv.COLUMNS, table_csv.rows(view)),
        ("Definitions", DEFINITIONS, definitions(view, say)),
    ):
        _fill(book.add_worksheet(name), head, list(rows), bold, wrap)
    book.close()
    return out.getvalue()


def _fill(sheet: Any, head: Row, rows: Sequence[Row], bold: Any, wrap: Any) -> None:
    widths = [10] * max(len(row) for row in (head, *rows))
    for at, row in enumerate((head, *rows)):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(at, column, cell, bold if at == 0 else wrap)
                widths[column] = min(max(widths[column], len(cell) + 1), _WIDEST)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(1, 0)


def _summary(report: Document, sections: Iterable[Section]) -> Iterable[Row]:
    """Yield what stands on the first page, and the method note: each table under its title."""
    yield (report.lead,)
    yield (f"{report.organisation} · {report.project} · {report.about}",)
    for section in list(sections)[:-1]:  # the last are the tables, which have sheets of their own
        yield ()
        yield (section.title,)
        yield from ((line,) for line in section.paragraphs if line)
        for table in section.tables:
            yield table.columns
            yield from table.rows
    yield ()
    yield (report.footer,)
    yield (report.seal,)


def logframe(view: SnapshotView, say: Voice = ENGLISH) -> Iterable[Row]:
    """Yield each target under `LOGFRAME`; what the plan does not say is empty."""
    sources = {one.indicator: one.verification for one in view.definitions}
    for target in view.targets:
        figure = view.figure(target.indicator)
        yield (
            f"{target.indicator} {say.gettext(figure.name)}",
            number(target.baseline),
            "; ".join(f"{number(one.value)} ({one.on.isoformat()})" for one in target.milestones),
            f"{number(target.target)} ({target.due_on.isoformat()})",
            figure.text,
            say.gettext(sources[target.indicator]) if target.indicator in sources else "",
            "" if target.weight is None else f"{number(target.weight)}%",
            target.risk,
        )


def _activities(view: SnapshotView, sections: Iterable[Section]) -> tuple[Row, Iterable[Row]]:
    """Return the activities of the plan as funders ask for them; where there is no plan, each event with its reach."""
    for section in sections:
        for table in section.tables:
            if table.key == "activities":
                return table.columns, table.rows
    return ACTIVITIES, _events(view)


def _events(view: SnapshotView) -> Iterable[Row]:
    for event in view.events:
        cells = [view.counts[name].rows.get(Dimension.EVENT, {}).get(event.key) for name in _REACH]
        reach = [cell.band if cell else "–" for cell in cells]
        yield (event.label, event.kind, event.when, event.mode, event.state, *reach)


def definitions(view: SnapshotView, say: Voice = ENGLISH) -> Iterable[Row]:
    """Yield each indicator's definition under `DEFINITIONS`, in the language of the report."""
    for one in view.definitions:
        words = (one.name, one.unit.value, one.definition, one.verification)
        yield (one.indicator, *(say.gettext(word) for word in words))
