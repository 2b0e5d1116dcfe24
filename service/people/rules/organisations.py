"""What an organisation is called and found by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from service.kernel.errors import Conflict, Invalid
from service.kernel.text import clean_line, folded
from service.people.values import OrganisationType


class OrganisationExists(Conflict):
    """The name belongs to another organisation."""

    code = "organisation-exists"

    def __init__(self, organisation_id: str) -> None:
        super().__init__("Another organisation has this name, or is known by it.", id=organisation_id)


@lru_cache(maxsize=16_384)
def organisation_key(name: str) -> str:
    """Return what an organisation is found by: its folded name."""
    return folded(name)[:300]


def read_organisation_type(given: str | None) -> str | None:
    """Return the type of an organisation, or None when none is given.

    Raises:
        Invalid: there is no such type.
    """
    if not given:
        return None
    if given not in list(OrganisationType):
        raise Invalid(f"The type is one of: {', '.join(OrganisationType)}.", field="type")
    return OrganisationType(given).value


def read_other_names(given: Iterable[str], own: str) -> dict[str, str]:
    """Return other names of an organisation by what they are found by; its own name is none of them."""
    names = (clean_line(str(name))[:300].strip() for name in given)
    by_key = {organisation_key(name): name for name in names if name}
    by_key.pop(organisation_key(own), None)
    return by_key
