"""The SQL of claims, leases and results. What they mean is decided in `rules`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, exists, literal, select, text, true, update
from sqlmodel import Session

from service.db.types import columns
from service.mail import tables
from service.mail.store.deliveries import to_delivery
from service.mail.values import ACTIVE, WAITING, Delivery, DeliveryState, MailingState

_M, _D = columns(tables.Mailing), columns(tables.Delivery)
_MOST_DOMAINS = 500  # looked at in one claim


def _due_domains() -> Any:
    is_of = _D.mailing_id == bindparam("mailing"), text(tables.WAITING_SQL)

    def next_after(is_next: Any) -> Any:
        return select(_D.domain).where(*is_of, is_next).order_by(_D.domain).limit(1)

    first = next_after(_D.domain >= bindparam("start")).scalar_subquery()
    at = select(first.label("domain"), literal(1).label("n")).cte("at", recursive=True)
    following = next_after(_D.domain > at.c.domain).correlate(at).scalar_subquery()
    at = at.union_all(select(following, at.c.n + 1).where(at.c.domain.is_not(None), at.c.n < _MOST_DOMAINS))
    first_due = select(_D.domain).where(*is_of, _D.domain == at.c.domain, _D.next_attempt_at <= bindparam("now"))
    # As an EXISTS, PostgreSQL would join all letters that wait.
    is_due = first_due.limit(1).correlate(at).scalar_subquery().is_not(None)
    is_open = at.c.domain.not_in(bindparam("shut", expanding=True))
    return select(at.c.domain).where(at.c.domain.is_not(None), is_open, is_due).limit(bindparam("count"))


def _take() -> Any:
    is_due = _D.domain == bindparam("domain"), _D.next_attempt_at <= bindparam("now")
    query = select(*_D).where(_D.mailing_id == bindparam("mailing"), text(tables.WAITING_SQL), *is_due)
    return query.order_by(_D.next_attempt_at).limit(bindparam("count")).with_for_update(skip_locked=True)


_DUE_DOMAINS, _TAKE = _due_domains(), _take()


def due_mailings(session: Session, *, now: datetime) -> list[str]:
    """Return the mailings that have a letter due."""
    is_due = exists().where(_D.mailing_id == _M.id, _D.state.in_(WAITING), _D.next_attempt_at <= now)
    query = select(_M.id).where(_M.state.in_(ACTIVE), _M.send_at <= now, is_due)
    return list(session.execute(query).scalars())


def lost(session: Session, *, now: datetime, owner: str | None = None, is_alone: bool = False) -> list[Row[Any]]:
    """Return deliveries whose sender is gone: the lease ran out, or was `owner`'s, who is known to be dead.

    All in anyone's hands when the caller `is_alone`.

    Columns: id, recipient_ref, dot_at, give_up_at, mailing_id, semantics, mailing (its state).
    """
    gone = _D.lease_until <= now if owner is None else _D.lease_owner == owner
    gone = true() if is_alone else gone
    query = (
        select(
            _D.id, _D.recipient_ref, _D.dot_at, _D.give_up_at, _D.mailing_id, _M.semantics, _M.state.label("mailing")
        )
        .join(tables.Mailing, _M.id == _D.mailing_id)
        .where(_M.state.notin_((MailingState.DRAFT, MailingState.DONE)), text(f"delivery.{tables.HELD_SQL}"), gone)
    )
    return list(session.execute(query.with_for_update(of=tables.Delivery, skip_locked=True)))


def due_domains(
    session: Session, mailing_id: str, *, start: str, count: int, shut: Collection[str], now: datetime
) -> list[str]:
    """Return domains to which a mailing has a letter due, in their order from `start` on, then from the first.

    None of those that are `shut`.

    Goes from one domain to the next by the index: a million letters to one cost no more than one.
    """
    given = {"mailing": mailing_id, "now": now, "count": count, "shut": list(shut)}
    found = [*session.execute(_DUE_DOMAINS, given | {"start": start}).scalars()]
    if len(found) < count:
        again = session.execute(_DUE_DOMAINS, given | {"start": ""}).scalars()
        found += [domain for domain in again if domain < start][: count - len(found)]
    return found


def take_due(session: Session, mailing_id: str, domain: str, *, limit: int, now: datetime) -> list[Delivery]:
    """Return due deliveries of a mailing on hold to one domain, locked, those that waited longest first."""
    rows = session.execute(_TAKE, {"mailing": mailing_id, "domain": domain, "now": now, "count": limit})
    return [to_delivery(row) for row in rows]


def lease(session: Session, delivery_ids: Sequence[str], *, owner: str, until: datetime) -> None:
    """Put deliveries into one sender's hands; the epoch tells this lease from any before."""
    query = update(tables.Delivery).where(_D.id.in_(delivery_ids))
    session.execute(
        query.values(
            state=DeliveryState.SENDING,
            lease_owner=owner,
            lease_epoch=_D.lease_epoch + literal(1),
            lease_until=until,
            dot_at=None,
        )
    )


def renew(session: Session, delivery_ids: Sequence[str], *, owner: str, until: datetime) -> None:
    """Keep a sender's leases alive."""
    is_mine = (_D.id.in_(delivery_ids), _D.state == DeliveryState.SENDING, _D.lease_owner == owner)
    session.execute(update(tables.Delivery).where(*is_mine).values(lease_until=until))


def lock_claims(session: Session, delivery_ids: Sequence[str]) -> Iterator[Row[Any]]:
    """Return who holds each delivery and how its mailing stands, locked until the transaction ends.

    Columns: id, state, lease_owner, lease_epoch, mailing (its state).
    """
    query = (
        select(_D.id, _D.state, _D.lease_owner, _D.lease_epoch, _M.state.label("mailing"))
        .join(tables.Mailing, _M.id == _D.mailing_id)
        .where(_D.id.in_(delivery_ids))
        .with_for_update(of=tables.Delivery)
    )
    return iter(session.execute(query))


def mark_dot(session: Session, delivery_ids: Sequence[str], *, now: datetime) -> None:
    """Note that the final dot of these letters is about to be sent."""
    session.execute(update(tables.Delivery).where(_D.id.in_(delivery_ids)).values(dot_at=now))


def write_results(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the results of attempts and give the leases back.

    Keys of a row: b_id, state, attempts, repeats, next_attempt_at, finished_at, smtp_code, smtp_text.
    """
    names = ("state", "attempts", "repeats", "next_attempt_at", "finished_at", "smtp_code", "smtp_text")
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    table = tables.Delivery.__table__  # type: ignore[attr-defined]
    statement = update(table).where(_D.id == bindparam("b_id")).values(**values, lease_owner=None, lease_until=None)
    session.connection().execute(statement, list(rows))


def note_repeats(session: Session, delivery_ids: Sequence[str]) -> None:
    """Note that these letters leave again although the relay may have had them."""
    query = update(tables.Delivery).where(_D.id.in_(delivery_ids))
    session.execute(query.values(repeats=_D.repeats + literal(1)))


def set_states(session: Session, delivery_ids: Sequence[str], state: DeliveryState, **values: Any) -> None:
    """Set deliveries to one state and give their leases back."""
    query = update(tables.Delivery).where(_D.id.in_(delivery_ids))
    session.execute(query.values(state=state, lease_owner=None, lease_until=None, **values))
