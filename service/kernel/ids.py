"""Identifiers: 26 characters, 48 bits of time, 16 that count within a millisecond and 64 of chance (the ULID layout).

They sort by the time of making, so an index grows at its end, and cannot be guessed. Those of one process sort in
the order in which they were made; between processes only the millisecond counts.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Lock

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
# To the digits `int` reads in base 32; every other octet becomes one that it refuses.
_DIGITS = dict(zip(ALPHABET.encode(), b"0123456789abcdefghijklmnopqrstuv", strict=True))
_TO_BASE_32 = bytes(_DIGITS.get(octet, 33) for octet in range(256))
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]


class Clock:
    """Moments that never stand still and never go back, whatever the machine's clock does."""

    def __init__(self, milliseconds: Callable[[], int]) -> None:
        self._milliseconds, self._last, self._lock = milliseconds, 0, Lock()

    def tick(self) -> int:
        """Return 48 bits of milliseconds and 16 bits that count, greater than any before."""
        with self._lock:
            self._last = max(self._milliseconds() << 16, self._last + 1)
            return self._last


_CLOCK = Clock(lambda: time.time_ns() // 1_000_000)


def new_id() -> str:
    """Return a fresh identifier, after all that this process made before."""
    return _spell((_CLOCK.tick() << 64) | secrets.randbits(64))


def from_bytes(milliseconds: int, chance: bytes) -> str:
    """Return the identifier of a time and ten random bytes."""
    return _spell((milliseconds << 80) | int.from_bytes(chance, "big"))


def _spell(number: int) -> str:
    pairs = []
    for _ in range(LENGTH // 2):
        pairs.append(_PAIRS[number & 1023])
        number >>= 10
    return "".join(reversed(pairs))


def pack(identifier: str) -> bytes:
    """Return the 16 bytes of an identifier.

    Raises:
        ValueError: not one of ours.
    """
    if len(identifier) != LENGTH:
        raise ValueError("an identifier has 26 characters")
    return int(identifier.encode("ascii").translate(_TO_BASE_32), 32).to_bytes(17, "big")[1:]


def unpack(raw: bytes) -> str:
    """Return the identifier held in 16 bytes."""
    number = int.from_bytes(raw, "big")
    return from_bytes(number >> 80, (number & (2**80 - 1)).to_bytes(10, "big"))
