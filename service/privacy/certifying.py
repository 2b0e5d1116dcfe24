"""How certificates of deletion prove themselves: pure hashing, repeatable by anyone.

The ids of deleted rows go into a chain, so that a list of ids kept elsewhere (a backup's, before it
is destroyed) can be checked against it. Each certificate names the hash of the one before it:
taking one out, or changing one, breaks every later one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from service.privacy.values import Deletion


def chained(before: str, ids: Iterable[str]) -> str:
    """Return the chain with more ids: SHA-256 of the chain so far and, sorted, each id on a line of its own."""
    lines = [before, *sorted(ids)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def sealed_sha256(deletion: Deletion) -> str:
    """Return the hash of a certificate: SHA-256 of its facts as JSON with sorted keys and no spaces."""
    facts = {name: value for name, value in deletion.facts().items() if name not in ("sha256", "event_title")}
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def first_broken(chain: Sequence[Deletion]) -> int | None:
    """Return the number of the first certificate that was changed or whose predecessor is gone."""
    previous = ""
    for number, one in enumerate(chain, start=1):
        if one.number != number or one.previous_sha256 != previous or sealed_sha256(one) != one.sha256:
            return number
        previous = one.sha256
    return None
