"""Show sealed cells to the person they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.kernel.sealing import CannotOpen, SealRing


def opened(rows: Iterable[Mapping[str, Any]], table: str, ring: SealRing | None) -> list[dict[str, Any]]:
    """Return rows of a table with their sealed cells opened; one that does not open says why."""
    return [{name: _opened(row, name, table, ring) for name in row} for row in rows]


def _row_id(row: Mapping[str, Any]) -> str:
    return str(row["id"]) if "id" in row else f"{row['batch_id']}:{row['row']}"


def _opened(row: Mapping[str, Any], name: str, table: str, ring: SealRing | None) -> Any:
    value = row[name]
    if not isinstance(value, bytes):
        return value
    if ring is None:
        return "(sealed)"
    try:
        return ring.open(value, table=table, row_id=_row_id(row), column=name)
    except CannotOpen as error:
        return error.sentence
