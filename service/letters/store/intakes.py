"""The SQL of messages that came in: what was made of each, and which wait for a decision."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlmodel import Session

from service.db.rows import insert_row, read_row
from service.db.types import columns
from service.kernel.errors import Conflict, NotFound
from service.kernel.ids import new_id
from service.letters.values import Settled
from service.mail.tables import IntakeMessage

_N = columns(IntakeMessage)
SHOWN = 50

# Of these the guest's own page says enough; nobody has to decide anything.
_QUIET = ("old-date", "stale", "repeated", "event-closed", "event-cancelled", "invitation-withdrawn")
_WAITING = [_N.id, _N.at, _N.verdict, _N.reason, _N.context, _N.raw]
_WAITS = (
    _N.applied.is_(False),
    _N.settled_at.is_(None),
    _N.raw.is_not(None),
    _N.verdict.in_(("reply", "counter", "correction", "unknown")),
    _N.reason.not_in(_QUIET),
)
_KNOWN = (
    select(_N.verdict)
    .where(_N.sha256 == bindparam("sha256"), _N.at > bindparam("since"))
    .where(or_(_N.applied.is_(True), and_(*_WAITS)))
    .limit(1)
)


class UnknownIntake(NotFound):
    """There is no such message."""

    code = "unknown-intake"


class AlreadySettled(Conflict):
    """Someone decided about this message before."""

    code = "already-settled"


def find(session: Session, sha256: str, *, since: timedelta, now: datetime) -> str | None:
    """Return the verdict of the same message taken in before, if it was applied or waits for a decision."""
    row = read_row(session, _KNOWN, sha256=sha256, since=now - since)
    return row["verdict"] if row else None


def add(session: Session, **values: Any) -> None:
    """Keep a message that came in and what was made of it."""
    insert_row(session, IntakeMessage, {"id": new_id(), **values})


def count(session: Session, context: str, *, since: datetime) -> int:
    """Count the messages kept about one person or invitation since a moment."""
    query = select(func.count()).select_from(IntakeMessage).where(_N.context == context, _N.at > since)
    return int(session.execute(query).scalar_one())


def count_waiting(session: Session) -> int:
    """Return how many messages wait for a decision."""
    return int(session.execute(select(func.count()).select_from(IntakeMessage).where(*_WAITS)).scalar_one())


def read_waiting(session: Session) -> list[dict[str, Any]]:
    """Return the messages that wait for a decision, newest first: id, at, verdict, reason, context, raw."""
    query = select(*_WAITING).where(*_WAITS).order_by(_N.at.desc(), _N.id.desc()).limit(SHOWN)
    return [dict(row) for row in session.execute(query).mappings()]


def take(session: Session, intake_id: str) -> dict[str, Any]:
    """Return one message that waits, held until the transaction ends.

    Raises:
        UnknownIntake: there is none of this id. AlreadySettled: it does not wait any more.
    """
    row = session.execute(select(*_WAITING).where(_N.id == intake_id, *_WAITS).with_for_update()).mappings().first()
    if row is not None:
        return dict(row)
    if session.execute(select(_N.id).where(_N.id == intake_id)).first() is None:
        raise UnknownIntake("There is no such message.")
    raise AlreadySettled("This message does not wait for anyone any more.", intake_id=intake_id)


def settle(session: Session, intake_id: str, settled: Settled, *, now: datetime, actor: str) -> None:
    """Note what became of a message, and drop its text."""
    values = {"settled": settled.value, "settled_at": now, "settled_by": actor, "raw": None}
    session.execute(update(IntakeMessage).where(_N.id == intake_id).values(**values))
