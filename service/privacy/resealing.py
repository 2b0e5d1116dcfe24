"""Bring all sealed cells under the current key: in small transactions, so that others go on working.

Stopped half-way, the next run goes on: what lies under the current key already is not asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Engine

from service.db.engine import reading, writing
from service.kernel.sealing import CannotOpen, SealRing
from service.privacy.store import sealed

BATCH = 100
# A cell may be as large as the largest file: one at a time.
WHOLE_FILES = frozenset(["import_original", "evidence_file"])


@dataclass(frozen=True, slots=True)
class Resealed:
    """What a run did: cells now under the current key, and cells that did not open, with the reasons."""

    cells: int
    unopened: int
    reasons: tuple[str, ...]


def count_elsewhere(engine: Engine, ring: SealRing) -> int:
    """Count the cells that do not lie under the current key."""
    with reading(engine) as session:
        return sealed.count_elsewhere(session, ring.prefix)


def count_lost(engine: Engine, ring: SealRing) -> int:
    """Count the cells that lie under a key which is not here."""
    with reading(engine) as session:
        return sealed.count_outside(session, ring.prefixes)


def reseal(engine: Engine, ring: SealRing) -> Resealed:
    """Seal every cell under the current key again; what does not open is left as it is."""
    done = 0
    reasons: list[str] = []
    for column in sealed.sealed_columns():
        with reading(engine) as session:
            keys = sealed.keys_elsewhere(session, column, ring.prefix)
        size = 1 if column.table.name in WHOLE_FILES else BATCH
        for start in range(0, len(keys), size):
            count, refused = _reseal_batch(engine, ring, column, keys[start : start + size])
            done, reasons = done + count, reasons + refused
    return Resealed(done, len(reasons), tuple(dict.fromkeys(reasons)))


def _reseal_batch(
    engine: Engine, ring: SealRing, column: Column[Any], keys: Sequence[tuple[Any, ...]]
) -> tuple[int, list[str]]:
    fresh, refused = [], []
    with writing(engine) as session:
        for cell in sealed.lock_cells(session, column, keys):
            try:
                fresh.append(_resealed(ring, cell))
            except CannotOpen as error:
                refused.append(error.sentence)
        sealed.write_cells(session, column, fresh)
    return len(fresh), refused


def _resealed(ring: SealRing, cell: sealed.Cell) -> sealed.Cell:
    content = ring.open_bytes(cell.content, table=cell.table, row_id=cell.row_id, column=cell.column)
    return replace(cell, content=ring.seal_bytes(content, table=cell.table, row_id=cell.row_id, column=cell.column))
