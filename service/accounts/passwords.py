"""Password hashes: Argon2id, and the same work for an address that nobody has."""

from __future__ import annotations

import secrets
import threading
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

# OWASP's first choice for Argon2id: 19 MiB, two passes. At most four at once, so that a flood
# of sign-ins cannot eat the machine's memory.
_HASHER = PasswordHash((Argon2Hasher(memory_cost=19_456, time_cost=2, parallelism=1),))
_AT_ONCE = threading.BoundedSemaphore(4)


def hash_password(password: str) -> str:
    """Return the hash to keep of a password."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Compare a password with the hash kept; without one, do the same work and say no."""
    with _AT_ONCE:
        matches = _HASHER.verify(password, kept or _nobody())
    return matches and kept is not None


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _HASHER.hash(secrets.token_urlsafe(32))
