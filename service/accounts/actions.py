"""What can be done with accounts. The caller commits.

A secret (link, session, key) has 256 bits, is given back once and kept as a hash.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlmodel import Session

from service.accounts import rules, store
from service.accounts.passwords import hash_password, is_password
from service.accounts.values import NewKey, Principal, RequestedLink, Role, SignedIn, Staff
from service.audit import log
from service.kernel.clock import zone
from service.kernel.errors import Conflict, Gone, NotFound, Unauthorised
from service.kernel.ids import new_id
from service.kernel.text import clean_line

KEY_PREFIX = "fk_"
KEEP_ANSWERS = timedelta(hours=24)


class AddressTaken(Conflict):
    """Someone here has this address already."""

    code = "staff-exists"


class LinkSpent(Gone):
    """The one-time link is unknown, spent or expired; which of them is not told."""

    code = "link-spent"

    def __init__(self) -> None:
        super().__init__("This link has been used, or its time is over. Ask for a new one.")


class WrongPassword(Unauthorised):
    """Address and password do not belong together; which of them is wrong is not told."""

    code = "wrong-password"

    def __init__(self) -> None:
        super().__init__("This address and password do not belong together.")


class UnknownStaff(NotFound):
    """Nobody here has this id."""

    code = "unknown-staff"

    def __init__(self) -> None:
        super().__init__("Nobody who works here is known by that.")


def add_staff(
    session: Session,
    *,
    email: str,
    role: Role,
    now: datetime,
    actor: str,
    name: str = "",
    time_zone: str = "Europe/London",
    locale: str = "en",
) -> Staff:
    """Add someone who works here.

    Raises:
        Invalid: not an address, or no such zone.
        AddressTaken: someone has it already.
    """
    address, key = rules.parse_address(email)
    shown = clean_line(name) or address.partition("@")[0]
    staff = Staff(new_id(), address, shown, role, zone(time_zone).key, locale, disabled=False)
    if not store.add_staff(session, staff, email_key=key, now=now):
        raise AddressTaken("Someone who works here has this address already.")
    log.record(session, actor=actor, action="staff.added", subject=f"staff:{staff.id}", now=now, role=role)
    return staff


def change_role(session: Session, staff_id: str, role: Role, *, now: datetime, actor: str) -> None:
    """Give someone another role; they are signed out everywhere."""
    _known(session, staff_id)
    store.update_staff(session, staff_id, role=role)
    store.end_sessions(session, staff_id)
    log.record(session, actor=actor, action="staff.role-changed", subject=f"staff:{staff_id}", now=now, role=role)


def disable_staff(session: Session, staff_id: str, *, now: datetime, actor: str) -> None:
    """Let someone sign in no more; they are signed out everywhere."""
    _known(session, staff_id)
    store.update_staff(session, staff_id, disabled=True)
    store.end_sessions(session, staff_id)
    log.record(session, actor=actor, action="staff.disabled", subject=f"staff:{staff_id}", now=now)


def set_password(session: Session, staff_id: str, password: str, *, now: datetime, actor: str) -> None:
    """Set someone's password; they are signed out everywhere.

    Raises:
        Invalid: too short, too long or easy to guess.
    """
    staff = _known(session, staff_id)
    rules.check_password(password, email_key=staff.email.casefold())
    store.update_staff(session, staff_id, password_hash=hash_password(password))
    store.end_sessions(session, staff_id)
    log.record(session, actor=actor, action="staff.password-changed", subject=f"staff:{staff_id}", now=now)


def make_link(session: Session, staff_id: str, *, now: datetime, lifetime: timedelta = rules.LINK_LIFETIME) -> str:
    """Return the secret of a fresh one-time link; its address is `/sign-in/<secret>`."""
    _known(session, staff_id)
    secret = secrets.token_urlsafe(32)
    store.add_link(session, staff_id, secret, now=now, expires_at=now + lifetime)
    return secret


def make_feed(session: Session, staff_id: str, *, now: datetime, actor: str) -> str:
    """Return the secret of a new address for someone's calendar feed, shown once; the one before ends."""
    _known(session, staff_id)
    secret = secrets.token_urlsafe(32)
    store.write_feed(session, staff_id, secret, now=now)
    log.record(session, actor=actor, action="feed.made", subject=f"staff:{staff_id}", now=now)
    return secret


