"""The one place that turns settings into an installation: engine, keys, composer, transport, house."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, replace
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from sqlalchemy import Engine

from service.accounts.words import SIGN_IN_SUBJECT, sign_in_text
from service.adapters.at_once import send_at_once
from service.adapters.imap import ImapInbox, read_account
from service.adapters.mailbox import MailboxTransport
from service.adapters.relays import read_relays, routes_of
from service.adapters.smtp import SmtpTransport
from service.adapters.statistics import HttpStatistics
from service.db import migrations
from service.db.engine import make_engine
from service.ical.values import Address
from service.kernel.clock import utc_now
from service.kernel.ids import new_id
from service.kernel.places import data_folder
from service.kernel.sealing import SealRing, derived_key
from service.kernel.tokens import Keyring
from service.letters.values import Desk
from service.mail.compose import Composer
from service.mail.delivering import ANY_ROUTE, batch_for
from service.mail.dkim import BadDkimKey, Signer, read_key
from service.mail.kinds import Kinds
from service.mail.plain import plain_letter
from service.mail.ports import Transport
from service.mail.routes import Routes
from service.mail.rules import domain_of
from service.mail.values import Fate
from service.people.large_files import Reader
from service.people.reading import Sizes
from service.privacy import tombstones
from service.privacy.tombstones import Tombstones
from service.settings import Settings
from service.web.house import House
from service.worker.duties import Tools

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Installation:
    """Everything that is made of the settings, once a process."""

    settings: Settings
    engine: Engine
    keyring: Keyring
    address_key: bytes
    composer: Composer
    ring: SealRing
    signer: Signer | None = None

    @property
    def desk(self) -> Desk:
        """What the letter desk needs to know."""
        domain = urlsplit(self.settings.public_url).hostname or "localhost"
        return Desk(self.address_key, self.settings.undo_seconds, domain, self.settings.four_eyes)

    @property
    def tombstones(self) -> Tombstones:
        """The file of erasures, in the data folder."""
        return Tombstones(self.settings.data_folder() / tombstones.FILE)

    @property
    def is_local_mail(self) -> bool:
        """Whether letters stay in the local mailbox."""
        return self.settings.mail_url.startswith("mailbox:")


def open_installation(settings: Settings) -> Installation:
    """Return the installation of these settings; nothing is migrated and nothing is sent."""
    keyring, signer = Keyring(settings.secret_key_bytes()), _signer(settings)
    composer = Composer(
        Kinds(data_folder("templates")),
        public_url=settings.public_url,
        keyring=keyring,
        mail_from=settings.mail_from,
        intake_address=settings.intake_address,
        postal_address=settings.postal_address,
        signer=signer,
    )
    return Installation(
        settings=settings,
        engine=make_engine(settings.database_url),
        keyring=keyring,
        address_key=settings.suppression_key_bytes(),
        composer=composer,
        # What was sealed before keys of its own were given still opens.
        ring=SealRing(*settings.own_field_keys(), derived_key(keyring)),
        signer=signer,
    )


def _signer(settings: Settings) -> Signer | None:
    """Return what signs letters, or None when no key was given."""
    keys = [read_key(selector, _bytes_of(file)) for selector, file in settings.dkim_files().items()]
    return Signer(settings.dkim_domain.lower() or domain_of(parseaddr(settings.mail_from)[1]), keys) if keys else None


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise BadDkimKey(f"FARSOW_DKIM_KEYS: {file} cannot be read.") from None


def make_house(installation: Installation) -> House:
    """Return the installation as the web sees it."""
    settings = installation.settings
    public = urlsplit(settings.public_url)
    return House(
        engine=installation.engine,
        keyring=installation.keyring,
        address_key=installation.address_key,
        public_url=settings.public_url,
        secure_cookies=public.scheme == "https",
        # A health check asks this machine by its own name.
        allowed_hosts=(public.hostname or "localhost", "localhost", "127.0.0.1"),
        templates=data_folder("templates"),
        composer=installation.composer,
        organizer=Address(settings.intake_address, ""),
        send_sign_in=_print_sign_in if installation.is_local_mail else partial(_mail_sign_in, installation),
        is_migrated=lambda: migrations.is_current(installation.engine),
        demo=settings.demo,
        local_mail=installation.is_local_mail,
        undo_seconds=settings.undo_seconds,
        four_eyes=settings.four_eyes,
        clock=utc_now,
        tombstones=installation.tombstones,
        ring=installation.ring,
        sizes=sizes_of(settings),
        evidence_bytes=settings.evidence_megabytes * 1_000_000,
    )


def sizes_of(settings: Settings) -> Sizes:
    """Return how large a file of people may be."""
    return Sizes(settings.import_megabytes * 1_000_000, settings.import_rows)


def _print_sign_in(_address: str, link: str) -> None:
    """Where letters stay home, the one-time link goes to the terminal: only who runs this reads it."""
    print(f"One-time sign-in link: {link}", flush=True)


def _mail_sign_in(installation: Installation, address: str, link: str) -> None:
    """Mail the one-time link at once. When that fails the log says why, without the address."""
    letter = plain_letter(
        mail_from=installation.settings.mail_from,
        to=address,
        subject=SIGN_IN_SUBJECT,
        text=sign_in_text(link),
        message_id=f"<{new_id()}@{installation.desk.domain}>",
        language="en",
        now=utc_now(),
    )
    if installation.signer:
        letter = replace(letter, raw=installation.signer.sign(letter.raw, utc_now()))
    relays = [road.name for road in make_routes(installation).roads]
    outcome = send_at_once(make_transport(installation), letter, relays)
    if outcome.fate is not Fate.ACCEPTED:
        log.warning("sign-in.not-sent", fate=outcome.fate.value, code=outcome.code)


def make_transport(installation: Installation) -> Transport:
    """Return what carries letters out: the local mailbox, or the relay of MAIL_URL."""
    if installation.is_local_mail:
        return MailboxTransport()
    settings = installation.settings
    hello = urlsplit(settings.public_url).hostname or "localhost"
    return SmtpTransport(*read_relays(settings.mail_url), hello=hello, connections=settings.mail_connections)


def make_routes(installation: Installation) -> Routes:
    """Return the relays of MAIL_URL as the ledger knows them, and the rates to keep."""
    if installation.is_local_mail:
        return ANY_ROUTE
    settings = installation.settings
    return routes_of(read_relays(settings.mail_url), settings.domain_rates())


def make_tools(installation: Installation, *, owner: str | None = None) -> Tools:
    """Return what the duties work with; the owner names this process on the leases it takes."""
    named = owner or f"{socket.gethostname()[:20]}-{os.getpid()}-{new_id()[-6:]}"
    return Tools(
        engine=installation.engine,
        transport=make_transport(installation),
        composer=installation.composer,
        desk=installation.desk,
        owner=named,
        clock=utc_now,
        ring=installation.ring,
        reader=Reader(named, installation.address_key, installation.ring, sizes_of(installation.settings)),
        routes=make_routes(installation),
        inbox=ImapInbox(read_account(url)) if (url := installation.settings.intake_url) else None,
        keyring=installation.keyring,
        statistics=None if installation.settings.demo else make_statistics(installation),
        batch=batch_for(installation.settings.mail_connections),
    )


def make_statistics(installation: Installation) -> HttpStatistics:
    """Return what asks those who count elsewhere. The one worker of SQLite does not wait for them."""
    settings = installation.settings
    hosts = settings.statistics_hosts.lower().split()
    wait = 0.0 if installation.engine.dialect.name == "sqlite" else 25.0
    return HttpStatistics(hosts, settings.keys_of_statistics(), wait=wait)
