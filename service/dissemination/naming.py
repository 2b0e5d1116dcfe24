"""Does a text name someone? Pure.

A whole name in either order, first and last name, or an initial and the last name *names* them. A single part of
a name, written with a capital, *may* name them: Grace is also a word. Case and accents do not matter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.kernel.text import folded

SHORTEST = 3  # letters of a part that may stand for someone by itself
_WORD = re.compile(r"[^\W_]+")
_PARTICLES = frozenset(["van", "von", "der", "den", "del", "los", "las", "bin", "ben", "ibn", "abu", "the", "and"])


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """Words of a text that name someone, or may; `place` says which text."""

    place: str
    words: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class _Text:
    place: str
    written: tuple[str, ...]
    words: tuple[str, ...]

    def has_at(self, start: int, pattern: tuple[str, ...]) -> bool:
        return start >= 0 and self.words[start : start + len(pattern)] == pattern

    def quoted(self, start: int, length: int) -> str:
        return " ".join(self.written[start : start + length])


def find_names(texts: Mapping[str, str], names: Iterable[str]) -> tuple[Named, ...]:
    """Return where texts name any of these people, each way of it once."""
    read = [_read(place, text) for place, text in texts.items()]
    places: dict[str, list[tuple[_Text, int]]] = defaultdict(list)
    for text in read:
        for at, word in enumerate(text.words):
            places[word].append((text, at))
    known = places.keys()
    found: set[Named] = set()
    for name in names:
        parts = _parts(name)
        if not known.isdisjoint(parts):
            found |= set(_of(parts, places))
    sure = {(one.place, word) for one in found if one.is_certain for word in one.words.split()}
    return tuple(sorted(one for one in found if one.is_certain or (one.place, one.words) not in sure))


def _read(place: str, text: str) -> _Text:
    written = tuple(_WORD.findall(text))
    return _Text(place, written, tuple(folded(word) for word in written))


def _parts(name: str) -> tuple[str, ...]:
    # Folding costs ten times as much as reading a name of plain letters, which most are.
    return tuple(_WORD.findall(name.casefold() if name.isascii() else folded(name)))


def _of(parts: tuple[str, ...], places: Mapping[str, list[tuple[_Text, int]]]) -> Iterator[Named]:
    patterns = set(_patterns(parts))
    for part in parts:
        for text, at in places.get(part, ()):
            for pattern in patterns:
                start = at - pattern.index(part) if part in pattern else -1
                if text.has_at(start, pattern):
                    yield Named(text.place, text.quoted(start, len(pattern)), is_certain=True)
            if _may_stand_alone(part, text.written[at]):
                yield Named(text.place, text.written[at], is_certain=False)


def _patterns(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if len(parts) < 2:
        return
    first, last = parts[0], parts[-1]
    yield from (parts, (last, *parts[:-1]), (first, last), (last, first))
    if first[0].isascii() and len(last) >= SHORTEST:
        yield first[0], last


def _may_stand_alone(part: str, written: str) -> bool:
    """Whether a single part, as it is written, may mean a person; scripts without capitals always may."""
    is_capital = written[0].isupper() or written[0].lower() == written[0].upper()
    return len(part) >= SHORTEST and part not in _PARTICLES and is_capital and not part.isdigit()
