"""SQL across people and their history."""

from __future__ import annotations

from service.directory.store.holdings import find_person, read_holdings

__all__ = ["find_person", "read_holdings"]
