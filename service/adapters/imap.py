"""The mailbox of the intake address, read by IMAP (RFC 9051).

A look is one short session in a thread of its own, so that a server that is slow, lies or says nothing holds up no
letter. Nothing is changed in the mailbox, unless its URL says that what was taken in shall be deleted there.
"""

from __future__ import annotations

import imaplib
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from threading import Thread, Timer
from time import monotonic
from urllib.parse import parse_qs, unquote, urlsplit

from service.kernel.errors import Invalid
from service.letters.values import Cursor, Fetched, Look

_PORTS = {"imap": 143, "imaps": 993}
LARGEST = 10 * 1024 * 1024  # bytes of a message; what lies beyond is not looked at
_SLACK = 65_536  # bytes that an honest server may say more
MOST, MOST_BYTES = 100, 2 * LARGEST  # of one look


class BadIntakeUrl(Invalid):
    """FARSOW_INTAKE_URL names no mailbox."""

    code = "bad-intake-url"

    def __init__(self, why: str) -> None:
        super().__init__(f"FARSOW_INTAKE_URL {why}", field="INTAKE_URL")


@dataclass(frozen=True, slots=True)
class Account:
    """A mailbox, and how it is reached. `repr` shows no password."""

    host: str
    port: int
    tls: str  # implicit starttls never
    username: str
    password: str
    folder: str = "INBOX"
    deletes: bool = False  # there, what was taken in here

    @property
    def key(self) -> str:
        """Name the mailbox by a hash."""
        return sha256(f"{self.username}@{self.host}:{self.port}/{self.folder}".encode()).hexdigest()

    def __repr__(self) -> str:
        return f"Account({self.host}:{self.port}, tls={self.tls})"


def read_account(url: str) -> Account:
    """Return the mailbox of `imaps://user:password@host/INBOX?then=delete`, or `imap://…?starttls=require|never`.

    STARTTLS is required unless the URL says never: there is no falling back.

    Raises:
        BadIntakeUrl: it is neither.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        raise BadIntakeUrl("has a port that is none.") from None
    if parts.scheme not in _PORTS or not (parts.hostname and parts.username and parts.password):
        raise BadIntakeUrl("must be such as imaps://user:password@host.")
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    wish, then = asked.pop("starttls", "require"), asked.pop("then", "keep")
    if asked or wish not in ("require", "never") or then not in ("keep", "delete"):
        raise BadIntakeUrl("may say starttls=require or starttls=never, and then=keep or then=delete.")
    tls = "implicit" if parts.scheme == "imaps" else {"require": "starttls", "never": "never"}[wish]
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not folder.isascii() or not folder.isprintable():
        raise BadIntakeUrl("must name a folder in plain letters.")
    login = unquote(parts.username), unquote(parts.password)
    return Account(parts.hostname, port or _PORTS[parts.scheme], tls, *login, folder, then == "delete")


class Trouble(Exception):
    """Why a look found nothing, as a code."""


class ImapInbox:
    """A mailbox that is looked into from time to time. `every`, `patience` and `longest` are in seconds.

    `patience` is for a single answer of the server, `longest` for a whole session.
    """

    def __init__(
        self, account: Account, *, every: float = 30.0, patience: float = 20.0, longest: float = 120.0
    ) -> None:
        self.account = account
        self._every, self._patience, self._longest = every, patience, longest
        self._next = 0.0
        self._running: Future[Look] | None = None

    @property
    def key(self) -> str:
        """Name the mailbox without saying whose it is."""
        return self.account.key

    def look(self, cursor: Cursor) -> Look | None:
        """Return what lies beyond the cursor; None while it is being fetched, or not yet time to look again."""
        if self._running is None:
            if monotonic() >= self._next:
                self._running = self._start(cursor)
            return None
        if not self._running.done():
            return None
        found, self._running = self._running.result(), None
        self._next = monotonic() + (0.0 if found.messages else self._every)
        return found

    def _start(self, cursor: Cursor) -> Future[Look]:
        found: Future[Look] = Future()
        Thread(target=lambda: found.set_result(self._fetch(cursor)), daemon=True).start()
        return found

    def _fetch(self, cursor: Cursor) -> Look:
        """Return what a session finds; whatever goes wrong becomes a code, without the server's words."""
        try:
            with self._session() as client:
                return _read(client, cursor, self.account)
        except Trouble as trouble:
            return Look(trouble=str(trouble))
        except ssl.SSLError:
            return Look(trouble="imap-tls")
        except OSError:  # time-outs and refused connections too
            return Look(trouble="imap-away")
        except Exception:  # imaplib's own, and whatever its parsing of nonsense raises
            return Look(trouble="imap-nonsense")

    @contextmanager
    def _session(self) -> Iterator[imaplib.IMAP4]:
        client = _connect(self.account, self._patience)
        watch = Timer(self._longest, _cut, [client.socket()])
        watch.daemon = True
        watch.start()
        try:
            _sign_in(client, self.account)
            yield client
            with suppress(Exception):
                client.logout()
        finally:
            watch.cancel()
            _cut(client.socket())


