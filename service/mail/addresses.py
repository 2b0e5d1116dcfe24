"""Addresses and links that are derived, never stored: where answers, bounces and clicks come in.

All plus-addresses belong to the one intake mailbox: `rsvp@…` receives `rsvp+<tag>@…`. A tag
carries an id and a keyed proof, so that a forged bounce or answer proves nothing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from service.kernel.errors import Invalid
from service.kernel.ids import LENGTH
from service.kernel.tokens import ANSWER, BOUNCE, JOIN, PREFERENCES, RSVP_ADDRESS, UNSUBSCRIBE, Keyring

_RSVP_TAG, _RETURN_TAG = 10, 16
_LOCAL_LIMIT = 64  # RFC 5321 §4.5.3.1.1


@dataclass(frozen=True, slots=True)
class Addresses:
    """What this installation can make of its keys, its public address and its intake mailbox."""

    keyring: Keyring
    public_url: str
    intake: str

    def __post_init__(self) -> None:
        room = _LOCAL_LIMIT - len(f"+b.{'x' * LENGTH}.") - _RETURN_TAG
        if len(self.intake.rpartition("@")[0]) > room:
            raise Invalid(
                f"The intake address may have at most {room} characters before the @.", field="INTAKE_ADDRESS"
            )

    @property
    def domain(self) -> str:
        """The host of the public address: the right side of message ids."""
        return _host(self.public_url)

    def answer_url(self, invitation_id: str, version: int) -> str:
        """The answer page of one invitation."""
        return f"{self.public_url.rstrip('/')}/r/{self.keyring.sign(ANSWER, invitation_id, version)}"

    def public(self, path: str) -> str:
        """A page that is the same for everybody, by its path."""
        return f"{self.public_url.rstrip('/')}{path}"

    def stop_url(self, delivery_id: str) -> str:
        """The page that stops letters like this one (RFC 8058); the delivery knows address and list."""
        return f"{self.public_url.rstrip('/')}/u/{self.keyring.sign(UNSUBSCRIBE, delivery_id)}"

    def holdings_url(self, recipient_ref: str) -> str:
        """The page of what is held on the recipient: an invitation's id, or a person's."""
        return f"{self.public_url.rstrip('/')}/p/{self.keyring.sign(PREFERENCES, recipient_ref)}"

    def join_url(self, delivery_id: str) -> str:
        """The page that confirms what the letter asks: to be on a list."""
        return f"{self.public_url.rstrip('/')}/c/{self.keyring.sign(JOIN, delivery_id)}"

    def message_id(self, delivery_id: str) -> str:
        """The Message-ID, the same however often the letter is sent."""
        return f"<{delivery_id}@{self.domain}>"

    def rsvp(self, invitation_id: str) -> str:
        """The ORGANIZER's address for one invitation, constant for its life."""
        return self._plus(invitation_id + self.keyring.short_tag(RSVP_ADDRESS, invitation_id)[:_RSVP_TAG])

    def returns(self, delivery_id: str) -> str:
        """The envelope sender of one delivery (VERP): bounces come back to it."""
        return self._plus(f"b.{delivery_id}.{self.keyring.short_tag(BOUNCE, delivery_id)[:_RETURN_TAG]}")

    def stops(self, delivery_id: str) -> str:
        """The address a mail to which stops letters like this one."""
        return self._plus(f"u.{delivery_id}.{self.keyring.short_tag(UNSUBSCRIBE, delivery_id)[:_RETURN_TAG]}")

    def list_id(self, list_id: str) -> str:
        """The List-Id (RFC 2919): constant for a list, and saying nothing of our ids."""
        return f"<list-{self.keyring.short_tag('list-id', list_id)[:12]}.{self.domain}>"

    def _plus(self, tag: str) -> str:
        local, _, host = self.intake.rpartition("@")
        return f"{local}+{tag}@{host}"


@cache
def _host(url: str) -> str:
    return urlsplit(url).hostname or "localhost"


def read_rsvp_tag(keyring: Keyring, tag: str) -> str | None:
    """Return the invitation a plus-address vouches for, or None."""
    invitation_id, proof = tag[:LENGTH].lower(), tag[LENGTH:].lower()
    return _proven(keyring, RSVP_ADDRESS, invitation_id, proof, _RSVP_TAG)


def read_bounce_tag(keyring: Keyring, tag: str) -> str | None:
    """Return the delivery a bounce's plus-address vouches for, or None."""
    return _read_returned(keyring, BOUNCE, "b", tag)


def read_stop_tag(keyring: Keyring, tag: str) -> str | None:
    """Return the delivery whose kind of letters a mail to this plus-address stops, or None."""
    return _read_returned(keyring, UNSUBSCRIBE, "u", tag)


def _read_returned(keyring: Keyring, purpose: str, letter: str, tag: str) -> str | None:
    parts = tag.lower().split(".")  # some systems write local parts in capitals
    if len(parts) != 3 or parts[0] != letter:
        return None
    return _proven(keyring, purpose, parts[1], parts[2], _RETURN_TAG)


def _proven(keyring: Keyring, purpose: str, identifier: str, proof: str, length: int) -> str | None:
    expected = keyring.short_tag(purpose, identifier)[:length]
    is_ours = len(identifier) == LENGTH and hmac.compare_digest(proof.encode(), expected.encode())
    return identifier if is_ours else None
