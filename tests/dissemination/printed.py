"""What a reader finds in a rendered report: how many people came, in all and by audience, as it is printed."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping

from tests.dissemination.attacker import Published

Parts = tuple[str, Mapping[str, str]]  # the total, and rows by their label
AUDIENCES = ("1 Civil society", "2 Policy", "3 Academia")
SOURCES = {"svg": "html", "page shapes": "html", "paper shapes": "pdf"}  # the format that is read, where it is another
_SHAPE = re.compile(r"<(?:rect|path|line|circle) [^>]*>")


def read(format: str, raw: bytes) -> Published:
    """Return the total and the rows of distinct attendees, those of `AUDIENCES`, none where they are withheld.

    Of shapes all that can be measured is the total, as one text.
    """
    total, rows = READERS[format](raw)
    return total, tuple(rows[name] for name in AUDIENCES if name in rows)


def _csv(raw: bytes) -> Parts:
    lines = [one for one in csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))) if one["indicator"] == "E4"]
    total = next(one["figure"] for one in lines if not one["dimension"])
    return total, {one["label"]: one["figure"] for one in lines if one["dimension"] == "audience"}


def _json(raw: bytes) -> Parts:
    figure = next(one for one in json.loads(raw)["figures"] if one["indicator"] == "E4")
    cells = [one for one in figure["cells"] if one["dimension"] == "audience"]
    return _either(figure), {one["label"]: _either(one) for one in cells}


def _either(one: Mapping[str, object]) -> str:
    return str(one["band"] if one["band"] is not None else one["value"])


def _html(raw: bytes) -> Parts:
    page = html.unescape(raw.decode())
    (total,) = re.findall(r"<dt>People who came</dt><dd><b>(.*?)</b>", page)
    return total, dict(re.findall(r'<span class="strong">([^<]*)</span><span class="v">(.*?)</span>', page))


def _svg(raw: bytes) -> Parts:
    """Read the words of the charts only: their descriptions."""
    page = raw.decode()
    (funnel,) = re.findall(r'<desc id="funnel-d">(.*?)</desc>', page)
    bars = re.findall(r'<title id="bar-(?:civil_society|policy|academia)-t">(.*?)</title><desc [^>]*>(.*?)\. ', page)
    shown = {name: html.unescape(words) for name, words in bars}
    return html.unescape(funnel.rpartition("Attended: ")[2]), shown


def _page_shapes(raw: bytes) -> Parts:
    """Measure the charts of the page, and nothing of their words."""
    return "".join(_SHAPE.findall(raw.decode())), {}


def _paper_shapes(raw: bytes) -> Parts:
    """Measure the charts of the pages and the document, out of what the typesetter is told."""
    charts = [one["chart"] for one in json.loads(raw)["sections"] if one["chart"]]
    return "".join(f"{one['height']}" + "".join(_SHAPE.findall(one["svg"])) for one in charts), {}


def _docx(raw: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        document = parts.read("word/document.xml").decode()
    rows = [
        [_words(cell) for cell in re.findall(r"<w:tc>.*?</w:tc>", row, re.DOTALL)]
        for row in re.findall(r"<w:tr[ >].*?</w:tr>", document, re.DOTALL)
    ]
    total = next(row[1] for row in rows if row[0] == "People who came")
    return total, {row[0]: row[1] for row in rows if len(row) == 3 and row[0] in AUDIENCES}


def _words(cell: str) -> str:
    return html.unescape("".join(re.findall(r"<w:t[^>]*>([^<]*)", cell)))


def _xlsx(raw: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        shared = re.findall(r"<si><t[^>]*>(.*?)</t></si>", parts.read("xl/sharedStrings.xml").decode(), re.DOTALL)
        sheet = parts.read("xl/worksheets/sheet4.xml").decode()
    words = [html.unescape(one) for one in shared]
    rows = [
        {column: words[int(n)] for column, n in re.findall(r'<c r="([A-Z])\d+"[^>]*><v>(\d+)</v>', row)}
        for row in re.findall(r"<row .*?</row>", sheet, re.DOTALL)
    ]
    mine = [row for row in rows if row["A"] == "E4"]
    total = next(row["H"] for row in mine if "E" not in row)
    return total, {row["G"]: row["H"] for row in mine if row.get("E") == "audience"}


READERS: dict[str, Callable[[bytes], Parts]] = {
    "csv": _csv,
    "json": _json,
    "html": _html,
    "svg": _svg,
    "page shapes": _page_shapes,
    "paper shapes": _paper_shapes,
    "docx": _docx,
    "xlsx": _xlsx,
}
