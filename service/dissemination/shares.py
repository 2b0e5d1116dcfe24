"""Give someone outside a secret address of a frozen report, and end it. The caller commits."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import Session

from service.audit import log
from service.dissemination import actions, issuing, sharing
from service.dissemination.sharing import Share, UnknownShare
from service.dissemination.snapshots import SnapshotView
from service.dissemination.store import quotes
from service.dissemination.store import shares as store


def share(session: Session, snapshot_id: str, *, days: int, now: datetime, actor: str) -> str:
    """Return the secret of a new address, shown once.

    Raises:
        UnknownSnapshot, InternalReport, NotIssued, BadDays.
    """
    until = sharing.ends_at(issuing.read_line(session, snapshot_id), days, now=now)
    secret = secrets.token_urlsafe(32)
    share_id = store.add_share(session, snapshot_id, secret, ends_at=until, now=now, actor=actor)
    log.record(session, actor=actor, action="report.shared", subject=f"snapshot:{snapshot_id}", now=now, share=share_id)
    return secret


def end(session: Session, share_id: str, *, now: datetime, actor: str) -> Share:
    """End an address; a second press changes nothing.

    Raises:
        UnknownShare: there is none of this id.
    """
    found = store.read_share(session, share_id)
    if found is None:
        raise UnknownShare
    if found.is_open(now):
        store.end_share(session, share_id, now=now)
        subject = f"snapshot:{found.snapshot_id}"
        log.record(session, actor=actor, action="report.share-ended", subject=subject, now=now, share=share_id)
    return found


def read(session: Session, snapshot_id: str) -> list[Share]:
    """Return the addresses of a report, newest first, also those that are over."""
    return store.read_shares(session, snapshot_id)


def open_shared(session: Session, secret: str, *, now: datetime) -> tuple[Share, SnapshotView]:
    """Return the report that a secret leads to: the one it was made for, or the one that stands in its place now.

    Raises:
        UnknownShare: it was never made, is over, or its words may not be read any more; nobody can tell which.
    """
    found = store.find_share(session, secret)
    if found is None or not found.is_open(now):
        raise UnknownShare
    line = issuing.read_line(session, found.snapshot_id)
    current = issuing.read_current(session, line.project_id, line.profile) if line.superseded_by else None
    shown = current or line
    if shown.forgotten_in or quotes.is_taken_back(session, shown.id):
        raise UnknownShare
    return found, actions.read_snapshot(session, shown.id)
