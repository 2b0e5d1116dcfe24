"""The SQL of mail. Claims and results are written here; what they mean is decided in `rules`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, exists, func, insert, literal, or_, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.rows import insert_row
from service.db.types import columns
from service.kernel.ids import new_id
from service.mail import tables
from service.mail.values import (
    ACTIVE,
    OPEN,
    WAITING,
    Delivery,
    DeliveryLine,
    DeliveryState,
    Letter,
    LocalLetter,
    Mailing,
    MailingState,
    MailingView,
    NewMailing,
    Outgoing,
    Semantics,
)

_M, _D = columns(tables.Mailing), columns(tables.Delivery)
_S, _B = columns(tables.Suppression), columns(tables.MailboxLetter)
_CHUNK = 5_000


# Mailings


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
    return mailing_id


def change_mailing(session: Session, mailing_id: str, **values: Any) -> None:
    """Write the given columns of one mailing."""
    session.execute(update(tables.Mailing).where(_M.id == mailing_id).values(**values))


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
    session: Session, context: str | None = None, states: Iterable[MailingState] | None = None
) -> list[MailingView]:
    """Return mailings, newest first, of one context and in some states, or all."""
    query = select(*_M).order_by(_M.created_at.desc(), _M.id.desc())
    if context is not None:
        query = query.where(_M.context == context)
    if states is not None:
        query = query.where(_M.state.in_(list(states)))
    return _views(session, query)


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


def start(session: Session, mailing_ids: Iterable[str]) -> None:
    """Set approved mailings running: their first letter was taken up."""
    is_first = (_M.id.in_(set(mailing_ids)), _M.state == MailingState.APPROVED)
    session.execute(update(tables.Mailing).where(*is_first).values(state=MailingState.RUNNING))


def finish(session: Session, mailing_ids: Iterable[str], *, now: datetime) -> None:
    """Set mailings done that have no letter left to send."""
    has_waiting = exists().where(_D.mailing_id == _M.id, _D.state.in_(WAITING))
    query = select(_M.id).where(_M.id.in_(set(mailing_ids)), _M.state.in_(ACTIVE), ~has_waiting)
    # Two senders may each write a last result and see the other's letter as still being sent:
    # whoever comes second waits here, and then sees.
    maybe = list(session.execute(query.order_by(_M.id).with_for_update(of=tables.Mailing)).scalars())
    if maybe:
        is_open = exists().where(_D.mailing_id == _M.id, _D.state.in_(OPEN))
        over = update(tables.Mailing).where(_M.id.in_(maybe), _M.state.in_(ACTIVE), ~is_open)
        session.execute(over.values(state=MailingState.DONE, done_at=now))


def hold(session: Session, mailing_ids: Sequence[str]) -> list[str]:
    """Lock mailings until the transaction ends, and return those still active, in the order given.

    Whoever changes waiting letters locks their mailing first; so claims and cancellations never
    wait for each other crosswise.
    """
    query = select(_M.id).where(_M.id.in_(mailing_ids), _M.state.in_(ACTIVE)).order_by(_M.id)
    active = set(session.execute(query.with_for_update()).scalars())
    return [mailing_id for mailing_id in mailing_ids if mailing_id in active]


def pause(session: Session, mailing_ids: Iterable[str], *, reason: str) -> None:
    """Pause active mailings, with the reason."""
    query = update(tables.Mailing).where(_M.id.in_(set(mailing_ids)), _M.state.in_(ACTIVE))
    session.execute(query.values(state=MailingState.PAUSED, pause_reason=reason[:300]))


# Deliveries


def add_deliveries(session: Session, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert deliveries, leaving those alone whose recipient the mailing has; return how many are new."""
    if not rows:
        return 0
    return len(session.connection().execute(_add_deliveries(is_sqlite(session)), list(rows)).all())


@cache
def _add_deliveries(on_sqlite: bool) -> Any:
    dialect = sqlite if on_sqlite else postgresql
    table = tables.Delivery.__table__  # type: ignore[attr-defined]
    key = ["mailing_id", "recipient_ref"]
    return dialect.insert(table).on_conflict_do_nothing(index_elements=key).returning(_D.id)


def read_delivery(session: Session, delivery_id: str) -> Delivery | None:
    """Return one delivery with its slots, or None."""
    return _delivery(session, _D.id == delivery_id)


def read_delivery_of(session: Session, mailing_id: str, recipient_ref: str) -> Delivery | None:
    """Return what one mailing sends to one recipient, or None."""
    return _delivery(session, _D.mailing_id == mailing_id, _D.recipient_ref == recipient_ref)


def lock_delivery(session: Session, delivery_id: str) -> Delivery | None:
    """Return one delivery, held until the transaction ends, or None."""
    row = session.execute(select(*_D).where(_D.id == delivery_id).with_for_update()).first()
    return _to_delivery(row) if row else None


