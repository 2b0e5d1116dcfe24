"""The one form under which an e-mail address is compared, stored as a key and remembered as a hash. Pure."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, ValidatedEmail, validate_email


def key_of(address: str) -> str:
    """Return the form of an address to compare: lower case, its domain as the DNS has it.

    What is no address is only composed and put in lower case.

    >>> key_of(" Maria@München.example")
    'maria@xn--mnchen-3ya.example'
    """
    text = unicodedata.normalize("NFC", address).strip()
    if text.isascii():
        return text.lower()
    try:
        return key_of_valid(validate_email(text, check_deliverability=False))
    except EmailNotValidError:
        return text.lower()


def key_of_valid(found: ValidatedEmail) -> str:
    """Return the key of an address that was read already."""
    local = unicodedata.normalize("NFC", found.local_part.casefold())
    return f"{local}@{(found.ascii_domain or '').lower()}"
