"""How many letters a second: `python -m bench.mail [--letters N]`.

The same letters (text, HTML, calendar part, calendar file; about 12 KB) go to the local
mailbox and, over loopback, to an SMTP sink in a process of its own; every claim, dot mark and
result is durable (SQLite, WAL, synchronous=FULL). Beside them, in the same run, today's naive
way: one stdlib EmailMessage, one smtplib connection and one commit a letter, its words ready;
and, where Postfix is installed, its `smtp-source`: one of these letters again and again, nothing
kept. Processor time is the figure to trust where other work runs beside; the sink's tells whether
it was the limit. Each figure is the median of five runs of the whole.
With --memory N that many letters are sent, and the memory of this process is said on the way.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import os
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from bench.memory import resident_mb
from service.adapters.mailbox import MailboxTransport
from service.adapters.relays import Relay
from service.adapters.smtp import SmtpTransport
from service.db.engine import make_engine, reading, writing
from service.kernel.ids import new_id
from service.kernel.tokens import Keyring
from service.mail import actions, store
from service.mail.compose import Composer
from service.mail.delivering import BATCH, batch_for
from service.mail.dkim import Signer, make_pem, read_key
from service.mail.kinds import Kinds
from service.mail.ports import Transport
from service.mail.values import ComposedLetter, DeliveryState, Letter, NewMailing
from service.schema import metadata

KEY = b"bench" * 10
CONNECTIONS = 10
PASSES = 5
ROUNDS = 5  # of the whole; other work on the same hardware makes a single one a matter of luck
MORE = (
    25,
    64,
)  # letters that wait at the gate together share a commit, and may be in doubt after a crash; 64 is the most


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    what: str
    a_second: float
    note: str = ""


def facts() -> dict[str, Any]:
    """Return the event of the letters."""
    return {
        "event": {
            "id": new_id(),
            "title": "Seminar 2: Working with governments",
            "summary": "On the second meeting, when the door is open but nobody moves. " * 3,
            "kind": "seminar",
            "mode": "hybrid",
            "starts_local": "2027-01-28T14:00:00",
            "ends_local": "2027-01-28T16:00:00",
            "time_zone": "Europe/London",
            "starts_at": "2027-01-28T14:00:00+00:00",
            "ends_at": "2027-01-28T16:00:00+00:00",
            "place": "Meeting house, Room 2",
            "online_url": "https://meet.example.org/seminar-2",
            "language": "en",
            "uid": "bench@events.example.org",
            "slug": "seminar-2",
            "reply_by": None,
        },
        "sender": {"name": "Ruth Ellery", "organisation": "Halden Trust", "project": "Resource book"},
        "note": "You told us in Geneva that the hardest part is the second meeting.",
        "changes": [],
        "cancel_reason": "",
        "discreet": False,
    }


def letter(number: int) -> Letter:
    """Return the n-th letter: four languages and six zones, as a real list has."""
    language = ("en", "fr", "es", "ar")[number % 4]
    zone = ("Africa/Nairobi", "Europe/Paris", "America/Bogota", "Asia/Amman", "Asia/Kolkata", None)[number % 6]
    invitation_id = new_id()
    return Letter(
        recipient_ref=invitation_id,
        address=f"guest-{number}@example.org",
        language=language,
        slots={
            "person": {"name": f"Guest {number}", "greeting": None, "time_zone": zone, "source": "Geneva, 2026"},
            "invitation": {
                "id": invitation_id,
                "token_version": 1,
                "partstat": "NEEDS-ACTION",
                "seat": "none",
                "online": False,
            },
            "calendar": {
                "method": "REQUEST",
                "sequence": 0,
                "dtstamp": "2026-11-23T09:00:00+00:00",
                "partstat": "NEEDS-ACTION",
                "whole_event": True,
            },
            "show_link": False,
        },
    )


def composer(signer: Signer | None = None) -> Composer:
    """Return a composer on the real templates."""
    return Composer(
        Kinds(Path(__file__).parents[1] / "templates"),
        public_url="https://events.example.org",
        keyring=Keyring(KEY),
        mail_from="events@example.org",
        intake_address="rsvp@events.example.org",
        postal_address="1 Example Street, London",
        signer=signer,
    )


def queued(engine: Engine, count: int, *, at: int = 0) -> str:
    """Queue and approve a mailing to guests from number `at` on; return its id."""
    now = datetime.now(UTC)
    with writing(engine) as session:
        new = NewMailing(context="event:bench", kind="invitation", facts=facts())
        mailing_id = actions.create_mailing(session, new, now=now, actor="system")
        actions.queue(session, mailing_id, [letter(n) for n in range(at, at + count)], address_key=KEY, now=now)
        actions.approve(session, mailing_id, undo_seconds=0, now=now - timedelta(seconds=1), actor="system")
    return mailing_id


@dataclass(frozen=True)
class Sink:
    """The process that takes the letters."""

    port: int
    pid: int

    def busy(self) -> float:
        """Return the seconds of processor time it has had (Linux)."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def sent(
    what: str,
    engine: Engine,
    transport: Transport,
    made: Composer,
    count: int,
    sink: Sink,
    connections: int = CONNECTIONS,
) -> Figure:
    """Return letters a second to the sink, and the processor time that one took on either side."""
    before = sink.busy()
    took = deliver_all(engine, transport, made, count, batch_for(connections))
    theirs = (sink.busy() - before) * 1e6 / count
    return Figure(what, count / took.seconds, f"{took.each(count)}, {theirs:.0f} in the sink")


