"""A table as a CSV file to be saved."""

from __future__ import annotations

from fastapi import Response

from service.campaign.sheets import Sheet
from service.dissemination.formats import sheet_csv


def csv_file(sheet: Sheet) -> Response:
    """Answer with a table as a file of its name."""
    headers = {"Content-Disposition": f'attachment; filename="{sheet.name}.csv"'}
    return Response(sheet_csv.render(sheet), media_type="text/csv; charset=utf-8", headers=headers)