def revoke_feed(session: Session, staff_id: str, *, now: datetime, actor: str) -> None:
    """End someone's calendar feed; a second press changes nothing."""
    if store.drop_feed(session, staff_id):
        log.record(session, actor=actor, action="feed.revoked", subject=f"staff:{staff_id}", now=now)


def request_link(session: Session, email: str, *, now: datetime) -> RequestedLink | None:
    """Return a link to post to an address, or None when nobody has it or enough are under way.

    Raises:
        Invalid: it is no address.
    """
    _, key = rules.parse_address(email)
    staff = store.find_staff(session, key)
    if staff is None or staff.disabled:
        return None
    if store.count_live_links(session, staff.id, now) >= rules.LINKS_AT_ONCE:
        return None
    return RequestedLink(staff.email, make_link(session, staff.id, now=now))


def spend_link(session: Session, secret: str, *, now: datetime, replaces: str = "") -> SignedIn:
    """Sign in with a one-time link; the browser's session before it, `replaces`, ends.

    Raises:
        LinkSpent: unknown, spent or expired.
    """
    staff = store.spend_link(session, secret, now)
    if staff is None:
        raise LinkSpent
    return sign_in(session, staff, now=now, by="link", replaces=replaces)


def check_password(session: Session, email: str, password: str) -> Staff:
    """Return who has this address and password. Takes as long when nobody has; writes nothing.

    Raises:
        Invalid: it is no address.
        WrongPassword: they do not belong together.
    """
    _, key = rules.parse_address(email)
    staff, kept = store.read_password_hash(session, key) or (None, None)
    if not is_password(password[: rules.LONGEST_PASSWORD], kept) or staff is None or staff.disabled:
        raise WrongPassword
    return staff


def sign_in(session: Session, staff: Staff, *, now: datetime, by: str, replaces: str = "") -> SignedIn:
    """Begin a session for someone who has proved who they are; the one it `replaces` ends."""
    store.end_session(session, replaces)
    secret, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    store.add_session(session, staff.id, secret, csrf, now=now, expires_at=now + rules.SESSION_LIFETIME)
    log.record(
        session, actor=f"staff:{staff.id}", action="staff.signed-in", subject=f"staff:{staff.id}", now=now, by=by
    )
    return SignedIn(secret, csrf, staff)


def sign_out(session: Session, secret: str, *, now: datetime, actor: str) -> None:
    """End one session."""
    store.end_session(session, secret)
    log.record(session, actor=actor, action="staff.signed-out", subject=actor, now=now)


def who_signed_in(session: Session, secret: str, *, now: datetime) -> Principal | None:
    """Return whose live session this is."""
    found = store.read_session(session, secret)
    if found is None:
        return None
    principal, expires_at = found
    if principal.seen_at and rules.is_live(seen_at=principal.seen_at, expires_at=expires_at, now=now):
        return principal
    return None


def note_use(session: Session, secret: str, *, now: datetime) -> None:
    """Note that a session was used just now, so that it does not end for idleness."""
    store.touch_session(session, secret, now)


def who_holds_key(session: Session, secret: str) -> Principal | None:
    """Return who holds a live key."""
    return store.read_key(session, secret) if secret.startswith(KEY_PREFIX) else None


def add_key(
    session: Session, name: str, role: Role, *, now: datetime, actor: str, project_id: str | None = None
) -> NewKey:
    """Make a key for a program, bound to one project if given."""
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    key_id = store.add_key(session, clean_line(name), secret, role, project_id=project_id, now=now)
    log.record(session, actor=actor, action="key.added", subject=f"key:{key_id}", now=now, role=role)
    return NewKey(key_id, secret)


def revoke_key(session: Session, key_id: str, *, now: datetime, actor: str) -> None:
    """Revoke a key.

    Raises:
        NotFound: no live key has this id.
    """
    if not store.revoke_key(session, key_id, now):
        raise NotFound("There is no such key.", key_id=key_id)
    log.record(session, actor=actor, action="key.revoked", subject=f"key:{key_id}", now=now)


def sweep(session: Session, *, now: datetime) -> None:
    """Delete what has ended: sessions, links and kept answers (a duty of retention)."""
    store.sweep(session, sessions_before=now, answers_before=now - KEEP_ANSWERS)


def _known(session: Session, staff_id: str) -> Staff:
    staff = store.read_staff(session, staff_id)
    if staff is None:
        raise UnknownStaff
    return staff
