"""A relay spoken to over SMTP (RFC 5321), several kept connections at once.

Each letter stops at the gate: the ledger commits "about to leave" before our final
`<CRLF>.<CRLF>` goes out. Connections that wait at the same instant share one commit, which
also writes the results that came in meanwhile.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPResponseException, SMTPServerDisconnected

from service.kernel.errors import Invalid
from service.kernel.text import clean_line
from service.mail import rules
from service.mail.ports import Ledger
from service.mail.values import Fate, Outcome, Outgoing, Result, Stage

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

    def __repr__(self) -> str:
        return f"Relay({self.host}:{self.port}, tls={self.tls})"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Deadlines in seconds; the one for the answer to the dot is RFC 5321's (§4.5.3.2.6)."""

    connect: float = 30
    command: float = 120
    dot: float = 600
    heartbeat: float = 15


def read_relay(url: str) -> Relay:
    """Return the relay of `smtp://user:pass@host:587?starttls=require|never` or `smtps://…`.

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
    wish = parse_qs(parts.query).get("starttls", ["require"])[-1]
    if wish not in ("require", "never"):
        raise BadMailUrl("may say starttls=require or starttls=never.")
    tls = "implicit" if parts.scheme == "smtps" else {"require": "starttls", "never": "never"}[wish]
    user, secret = (unquote(given) if given else None for given in (parts.username, parts.password))
    return Relay(parts.hostname, port or _PORTS[parts.scheme], tls, user, secret)


class SmtpTransport:
    """Hands letters to a relay over up to `connections` connections, kept from one batch to the next.

    `hello` is the name we give in EHLO, the public host: ours stays out of Received fields.
    """

    def __init__(self, relay: Relay, *, hello: str, connections: int = 8, timeouts: Timeouts | None = None) -> None:
        self._relay, self._hello, self._connections = relay, hello, connections
        self._timeouts = timeouts or Timeouts()
        self._runner = asyncio.Runner()
        self._kept: list[SMTP] = []

    def send(self, letters: Sequence[Outgoing], ledger: Ledger) -> None:
        """Try each letter once and commit one result for each."""
        self._runner.run(self._send(deque(letters), _Gate(ledger, self._timeouts.heartbeat)))

    def close(self) -> None:
        """Say QUIT on kept connections."""
        self._runner.run(self._quit())
        self._runner.close()

    async def _send(self, waiting: deque[Outgoing], gate: _Gate) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                keeper = tasks.create_task(gate.keep())
                count = min(self._connections, len(waiting))
                lines = [tasks.create_task(self._line(waiting, gate)) for _ in range(count)]
                failures = [failure for failure in await asyncio.gather(*lines) if failure]
                for outgoing in waiting:  # no line was left to carry them
                    gate.report(outgoing, failures[-1])
                gate.end()
                await keeper
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _line(self, waiting: deque[Outgoing], gate: _Gate) -> Outcome | None:
        """Carry letters over one connection until none waits; return why when there is no connection."""
        client = None
        try:
            while waiting:
                client = client if client and client.is_connected else await self._client()
                if waiting:  # another line may have taken the last one meanwhile
                    outgoing = waiting.popleft()
                    gate.report(outgoing, await _attempt(client, outgoing, gate, self._timeouts))
        except (SMTPException, OSError) as error:
            return _no_connection(error)
        except BaseException:
            if client:
                client.close()
            raise
        if client and client.is_connected:
            self._kept.append(client)
        return None

    async def _client(self) -> SMTP:
        """Return a kept connection that still answers, or a new one."""
        while self._kept:
            client = self._kept.pop()
            try:
                await client.noop(timeout=self._timeouts.command)
            except (SMTPException, OSError):
                client.close()
            else:
                return client
        return await self._connected()

    async def _connected(self) -> SMTP:
        relay = self._relay
        client = SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.username,
            password=relay.password,
            use_tls=relay.tls == "implicit",
            start_tls=relay.tls == "starttls",
            local_hostname=self._hello,
            timeout=self._timeouts.connect,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except BaseException:
            client.close()
            raise
        return client

    async def _quit(self) -> None:
        for client in self._kept:
            try:
                await client.quit(timeout=1)
            except (SMTPException, OSError):
                client.close()
        self._kept.clear()


class _Gate:
    """Collects results and letters at the dot, and takes them to the ledger together."""

    def __init__(self, ledger: Ledger, heartbeat: float) -> None:
        self._ledger, self._heartbeat = ledger, heartbeat
        self._results: list[Result] = []
        self._asking: dict[str, asyncio.Future[bool]] = {}
        self._wake = asyncio.Event()
        self._is_over = self._is_broken = False

    async def may_leave(self, outgoing: Outgoing) -> bool:
        """Wait for the commit before the dot; tell whether the letter may go."""
        if self._is_broken:
            # `asyncio.wait_for` of Python 3.11 may swallow the cancellation that should have ended this line.
            raise asyncio.CancelledError
        answer = asyncio.get_running_loop().create_future()
        self._asking[outgoing.delivery_id] = answer
        self._wake.set()
        return bool(await answer)

    def report(self, outgoing: Outgoing, outcome: Outcome) -> None:
        """Give the result of one letter; the next commit writes it."""
        self._results.append(Result(outgoing.delivery_id, outcome))

    def end(self) -> None:
        """Commit what is left and stop."""
        self._is_over = True
        self._wake.set()

    async def keep(self) -> None:
        """Commit whenever a letter waits at the gate, and from time to time to keep the leases."""
        while not self._is_over or self._results:
            try:
                async with asyncio.timeout(self._heartbeat):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            results, self._results = self._results, []
            asking, self._asking = self._asking, {}
            allowed = await self._commit(results, asking)
            for delivery_id, answer in asking.items():
                answer.set_result(delivery_id in allowed)

    async def _commit(self, results: list[Result], asking: dict[str, asyncio.Future[bool]]) -> frozenset[str]:
        """Commit in a thread; when that fails, nobody who waits at the gate may leave."""
        try:
            return await asyncio.to_thread(self._ledger.commit, results, list(asking))
        except BaseException:
            self._is_broken = True
            for answer in (*asking.values(), *self._asking.values()):
                answer.cancel()
            raise


async def _attempt(client: SMTP, outgoing: Outgoing, gate: _Gate, timeouts: Timeouts) -> Outcome:
    """Try one letter and return what came of it; a connection that is of no more use is closed."""
    try:
        refusal = await _introduce(client, outgoing, timeouts)
    except (SMTPException, OSError) as error:
        client.close()
        return Outcome(Fate.DEFERRED, None, _words(error))
    if refusal:
        await _begin_anew(client, refusal, timeouts)
        return refusal
    if not await gate.may_leave(outgoing):
        client.close()  # inside DATA only this takes a letter back
        return Outcome(Fate.HELD)
    try:
        return await _hand_over(client, outgoing, timeouts)
    except (SMTPException, OSError) as error:
        client.close()
        return Outcome(Fate.UNCLEAR, None, _words(error))


async def _introduce(client: SMTP, outgoing: Outgoing, timeouts: Timeouts) -> Outcome | None:
    """Give envelope and DATA; return the relay's refusal, or None when it waits for the message."""
    envelope = outgoing.letter.envelope
    steps = (
        (Stage.MAIL, f"MAIL FROM:<{envelope.mail_from}>"),
        (Stage.RCPT, f"RCPT TO:<{envelope.rcpt_to}>"),
        (Stage.DATA, "DATA"),
    )
    for stage, command in steps:
        reply = await client.execute_command(command.encode("ascii"), timeout=timeouts.command)
        fate = rules.classify(stage, reply.code, reply.message)
        if fate is not Fate.ACCEPTED:
            return Outcome(fate, reply.code, clean_line(_printable(reply.message)))
    return None


