"""The SQL of accounts: staff, links, sessions, keys and repeated requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from service.accounts.tables import ApiKey, IdempotencyRecord, SignInLink, StaffFeed, StaffSession
from service.accounts.tables import Staff as StaffRow
from service.accounts.values import Answer, Principal, Role, Staff
from service.kernel.ids import new_id
from service.kernel.tokens import digest

_STAFF: tuple[Any, ...] = (
    StaffRow.id,
    StaffRow.email,
    StaffRow.name,
    StaffRow.role,
    StaffRow.time_zone,
    StaffRow.locale,
    StaffRow.disabled,
)


def _staff_select() -> Select[Any]:
    return select(*_STAFF)


def _staff(row: Row[Any]) -> Staff:
    return Staff(row.id, row.email, row.name, Role(row.role), row.time_zone, row.locale, row.disabled)


def read_staff(session: Session, staff_id: str) -> Staff | None:
    """Return one member of staff."""
    row = session.execute(_staff_select().where(col(StaffRow.id) == staff_id)).one_or_none()
    return _staff(row) if row else None


def find_staff(session: Session, email_key: str) -> Staff | None:
    """Return the member of staff with this address."""
    row = session.execute(_staff_select().where(col(StaffRow.email_key) == email_key)).one_or_none()
    return _staff(row) if row else None


def list_staff(session: Session) -> list[Staff]:
    """Return all staff by name."""
    return [_staff(row) for row in session.execute(_staff_select().order_by(col(StaffRow.name), col(StaffRow.id)))]


def read_password_hash(session: Session, email_key: str) -> tuple[Staff, str | None] | None:
    """Return someone and the hash of their password, if they set one."""
    query = _staff_select().add_columns(col(StaffRow.password_hash)).where(col(StaffRow.email_key) == email_key)
    row = session.execute(query).one_or_none()
    return (_staff(row), row.password_hash) if row else None


def add_staff(session: Session, staff: Staff, *, email_key: str, now: datetime) -> bool:
    """Insert someone; False when the address is taken."""
    values = {
        "id": staff.id, "email": staff.email, "email_key": email_key, "name": staff.name, "role": staff.role,
        "time_zone": staff.time_zone, "locale": staff.locale, "disabled": staff.disabled, "created_at": now,
    }  # fmt: skip
    return _inserted(session, insert(StaffRow).values(**values))


def update_staff(session: Session, staff_id: str, **changes: Any) -> None:
    """Change columns of one member of staff."""
    session.execute(update(StaffRow).where(col(StaffRow.id) == staff_id).values(**changes))


def count_live_links(session: Session, staff_id: str, now: datetime) -> int:
    """Count someone's links that can still be used."""
    query = select(func.count()).where(
        col(SignInLink.staff_id) == staff_id, col(SignInLink.spent_at).is_(None), col(SignInLink.expires_at) > now
    )
    return int(session.execute(query).scalar_one())


def add_link(session: Session, staff_id: str, secret: str, *, now: datetime, expires_at: datetime) -> None:
    """Keep the hash of a one-time link."""
    row = {"token_hash": digest(secret), "staff_id": staff_id, "created_at": now, "expires_at": expires_at}
    session.execute(insert(SignInLink).values(**row))


def write_feed(session: Session, staff_id: str, secret: str, *, now: datetime) -> None:
    """Keep the hash of the secret address of someone's feed, in place of the one before."""
    drop_feed(session, staff_id)
    session.execute(insert(StaffFeed).values(staff_id=staff_id, token_hash=digest(secret), made_at=now))


def drop_feed(session: Session, staff_id: str) -> bool:
    """Forget the address of someone's feed; tell whether there was one."""
    gone = delete(StaffFeed).where(col(StaffFeed.staff_id) == staff_id).returning(col(StaffFeed.staff_id))
    return session.execute(gone).first() is not None


def read_feed(session: Session, staff_id: str) -> datetime | None:
    """Return when the address of someone's feed was made, None when there is none."""
    query = select(col(StaffFeed.made_at)).where(col(StaffFeed.staff_id) == staff_id)
    return session.execute(query).scalar_one_or_none()


def find_feed(session: Session, secret: str) -> Staff | None:
    """Return whose feed has this secret address, unless they may not sign in."""
    query = _staff_select().join(StaffFeed, col(StaffFeed.staff_id) == col(StaffRow.id))
    row = session.execute(query.where(col(StaffFeed.token_hash) == digest(secret))).one_or_none()
    return _staff(row) if row and not row.disabled else None


def spend_link(session: Session, secret: str, now: datetime) -> Staff | None:
    """Spend a link once; None when it is unknown, spent, expired or its owner may not sign in."""
    spent = session.execute(
        update(SignInLink)
        .where(
            col(SignInLink.token_hash) == digest(secret),
            col(SignInLink.spent_at).is_(None),
            col(SignInLink.expires_at) > now,
        )
        .values(spent_at=now)
        .returning(col(SignInLink.staff_id))
    ).scalar_one_or_none()
    staff = read_staff(session, spent) if spent else None
    return staff if staff and not staff.disabled else None


