"""Rules of telling one person from two: what people share, and what that says.

Suggestions come from keys that are equal, never from comparing everyone with everyone; a key is a
hash, so that it holds no name and no address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from itertools import product

from service.directory.values import ChoiceState, KeyKind, Likeness, Traits
from service.kernel.errors import Invalid
from service.kernel.text import folded
from service.mail.values import SuppressionReason
from service.people.rules.organisations import organisation_key

SENTENCES: Mapping[Likeness, str] = {
    Likeness.SAME_ADDRESS: "The same address, written another way or held as a second one.",
    Likeness.PLUS_ADDRESS: "The same address but for what follows a plus sign.",
    Likeness.GMAIL_DOTS: "The same Gmail address: Gmail does not count its dots.",
    Likeness.SAME_NAME_AND_ORGANISATION: "The same name at the same organisation.",
    Likeness.SAME_NAME_AND_DOMAIN: "The same name, and addresses of the same domain.",
}
_GMAIL = frozenset({"gmail.com", "googlemail.com"})
# Of these everyone may have an address: that two people do says nothing.
_OPEN = (
    "aol.com free.fr fastmail.com gmx.com gmx.de gmx.net hotmail.com hotmail.fr icloud.com laposte.net live.com "
    "mail.com mail.ru me.com msn.com orange.fr outlook.com outlook.fr pm.me posteo.de proton.me protonmail.com "
    "qq.com riseup.net tutanota.com wanadoo.fr web.de yahoo.com yahoo.co.uk yahoo.fr yandex.ru zoho.com"
)
_OPEN_TO_ALL = _GMAIL | frozenset(_OPEN.split())
_TITLES = frozenset(["dr", "dra", "drs", "m", "mme", "mr", "mrs", "ms", "mx", "prof", "professor", "sr", "sra"])
_WORD = re.compile(r"\w+")


class SamePerson(Invalid):
    """One person was named twice."""

    code = "same-person"

    def __init__(self) -> None:
        super().__init__("Choose two people; this is one and the same.")


def ordered(one: str, other: str) -> tuple[str, str]:
    """Return two people's ids in the order in which a pair is kept.

    Raises:
        SamePerson: they are one.
    """
    if one == other:
        raise SamePerson
    return (one, other) if one < other else (other, one)


def mailbox(address: str) -> str:
    """Return the mailbox that the key of an address leads to, as far as its provider tells.

    >>> mailbox("m.aria+list@googlemail.com")
    'maria@gmail.com'
    """
    local, _, host = _without_plus(address).rpartition("@")
    return f"{local.replace('.', '')}@gmail.com" if host in _GMAIL else f"{local}@{host}"


def _without_plus(address: str) -> str:
    local, _, host = address.rpartition("@")
    # A plus at the very beginning is part of the name.
    return f"{local[:1]}{local[1:].partition('+')[0]}@{host}"


def name_key(name: str) -> str:
    """Return a name to compare by: folded, without titles, its words in order of the alphabet.

    >>> name_key("Dr. ACHIENG, María")
    'achieng maria'
    """
    words = _WORD.findall(folded(name))
    return " ".join(sorted([word for word in words if word not in _TITLES] or words))


def keys_of(person: Traits) -> frozenset[tuple[KeyKind, str]]:
    """Return what a person is looked up by, as hashes; there is always one of a mailbox."""
    return frozenset((kind, _hashed(text)) for kind, text in _texts(person))


def _texts(person: Traits) -> Iterator[tuple[KeyKind, str]]:
    for address in person.addresses:
        yield KeyKind.MAILBOX, mailbox(address)
    name = name_key(person.name)
    if not name or _is_organisation(person, name):
        return
    if person.organisation_id:
        yield KeyKind.NAME_AND_ORGANISATION, f"{name}\n{person.organisation_id}"
    if " " in name:
        for domain in _domains(person):
            yield KeyKind.NAME_AND_DOMAIN, f"{name}\n{domain}"


def _is_organisation(person: Traits, name: str) -> bool:
    """Tell whether a shared mailbox stands under its organisation's name: there may be several of those."""
    return name == name_key(organisation_key(person.organisation or ""))


def _domains(person: Traits) -> set[str]:
    return {address.rpartition("@")[2] for address in person.addresses} - _OPEN_TO_ALL


def _hashed(text: str) -> str:
    return blake2b(text.encode(), digest_size=10).hexdigest()


def likenesses(one: Traits, other: Traits) -> tuple[Likeness, ...]:
    """Return why two people may be one, the strongest reason first; nothing when they share no key."""
    found = {_of_addresses(a, b) for a, b in product(one.addresses, other.addresses)}
    shared = {kind for kind, _text in keys_of(one) & keys_of(other)}
    if KeyKind.NAME_AND_ORGANISATION in shared:
        found.add(Likeness.SAME_NAME_AND_ORGANISATION)
    elif KeyKind.NAME_AND_DOMAIN in shared:
        found.add(Likeness.SAME_NAME_AND_DOMAIN)
    return tuple(reason for reason in Likeness if reason in found)


def _of_addresses(one: str, other: str) -> Likeness | None:
    if mailbox(one) != mailbox(other):
        return None
    if one == other:
        return Likeness.SAME_ADDRESS
    if _without_plus(one) == _without_plus(other):
        return Likeness.PLUS_ADDRESS
    return Likeness.GMAIL_DOTS


# What a person chooses


def choice_state(own: SuppressionReason | None, *, is_wider: bool, is_agreed: bool = True) -> ChoiceState:
    """Say how letters stand with a person: `own` stops just these, `is_wider` tells that more than these is stopped."""
    if own is not None:
        return ChoiceState.OFF if own is SuppressionReason.UNSUBSCRIBED else ChoiceState.BARRED
    if is_wider:
        return ChoiceState.COVERED
    return ChoiceState.ON if is_agreed else ChoiceState.OFF