def _delivery(session: Session, *where: Any) -> Delivery | None:
    row = session.execute(select(*_D).where(*where)).first()
    return _to_delivery(row) if row else None


def _to_delivery(row: Row[Any]) -> Delivery:
    return Delivery(**{**row._mapping, "state": DeliveryState(row.state)})


def read_deliveries(
    session: Session, mailing_id: str, *, after: str = "", limit: int | None = None
) -> list[DeliveryLine]:
    """Return the letters of a mailing in the order of their ids, those after one when it is given."""
    return _lines(session, _D.mailing_id == mailing_id, _D.id > after, limit=limit)


def read_deliveries_to(session: Session, recipient_refs: Iterable[str]) -> list[DeliveryLine]:
    """Return every letter to the given recipients, oldest first: what we wrote to them."""
    return _lines(session, _D.recipient_ref.in_(set(recipient_refs)))


def _lines(session: Session, *where: Any, limit: int | None = None) -> list[DeliveryLine]:
    at = func.coalesce(_D.finished_at, _D.dot_at, _D.created_at).label("at")
    wanted = (_D.id, _D.mailing_id, _D.recipient_ref, _D.address, _D.state, _D.attempts, _D.smtp_code, _D.smtp_text, at)
    rows = session.execute(select(*wanted).where(*where).order_by(_D.id).limit(limit))
    return [DeliveryLine(**{**row._mapping, "state": DeliveryState(row.state)}) for row in rows]


def change_delivery(session: Session, delivery_id: str, **values: Any) -> None:
    """Write the given columns of one delivery."""
    session.execute(update(tables.Delivery).where(_D.id == delivery_id).values(**values))


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


def readdress(session: Session, recipient_refs: Sequence[str], but: Iterable[str], **to: Any) -> None:
    """Write the address of the letters that wait for some recipients, `but` those of some kinds."""
    stays = select(_M.id).where(_M.id == _D.mailing_id, _M.kind.in_(list(but))).exists()
    waits = (_D.recipient_ref.in_(recipient_refs), _D.state.in_(WAITING), ~stays)
    session.execute(update(tables.Delivery).where(*waits).values(**to))


def was_reached(session: Session, recipient_ref: str, address_hash: str) -> bool:
    """Tell whether a letter for a recipient went to an address, or one did whose address was deleted since."""
    went = _D.state.in_((DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN))
    there = or_(_D.address_hash == address_hash, _D.address == "")
    query = select(_D.id).where(_D.recipient_ref == recipient_ref, went, there).limit(1)
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


# Claims, leases and results


def due_mailings(session: Session, *, now: datetime) -> list[str]:
    """Return the mailings that have a letter due."""
    is_due = exists().where(_D.mailing_id == _M.id, _D.state.in_(WAITING), _D.next_attempt_at <= now)
    query = select(_M.id).where(_M.state.in_(ACTIVE), _M.send_at <= now, is_due)
    return list(session.execute(query).scalars())


def lost(session: Session, *, now: datetime, owner: str | None = None) -> list[Row[Any]]:
    """Return deliveries whose sender is gone: the lease ran out, or was `owner`'s, who is known to be dead.

    Columns: id, recipient_ref, dot_at, give_up_at, mailing_id, semantics, mailing (its state).
    """
    gone = _D.lease_until <= now if owner is None else _D.lease_owner == owner
    query = (
        select(
            _D.id, _D.recipient_ref, _D.dot_at, _D.give_up_at, _D.mailing_id, _M.semantics, _M.state.label("mailing")
        )
        .join(tables.Mailing, _M.id == _D.mailing_id)
        .where(_M.state.notin_((MailingState.DRAFT, MailingState.DONE)), _D.state == DeliveryState.SENDING, gone)
    )
    return list(session.execute(query.with_for_update(of=tables.Delivery, skip_locked=True)))


