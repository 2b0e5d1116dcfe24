"""A table as a CSV file: UTF-8 with a mark, CRLF, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io

from service.campaign.sheets import Sheet
from service.dissemination.formats.table_csv import guarded


def render(sheet: Sheet) -> bytes:
    """Return a table as CSV; nothing stands for None."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(sheet.headings)
    writer.writerows([guarded("" if cell is None else str(cell)) for cell in row] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")
