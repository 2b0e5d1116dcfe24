"""The SQL of mailings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, func, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.scheduler import Work, make_due
from service.db.types import columns
from service.kernel.ids import new_id
from service.mail import tables
from service.mail.values import (
    ACTIVE,
    OPEN,
    WAITING,
    DeliveryState,
    Mailing,
    MailingState,
    MailingView,
    NewMailing,
    Semantics,
)

_M, _D = columns(tables.Mailing), columns(tables.Delivery)
_IS_ACTIVE = _M.id.in_(bindparam("ids", expanding=True)), _M.state.in_(ACTIVE)
_HOLD = select(*_M).where(*_IS_ACTIVE).order_by(_M.id).with_for_update()


def add_mailing(session: Session, new: NewMailing, *, now: datetime, actor: str, **more: Any) -> str:
    """Insert a mailing and return its id: a draft, unless `more` columns say otherwise."""
    mailing_id = new_id()
    values = {
        "id": mailing_id,
        "context": new.context,
        "kind": new.kind,
        "purpose": new.purpose,
        "list_id": new.list_id,
        "state": MailingState.DRAFT,
        "semantics": new.semantics,
        "facts": new.facts,
        "skipped": new.skipped,
        "created_by": actor,
        "created_at": now,
        "pause_reason": "",
    }
    insert_row(session, tables.Mailing, values | more)
    _tell(session, more)
    return mailing_id


def change_mailing(session: Session, mailing_id: str, **values: Any) -> None:
    """Write the given columns of one mailing."""
    session.execute(update(tables.Mailing).where(_M.id == mailing_id).values(**values))
    _tell(session, values)


def _tell(session: Session, values: Mapping[str, Any]) -> None:
    """Let the workers hear of a mailing that leaves now, or will."""
    if values.get("state") in (MailingState.APPROVED, MailingState.RUNNING):
        make_due(session, Work.LETTERS, values.get("send_at"))


def lock_mailing(session: Session, mailing_id: str) -> Mailing | None:
    """Return a mailing, held until the transaction ends, or None."""
    row = session.execute(select(*_M).where(_M.id == mailing_id).with_for_update()).first()
    return Mailing(**_mailing_fields(row)) if row else None


def read_mailings_by_id(session: Session, mailing_ids: Iterable[str]) -> dict[str, Mailing]:
    """Return mailings by id, without counts."""
    rows = session.execute(select(*_M).where(_M.id.in_(set(mailing_ids))))
    return {row.id: Mailing(**_mailing_fields(row)) for row in rows}


def read_mailing(session: Session, mailing_id: str) -> MailingView | None:
    """Return a mailing with its counts, or None."""
    return next(iter(_views(session, select(*_M).where(_M.id == mailing_id))), None)


def read_mailings(
    session: Session,
    context: str | None = None,
    states: Iterable[MailingState] | None = None,
    kind: str | None = None,
) -> list[MailingView]:
    """Return mailings, newest first, of one context, in some states and of one kind, or all."""
    query = select(*_M).order_by(_M.created_at.desc(), _M.id.desc())
    if context is not None:
        query = query.where(_M.context == context)
    if states is not None:
        query = query.where(_M.state.in_(list(states)))
    if kind is not None:
        query = query.where(_M.kind == kind)
    return _views(session, query)


def read_these(session: Session, mailing_ids: Sequence[str]) -> list[MailingView]:
    """Return some mailings with their counts, in the order of their ids given."""
    found = {view.id: view for view in _views(session, select(*_M).where(_M.id.in_(mailing_ids)))}
    return [found[mailing_id] for mailing_id in mailing_ids if mailing_id in found]


def count_letters(session: Session, mailing_ids: Sequence[str]) -> dict[str, int]:
    """Return how many letters each of some mailings has."""
    query = select(_D.mailing_id, func.count()).where(_D.mailing_id.in_(mailing_ids)).group_by(_D.mailing_id)
    return {row[0]: int(row[1]) for row in session.execute(query)}


def _views(session: Session, query: Select[Any]) -> list[MailingView]:
    mailings = session.execute(query).all()
    counts = _counts(session, [row.id for row in mailings])
    return [MailingView(**_mailing_fields(row), counts=counts[row.id]) for row in mailings]


def _counts(session: Session, mailing_ids: Sequence[str]) -> dict[str, dict[DeliveryState, int]]:
    counts = {mailing_id: dict.fromkeys(DeliveryState, 0) for mailing_id in mailing_ids}
    query = select(_D.mailing_id, _D.state, func.count()).where(_D.mailing_id.in_(mailing_ids))
    for mailing_id, state, count in session.execute(query.group_by(_D.mailing_id, _D.state)):
        counts[mailing_id][DeliveryState(state)] = count
    return counts


def _mailing_fields(row: Row[Any]) -> dict[str, Any]:
    fields = dict(row._mapping)
    return {**fields, "state": MailingState(row.state), "semantics": Semantics(row.semantics)}


def start(session: Session, mailing_ids: Collection[str]) -> None:
    """Set approved mailings running: their first letter was taken up."""
    if not mailing_ids:
        return
    is_first = (_M.id.in_(set(mailing_ids)), _M.state == MailingState.APPROVED)
    session.execute(update(tables.Mailing).where(*is_first).values(state=MailingState.RUNNING))


def _maybe_over() -> Any:
    has_waiting = exists().where(_D.mailing_id == _M.id, _D.state.in_(WAITING))
    query = select(_M.id).where(_M.id.in_(bindparam("ids", expanding=True)), _M.state.in_(ACTIVE), ~has_waiting)
    return query.order_by(_M.id).with_for_update(of=_M.id)


_MAYBE_OVER = _maybe_over()


def finish(session: Session, mailing_ids: Iterable[str], *, now: datetime) -> None:
    """Set mailings done that have no letter left to send."""
    # Two senders may each write a last result and see the other's letter as still being sent:
    # whoever comes second waits here, and then sees.
    found = session.execute(_MAYBE_OVER, {"ids": list(set(mailing_ids))})
    if maybe := list(found.scalars()):
        is_open = exists().where(_D.mailing_id == _M.id, _D.state.in_(OPEN))
        over = update(tables.Mailing).where(_M.id.in_(maybe), _M.state.in_(ACTIVE), ~is_open)
        session.execute(over.values(state=MailingState.DONE, done_at=now))


def hold(session: Session, mailing_ids: Collection[str]) -> dict[str, Mailing]:
    """Lock mailings until the transaction ends, and return those still active, by id.

    Whoever changes waiting letters locks their mailing first; so claims and cancellations never
    wait for each other crosswise.
    """
    rows = session.connection().execute(_HOLD, {"ids": sorted(mailing_ids)})
    return {row.id: Mailing(**_mailing_fields(row)) for row in rows}


def read_active(session: Session) -> list[str]:
    """Return the mailings that send, or will."""
    return list(session.execute(select(_M.id).where(_M.state.in_(ACTIVE)).order_by(_M.id)).scalars())


def pause(session: Session, mailing_ids: Iterable[str], *, reason: str) -> None:
    """Pause active mailings, with the reason."""
    query = update(tables.Mailing).where(_M.id.in_(set(mailing_ids)), _M.state.in_(ACTIVE))
    session.execute(query.values(state=MailingState.PAUSED, pause_reason=reason[:300]))
