"""Commands about the domain that letters come from: keys that sign, and the records the DNS must hold."""

from __future__ import annotations

import os
from dataclasses import asdict
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from service.adapters.dns import SystemResolver
from service.adapters.relays import read_relays
from service.cli.output import say
from service.kernel.errors import Conflict
from service.mail import domain
from service.mail.dkim import make_pem, read_key
from service.wiring import Installation


def make_dkim_key(selector: str, *, kind: str, output: Path) -> None:
    """Write a fresh key that only we may read, and print the record to publish."""
    pem = make_pem(kind)
    key = read_key(selector, pem)
    try:
        handle = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{output} is there already; nothing was written.") from None
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
    say(f"Publish a TXT record for {selector}._domainkey.(your domain):\n{key.record}\n")
    say(f"Then set FARSOW_DKIM_KEYS={selector}:{output}")


def setup_of(here: Installation) -> domain.Setup | None:
    """Return who sends, or None where letters stay at home."""
    if here.is_local_mail:
        return None
    settings = here.settings
    sender, returns = parseaddr(settings.mail_from)[1], parseaddr(settings.intake_address)[1]
    hosts = [relay.host for relay in read_relays(settings.mail_url)]
    return domain.setup_of(sender, returns, hosts, here.signer, settings.public_url)


def problems(setup: domain.Setup, *, asks_dns: bool) -> list[str]:
    """Return what is wrong with the domain; the DNS is asked only when told to."""
    return [*domain.advice(setup), *(domain.missing(setup, SystemResolver()) if asks_dns else [])]


def facts(setup: domain.Setup) -> list[dict[str, Any]]:
    """Return the records to publish, for programs."""
    return [asdict(record) for record in domain.records(setup)]


def sentences(setup: domain.Setup) -> str:
    """Return the records to publish, for people."""
    parts = [f"{one.what}  {one.name}  TXT\n  {one.value}\n  {one.why}" for one in domain.records(setup)]
    parts.append(
        "PTR  The address a relay of your own sends from needs a name in the DNS that leads back to the address."
    )
    parts.append("One-click  Letters to a list carry List-Unsubscribe; DKIM covers it when Farsow or the relay signs.")
    return "What the DNS must hold:\n\n" + "\n\n".join(parts)
