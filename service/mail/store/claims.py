"""The SQL of claims, leases and results. What they mean is decided in `rules`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, Update, bindparam, literal, select, text, true, update
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.many import among, given_rows
from service.db.types import columns
from service.mail import tables
from service.mail.values import DeliveryState, MailingState

_M, _D = columns(tables.Mailing), columns(tables.Delivery)
_TABLE = tables.Delivery.__table__  # type: ignore[attr-defined]


def _lost(is_gone: Any) -> Any:
    query = select(
        _D.id, _D.recipient_ref, _D.dot_at, _D.give_up_at, _D.mailing_id, _M.semantics, _M.state.label("mailing")
    ).join(tables.Mailing, _M.id == _D.mailing_id)
    is_held = _M.state != MailingState.DRAFT, _M.state != MailingState.DONE, text(f"delivery.{tables.HELD_SQL}")
    return query.where(*is_held, is_gone).with_for_update(of=tables.Delivery, skip_locked=True)


# Made once: each claim asks for what was lost, and takes leases.
_LOST = _lost(_D.lease_until <= bindparam("now"))
_LOST_BY, _LOST_BY_ALL = _lost(_D.lease_owner == bindparam("owner")), _lost(true())
_LEASE = (
    update(_TABLE)
    .where(among(_D.id, "ids"))
    .values(
        state=DeliveryState.SENDING,
        lease_owner=bindparam("owner"),
        lease_epoch=_D.lease_epoch + literal(1),
        lease_until=bindparam("until"),
        dot_at=None,
    )
)


# The gate's statements run once for a handful of letters. Made anew each time, by way of the ORM, or with
# a parameter for each value, they cost several times their running.


def _lock() -> Select[Any]:
    is_mine = (_D.state == DeliveryState.SENDING, _D.lease_owner == bindparam("owner"))
    query = select(_D.id, _D.lease_epoch, _M.state).where(_M.id == _D.mailing_id, among(_D.id, "ids"), *is_mine)
    return query.with_for_update(of=_D.id)


def _mark() -> Update:
    return update(_TABLE).where(among(_D.id, "ids")).values(dot_at=bindparam("at"))


_RESULT_NAMES = ("state", "attempts", "repeats", "next_attempt_at", "finished_at", "smtp_code", "smtp_text")


@cache
def _result(on_sqlite: bool) -> Update:
    kinds = {name: _D[name].type for name in ("id", *_RESULT_NAMES)}
    given = given_rows("rows", kinds, on_sqlite=on_sqlite).c
    change = update(_TABLE).where(_D.id == given.id)
    return change.values({name: given[name] for name in _RESULT_NAMES} | {"lease_owner": None, "lease_until": None})


_LOCK, _MARK = _lock(), _mark()


def lost(session: Session, *, now: datetime, owner: str | None = None, is_alone: bool = False) -> list[Row[Any]]:
    """Return deliveries whose sender is gone: the lease ran out, or was `owner`'s, who is known to be dead.

    All in anyone's hands when the caller `is_alone`.

    Columns: id, recipient_ref, dot_at, give_up_at, mailing_id, semantics, mailing (its state).
    """
    query = _LOST_BY_ALL if is_alone else _LOST if owner is None else _LOST_BY
    return list(session.connection().execute(query, {"now": now, "owner": owner}))


def lease(session: Session, delivery_ids: Sequence[str], *, owner: str, until: datetime) -> None:
    """Put deliveries into one sender's hands; the epoch tells this lease from any before."""
    session.connection().execute(_LEASE, {"ids": delivery_ids, "owner": owner, "until": until})


def renew(session: Session, delivery_ids: Sequence[str], *, owner: str, until: datetime) -> None:
    """Keep a sender's leases alive."""
    is_mine = (_D.id.in_(delivery_ids), _D.state == DeliveryState.SENDING, _D.lease_owner == owner)
    session.execute(update(tables.Delivery).where(*is_mine).values(lease_until=until))


def lock_claims(session: Session, delivery_ids: Sequence[str], *, owner: str) -> Iterator[tuple[str, int, str]]:
    """Return those of the deliveries that are in the owner's hands, locked until the transaction ends.

    Each with the epoch of its lease and the state of its mailing.
    """
    return map(tuple, session.connection().execute(_LOCK, {"ids": delivery_ids, "owner": owner}))


def mark_dot(session: Session, delivery_ids: Sequence[str], *, now: datetime) -> None:
    """Note that the final dot of these letters is about to be sent."""
    if delivery_ids:
        session.connection().execute(_MARK, {"ids": delivery_ids, "at": now})


def write_results(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the results of attempts and give the leases back.

    Keys of a row: id, state, attempts, repeats, next_attempt_at, finished_at, smtp_code, smtp_text.
    """
    session.connection().execute(_result(is_sqlite(session)), {"rows": rows})


def note_repeats(session: Session, delivery_ids: Sequence[str]) -> None:
    """Note that these letters leave again although the relay may have had them."""
    query = update(tables.Delivery).where(_D.id.in_(delivery_ids))
    session.execute(query.values(repeats=_D.repeats + literal(1)))


def set_states(session: Session, delivery_ids: Sequence[str], state: DeliveryState, **values: Any) -> None:
    """Set deliveries to one state and give their leases back."""
    query = update(tables.Delivery).where(_D.id.in_(delivery_ids))
    session.execute(query.values(state=state, lease_owner=None, lease_until=None, **values))
