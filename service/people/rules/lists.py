"""Lists and the ground for writing to those on them."""

from __future__ import annotations

import re

from service.kernel.errors import Conflict, Invalid
from service.kernel.text import clean_line, slug
from service.people.values import Basis, Consent, MailingList


class IsSegment(Conflict):
    """Nobody is put into a segment, or taken out."""

    code = "is-segment"

    def __init__(self) -> None:
        super().__init__("This is a segment: whoever matches its filter is in it. Choose a list.")


def require_members(target: MailingList) -> None:
    """Let only a list pass that people are put on.

    Raises:
        IsSegment: it has a filter instead.
    """
    if target.filter is not None:
        raise IsSegment


def read_key(given: str | None, name: str) -> str:
    """Return the key of a list or an audience: as given, else of its name; words joined by hyphens.

    Raises:
        Invalid: nothing of it can be a key.
    """
    key = re.sub(r"[^a-z0-9_-]+", "-", (given or slug(name)).strip().lower()).strip("-")[:60]
    if not key:
        raise Invalid("Give it a key of letters a to z, such as seminar-guests.", field="key")
    return key


def read_consent(basis: str | None, source: str | None = None, text_version: str | None = None) -> Consent | None:
    """Return the stated ground for writing to people, or None when none is given.

    Raises:
        Invalid: no such basis.
    """
    if not basis:
        return None
    if basis not in list(Basis):
        raise Invalid("The basis is consent, legitimate_interest or contract.", field="consent_basis")
    said = clean_line(source or "")[:300] or None
    return Consent(Basis(basis), said, clean_line(text_version or "")[:60] or None)
