"""What the pages need of the installation, as plain values: wiring fills it, pages never see settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi import Request
from sqlalchemy import Engine

from service.dissemination.proving import USUAL_LARGEST
from service.ical.values import Address
from service.kernel.clock import utc_now
from service.kernel.sealing import SealRing
from service.kernel.tokens import Keyring
from service.mail.compose import Composer
from service.people.reading import SIZES, Sizes
from service.privacy.tombstones import Tombstones


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One installation, as the web sees it.

    `templates` is the folder that holds `web/`. `composer` renders letters for previews.
    `ring` seals and opens notes, phone numbers, needs and files. `organizer` stands in calendar files.
    `send_sign_in(address, link)` posts a sign-in link.
    `is_migrated()` tells whether the schema is the one this version needs. `local_mail` says that
    letters stay in the local mailbox.
    """

    engine: Engine
    keyring: Keyring
    address_key: bytes
    public_url: str
    secure_cookies: bool
    allowed_hosts: tuple[str, ...]
    templates: Path
    composer: Composer
    ring: SealRing
    organizer: Address
    send_sign_in: Callable[[str, str], None]
    is_migrated: Callable[[], bool]
    demo: bool = False
    local_mail: bool = False
    undo_seconds: int = 60
    four_eyes: bool = False  # who wrote a letter does not send it
    sizes: Sizes = SIZES  # how large a file of people may be
    evidence_bytes: int = USUAL_LARGEST  # how large a file of evidence may be
    clock: Callable[[], datetime] = utc_now
    tombstones: Tombstones | None = None  # where erasures are written, to survive a restored backup


def house_of(request: Request) -> House:
    """Return the house that serves this request."""
    house: House = request.app.state.house
    return house
