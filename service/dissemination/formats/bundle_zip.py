"""Tables and files in one ZIP, the same bytes for the same tables. Pure."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from service.campaign.sheets import Sheet
from service.dissemination.formats import sheet_csv

MEDIA_TYPE = "application/zip"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # files in a ZIP must have a time; this says nothing


def render(sheets: Iterable[Sheet], files: Mapping[str, bytes]) -> bytes:
    """Return a ZIP of other files, then of each table as CSV."""
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as bundle:
        for name, content in {**files, **{f"{one.name}.csv": sheet_csv.render(one) for one in sheets}}.items():
            entry = ZipInfo(name, _LONG_AGO)
            entry.compress_type = ZIP_DEFLATED
            bundle.writestr(entry, content)
    return out.getvalue()
