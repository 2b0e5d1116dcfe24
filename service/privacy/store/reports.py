"""What the words of reports say of someone, to show it. Forgetting is `dissemination.superseding`'s."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from sqlmodel import Session

from service.dissemination import superseding
from service.dissemination.snapshots import State
from service.privacy.values import Subject

OPEN = (State.DRAFT, State.REVIEWED)


def read_drafts(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the reports not issued yet whose words name someone, and in which parts: there they are emptied."""
    return _read(session, subject, OPEN)


def read_issued(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the issued reports whose words name someone, and in which parts: they are frozen."""
    return _read(session, subject, (State.ISSUED, State.SUPERSEDED))


def _read(session: Session, subject: Subject, states: Container[State]) -> list[dict[str, Any]]:
    found = superseding.read_naming(session, subject.marks)
    return [{"report": line.id, "in": list(places)} for line, _view, places in found if line.state in states]