def _cut(line: socket.socket) -> None:
    """End a connection, whoever waits on it."""
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        line.close()


class _Bounded:
    """Refuses answers that are larger than what was asked for."""

    def read(self, size: int) -> bytes:
        """Read a literal of a size the server named."""
        if size > LARGEST + _SLACK:
            raise Trouble("imap-nonsense")
        return super().read(size)  # type: ignore[misc, no-any-return]


class _Clear(_Bounded, imaplib.IMAP4):
    pass


class _Tls(_Bounded, imaplib.IMAP4_SSL):
    pass


def _connect(account: Account, patience: float) -> imaplib.IMAP4:
    context = ssl.create_default_context()
    if account.tls == "implicit":
        return _Tls(account.host, account.port, ssl_context=context, timeout=patience)
    client = _Clear(account.host, account.port, timeout=patience)
    if account.tls == "starttls":
        if "STARTTLS" not in client.capabilities:
            _cut(client.socket())
            raise Trouble("imap-tls")
        client.starttls(context)
    return client


def _sign_in(client: imaplib.IMAP4, account: Account) -> None:
    try:
        client.login(account.username, account.password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise Trouble("imap-sign-in") from None


def _read(client: imaplib.IMAP4, cursor: Cursor, account: Account) -> Look:
    name = '"' + account.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if client.select(name, readonly=not account.deletes)[0] != "OK":
        raise Trouble("imap-folder")
    validity = int((client.response("UIDVALIDITY")[1] or [b""])[0] or 0)
    through = cursor.through if validity == cursor.validity else 0
    if account.deletes and through:
        client.uid("STORE", f"1:{through}", "+FLAGS.SILENT", r"(\Deleted)")
        client.expunge()
    return Look(validity, tuple(_messages(client, through)))


def _messages(client: imaplib.IMAP4, through: int) -> Iterator[Fetched]:
    """Give the next messages in order, as many as are held in memory at once without harm."""
    found = client.uid("SEARCH", f"UID {through + 1}:*")[1]
    uids = sorted({int(uid) for line in found if line for uid in line.split()})
    held = 0
    for uid in [uid for uid in uids if uid > through][:MOST]:  # n:* always names the last one
        raw = _message(client, uid)
        yield Fetched(uid, raw)
        held += len(raw or b"")
        if held >= MOST_BYTES:
            return


def _message(client: imaplib.IMAP4, uid: int) -> bytes | None:
    kind, data = client.uid("FETCH", str(uid), f"(BODY.PEEK[]<0.{LARGEST}>)")
    if kind != "OK":
        raise Trouble("imap-nonsense")
    return next((bytes(part[1]) for part in data if isinstance(part, tuple)), None)
