"""The SQL of a claim: which mailings, domains and letters are due.

A claim is to cost the same however many letters wait, so its statements say the words of the partial
indexes and read nothing behind the letters taken. They are made once: making one costs more than running it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import String, TextClause, bindparam, or_, select, text
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.many import among
from service.db.types import Instant, columns
from service.mail import tables
from service.mail.store.deliveries import DELIVERY, to_delivery
from service.mail.values import ACTIVE, WAITING, Delivery, DeliveryState, Offer

_M, _D = columns(tables.Mailing), columns(tables.Delivery)
_MOST_DOMAINS = 500  # of a mailing, looked at in one claim
_NOW = bindparam("now", type_=Instant())
_MAILINGS, _SHUT = (bindparam(name, type_=String(), expanding=True) for name in ("mailings", "shut"))


def _is_due(state: DeliveryState) -> Any:
    # Asked for in the order of an index: PostgreSQL then goes by it, whatever it believes of a million letters.
    first = select(_D.next_attempt_at).where(_D.mailing_id == _M.id, _D.state == state)
    return first.order_by(_D.next_attempt_at).limit(1).scalar_subquery() <= _NOW


_IS_ACTIVE = or_(*(_M.state == state for state in ACTIVE))  # an IN is written anew each time
_DUE_MAILINGS = select(_M.id).where(_IS_ACTIVE, _M.send_at <= _NOW, or_(*map(_is_due, WAITING)))

_WAITS = f"mailing_id = at.mailing_id AND {tables.WAITING_SQL}"
_IS_HERE = f"{_WAITS} AND domain = at.domain"
# `lap` is 0 from the start on, 1 from the first domain up to the start; an empty domain lies between them.
_OFFERS = f"""
    WITH RECURSIVE at (mailing_id, domain, lap, seen, found) AS (
        SELECT id, (
            SELECT domain FROM delivery
            WHERE mailing_id = mailing.id AND {tables.WAITING_SQL} AND domain >= :start ORDER BY domain LIMIT 1
        ), 0, 1, 0
        FROM mailing WHERE id IN :mailings
        UNION ALL
        SELECT mailing_id, CASE
            WHEN domain IS NULL THEN (SELECT domain FROM delivery WHERE {_WAITS} ORDER BY domain LIMIT 1)
            ELSE (SELECT domain FROM delivery WHERE {_WAITS} AND domain > at.domain ORDER BY domain LIMIT 1)
        END, CASE WHEN domain IS NULL THEN 1 ELSE lap END, seen + 1, found + CASE
            WHEN domain NOT IN :shut AND (
                SELECT next_attempt_at FROM delivery WHERE {_IS_HERE} ORDER BY next_attempt_at LIMIT 1
            ) <= :now THEN 1 ELSE 0
        END
        FROM at WHERE (lap = 0 OR domain < :start) AND seen < {_MOST_DOMAINS} AND found < :domains
    )
    SELECT mailing_id, domain, (
        SELECT GATHER(id, ',')
        FROM (
            SELECT id FROM delivery WHERE {_IS_HERE} AND next_attempt_at <= :now
            ORDER BY next_attempt_at LIMIT :share
        ) AS oldest
    )
    FROM at WHERE (lap = 0 OR domain < :start) AND found < :domains AND domain NOT IN :shut
"""  # noqa: S608

# Without the state: PostgreSQL would go through all that wait to find these.
_TAKE = select(*DELIVERY).where(among(_D.id, "ids")).with_for_update(skip_locked=True)


@cache
def _offers(on_sqlite: bool) -> TextClause:
    gather = "group_concat" if on_sqlite else "string_agg"
    return text(_OFFERS.replace("GATHER", gather)).bindparams(_NOW, _MAILINGS, _SHUT)


def due_mailings(session: Session, *, now: datetime) -> list[str]:
    """Return the mailings that have a letter due."""
    return list(session.connection().execute(_DUE_MAILINGS, {"now": now}).scalars())


def offers(
    session: Session,
    mailing_ids: Sequence[str],
    *,
    start: str,
    domains: int,
    share: int,
    shut: Collection[str],
    now: datetime,
) -> list[Offer]:
    """Return what is due of some mailings: of each some `domains` that are not `shut`, of each of these a `share`.

    The domains in their order from `start` on, then from the first; the letters that waited longest
    first. Goes from one domain to the next by the index: a million letters to one cost no more than one.
    """
    given = {"mailings": list(mailing_ids), "start": start, "domains": domains, "share": share, "now": now}
    rows = session.connection().execute(_offers(is_sqlite(session)), given | {"shut": list(shut)})
    return [Offer(mailing_id, domain, tuple(ids.split(","))) for mailing_id, domain, ids in rows if ids]


def take(session: Session, delivery_ids: Sequence[str]) -> list[Delivery]:
    """Return those of the deliveries that still wait, locked. Their mailings are on hold."""
    rows = session.connection().execute(_TAKE, {"ids": delivery_ids}).all()
    return [to_delivery(row) for row in rows if row.state in WAITING]
