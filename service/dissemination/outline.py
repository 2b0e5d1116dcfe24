"""A report as titled sections of paragraphs and tables, for formats that are read from top to bottom. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from service.dissemination import drawing
from service.dissemination.document import BarRow, Document, Said, Table, Use
from service.dissemination.drawing import Drawing
from service.dissemination.wording import Voice

WIDEST = 8  # columns of a page


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what is said under it, its chart, and the tables that follow."""

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    chart: Drawing | None = None


def outline(report: Document, say: Voice) -> tuple[Section, ...]:
    """Return the sections of a report in the order of the web page; those with nothing to say are left out."""
    _ = say.gettext
    sections = (
        Section(
            _("In five figures"),
            (*report.summary, *(_quoted([report.quote] if report.quote else ()))),
            (_five(report, say),),
        ),
        Section(
            _("Plan against actual"),
            tables=_bars("plan", report.plan, _("Indicator"), _("Actual / target"), say),
            chart=drawing.bars(_("Plan against actual"), report.plan),
        ),
        Section(
            _("From invitation to attendance"),
            (report.bands,),
            (_steps(report, say),),
            drawing.funnel(_("From invitation to attendance"), report.steps),
        ),
        Section(
            _("Where they came from"),
            (_elsewhere(say),) if report.tiles else (report.tiles_note,),
            _tiles(report, say),
            drawing.tiles(_("Distinct attendees by region"), report.tiles),
        ),
        Section(
            _("Who they were"),
            (report.audiences_note,),
            _bars("audiences", report.audiences, _("Audience"), _("People"), say),
            drawing.bars(_("Who they were"), report.audiences),
        ),
        Section(
            report.events.title,
            (_("Slanted lines: a number that is not shown. Broken outline: not known yet."),) if report.panels else (),
            (report.events,),
            drawing.panels(_("Invited, accepted and attended, event by event"), report.panels),
        ),
        Section(
            _("Use of the materials") if report.use.is_counted else _("Month by month"),
            tuple(_use_words(report.use, say)),
            (report.external,),
            _use(report, say),
        ),
        Section(report.print.title, tables=(report.print,)),
        Section(_("What came of it"), report.uptake, report.uptake_tables),
        Section(_("What is late"), tuple(_late(report)) or (_("Nothing."),)),
        Section(report.outcomes.title, tables=(report.outcomes,)),
        Section(_("In their own words"), tuple(_quoted(report.quotes))),
        *(Section(one.title, one.paragraphs) for one in report.written),
        Section(_("How these figures were made"), tuple(f"{one.head} {one.text}" for one in report.method)),
        Section(_("The figures as tables"), tables=tuple(part for one in report.tables for part in _parts(one))),
    )
    found = (replace(section, tables=tuple(one for one in section.tables if one.rows)) for section in sections)
    return tuple(section for section in found if any(section.paragraphs) or section.tables)


def _use(report: Document, say: Voice) -> Drawing | None:
    parts = (f"{one.label}: {one.requests}, {one.sessions}" for one in report.use.months if one.requests)
    title = say.gettext("Requests and sessions, month by month, and the events")
    return drawing.use(title, report.use, "; ".join([*parts, *_marked(report.use)]))


def _use_words(use: Use, say: Voice) -> Iterable[str]:
    """Say how the chart is read, and what each of its marks stands for."""
    if use.is_counted:
        yield say.gettext("Light: times a material was asked for. Dark: different askers within an hour; not people.")
    if use.marks:
        key = say.gettext("Filled marks: events that took place. Rings: events still to come or to be closed.")
        yield f"{key} {'; '.join(_marked(use))}."


def _marked(use: Use) -> list[str]:
    return [f"{mark.number} {mark.label}, {mark.when}" for mark in use.marks]


def _parts(table: Table) -> Iterable[Table]:
    """Yield a table that is too wide for a page in parts, the first column before each."""
    if len(table.columns) <= WIDEST:
        yield table
        return
    for start in range(1, len(table.columns), WIDEST - 1):
        end = start + WIDEST - 1
        rows = tuple((row[0], *row[start:end]) for row in table.rows)
        title = table.title if start == 1 else ""
        yield replace(table, title=title, columns=(table.columns[0], *table.columns[start:end]), rows=rows)


def _five(report: Document, say: Voice) -> Table:
    columns = (say.gettext("Figure"), say.gettext("Number"), say.gettext("In words"))
    return Table("five", "", columns, tuple((one.label, one.text, one.note) for one in report.five))


def _bars(key: str, rows: Iterable[BarRow], name: str, value: str, say: Voice) -> tuple[Table, ...]:
    lines = tuple((row.label, row.value, row.words) for row in rows)
    return (Table(key, "", (name, value, say.gettext("In words")), lines),) if lines else ()


def _steps(report: Document, say: Voice) -> Table:
    columns = (say.gettext("Step"), say.gettext("People"), say.gettext("In words"))
    return Table("people", "", columns, tuple((step.label, step.text, step.note) for step in report.steps))


def _tiles(report: Document, say: Voice) -> tuple[Table, ...]:
    rows = tuple((tile.name, tile.text) for tile in report.tiles if tile.text != "0")
    return (Table("regions", "", (say.gettext("Region"), say.gettext("People")), rows),) if rows else ()


def _elsewhere(say: Voice) -> str:
    return say.gettext("Nobody came from the regions that the table does not name.")


def _quoted(quotes: Iterable[Said]) -> Iterable[str]:
    for said in quotes:
        yield f"“{said.words}”" + (f" – {said.credit}" if said.credit else "")


def _late(report: Document) -> Iterable[str]:
    for line in report.late:
        yield f"{line.title}: {line.words}. {line.reason}".strip()
