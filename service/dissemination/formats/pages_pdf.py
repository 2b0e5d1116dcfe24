"""The report as PDF, tagged for screen readers (PDF/UA-1); the same snapshot gives the same bytes on every machine.

Fonts are those that come with the typesetter (Latin, Greek, Cyrillic) and one of ours for Arabic; none of the system's.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import typst

from service.dissemination.document import Document
from service.dissemination.outline import Section
from service.dissemination.snapshots import SnapshotView
from service.kernel.places import data_folder

MEDIA_TYPE = "application/pdf"
_HEAD = ("language", "direction", "title", "lead", "about", "project", "organisation", "footer")


def render(view: SnapshotView, report: Document, sections: Sequence[Section]) -> bytes:
    """Return the report as PDF."""
    return bytes(_compile(view, report, sections, format="pdf", pdf_standards=["ua-1"]))


def pictures(view: SnapshotView, report: Document, sections: Sequence[Section], *, ppi: float = 72) -> list[bytes]:
    """Return each page as PNG, to be looked at."""
    made = _compile(view, report, sections, format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def words(report: Document, sections: Sequence[Section]) -> str:
    """Return all that the typesetter is told, as JSON: data, never markup."""
    said = {name: getattr(report, name) for name in _HEAD} | {"sections": [asdict(one) for one in sections]}
    return json.dumps(said | {"logo": _logo(report)}, ensure_ascii=False)


def _logo(report: Document) -> dict[str, Any] | None:
    """Return the mark as the typesetter takes it: its bytes as numbers."""
    if report.logo is None:
        return None
    return asdict(report.logo) | {"data": list(base64.b64decode(report.logo.data))}


def _compile(view: SnapshotView, report: Document, sections: Sequence[Section], **options: Any) -> Any:
    folder = data_folder("templates") / "reports"
    return typst.compile(
        folder / "document.typ",
        root=folder,
        font_paths=[folder / "fonts"],
        ignore_system_fonts=True,
        sys_inputs={"report": words(report, sections)},
        timestamp=int(view.cutoff.timestamp()),
        **options,
    )
