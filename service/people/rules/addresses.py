"""What an address is: as shown, as compared, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from email_validator import EmailNotValidError, validate_email

from service.kernel.addresses import key_of_valid
from service.kernel.errors import Invalid
from service.kernel.text import clean_line
from service.people.values import Address

ADDRESS_LIMIT = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
# An address of plain letters, which needs no closer look; endings that lead nowhere are left to the slow way.
_PLAIN = re.compile(
    r"(?=.{6,254}\Z)(?=[^@]{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,63}\Z",
    re.IGNORECASE | re.ASCII,
)
# Direction and joining marks, soft hyphens and the like never belong to an address.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]")


class BadAddress(Invalid):
    """What was given is no e-mail address we can write to."""

    code = "bad-address"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="email")


def normalise_address(raw: str) -> Address:
    """Return an address as shown and as compared; `mailto:` and angle brackets fall away.

    >>> normalise_address(" Maria@Example.ORG ")
    Address(display='Maria@example.org', key='maria@example.org')

    Raises:
        BadAddress: with a sentence that says what to mend.
    """
    text = clean_address(raw)
    if _PLAIN.match(text):
        if text.islower():
            return Address(text, text)
        local, _, host = text.partition("@")
        return Address(f"{local}@{host.lower()}", text.lower())
    if fault := _fault(text):
        raise BadAddress(fault)
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        raise BadAddress("This is not an e-mail address we can write to.") from None
    return Address(found.normalized, key_of_valid(found))


def clean_address(raw: str) -> str:
    """Return what was typed without `mailto:`, brackets, invisible marks and surrounding space."""
    text = clean_line(_INVISIBLE.sub("", raw)) if not (raw.isascii() and raw.isprintable()) else raw.strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].partition("?")[0]
    return text.lstrip("< ").rstrip("<>.,;: ")


def _fault(text: str) -> str | None:
    """Say what is wrong with an address in words that help to mend it; None when it needs a closer look."""
    local, at, host = text.rpartition("@")
    if not text:
        return "There is no e-mail address."
    if not at:
        return "The address has no @."
    if "@" in local:
        return "The address has more than one @."
    if " " in text:
        return "There is a space inside the address."
    if not local:
        return "There is nothing before the @."
    if not host:
        return "There is nothing after the @."
    return _fault_of_parts(text, local, host)


def _fault_of_parts(text: str, local: str, host: str) -> str | None:
    if ".." in text or local.startswith(".") or local.endswith(".") or host.startswith("."):
        return "There is a dot too many in the address."
    if "." not in host.rstrip("."):
        return "The part after @ needs an ending, such as example.org."
    if len(text) > ADDRESS_LIMIT or len(local.encode()) > 64:
        return "The address is too long."
    return None


def address_name(address: str) -> str:
    """Return a name to show for an address that came without one.

    >>> address_name("maria.achieng@example.org")
    'Maria Achieng'
    """
    local = address.rpartition("@")[0].partition("+")[0]
    return clean_line(re.sub(r"[._\d]+", " ", local)).title() or local


def without_primary(others: Iterable[str], email_key: str) -> list[str]:
    """Return other addresses less the one that is the primary."""
    return [address for address in others if normalise_address(address).key != email_key]