def deliver_all(engine: Engine, transport: Transport, made: Composer, count: int, size: int = BATCH) -> Took:
    """Queue `count` letters, deliver them so many at once, and return what that took; every one must be sent."""
    mailing_id = queued(engine, count)
    took = timed(lambda: _drain(engine, transport, made, size))
    with reading(engine) as session:
        counts = actions.read_mailing(session, mailing_id).counts
    if counts[DeliveryState.SENT] != count:
        raise SystemExit(f"not all were sent: {counts}")
    return took


def _drain(engine: Engine, transport: Transport, made: Composer, size: int) -> None:
    while deliver(engine, transport, made, size):
        pass


def deliver(engine: Engine, transport: Transport, made: Composer, size: int = BATCH) -> int:
    """Deliver a batch and return how many letters it had."""
    now_fn = partial(datetime.now, UTC)
    report = actions.deliver_batch(
        engine, transport, made, owner="bench", now_fn=now_fn, on_recorded=_nobody, size=size
    )
    return report.claimed


def _nobody(_session: Session, _changes: list[tuple[str, DeliveryState]]) -> None:
    pass


@dataclass(frozen=True)
class Took:
    """How long a piece of work took, and the processor time of this process in it."""

    seconds: float
    busy: float

    def each(self, count: int) -> str:
        """Say the processor time of one of so many letters."""
        return f"{self.busy * 1e6 / count:.0f} µs of processor time a letter"


def timed(work: Callable[[], object]) -> Took:
    """Return what a piece of work takes."""
    gc.collect()
    started, busy = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - started, time.process_time() - busy)


def compose_all(engine: Engine, made: Composer, count: int) -> tuple[Took, Took, list[ComposedLetter]]:
    """Return what composing letters takes, and the letters.

    With the first of each sort, and once they are compiled, the median of some passes.
    """
    mailing_id = queued(engine, count)
    with reading(engine) as session:
        mailing = actions.read_mailing(session, mailing_id)
        deliveries = [actions.read_delivery(session, line.id) for line in actions.read_deliveries(session, mailing_id)]
    with writing(engine) as session:
        actions.cancel(session, mailing_id, now=datetime.now(UTC), actor="system")

    def work() -> None:
        for at in range(0, count, BATCH):  # as they are sent: no more than a batch lies in memory
            _ = [made.make(mailing, delivery) for delivery in deliveries[at : at + BATCH]]

    first, *again = (timed(work) for _ in range(1 + PASSES))
    middle = sorted(again, key=lambda took: took.busy)[PASSES // 2]
    return first, middle, [made.compose(mailing, delivery) for delivery in deliveries]


def naive(engine: Engine, letters: list[ComposedLetter], port: int) -> float:
    """Send ready words the naive way and return letters a second."""
    mailing_id = queued(engine, len(letters))
    with reading(engine) as session:
        lines = actions.read_deliveries(session, mailing_id)

    def work() -> None:
        for line, one in zip(lines, letters, strict=True):
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = "events@example.org", line.address, one.subject
            message["Message-ID"] = one.message_id
            message.set_content(one.text)
            message.add_alternative(one.html, subtype="html")
            message.add_alternative((one.ics or b"").decode(), subtype="calendar", params={"method": "REQUEST"})
            message.add_attachment(one.ics or b"", maintype="application", subtype="ics", filename="invite.ics")
            with smtplib.SMTP("127.0.0.1", port) as client:
                client.send_message(message, one.envelope.mail_from, [line.address])
            with writing(engine) as session:
                store.change_delivery(session, line.id, state=DeliveryState.SENT)

    return len(letters) / timed(work).seconds


async def _serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speak just enough SMTP to take everything."""
    writer.write(b"220 sink\r\n")
    while line := await reader.readline():
        command = line[:4].upper()
        if command == b"DATA":
            writer.write(b"354 go on\r\n")
            await reader.readuntil(b"\r\n.\r\n")
        if command in (b"EHLO", b"HELO"):
            writer.write(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
        elif command == b"QUIT":
            writer.write(b"221 bye\r\n")
            break
        else:
            writer.write(b"250 2.0.0 ok\r\n")
    writer.close()


def take_all(line: Connection) -> None:
    """Run the sink and say its port."""

    async def serve() -> None:
        server = await asyncio.start_server(_serve_one, "127.0.0.1", 0, limit=10_000_000)
        line.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def signed(kind: str, engine: Engine, smtp: Transport, count: int, sink: Sink) -> Figure:
    """Return letters a second when each is signed (DKIM)."""
    made = composer(Signer("example.org", [read_key("bench", make_pem(kind))]))
    return sent(f"SMTP sink, durable, signed {kind}", engine, smtp, made, count, sink)


def postfix(count: int, raw: bytes, sink: Sink, folder: Path) -> list[Figure]:
    """Return letters a second of Postfix's load generator to the same sink, where it is installed."""
    program = shutil.which("smtp-source", path="/usr/sbin:/usr/bin")
    if program is None:
        return []
    letter_file = folder / "letter"
    letter_file.write_bytes(raw.replace(b"\r\n", b"\n"))
    sizes = ["-s", str(CONNECTIONS), "-m", str(count), "-F", str(letter_file)]
    command = [program, "-d", *sizes, "-f", "a@example.org", "-t", "b@example.org", f"127.0.0.1:{sink.port}"]
    before = sink.busy()
    took = timed(lambda: subprocess.run(command, check=True))
    theirs = (sink.busy() - before) * 1e6 / count
    note = f"one letter again and again, {CONNECTIONS} kept connections; {theirs:.0f} µs in the sink"
    return [Figure("Postfix smtp-source, nothing kept", count / took.seconds, note)]


def remember(count: int, folder: Path) -> None:
    """Send that many letters and say the memory of this process on the way."""
    with relay(folder) as (engine, sink):
        smtp, made = lines(sink, CONNECTIONS), composer()
        for chunk in range(0, count, 10_000):
            queued(engine, min(10_000, count - chunk), at=chunk)
        sent, said = 0, 0
        while batch := deliver(engine, smtp, made):
            sent += batch
            if sent >= said:
                sys.stdout.write(f"  {sent:>8} letters sent: {resident_mb(os.getpid()):.0f} MB\n")
                said += count // 10
        smtp.close()


@contextmanager
def relay(folder: Path) -> Iterator[tuple[Engine, Sink]]:
    """Give a database, and a sink in a process of its own."""
    engine = make_engine(f"sqlite:///{folder / 'bench.db'}")
    metadata.create_all(engine)
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=take_all, args=(theirs,), daemon=True)
    process.start()
    try:
        yield engine, Sink(ours.recv(), process.pid or 0)
    finally:
        process.kill()
        engine.dispose()


