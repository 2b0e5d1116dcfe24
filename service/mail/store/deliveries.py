"""The SQL of single letters: queue, read, change, call off."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, bindparam, func, literal, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.mail import tables
from service.mail.values import ACTIVE, OPEN, WAITING, Delivery, DeliveryLine, DeliveryState, Letter, MailingState

_M, _D = columns(tables.Mailing), columns(tables.Delivery)
_NAMES = [field.name for field in fields(Delivery)]
_STATE = _NAMES.index("state")
DELIVERY = [_D[name] for name in _NAMES]


def add_deliveries(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert deliveries, leaving those alone whose recipient has that letter; return how many are new."""
    if not rows:
        return 0
    return len(session.connection().execute(_add_deliveries(is_sqlite(session)), list(rows)).all())


@cache
def _add_deliveries(on_sqlite: bool) -> Any:
    dialect = sqlite if on_sqlite else postgresql
    table = tables.Delivery.__table__  # type: ignore[attr-defined]
    return dialect.insert(table).on_conflict_do_nothing().returning(_D.id)


def read_delivery(session: Session, delivery_id: str) -> Delivery | None:
    """Return one delivery with its slots, or None."""
    return _delivery(session, _D.id == delivery_id)


def read_delivery_of(session: Session, mailing_id: str, recipient_ref: str) -> Delivery | None:
    """Return what one mailing sends to one recipient, or None."""
    return _delivery(session, _D.mailing_id == mailing_id, _D.recipient_ref == recipient_ref)


def lock_delivery(session: Session, delivery_id: str) -> Delivery | None:
    """Return one delivery, held until the transaction ends, or None."""
    row = session.execute(select(*DELIVERY).where(_D.id == delivery_id).with_for_update()).first()
    return to_delivery(row) if row else None


def _delivery(session: Session, *where: Any) -> Delivery | None:
    row = session.execute(select(*DELIVERY).where(*where)).first()
    return to_delivery(row) if row else None


def to_delivery(row: Row[Any]) -> Delivery:
    """Return what was read by the columns of `DELIVERY`."""
    values = [*row]
    values[_STATE] = DeliveryState(values[_STATE])
    return Delivery(*values)


def read_deliveries(
    session: Session,
    mailing_id: str,
    *,
    after: str = "",
    limit: int | None = None,
    states: Collection[DeliveryState] = tuple(DeliveryState),
) -> list[DeliveryLine]:
    """Return the letters of a mailing in the order of their ids, those after one or in some states when given."""
    return _lines(session, _D.mailing_id == mailing_id, _D.state.in_(states), _D.id > after, limit=limit)


def read_first(session: Session, mailing_id: str, *, limit: int) -> list[DeliveryLine]:
    """Return the first letters of a mailing in the order of their recipients, which an index holds."""
    return _lines(session, _D.mailing_id == mailing_id, order=_D.recipient_ref, limit=limit)


def read_repeated(session: Session, mailing_id: str, *, limit: int) -> tuple[int, list[DeliveryLine]]:
    """Return how many letters of a mailing may be there twice and are settled, and the first of them."""
    where = (_D.mailing_id == mailing_id, text(tables.TWICE_SQL), _D.state != DeliveryState.UNKNOWN)
    count = session.execute(select(func.count()).select_from(tables.Delivery).where(*where)).scalar_one()
    return count, _lines(session, *where, limit=limit) if count else []


def read_languages(session: Session, mailing_id: str, *, limit: int) -> list[str]:
    """Return the languages of the first letters of a mailing."""
    first = select(_D.language).where(_D.mailing_id == mailing_id).order_by(_D.recipient_ref).limit(limit).subquery()
    return sorted(session.execute(select(first.c.language).distinct()).scalars())


def read_deliveries_to(session: Session, recipient_refs: Iterable[str]) -> list[DeliveryLine]:
    """Return every letter to the given recipients, oldest first: what we wrote to them."""
    return _lines(session, _D.recipient_ref.in_(set(recipient_refs)))


def _lines(session: Session, *where: Any, order: Any = _D.id, limit: int | None = None) -> list[DeliveryLine]:
    at = func.coalesce(_D.finished_at, _D.dot_at, _D.created_at).label("at")
    wanted = (_D.id, _D.mailing_id, _D.recipient_ref, _D.address, _D.state, _D.attempts)
    told = (_D.smtp_code, _D.smtp_text, at, _D.repeats)
    rows = session.execute(select(*wanted, *told).where(*where).order_by(order).limit(limit))
    return [DeliveryLine(**{**row._mapping, "state": DeliveryState(row.state)}) for row in rows]


def change_delivery(session: Session, delivery_id: str, **values: Any) -> None:
    """Write the given columns of one delivery."""
    session.execute(update(tables.Delivery).where(_D.id == delivery_id).values(**values))


