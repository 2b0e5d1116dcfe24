"""DKIM signatures (RFC 6376, Ed25519 by RFC 8463) over the bytes of a letter as they leave.

Header relaxed, body simple: our bodies are encoded lines that no relay rewrites. Each field of
`SIGNED` is signed once more than it is there, so that none can be added. The same letter has
the same signature however often it is sent: both algorithms are deterministic, and the time in
it is the letter's own.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from service.kernel.errors import Invalid

FEWEST_BITS = 2048
SIGNED = (
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "reply-to",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "auto-submitted",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "precedence",
)

_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,60}[a-z0-9])?")
_SPACES = re.compile(rb"[ \t]+")
_PEM = serialization.Encoding.PEM
_DER = serialization.Encoding.DER


class BadDkimKey(Invalid):
    """A key that cannot sign."""

    code = "bad-dkim-key"


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key and the selector under which its public half is published."""

    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        """Return the name of the `a=` tag."""
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    @property
    def record(self) -> str:
        """Return the TXT record to publish."""
        public = self.private.public_key()
        if isinstance(self.private, RSAPrivateKey):
            kind, raw = "rsa", public.public_bytes(_DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        else:
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            kind = "ed25519"
        return f"v=DKIM1; k={kind}; p={base64.b64encode(raw).decode()}"

    def sign(self, data: bytes) -> bytes:
        """Return the signature of canonical bytes."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(data, PKCS1v15(), hashes.SHA256())
        return self.private.sign(hashlib.sha256(data).digest())

    def __repr__(self) -> str:
        return f"DkimKey({self.selector}, {self.algorithm})"


def read_key(selector: str, pem: bytes) -> DkimKey:
    """Return the key of a PEM file.

    Raises:
        BadDkimKey: it is none that receivers accept, or the selector cannot stand in the DNS.
    """
    if not _SELECTOR.fullmatch(selector):
        raise BadDkimKey(f"“{selector}” cannot be a DKIM selector: use small letters, digits and hyphens.")
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadDkimKey(f"The DKIM key “{selector}” is no private key in PEM without a password.") from None
    if isinstance(private, RSAPrivateKey) and private.key_size >= FEWEST_BITS:
        return DkimKey(selector, private)
    if isinstance(private, Ed25519PrivateKey):
        return DkimKey(selector, private)
    raise BadDkimKey(f"The DKIM key “{selector}” must be RSA of {FEWEST_BITS} bits or more, or Ed25519.")


def make_pem(kind: str) -> bytes:
    """Return a fresh private key in PEM: `rsa` or `ed25519`."""
    if kind not in ("rsa", "ed25519"):
        raise BadDkimKey("A DKIM key is rsa or ed25519.")
    private = Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65537, FEWEST_BITS)
    return private.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


class Signer:
    """Signs letters for one domain, with each of its keys."""

    def __init__(self, domain: str, keys: Sequence[DkimKey]) -> None:
        self.domain, self.keys = domain, tuple(keys)

    def sign(self, raw: bytes, at: datetime) -> bytes:
        """Return a message with a DKIM-Signature of each key above it; `at` goes into it as its time."""
        head, _, body = raw.partition(b"\r\n\r\n")
        names, signed = _signed_fields(head + b"\r\n")
        body_hash = base64.b64encode(hashlib.sha256(_simple(body)).digest()).decode()
        return b"".join([self._field(key, names, signed, body_hash, at) for key in self.keys]) + raw

    def _field(self, key: DkimKey, names: str, signed: bytes, body_hash: str, at: datetime) -> bytes:
        value = (
            f"v=1; a={key.algorithm}; c=relaxed/simple; d={self.domain};\r\n"
            f" s={key.selector}; t={int(at.timestamp())};\r\n h={names};\r\n bh={body_hash};\r\n b="
        ).encode()
        own = b"dkim-signature:" + _SPACES.sub(b" ", value.replace(b"\r\n", b""))
        signature = base64.b64encode(key.sign(signed + own))
        lines = [signature[at : at + 72] for at in range(0, len(signature), 72)]
        return b"DKIM-Signature: " + value + b"\r\n ".join(lines) + b"\r\n"


def _simple(body: bytes) -> bytes:
    """Return a body with one line end after its last words (RFC 6376 §3.4.3)."""
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n"


def _signed_fields(head: bytes) -> tuple[str, bytes]:
    """Return the names for `h=` and the relaxed fields; a name without a field stands for one not to be added."""
    fields: dict[bytes, bytes] = {}
    for line in head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if colon:
            fields[name.strip().lower()] = _SPACES.sub(b" ", value).strip(b" ")
    present = [name for name in SIGNED if name.encode() in fields]
    relaxed = b"".join([name.encode() + b":" + fields[name.encode()] + b"\r\n" for name in present])
    names = [*present, *SIGNED]
    lines = [":".join(names[at : at + 5]) for at in range(0, len(names), 5)]
    return ":\r\n ".join(lines), relaxed
