"""Small files that staff take with them."""

from __future__ import annotations

from fastapi import Response

from service.dissemination.formats.records_csv import MEDIA_TYPE


def csv_file(body: bytes, name: str) -> Response:
    """Return a CSV file to be saved."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(body, media_type=MEDIA_TYPE, headers=headers)
