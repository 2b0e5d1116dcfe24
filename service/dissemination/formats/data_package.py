"""The report as a data package: its tables as CSV with their schema, so that others can compute with them.

A ZIP with a `datapackage.json` (Frictionless Data Package 1) beside the tables and the Report JSON. Every figure is
what the profile may print, bands as they are; each file stands there with its size and its hash.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from service.dissemination.formats import book_xlsx, bundle_zip, data_json, table_csv
from service.dissemination.formats.book_xlsx import ENGLISH
from service.dissemination.snapshots import SnapshotView
from service.dissemination.wording import Voice

MEDIA_TYPE = bundle_zip.MEDIA_TYPE
_LINE = ("title", "audience", "channel", "output", "due_on", "status", "delivered_on", "reason", "evidence")
ACTIVITIES = (*_LINE, "files")  # how many files of evidence are held; none of them goes along
EXTERNAL = ("source", "provider", "metric", "value", "as_of", "unavailable_on")
# Columns that are no plain words; a figure or a numerator may be a band, such as <5.
_TYPES = {"due_on": "date", "delivered_on": "date", "as_of": "date", "unavailable_on": "date"}
_TYPES |= {"cutoff": "datetime", "value": "integer", "files": "integer"}


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[str]]


def render(view: SnapshotView, say: Voice = ENGLISH) -> bytes:
    """Return the report as a data package (ZIP); the same snapshot gives the same bytes.

    Names and definitions are in the language of the report; ids, columns and codes are the same in all.
    """
    tables = _tables(view, say)
    files = {f"{table.name}.csv": _csv(table) for table in tables} | {"report.json": data_json.render(view)}
    package = json.dumps(_package(view, tables, files), ensure_ascii=False, indent=2).encode()
    return bundle_zip.render((), {"datapackage.json": package, **files})


def _tables(view: SnapshotView, say: Voice) -> list[_Table]:
    return [
        _Table("figures", "Every figure and each of its cells", table_csv.COLUMNS, table_csv.rows(view)),
        _Table("logframe", "What was promised and what came of it", book_xlsx.LOGFRAME, book_xlsx.logframe(view, say)),
        _Table("activities", "The activities of the plan", ACTIVITIES, _rows(view.plan, ACTIVITIES)),
        _Table("external", "What others count; never to be added up", EXTERNAL, _rows(view.external, EXTERNAL)),
        _Table("definitions", "What each figure means", book_xlsx.DEFINITIONS, book_xlsx.definitions(view, say)),
    ]


def _rows(things: Iterable[Any], names: Sequence[str]) -> list[list[str]]:
    return [[_plain(getattr(one, name)) for name in names] for one in things]


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


def _csv(table: _Table) -> bytes:
    """Return a table in UTF-8 without a mark, as programs like it; a cell like a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([table_csv.guarded(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode()


def _package(view: SnapshotView, tables: Iterable[_Table], files: dict[str, bytes]) -> dict[str, Any]:
    about = f"{view.profile.value} profile, k = {view.k}, definitions version {view.definitions_version}"
    return {
        "profile": "data-package",
        "name": f"{view.project.slug}-{view.snapshot_id}".strip("-").lower(),
        "title": f"{view.project.name}: dissemination figures",
        "description": f"Aggregates only: {about}. A cell that begins like a formula has an apostrophe before it.",
        "version": str(view.definitions_version),
        "created": view.cutoff.isoformat(),
        "sources": [{"title": f"{view.project.organisation}, snapshot {view.snapshot_id}, SHA-256 {view.sha256}"}],
        "resources": [*(_resource(table, files[f"{table.name}.csv"]) for table in tables), _report(files)],
    }


def _resource(table: _Table, content: bytes) -> dict[str, Any]:
    fields = [{"name": name, "type": _TYPES.get(name, "string")} for name in table.columns]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": table.title,
        "schema": {"fields": fields, "missingValues": [""]},
        **_file(f"{table.name}.csv", "text/csv", content),
    }


def _report(files: dict[str, bytes]) -> dict[str, Any]:
    content = files["report.json"]
    return {"name": "report", "title": "The Report JSON", **_file("report.json", "application/json", content)}


def _file(path: str, media_type: str, content: bytes) -> dict[str, Any]:
    digest = f"sha256:{sha256(content).hexdigest()}"
    return {"path": path, "mediatype": media_type, "encoding": "utf-8", "bytes": len(content), "hash": digest}
