"""Who was erased, beside the database and its backups: keyed hashes only, one line an erasure.

A backup does not know who was forgotten after it was made. This file does: what it says and the
database does not is erased again. A line is on the disk before the erasure is committed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from service.kernel.errors import Conflict

FILE = "tombstones.jsonl"


class BadTombstones(Conflict):
    """The file of erasures cannot be read: whoever it speaks of might come back."""

    code = "bad-tombstones"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """One erasure. `remember`: the addresses are on the suppression list; else not even that."""

    certificate: str
    at: datetime
    remember: bool
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tombstones:
    """The file of erasures of one installation."""

    path: Path

    def add(self, tombstone: Tombstone) -> None:
        """Append an erasure; it is on the disk when this returns."""
        line = {
            "certificate": tombstone.certificate,
            "at": tombstone.at.isoformat(),
            "scope": "all" if tombstone.remember else "even-that",
            "hashes": list(tombstone.hashes),
        }
        # Only we may read it, and one write is never mixed with another process's.
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # Begun on a line of its own, whatever a power cut left at the end.
            os.write(handle, ("\n" + json.dumps(line) + "\n").encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        _sync_folder(self.path.parent)

    def read(self) -> list[Tombstone]:
        """Return every erasure, oldest first. A line cut short by a power cut was never committed.

        Raises:
            BadTombstones: a whole line cannot be read.
        """
        if not self.path.exists():
            return []
        lines = self.path.read_bytes().split(b"\n")
        return [_parsed(line, number) for number, line in enumerate(lines, start=1) if line.endswith(b"}")]


def missing(tombstones: Sequence[Tombstone], known: Iterable[str]) -> list[Tombstone]:
    """Return the erasures whose certificates a database does not have."""
    there = set(known)
    return [one for one in tombstones if one.certificate not in there]


def _parsed(line: bytes, number: int) -> Tombstone:
    try:
        found = json.loads(line)
        at, remember = datetime.fromisoformat(found["at"]), found["scope"] == "all"
        return Tombstone(found["certificate"], at, remember, tuple(found["hashes"]))
    except (ValueError, KeyError, TypeError):
        raise BadTombstones(f"Line {number} of {FILE} cannot be read.", line=number) from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