def take_due(session: Session, mailing_ids: Sequence[str], *, limit: int, now: datetime) -> list[Delivery]:
    """Return due deliveries of mailings on hold, locked, fairly spread over the mailings."""
    if not mailing_ids:
        return []
    share = -(-limit // len(mailing_ids))
    parts = (select(_some_due(mailing_id, share, now).c.id) for mailing_id in mailing_ids)
    ids = list(session.execute(union_all(*parts)).scalars())[:limit]
    # A second statement: on PostgreSQL the first one's snapshot may be older than its locks.
    rows = session.execute(select(*_D).where(_D.id.in_(ids)).order_by(_D.id))
    return [_to_delivery(row) for row in rows]


def _some_due(mailing_id: str, share: int, now: datetime) -> Any:
    is_due = (_D.mailing_id == mailing_id, _D.state.in_(WAITING), _D.next_attempt_at <= now)
    return select(_D.id).where(*is_due).limit(share).with_for_update(skip_locked=True).subquery()


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

    Keys of a row: b_id, state, attempts, next_attempt_at, finished_at, smtp_code, smtp_text.
    """
    names = ("state", "attempts", "next_attempt_at", "finished_at", "smtp_code", "smtp_text")
    values: dict[str, Any] = {name: bindparam(name) for name in names}
    table = tables.Delivery.__table__  # type: ignore[attr-defined]
    statement = update(table).where(_D.id == bindparam("b_id")).values(**values, lease_owner=None, lease_until=None)
    session.connection().execute(statement, list(rows))


def set_states(session: Session, delivery_ids: Sequence[str], state: DeliveryState, **values: Any) -> None:
    """Set deliveries to one state and give their leases back."""
    query = update(tables.Delivery).where(_D.id.in_(delivery_ids))
    session.execute(query.values(state=state, lease_owner=None, lease_until=None, **values))


def cool_down(session: Session, domains: Iterable[str], *, until: datetime) -> None:
    """Let waiting letters to some domains wait longer; the others pass them."""
    active = select(_M.id).where(_M.state.in_(ACTIVE))
    waits = (_D.mailing_id.in_(active), _D.state.in_(WAITING), _D.domain.in_(set(domains)), _D.next_attempt_at < until)
    free = select(_D.id).where(*waits).with_for_update(skip_locked=True)  # what another claims now, it finds out itself
    session.execute(update(tables.Delivery).where(_D.id.in_(free)).values(next_attempt_at=until))


# Suppression


def add_suppression(session: Session, address_hash: str, scope: str, reason: str, *, now: datetime) -> bool:
    """Remember not to write to an address; tell whether this is news."""
    dialect = sqlite if is_sqlite(session) else postgresql
    row = {"id": new_id(), "address_hash": address_hash, "scope": scope, "reason": reason, "at": now}
    statement = dialect.insert(tables.Suppression).values(row)
    done = session.execute(statement.on_conflict_do_nothing(index_elements=["address_hash", "scope"]).returning(_S.id))
    return done.first() is not None


def remove_suppressions(session: Session, address_hash: str, scopes: Sequence[str], reason: str) -> list[str]:
    """Delete what stops letters to an address for one reason in some scopes; return those scopes."""
    where = (_S.address_hash == address_hash, _S.scope.in_(list(scopes)), _S.reason == reason)
    return list(session.execute(delete(tables.Suppression).where(*where).returning(_S.scope)).scalars())


def read_suppressions(session: Session, address_hash: str) -> list[tuple[str, str]]:
    """Return what stops letters to an address: scope and reason."""
    query = select(_S.scope, _S.reason).where(_S.address_hash == address_hash).order_by(_S.scope)
    return [(row.scope, row.reason) for row in session.execute(query)]


def suppressed(session: Session, address_hashes: Iterable[str], scopes: Iterable[str]) -> set[str]:
    """Return those of the hashes that are suppressed in any of the scopes."""
    hashes, wanted = list(set(address_hashes)), list(scopes)
    found: set[str] = set()
    for at in range(0, len(hashes), _CHUNK):  # PostgreSQL takes 65,535 parameters
        part = _S.address_hash.in_(hashes[at : at + _CHUNK])
        found.update(session.execute(select(_S.address_hash).where(part, _S.scope.in_(wanted))).scalars())
    return found


def suppressed_pairs(session: Session, address_hashes: Iterable[str]) -> set[tuple[str, str]]:
    """Return (hash, scope) of every suppression of the given addresses."""
    query = select(_S.address_hash, _S.scope).where(_S.address_hash.in_(set(address_hashes)))
    return {(row.address_hash, row.scope) for row in session.execute(query)}


# The local mailbox


def keep_letters(session: Session, letters: Sequence[Outgoing], *, now: datetime) -> None:
    """Put letters into the local mailbox."""
    rows = [
        {
            "id": new_id(),
            "delivery_id": outgoing.delivery_id,
            "to": outgoing.letter.envelope.rcpt_to,
            "subject": outgoing.letter.subject[:1000],
            "kind": outgoing.kind,
            "at": now,
            "raw": outgoing.letter.raw,
        }
        for outgoing in letters
    ]
    if rows:
        session.connection().execute(insert(tables.MailboxLetter), rows)


def read_local_letters(session: Session, *, to: str | None = None, limit: int = 100) -> list[LocalLetter]:
    """Return letters in the local mailbox, newest first, to one address when given."""
    query = select(_B.id, _B.delivery_id, _B.to, _B.subject, _B.kind, _B.at)
    if to is not None:
        query = query.where(func.lower(_B.to) == to.lower())
    return [LocalLetter(**row._mapping) for row in session.execute(query.order_by(_B.id.desc()).limit(limit))]


def read_local_letter(session: Session, letter_id: str) -> bytes | None:
    """Return the bytes of one letter in the local mailbox, or None."""
    return session.execute(select(_B.raw).where(_B.id == letter_id)).scalar()