def settle_unsure(session: Session, mailing_id: str, *, repeats: int = 0, **values: Any) -> list[str]:
    """Write the given columns of a mailing's letters of unknown fate; return their recipients."""
    query = update(tables.Delivery).where(_D.mailing_id == mailing_id, _D.state == DeliveryState.UNKNOWN)
    settled = query.values(**values, repeats=_D.repeats + literal(repeats)).returning(_D.recipient_ref)
    return sorted(session.execute(settled).scalars())


def rewrite_slots(session: Session, mailing_id: str, letters: Sequence[Letter]) -> None:
    """Write what one mailing's letters say anew, by recipient, and until when they may leave."""
    table = tables.Delivery.__table__  # type: ignore[attr-defined]
    values: dict[str, Any] = {"slots": bindparam("new_slots"), "give_up_at": bindparam("new_end")}
    statement = update(table).where(_D.mailing_id == mailing_id, _D.recipient_ref == bindparam("ref")).values(**values)
    rows = [{"ref": x.recipient_ref, "new_slots": x.slots, "new_end": x.give_up_at} for x in letters]
    if rows:
        session.connection().execute(statement, rows)


def call_off(session: Session, mailing_id: str, *, now: datetime) -> list[str]:
    """Cancel the letters of a mailing that wait; return their recipients."""
    query = update(tables.Delivery).where(_D.mailing_id == mailing_id, _D.state.in_(WAITING))
    changed = session.execute(query.values(state=DeliveryState.CANCELLED, finished_at=now).returning(_D.recipient_ref))
    return sorted(changed.scalars())


def read_waiting_mailings(session: Session, recipient_refs: Sequence[str]) -> list[str]:
    """Return the mailings with a letter that waits for some recipients, in the order in which they are locked."""
    where = (_D.recipient_ref.in_(recipient_refs), _D.state.in_(WAITING))
    return sorted(session.execute(select(_D.mailing_id).where(*where).distinct()).scalars())


def call_off_to(session: Session, recipient_refs: Sequence[str], *, now: datetime) -> list[str]:
    """Cancel the letters that wait for some recipients; return those recipients."""
    query = update(tables.Delivery).where(_D.recipient_ref.in_(recipient_refs), _D.state.in_(WAITING))
    changed = session.execute(query.values(state=DeliveryState.CANCELLED, finished_at=now).returning(_D.recipient_ref))
    return sorted(set(changed.scalars()))


def doubt_waiting(session: Session, *, now: datetime) -> list[str]:
    """Let the letters that wait, or are being sent, be of unknown fate, but drafts and what has its time to come."""
    is_due = or_(_M.send_at.is_(None), _M.send_at <= now)
    left = select(_M.id).where(_M.state.in_((*ACTIVE, MailingState.PAUSED)), is_due)
    query = update(tables.Delivery).where(_D.mailing_id.in_(left), _D.state.in_(OPEN))
    doubtful: dict[str, Any] = {"state": DeliveryState.UNKNOWN, "finished_at": now, "lease_owner": None}
    doubtful |= {"lease_until": None, "smtp_text": "It may have left after the backup was made."}
    return sorted(session.execute(query.values(**doubtful).returning(_D.recipient_ref)).scalars())


def readdress(session: Session, recipient_refs: Sequence[str], but: Iterable[str], **to: Any) -> None:
    """Write the address of the letters that wait for some recipients, `but` those of some kinds."""
    stays = select(_M.id).where(_M.id == _D.mailing_id, _M.kind.in_(list(but))).exists()
    waits = (_D.recipient_ref.in_(recipient_refs), _D.state.in_(WAITING), ~stays)
    session.execute(update(tables.Delivery).where(*waits).values(**to))


def was_reached(session: Session, recipient_refs: Sequence[str], address_hash: str) -> bool:
    """Tell whether a letter for some recipients went to an address, or one did whose address was deleted since."""
    went = _D.state.in_((DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN))
    there = or_(_D.address_hash == address_hash, _D.address == "")
    query = select(_D.id).where(_D.recipient_ref.in_(recipient_refs), went, there).limit(1)
    return session.execute(query).first() is not None


def has_left(session: Session, mailing_ids: Sequence[str]) -> bool:
    """Tell whether a letter of some mailings was taken up for sending."""
    began = _D.state.not_in((*WAITING, DeliveryState.CANCELLED, DeliveryState.SUPPRESSED))
    query = select(_D.id).where(_D.mailing_id.in_(mailing_ids), or_(began, _D.attempts > 0)).limit(1)
    return session.execute(query).first() is not None


def has_waiting(session: Session, recipient_ref: str, kinds: Iterable[str]) -> bool:
    """Tell whether a letter of some kinds waits for a recipient."""
    query = select(_D.id).join(tables.Mailing, _M.id == _D.mailing_id).where(_M.kind.in_(list(kinds)))
    waits = (_D.recipient_ref == recipient_ref, _D.state.in_(WAITING))
    return session.execute(query.where(*waits).limit(1)).first() is not None


def has_open(session: Session, mailing_id: str) -> bool:
    """Tell whether a letter of the mailing is still to be sent."""
    query = select(_D.id).where(_D.mailing_id == mailing_id, _D.state.in_(OPEN)).limit(1)
    return session.execute(query).first() is not None
