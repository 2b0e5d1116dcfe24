"""What the DNS must hold so that receivers believe our letters: SPF, DKIM, DMARC; and what it holds.

SPF (RFC 7208) speaks of the domain letters return to, DKIM (RFC 6376) of the one that signs,
DMARC (RFC 7489) wants one of them to be the sender's: Gmail, Yahoo and Microsoft ask for all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.mail.dkim import Signer
from service.mail.ports import Resolver
from service.mail.rules import domain_of


@dataclass(frozen=True, slots=True)
class Setup:
    """Who sends: the sender's and the returns' domains, the relays' hosts, the signer, and whether links are https."""

    sender: str
    returns: str
    hosts: tuple[str, ...]
    signer: Signer | None
    is_https: bool


@dataclass(frozen=True, slots=True)
class Record:
    """A TXT record to publish, and why."""

    what: str  # SPF, DKIM, DMARC
    name: str
    value: str
    why: str


def setup_of(mail_from: str, intake_address: str, hosts: Sequence[str], signer: Signer | None, url: str) -> Setup:
    """Return the setup of settings; addresses without display names."""
    return Setup(domain_of(mail_from), domain_of(intake_address), tuple(hosts), signer, url.startswith("https://"))


def records(setup: Setup) -> list[Record]:
    """Return what to publish."""
    hosts = " ".join(f"a:{host}" for host in setup.hosts)
    spf = Record(
        "SPF",
        setup.returns,
        f"v=spf1 {hosts} ~all",
        "It names who may send for the domain that letters return to. Where your relay's provider gives an "
        "`include:`, put that in place of `a:`; keep what is there for other mail.",
    )
    dmarc = Record(
        "DMARC",
        f"_dmarc.{setup.sender}",
        f"v=DMARC1; p=none; rua=mailto:postmaster@{setup.sender}",
        "It says what becomes of letters that neither SPF nor DKIM vouches for. When the reports show only "
        "your own, change p=none to p=quarantine.",
    )
    return [spf, *_dkim_records(setup.signer), dmarc]


def _dkim_records(signer: Signer | None) -> list[Record]:
    if signer is None:
        return []
    why = "It holds the public half of the key that signs each letter."
    return [Record("DKIM", f"{key.selector}._domainkey.{signer.domain}", key.record, why) for key in signer.keys]


def advice(setup: Setup) -> list[str]:
    """Return what is wrong with the setup itself, whatever the DNS holds."""
    found = []
    if setup.signer is None:
        found.append(
            "Letters are not signed: make a key with `farsow keys dkim`, or let your relay sign for the domain of "
            "FARSOW_MAIL_FROM."
        )
    elif not is_aligned(setup.signer.domain, setup.sender):
        found.append(
            f"DKIM signs for {setup.signer.domain}, but letters are from {setup.sender}: DMARC counts no signature "
            "of another domain. Set FARSOW_DKIM_DOMAIN."
        )
    if not is_aligned(setup.returns, setup.sender):
        found.append(
            f"Letters return to {setup.returns}, but are from {setup.sender}: SPF will not count for DMARC, only "
            "DKIM does."
        )
    if not setup.is_https:
        found.append("One-click unsubscribe needs FARSOW_PUBLIC_URL to be https.")
    return found


def is_aligned(one: str, other: str) -> bool:
    """Tell whether two domains are one or one lies within the other, as relaxed DMARC alignment asks."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def missing(setup: Setup, resolver: Resolver) -> list[str]:
    """Return what the DNS does not hold as it should, a sentence each."""
    return [sentence for record in records(setup) if (sentence := _fault(record, resolver.texts(record.name)))]


def _fault(record: Record, texts: Sequence[str] | None) -> str:
    if texts is None:
        return f"The DNS gave no answer about {record.name}."
    kind = record.value.partition(";")[0].split()[0].lower()
    ours = [text for text in texts if text.lower().startswith(kind)]
    if record.what == "DKIM":
        ours = [text for text in texts if "p=" in text]
    if not ours:
        return f"{record.name} has no {record.what} record."
    if len(ours) > 1:
        return f"{record.name} has {len(ours)} {record.what} records; receivers then believe none."
    if record.what == "DKIM" and _key(ours[0]) != _key(record.value):
        return f"{record.name} holds another key than the one that signs: letters fail DKIM."
    if record.what == "SPF" and not any(word in ours[0].lower() for word in ("-all", "~all", "redirect=")):
        return f"The SPF record of {record.name} does not end in ~all or -all: it stops nobody."
    return ""


def _key(record: str) -> str:
    tags = dict(part.strip().partition("=")[::2] for part in record.split(";"))
    return "".join(tags.get("p", "").split())
