"""Who may do what, how long a sign-in lasts, and which addresses and passwords are taken."""

from __future__ import annotations

from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email

from service.accounts.values import Permission, Role
from service.kernel.errors import Invalid

IDLE_LIMIT = timedelta(minutes=30)
SESSION_LIFETIME = timedelta(hours=12)
LINK_LIFETIME = timedelta(minutes=15)
FIRST_LINK_LIFETIME = timedelta(hours=24)
LINKS_AT_ONCE = 3
TOUCH_EVERY = timedelta(minutes=1)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256

_ORDER = tuple(Role)
_LEAST = {
    Permission.READ: Role.VIEWER,
    Permission.CHECK_IN: Role.CHECKIN,
    Permission.EDIT: Role.COORDINATOR,
    Permission.SEND: Role.COORDINATOR,
    Permission.EXPORT: Role.MANAGER,
    Permission.ADMINISTER: Role.MANAGER,
}


def may(role: Role, permission: Permission) -> bool:
    """Tell whether a role holds a permission.

    >>> may(Role.CHECKIN, Permission.CHECK_IN), may(Role.CHECKIN, Permission.EDIT)
    (True, False)
    """
    return _ORDER.index(role) >= _ORDER.index(_LEAST[permission])


def is_live(*, seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Tell whether a session may still be used: neither idle too long nor past its end."""
    return now < expires_at and now - seen_at <= IDLE_LIMIT


def needs_touch(seen_at: datetime, now: datetime) -> bool:
    """Tell whether a session's last-seen time is old enough to be written again."""
    return now - seen_at >= TOUCH_EVERY


def parse_role(raw: str) -> Role:
    """Return the role of this name.

    Raises:
        Invalid: there is none.
    """
    if raw not in _ORDER:
        raise Invalid(f"A role is one of {', '.join(_ORDER)}.", field="role")
    return Role(raw)


def parse_address(raw: str) -> tuple[str, str]:
    """Return an e-mail address as typed, tidied, and the key it is known by (lower case).

    Raises:
        Invalid: it is no address; the sentence says how to put it right.
    """
    try:
        address = validate_email(raw.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Invalid(_address_sentence(raw), field="email") from error
    return address, address.casefold()


def _address_sentence(raw: str) -> str:
    before, at, after = raw.strip().rpartition("@")
    if not at:
        return "An e-mail address has an @, such as name@example.org."
    if before and after and "." not in after:
        return "The part after @ needs an ending, such as example.org."
    return "This is not an e-mail address. Write it such as name@example.org."


def check_password(password: str, *, email_key: str) -> None:
    """Refuse a password that is too short, too long, or made of the address.

    Raises:
        Invalid: the sentence says why.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"A password needs at least {SHORTEST_PASSWORD} characters.", field="password")
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(f"A password has at most {LONGEST_PASSWORD} characters.", field="password")
    if len(set(password)) < 5 or email_key.partition("@")[0] in password.casefold():
        raise Invalid("This password is easy to guess. Four unrelated words make a good one.", field="password")
