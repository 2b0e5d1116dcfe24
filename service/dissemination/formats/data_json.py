"""The Report JSON: canonical, so that anyone can check the seal."""

from __future__ import annotations

from service.dissemination.snapshots import SnapshotView, canonical, to_json

MEDIA_TYPE = "application/json"


def render(view: SnapshotView) -> bytes:
    """Return the report as JSON.

    `sha256` is the hash of this same JSON without it: keys sorted, no spaces, UTF-8.
    """
    return canonical(to_json(view))
