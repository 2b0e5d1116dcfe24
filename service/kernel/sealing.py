"""Sealed cells: AES-256-GCM over the few texts that could hurt someone, such as notes and phone numbers.

A sealed cell is bytes: format (1), length of the key's id (1), that id, nonce (12), ciphertext with its
tag. It opens only where it was sealed: table, row and column are authenticated with it, so that a cell
moved to another person does not open. A `SealRing` seals under its current key and opens under any.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from service.kernel.errors import Conflict, Invalid
from service.kernel.tokens import Keyring

FORMAT = b"\x01"
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
DERIVED = "secret-"  # ids of keys that come from the installation's secret begin so
PURPOSE = "field-encryption"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,15}")


class BadFieldKeys(Invalid):
    """The keys of sealed cells are not written as `id:base64`."""

    code = "bad-field-keys"


class CannotOpen(Conflict):
    """A sealed cell does not open."""

    code = "cannot-open"


class UnknownFieldKey(CannotOpen):
    """The cell lies under a key that this installation does not have."""

    code = "unknown-field-key"

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"This text is sealed under the key “{key_id}”, which is not here. "
            "Add that key to FARSOW_FIELD_KEYS, or put the earlier FARSOW_SECRET_KEY back.",
            key=key_id,
        )


class SealBroken(CannotOpen):
    """The cell was changed, or belongs to another row."""

    code = "seal-broken"

    def __init__(self) -> None:
        super().__init__("This text does not open: it was changed outside Farsow, or belongs to another record.")


@dataclass(frozen=True, slots=True)
class FieldKey:
    """One key of sealed cells; its id stands in each cell, its secret nowhere."""

    id: str
    secret: bytes = field(repr=False)


def read_field_keys(text: str) -> tuple[FieldKey, ...]:
    """Return the keys of `id:base64,id:base64`, the current one first.

    Raises:
        BadFieldKeys: with a sentence that says what to mend, and no key in it.
    """
    keys = tuple(_read_key(part.strip()) for part in text.split(",") if part.strip())
    if not keys:
        raise BadFieldKeys("must hold a key such as 2027:… with 32 bytes in base64")
    if len({key.id for key in keys}) < len(keys):
        raise BadFieldKeys("must give each key an id of its own")
    return keys


def _read_key(part: str) -> FieldKey:
    key_id, colon, encoded = part.partition(":")
    if not colon or not _ID.fullmatch(key_id) or key_id.startswith(DERIVED):
        raise BadFieldKeys("must be id:base64, the id of at most 16 letters a to z, digits and hyphens")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise BadFieldKeys(f"must hold base64 after “{key_id}:”") from None
    if len(secret) != KEY_BYTES or len(set(secret)) < 8:
        raise BadFieldKeys(f"must hold {KEY_BYTES} random bytes in base64 after “{key_id}:”")
    return FieldKey(key_id, secret)


def derived_key(keyring: Keyring) -> FieldKey:
    """Return the key that follows from the installation's secret; another secret gives another id."""
    secret = keyring.key(PURPOSE)
    return FieldKey(DERIVED + hmac.digest(secret, b"id", "sha256").hex()[:8], secret)


def make_field_key(key_id: str) -> str:
    """Return a fresh key as FARSOW_FIELD_KEYS takes it."""
    return f"{key_id}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


class SealRing:
    """The keys of sealed cells: one current, and older ones that still open what lies under them."""

    def __init__(self, current: FieldKey, *older: FieldKey) -> None:
        self.current = current.id
        self.prefix = _header(current.id)
        self._keys = {key.id: AESGCM(key.secret) for key in (current, *older)}

    @property
    def prefixes(self) -> tuple[bytes, ...]:
        """What cells begin with that lie under one of these keys."""
        return tuple(map(_header, self._keys))

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of all keys, the current one first."""
        return tuple(self._keys)

    def seal(self, text: str, *, table: str, row_id: str, column: str) -> bytes:
        """Return a text as the bytes of one cell."""
        return self.seal_bytes(text.encode(), table=table, row_id=row_id, column=column)

    def seal_bytes(self, content: bytes, *, table: str, row_id: str, column: str) -> bytes:
        """Return any content, such as a file, as the bytes of one cell."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        bound = _bound(table, row_id, column)
        return self.prefix + nonce + self._keys[self.current].encrypt(nonce, content, bound)

    def open(self, cell: bytes, *, table: str, row_id: str, column: str) -> str:
        """Return the text of a cell.

        Raises:
            UnknownFieldKey: it lies under a key that is not here.
            SealBroken: it was changed, or belongs elsewhere.
        """
        return self.open_bytes(cell, table=table, row_id=row_id, column=column).decode()

    def open_bytes(self, cell: bytes, *, table: str, row_id: str, column: str) -> bytes:
        """Return the content of a cell.

        Raises:
            UnknownFieldKey, SealBroken: it does not open.
        """
        key_id, rest = _read_header(cell)
        if key_id not in self._keys:
            raise UnknownFieldKey(key_id)
        nonce, sealed = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        try:
            return self._keys[key_id].decrypt(nonce, sealed, _bound(table, row_id, column))
        except InvalidTag:
            raise SealBroken from None


def seal_fields(ring: SealRing, table: str, row_id: str, fields: Mapping[str, str | None]) -> dict[str, bytes | None]:
    """Return columns sealed for one row; what is empty stays NULL."""
    return {
        column: ring.seal(text, table=table, row_id=row_id, column=column) if text else None
        for column, text in fields.items()
    }


def open_fields(ring: SealRing, table: str, row_id: str, cells: Mapping[str, bytes | None]) -> dict[str, str | None]:
    """Return the texts of one row's sealed columns.

    Raises:
        CannotOpen: one of them does not open here.
    """
    return {
        column: ring.open(cell, table=table, row_id=row_id, column=column) if cell else None
        for column, cell in cells.items()
    }


def _header(key_id: str) -> bytes:
    return FORMAT + bytes([len(key_id)]) + key_id.encode()


def _read_header(cell: bytes) -> tuple[str, bytes]:
    size = cell[1] if len(cell) > 2 and cell[:1] == FORMAT else 0
    key_id = cell[2 : 2 + size].decode("ascii", "replace")
    rest = cell[2 + size :]
    if not size or len(rest) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken
    return key_id, rest


def _bound(table: str, row_id: str, column: str) -> bytes:
    return f"{table}|{row_id}|{column}".encode()
