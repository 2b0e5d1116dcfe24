"""Mail domains that pass for another one: letters of two alphabets, or a known domain in other letters. Pure.

The table is our own and short: the small letters of Cyrillic, Greek and Latin that a reader of an address cannot
tell apart, and the digits and pairs that pass for a letter. A suspicion asks for a look; it never refuses anybody.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_CYRILLIC = dict(zip("аеорсухіїјѕһԁԛԝѵкмтвнгпьӏёєзбү", "aeopcyxiijshdqwvkmtbhrnblee36y", strict=True))
_GREEK = dict(zip("αονρυικτεηχγωβσ", "aovpuikteHxywbo".lower(), strict=True))
_LATIN = dict(zip("ıɩɑɡłøđħŧʟɴʀœæ", "iiaglodhtlnroa", strict=True)) | dict(zip("01", "ol", strict=True))
_AS_LATIN = str.maketrans(_CYRILLIC | _GREEK | _LATIN)
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_PASSES_FOR_LATIN = frozenset(_CYRILLIC) | frozenset(_GREEK)
_LONGEST = 253  # of a host name, RFC 1035 §2.3.4; what is remembered stays small


class Trick(StrEnum):
    """How a domain may deceive."""

    TWO_ALPHABETS = "two-alphabets"
    OTHER_ALPHABET = "other-alphabet"  # a word that is no Latin letter throughout, before a Latin ending
    LIKE_KNOWN = "like-known"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a domain may be up to, and the one it passes for, when that is known."""

    trick: Trick
    of: str = ""


def suspicion(domain: str, known: Mapping[str, str]) -> Suspicion | None:
    """Return what is suspicious about a domain as it is shown (not in punycode), None when nothing is.

    `known` is from `by_skeleton`.

    >>> suspicion("examp1e.org", by_skeleton({"example.org": 3, "examp1e.org": 1}))
    Suspicion(trick=<Trick.LIKE_KNOWN: 'like-known'>, of='example.org')
    """
    host = domain.lower()[:_LONGEST]
    other = known.get(skeleton(host), host)
    if other != host:
        return Suspicion(Trick.LIKE_KNOWN, other)
    if host.isascii():
        return None
    return _alphabets(host)


def by_skeleton(counts: Mapping[str, int]) -> dict[str, str]:
    """Return, by what a domain looks like, the one that is meant: in plain letters before others, then the commonest.

    `counts` says how many addresses each domain has.
    """
    known: dict[str, str] = {}
    for host in sorted(counts, key=lambda host: (not host.isascii(), -counts[host], _digits(host), host)):
        known.setdefault(skeleton(host), host.lower())
    return known


@lru_cache(maxsize=65_536)
def skeleton(host: str) -> str:
    """Return what a host looks like at a glance, in a-z; two hosts that look alike have the same.

    >>> skeleton("еxаrnple.org") == skeleton("example.org")
    True
    """
    text = host.lower()[:_LONGEST]
    if not text.isascii():
        plain = unicodedata.normalize("NFKD", text.translate(_AS_LATIN))
        text = "".join(letter for letter in plain if not unicodedata.combining(letter))
    text = text.translate(_AS_LATIN)
    for pair, letter in _PAIRS:
        text = text.replace(pair, letter)
    return text


def _digits(host: str) -> int:
    return sum(letter.isdigit() for letter in host)


def _alphabets(host: str) -> Suspicion | None:
    labels = host.split(".")
    if any(len(_scripts(label)) > 1 for label in labels):
        return Suspicion(Trick.TWO_ALPHABETS)
    if labels[-1].isascii() and any(_passes(label) for label in labels[:-1]):
        return Suspicion(Trick.OTHER_ALPHABET)
    return None


def _scripts(letters: Iterable[str]) -> set[str]:
    """Return the alphabets in a label; Japanese and Chinese are written in several at once and count as one."""
    return {_script(letter) for letter in letters if letter.isalpha()}


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    word = unicodedata.name(letter, "?").split()[0].partition("-")[0]
    return "EAST ASIAN" if word in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO") else word


def _passes(label: str) -> bool:
    letters = [letter for letter in label if letter.isalpha()]
    return bool(letters) and all(letter in _PASSES_FOR_LATIN for letter in letters)
