"""Links that carry their own proof: base64url(id, version, tag), derived, never stored.

The tag is HMAC-SHA256, cut to 128 bits, over purpose, id and version, with a key of its
own for each purpose (HKDF, RFC 5869). Raising the version revokes a link; a dump of the
database holds no usable one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from service.kernel import ids

TAG_BYTES = 16
_BLOCK_BYTES = 64  # of SHA-256
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
ANSWER, UNSUBSCRIBE, PREFERENCES, RSVP_ADDRESS, BOUNCE, SESSION, JOIN, MATERIAL = (
    "answer",
    "unsubscribe",
    "preferences",
    "rsvp-address",
    "bounce",
    "session",
    "join",
    "material",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a valid token says: which record, which version of its link."""

    identifier: str
    version: int


class Keyring:
    """Derived keys, one a purpose, from the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the secret key needs at least 32 bytes")
        self._secret = secret
        self.key = lru_cache(maxsize=32)(self._derive)
        self._states = lru_cache(maxsize=32)(self._begin)

    def _derive(self, purpose: str) -> bytes:
        extracted = hmac.digest(b"farsow", self._secret, "sha256")
        return hmac.digest(extracted, purpose.encode() + b"\x01", "sha256")

    def _begin(self, purpose: str) -> tuple[hashlib._Hash, hashlib._Hash]:
        """Return both hashes of an HMAC once they have had the key (RFC 2104 §4): each letter carries five of them."""
        block = self.key(purpose).ljust(_BLOCK_BYTES, b"\0")
        inner, outer = (bytes([byte ^ pad for byte in block]) for pad in (0x36, 0x5C))
        return hashlib.sha256(inner), hashlib.sha256(outer)

    def _mac(self, purpose: str, message: bytes) -> bytes:
        """Return the HMAC-SHA256 of a message by the key of a purpose."""
        inner, outer = (state.copy() for state in self._states(purpose))
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    def sign(self, purpose: str, identifier: str, version: int = 1) -> str:
        """Return the token of one record, 44 characters, URL-safe."""
        body = ids.pack(identifier) + bytes([version & 255])
        code = binascii.b2a_base64(body + self._tag(purpose, body), newline=False)  # 33 octets: no padding
        return code.translate(_URL_SAFE).decode()

    def read(self, purpose: str, token: str) -> Claim | None:
        """Return what the token claims, or None when it is not ours for this purpose."""
        if len(token) != 44:
            return None
        try:
            raw = base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            return None
        body, tag = raw[:17], raw[17:]
        if not hmac.compare_digest(tag, self._tag(purpose, body)):
            return None
        return Claim(ids.unpack(body[:16]), body[16])

    def sign_until(self, purpose: str, identifier: str, last_day: date, version: int = 1) -> str:
        """Return a token of one record that holds through a day (UTC), 31 characters, URL-safe."""
        return f"{last_day:%Y%m%d}.{self._dated_tag(purpose, identifier, f'{last_day:%Y%m%d}', version)}"

    def holds(self, purpose: str, identifier: str, token: str, *, today: date, version: int = 1) -> bool:
        """Tell whether such a token is ours and its last day has not passed."""
        day, _, tag = token.partition(".")
        is_ours = hmac.compare_digest(tag.encode(), self._dated_tag(purpose, identifier, day, version).encode())
        return is_ours and day >= f"{today:%Y%m%d}"

    def _dated_tag(self, purpose: str, identifier: str, day: str, version: int) -> str:
        tag = self._tag(purpose, f"{identifier}|{day}|{version}".encode())
        return base64.urlsafe_b64encode(tag).decode().rstrip("=")

    def short_tag(self, purpose: str, identifier: str) -> str:
        """Return 20 lower-case hex characters (80 bits), for the local part of an address."""
        return self._mac(purpose, identifier.encode()).hex()[:20]

    def _tag(self, purpose: str, body: bytes) -> bytes:
        return self._mac(purpose, purpose.encode() + b"|" + body)[:TAG_BYTES]


def digest(secret: str) -> str:
    """Return the SHA-256 of a random secret, hex: what is kept of session ids, keys and sign-in links."""
    return hashlib.sha256(secret.encode()).hexdigest()


def address_hash(key: bytes, address_key: str) -> str:
    """Return the keyed hash under which a suppressed address is remembered."""
    return hmac.digest(key, address_key.encode(), "sha256").hex()
