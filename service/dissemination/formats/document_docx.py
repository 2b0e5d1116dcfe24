"""The report as a DOCX document: real headings, charts as pictures, tables with a header row, no date of writing.

The same snapshot gives the same bytes: the file bears the time of the cut-off, and so does each part of its archive.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Sequence
from datetime import datetime

import docx
from docx.document import Document as DocxDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from service.dissemination.document import Document, Table
from service.dissemination.drawing import Drawing
from service.dissemination.formats import chart_png
from service.dissemination.logos import Logo
from service.dissemination.outline import Section
from service.dissemination.snapshots import SnapshotView

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SCALE = 0.92  # the margins of the document are wider than those of the pages
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def render(view: SnapshotView, report: Document, sections: Sequence[Section]) -> bytes:
    """Return the report as DOCX."""
    made = docx.Document()
    _set_up(made, report, view.cutoff)
    if report.logo:
        _add_logo(made, report.logo)
    made.add_heading(report.title, 0)
    made.add_paragraph(report.lead)
    made.add_paragraph(f"{report.organisation} · {report.project} · {report.about}")
    charts = [section.chart for section in sections if section.chart]
    pictures = dict(zip(charts, chart_png.render(charts), strict=True))
    for section in sections:
        made.add_heading(section.title, 1)
        for paragraph in filter(None, section.paragraphs):
            made.add_paragraph(paragraph)
        if section.chart:
            _add_chart(made, section.chart, pictures[section.chart])
        for table in section.tables:
            _add_table(made, table)
    made.add_paragraph(report.footer)
    if report.direction == "rtl":
        _turn(made)
    out = io.BytesIO()
    made.save(out)
    return _timeless(out.getvalue())


def _set_up(made: DocxDocument, report: Document, cutoff: datetime) -> None:
    at = cutoff.replace(tzinfo=None, microsecond=0)
    facts = made.core_properties
    facts.title, facts.author, facts.subject = report.title[:255], report.organisation[:255], report.project[:255]
    facts.language, facts.comments, facts.last_modified_by = report.language, "", ""
    facts.created, facts.modified, facts.revision = at, at, 1
    made.styles["Normal"].font.name = "Source Sans 3"
    made.styles["Normal"].font.size = Pt(10.5)


def _add_logo(made: DocxDocument, logo: Logo) -> None:
    """Add the organisation's mark, and what it says."""
    shape = made.add_picture(io.BytesIO(base64.b64decode(logo.data)), width=Pt(logo.width * 0.375))
    shape._inline.docPr.set("descr", logo.alt)


def _add_chart(made: DocxDocument, chart: Drawing, picture: bytes) -> None:
    """Add a chart with what it says for those who do not see it; the table that follows says the same."""
    shape = made.add_picture(io.BytesIO(picture), width=Pt(chart.width * _SCALE))
    facts = shape._inline.docPr
    facts.set("title", chart.title)
    facts.set("descr", f"{chart.title}. {chart.about}")


def _add_table(made: DocxDocument, table: Table) -> None:
    if table.title:
        made.add_heading(table.title, 2)
    grid = made.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Light Grid Accent 1")
    for row, cells in zip(grid.rows, (table.columns, *table.rows), strict=True):
        for at, (cell, words) in enumerate(zip(row.cells, cells, strict=True)):
            cell.text = words
            if at >= table.numbers_from and len(words) < 12:
                cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _repeat_head(grid.rows[0])
    if table.note:
        made.add_paragraph(table.note)


def _repeat_head(row: object) -> None:
    """Mark the first row as the head: read out by screen readers, repeated on each page."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # type: ignore[attr-defined]


def _turn(made: DocxDocument) -> None:
    """Let everything run from right to left."""
    for paragraph in made.element.body.iter(qn("w:p")):
        paragraph.get_or_add_pPr().append(OxmlElement("w:bidi"))
    for table in made.element.body.iter(qn("w:tblPr")):
        table.append(OxmlElement("w:bidiVisual"))


def _timeless(archive: bytes) -> bytes:
    """Return the archive with no time of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as write:
        for part in sorted(read.infolist(), key=lambda one: (one.filename != "[Content_Types].xml", one.filename)):
            write.writestr(zipfile.ZipInfo(part.filename, _ZIP_TIME), read.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()