def add_session(
    session: Session, staff_id: str, secret: str, csrf: str, *, now: datetime, expires_at: datetime
) -> None:
    """Keep the hash of a signed-in browser's secret."""
    row = {
        "id_hash": digest(secret), "staff_id": staff_id, "csrf": csrf,
        "created_at": now, "last_seen_at": now, "expires_at": expires_at,
    }  # fmt: skip
    session.execute(insert(StaffSession).values(**row))


def read_session(session: Session, secret: str) -> tuple[Principal, datetime] | None:
    """Return who signed in with this secret and when that ends; disabled staff are nobody."""
    query = (
        _staff_select()
        .add_columns(
            col(StaffSession.csrf),
            col(StaffSession.last_seen_at),
            col(StaffSession.expires_at),
            col(StaffSession.created_at).label("signed_in_at"),
        )
        .join(StaffSession, col(StaffSession.staff_id) == col(StaffRow.id))
        .where(col(StaffSession.id_hash) == digest(secret), col(StaffRow.disabled).is_(False))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    principal = Principal(
        actor=f"staff:{row.id}",
        name=row.name,
        role=Role(row.role),
        time_zone=row.time_zone,
        locale=row.locale,
        csrf=row.csrf,
        seen_at=row.last_seen_at,
        signed_in_at=row.signed_in_at,
    )
    return principal, row.expires_at


def touch_session(session: Session, secret: str, now: datetime) -> None:
    """Note that a session was used."""
    session.execute(update(StaffSession).where(col(StaffSession.id_hash) == digest(secret)).values(last_seen_at=now))


def end_session(session: Session, secret: str) -> None:
    """Forget one session."""
    session.execute(delete(StaffSession).where(col(StaffSession.id_hash) == digest(secret)))


def end_sessions(session: Session, staff_id: str) -> None:
    """Forget every session and unspent link of someone."""
    session.execute(delete(StaffSession).where(col(StaffSession.staff_id) == staff_id))
    session.execute(delete(SignInLink).where(col(SignInLink.staff_id) == staff_id))


def add_key(session: Session, name: str, secret: str, role: Role, *, project_id: str | None, now: datetime) -> str:
    """Keep the hash of a key and return its id."""
    key_id = new_id()
    row = {
        "id": key_id, "name": name, "key_hash": digest(secret), "role": role,
        "project_id": project_id, "created_at": now,
    }  # fmt: skip
    session.execute(insert(ApiKey).values(**row))
    return key_id


def read_key(session: Session, secret: str) -> Principal | None:
    """Return who holds this key, unless it was revoked."""
    columns: tuple[Any, ...] = (ApiKey.id, ApiKey.name, ApiKey.role, ApiKey.project_id)
    query = select(*columns).where(col(ApiKey.key_hash) == digest(secret), col(ApiKey.revoked_at).is_(None))
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    return Principal(actor=f"key:{row.id}", name=row.name, role=Role(row.role), project_id=row.project_id)


def revoke_key(session: Session, key_id: str, now: datetime) -> bool:
    """Revoke a key; False when there is no live one."""
    query = (
        update(ApiKey)
        .where(col(ApiKey.id) == key_id, col(ApiKey.revoked_at).is_(None))
        .values(revoked_at=now)
        .returning(col(ApiKey.id))
    )
    return session.execute(query).scalar_one_or_none() is not None


def claim_request(session: Session, principal: str, key: str, request_sha256: str, now: datetime) -> bool:
    """Claim an Idempotency-Key for this transaction; False when an answer stands already.

    On PostgreSQL a second claim waits here until the first transaction has ended.
    """
    row = {
        "principal": principal, "key": key, "request_sha256": request_sha256,
        "status": 0, "media_type": "", "body": b"", "created_at": now,
    }  # fmt: skip
    return _inserted(session, insert(IdempotencyRecord).values(**row))


def read_answer(session: Session, principal: str, key: str) -> Answer:
    """Return the answer that stands under a key."""
    columns: tuple[Any, ...] = (
        IdempotencyRecord.request_sha256,
        IdempotencyRecord.status,
        IdempotencyRecord.media_type,
        IdempotencyRecord.body,
    )
    row = session.execute(select(*columns).where(*_record(principal, key))).one()
    return Answer(row.request_sha256, row.status, row.media_type, row.body)


def keep_answer(session: Session, principal: str, key: str, *, status: int, media_type: str, body: bytes) -> None:
    """Keep what a claimed request was answered with."""
    query = update(IdempotencyRecord).where(*_record(principal, key))
    session.execute(query.values(status=status, media_type=media_type, body=body))


def sweep(session: Session, *, sessions_before: datetime, answers_before: datetime) -> None:
    """Delete sessions and links that ended, and answers that are too old to be asked for again."""
    session.execute(delete(StaffSession).where(col(StaffSession.expires_at) < sessions_before))
    session.execute(delete(SignInLink).where(col(SignInLink.expires_at) < sessions_before))
    session.execute(delete(IdempotencyRecord).where(col(IdempotencyRecord.created_at) < answers_before))


def _record(principal: str, key: str) -> tuple[Any, Any]:
    return col(IdempotencyRecord.principal) == principal, col(IdempotencyRecord.key) == key


def _inserted(session: Session, statement: Any) -> bool:
    """Run an INSERT in a savepoint; False when a unique value stands already."""
    try:
        with session.begin_nested():
            session.execute(statement)
    except IntegrityError:
        return False
    return True
