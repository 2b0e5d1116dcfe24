"""The relays of FARSOW_MAIL_URL: where they are, whether in the clear, and how fast they may be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from service.kernel.errors import Invalid
from service.mail.routes import Road, Routes

_PORTS = {"smtp": 587, "smtps": 465}


class BadMailUrl(Invalid):
    """FARSOW_MAIL_URL names no relay."""

    code = "bad-mail-url"

    def __init__(self, why: str) -> None:
        super().__init__(f"FARSOW_MAIL_URL {why}", field="MAIL_URL")


@dataclass(frozen=True, slots=True)
class Relay:
    """Where letters are handed over, and whether in the clear. `repr` shows no password."""

    host: str
    port: int
    tls: str  # implicit starttls never
    username: str | None = None
    password: str | None = None
    per_minute: int = 0  # 0: as many as we have

    @property
    def name(self) -> str:
        """Return the name under which the ledger knows it."""
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"Relay({self.host}:{self.port}, tls={self.tls})"


def read_relay(url: str) -> Relay:
    """Return the relay of `smtp://user:pass@host:587?starttls=require|never&per_minute=N` or `smtps://…`.

    STARTTLS is required unless the URL says never: there is no falling back.

    Raises:
        BadMailUrl: it is neither.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise BadMailUrl("has a port that is none.") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadMailUrl("must be mailbox:, smtp://host or smtps://host.")
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    wish, rate = asked.pop("starttls", "require"), asked.pop("per_minute", "0")
    if asked or wish not in ("require", "never"):
        raise BadMailUrl("may say starttls=require or starttls=never, and per_minute=300.")
    if not (rate.isascii() and rate.isdigit()):
        raise BadMailUrl("says per_minute without a number.")
    tls = "implicit" if parts.scheme == "smtps" else {"require": "starttls", "never": "never"}[wish]
    user, secret = (unquote(given) if given else None for given in (parts.username, parts.password))
    return Relay(parts.hostname, port or _PORTS[parts.scheme], tls, user, secret, int(rate))


def read_relays(urls: str) -> tuple[Relay, ...]:
    """Return the relays of URLs with spaces between, the preferred one first.

    Raises:
        BadMailUrl: there is none, one is wrong, or one is there twice.
    """
    relays = tuple(read_relay(url) for url in urls.split())
    if not relays:
        raise BadMailUrl("must be mailbox:, smtp://host or smtps://host.")
    if len({relay.name for relay in relays}) < len(relays):
        raise BadMailUrl("names the same relay twice.")
    return relays


def routes_of(relays: Sequence[Relay], domain_rates: Mapping[str, int]) -> Routes:
    """Return the roads that the ledger chooses from."""
    return Routes(tuple(Road(relay.name, relay.per_minute) for relay in relays), domain_rates)
