"""Identifiers: 26 characters, 48 bits of time and 80 of chance (the ULID layout).

They sort by the time of making, so an index grows at its end, and cannot be guessed.
"""

from __future__ import annotations

import secrets
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
# To the digits `int` reads in base 32; every other octet becomes one that it refuses.
_DIGITS = dict(zip(ALPHABET.encode(), b"0123456789abcdefghijklmnopqrstuv", strict=True))
_TO_BASE_32 = bytes(_DIGITS.get(octet, 33) for octet in range(256))
_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]


def new_id() -> str:
    """Return a fresh identifier."""
    return from_bytes(time.time_ns() // 1_000_000, secrets.token_bytes(10))


def from_bytes(milliseconds: int, chance: bytes) -> str:
    """Return the identifier of a time and ten random bytes."""
    number = (milliseconds << 80) | int.from_bytes(chance, "big")
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