async def _hand_over(client: SMTP, outgoing: Outgoing, timeouts: Timeouts) -> Outcome:
    """Send the message and the dot, and wait for the answer: from here on the letter may have left."""
    if client.protocol is None:
        raise SMTPServerDisconnected("Connection lost")
    stuffed = outgoing.letter.raw.replace(b"\r\n.", b"\r\n..")
    client.protocol.write(stuffed + b".\r\n")
    reply = await client.protocol.read_response(timeout=timeouts.dot)
    outcome = Outcome(
        rules.classify(Stage.DATA, reply.code, reply.message), reply.code, clean_line(_printable(reply.message))
    )
    if reply.code == 421:
        client.close()
    return outcome


async def _begin_anew(client: SMTP, refusal: Outcome, timeouts: Timeouts) -> None:
    """Make the connection ready for another letter, or close it: after 421 the relay closes it too."""
    if refusal.code == 421:
        client.close()
        return
    try:
        await client.rset(timeout=timeouts.command)
    except (SMTPException, OSError):
        client.close()


def _no_connection(error: Exception) -> Outcome:
    """Return what it means that no connection came about: the relay is away, or refuses us."""
    if isinstance(error, SMTPResponseException):
        fate = rules.classify(Stage.CONNECT, error.code, error.message)
        words = clean_line(_printable(error.message))
        return Outcome(fate if fate is Fate.OUR_FAULT else Fate.UNREACHABLE, error.code, words)
    is_refusal = isinstance(error, SMTPException) and not isinstance(error, OSError)
    if is_refusal or isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        return Outcome(Fate.OUR_FAULT, None, clean_line(str(error)))
    return Outcome(Fate.UNREACHABLE, None, _words(error))


def _words(error: Exception) -> str:
    return "The relay gave no answer in time." if isinstance(error, TimeoutError) else "The line to the relay broke."


def _printable(text: str) -> str:
    """Return a reply's text without the surrogates that bytes outside UTF-8 were read as."""
    return text.encode("utf-8", "replace").decode()
