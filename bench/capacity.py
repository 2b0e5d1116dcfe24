"""What a long queue costs: `python -m bench.capacity [LETTERS] [URL]`.

One mailing to 500 domains waits, then twenty. A claim of 100 letters, what the outbox reads and what the page of a
mailing reads are taken with few letters and with all; the aims at 1,000,000: a claim within 5 ms, a page within 200 ms.
`URL`: an empty database, to take it instead of SQLite. PostgreSQL is vacuumed after each filling, as it does by itself
within minutes.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import Engine, insert

from service.db.engine import make_engine, reading, writing
from service.kernel.ids import new_id
from service.letters.store.outbox import count_unsure, find_mailings
from service.mail import actions as mail
from service.mail.claiming import claim
from service.mail.delivering import ANY_ROUTE
from service.mail.tables import Delivery, Mailing
from service.mail.values import DeliveryState, MailingState, Semantics
from service.schema import metadata

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
DOMAINS, CLAIM, TRIES = 500, 100, 40
CHUNK = 20_000
PROJECT = "bench"


def fill(engine: Engine, mailings: Sequence[str], start: int, stop: int) -> None:
    """Queue letters number `start` to `stop`, spread over the mailings and the domains."""
    for at in range(start, stop, CHUNK):
        rows = [letter(n, mailings[n % len(mailings)]) for n in range(at, min(at + CHUNK, stop))]
        with writing(engine) as session:
            session.connection().execute(insert(Delivery.__table__), rows)  # type: ignore[attr-defined]
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE delivery")


def letter(number: int, mailing_id: str) -> dict[str, object]:
    """Return a row of the ledger; half of the letters go to the ten largest domains."""
    domain = f"d{number % 10 if number % 2 else number % DOMAINS}.example.org"
    return {
        "id": new_id(),
        "mailing_id": mailing_id,
        "recipient_ref": f"r{number}",
        "address": f"p{number}@{domain}",
        "address_hash": f"{number:064x}",
        "domain": domain,
        "language": "en",
        "slots": {},
        "state": "queued",
        "attempts": 0,
        "repeats": 0,
        "lease_epoch": 0,
        "smtp_text": "",
        "created_at": NOW,
        "next_attempt_at": NOW,
    }


def add_mailings(engine: Engine, count: int) -> list[str]:
    """Make the mailings, all running."""
    ids = [new_id() for _ in range(count)]
    same = {"context": "list:x", "kind": "newsletter", "purpose": "news", "semantics": Semantics.AT_MOST_ONCE.value}
    times = {"created_at": NOW, "approved_at": NOW, "send_at": NOW}
    own = {
        "state": MailingState.RUNNING.value,
        "facts": {"project_id": PROJECT},
        "skipped": {},
        "created_by": "system",
        "pause_reason": "",
    }
    with writing(engine) as session:
        rows = [{"id": one, **same, **times, **own} for one in ids]
        session.connection().execute(insert(Mailing.__table__), rows)  # type: ignore[attr-defined]
    return ids


def timed(step: Callable[[], object]) -> str:
    """Return what some tries took, in milliseconds; where others work too, the best and the processor tell more."""
    took, worked = [], []
    for _ in range(TRIES):
        began, had = perf_counter(), process_time()
        step()
        took.append((perf_counter() - began) * 1000)
        worked.append((process_time() - had) * 1000)
    spread = f"best {min(took):.1f}, longest {max(took):.1f}"
    return f"{median(took):.1f} ms ({spread}; processor, ours alone {median(worked):.1f})"


def measure(engine: Engine, letters: int) -> None:
    """Print what a claim and the outbox cost now."""

    def take() -> object:
        return claim(engine, owner="bench", now=NOW, size=CLAIM, routes=ANY_ROUTE, on_recorded=lambda *_: None)

    def outbox() -> object:
        with reading(engine) as session:
            shown = find_mailings(session, PROJECT, (MailingState.RUNNING,), limit=60)
            return mail.read_these(session, shown), count_unsure(session, PROJECT)

    def its_page() -> object:
        with reading(engine) as session:
            (mailing_id,) = find_mailings(session, PROJECT, (MailingState.RUNNING,), limit=1)
            few = [mail.read_first(session, mailing_id, limit=60), mail.read_repeated(session, mailing_id, limit=20)]
            few += [mail.read_deliveries(session, mailing_id, limit=20, states=(DeliveryState.UNKNOWN,))]
            return mail.read_mailing(session, mailing_id), mail.read_languages(session, mailing_id, limit=20_000), few

    for name, step in (("claim of 100", take), ("the outbox", outbox), ("the page of a mailing", its_page)):
        print(f"  {letters:>9,} waiting: {name} {timed(step)}")


def queue_up(engine: Engine, count: int, letters: int) -> None:
    """Let letters of some mailings wait, and print what they cost; afterwards none waits."""
    metadata.create_all(engine)
    mailings, few = add_mailings(engine, count), min(10_000, letters)
    print(f"mailings: {count}, to {DOMAINS} domains, on {engine.dialect.name}")
    fill(engine, mailings, 0, few)
    measure(engine, few)
    fill(engine, mailings, few, letters)
    measure(engine, letters)
    metadata.drop_all(engine)


def main(arguments: Sequence[str] = ()) -> None:
    """Print the figures."""
    letters = int(arguments[0]) if arguments else 1_000_000
    for count in (1, 20):
        with tempfile.TemporaryDirectory() as folder:
            url = arguments[1] if len(arguments) > 1 else f"sqlite:///{Path(folder) / 'farsow.db'}"
            engine = make_engine(url)
            queue_up(engine, count, letters)
            engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
