"""SQL across people and their history, a file a subject."""

from service.directory.store.finding import (
    clause,
    count_matching,
    find_and_count,
    find_matching,
    find_missing,
    read_matching_ids,
)
from service.directory.store.holdings import find_person, read_holdings

__all__ = [
    "clause",
    "count_matching",
    "find_and_count",
    "find_matching",
    "find_missing",
    "find_person",
    "read_holdings",
    "read_matching_ids",
]