def measure(count: int, folder: Path) -> list[Figure]:
    """Return the figures of one run."""
    with relay(folder) as (engine, sink):
        made = composer()
        smtp = lines(sink, CONNECTIONS)
        deliver_all(engine, MailboxTransport(), made, 200)  # warm
        compiling, composing, letters = compose_all(engine, made, count)
        size = sum(len(one.raw) for one in letters) / len(letters) / 1000
        kept = deliver_all(engine, MailboxTransport(), made, count)
        figures = [
            Figure(
                "composed, with the compiling", count / compiling.seconds, f"{compiling.each(count)} of {size:.1f} KB"
            ),
            Figure("composed", count / composing.seconds, composing.each(count)),
            Figure("local mailbox, durable", count / kept.seconds, kept.each(count)),
            sent("SMTP sink, durable", engine, smtp, made, count, sink),
            *(with_more(engine, made, count, sink, connections) for connections in MORE),
            *(signed(kind, engine, smtp, count, sink) for kind in ("ed25519", "rsa")),
            *postfix(count, letters[0].raw, sink, folder),
            Figure("naive: EmailMessage + smtplib", naive(engine, letters[: count // 10], sink.port), "words ready"),
        ]
        smtp.close()
    return figures


def with_more(engine: Engine, made: Composer, count: int, sink: Sink, connections: int) -> Figure:
    """Return letters a second over so many connections, and close them."""
    smtp = lines(sink, connections)
    figure = sent(f"the same, {connections} connections", engine, smtp, made, count, sink, connections)
    smtp.close()
    return figure


def measured(count: int) -> list[Figure]:
    """Return the figures of one run, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="farsow-bench-") as folder:
        return measure(count, Path(folder))


def middle(of: Sequence[Figure]) -> Figure:
    """Return the median of what was measured several times."""
    return sorted(of, key=lambda figure: figure.a_second)[len(of) // 2]


def lines(sink: Sink, connections: int) -> SmtpTransport:
    """Return so many lines to the sink."""
    return SmtpTransport(Relay("127.0.0.1", sink.port, "never"), hello="bench.example.org", connections=connections)


def main() -> None:
    """Print the figures and each one's ratio to the naive way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=2000)
    parser.add_argument("--memory", type=int, default=0, metavar="N")
    options = parser.parse_args()
    count = options.letters
    if options.memory:
        with tempfile.TemporaryDirectory(prefix="farsow-bench-") as folder:
            remember(options.memory, Path(folder))
        return
    figures = [middle(of) for of in zip(*(measured(count) for _ in range(ROUNDS)), strict=True)]
    base = figures[-1].a_second
    sys.stdout.write(f"letters a second, {count} letters, one process, median of {ROUNDS} runs\n")
    for figure in figures:
        sys.stdout.write(
            f"  {figure.what:<36}{figure.a_second:>8.0f}   × {figure.a_second / base:>5.1f}   {figure.note}\n"
        )


if __name__ == "__main__":
    main()
