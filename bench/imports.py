"""`dev.py bench import`: 100,000 and 1,000,000 rows, one in ten a duplicate, left for the worker, read and applied.

Beside it the same file in a bare upsert, csv and sqlite3 alone. The aims: 20,000 rows a second; a million in 15 s on
SQLite, 25 s on PostgreSQL. `python -m bench.imports ROWS [URL]` takes one size, and the empty database of a URL.
"""

from __future__ import annotations

import csv
import io
import random
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine

from service.db.engine import make_engine, reading, writing
from service.kernel.sealing import FieldKey, SealRing
from service.people import actions, imports, previewing
from service.people.large_files import Reader, read_stretch
from service.schema import metadata

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
ADDRESS_KEY = b"b" * 32
RING = SealRing(FieldKey("bench", b"s" * 32))
FIRST = ("Maria", "Tomás", "Ingrid", "Joseph", "Layla", "Fatou", "Amara", "Edvin")
LAST = ("Achieng", "Rivadeneira", "Solheim", "Karanja", "Mansour", "Ndiaye", "Okoye", "Larsson")
COUNTRIES = ("Kenya", "KE", "Ecuador", "Norway", "Jordanie", "Sénégal", "UK", "England")
LANGUAGES = ("en", "es", "nb", "en-GB", "ar", "fr", "English", "Swedish")


def make_file(rows: int) -> bytes:
    """Return a CSV of people; every tenth row repeats an address met before."""
    chance = random.Random(2027)
    text = io.StringIO()
    write = csv.writer(text, delimiter=";").writerow
    write(["Name", "E-mail", "Organisation", "Country", "Language", "Audience"])
    for number in range(rows):
        who = chance.randrange(number) if number % 10 == 9 else number
        first, last, n = FIRST[who % 8], LAST[who // 8 % 8], who % 3000
        address = f"{last.lower()}.{who}@example.org"
        write([f"{first} {last} {who}", address, f"Coalition {n}", COUNTRIES[n % 8], LANGUAGES[n % 8], who % 3 + 1])
    return text.getvalue().encode()


def bare_upsert(data: bytes, folder: Path) -> float:
    """Return the seconds that csv and sqlite3 alone need to keep the last row of each address, durably."""
    start = perf_counter()
    connection = sqlite3.connect(folder / "bare.db")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE person (email TEXT PRIMARY KEY, name, organisation, country, language, audience)")
    rows = csv.reader(io.StringIO(data.decode()), delimiter=";")
    next(rows)
    upsert = "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO UPDATE SET name = excluded.name"
    with connection:
        connection.executemany(upsert, ((r[1].lower(), r[0], *r[2:]) for r in rows))
    connection.close()
    return perf_counter() - start


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import took: seconds, of its longest transaction too, and the most memory of this process in bytes."""

    preview: float
    apply: float
    longest: float
    memory: int
    counts: Mapping[str, int]


def full_import(data: bytes, engine: Engine) -> Taken:
    """Import a file the way the page and the worker do."""
    metadata.create_all(engine)
    with writing(engine) as session:
        for rank, name in enumerate(("Civil society", "Officials", "Academia"), 1):
            actions.create_audience(session, rank=rank, name=name, now=NOW, actor="system")
        guests = actions.create_list(session, name="Guests", now=NOW, actor="system")
    begun = perf_counter()
    with writing(engine) as session:
        asked = {"list_id": guests.id, "consent_basis": "consent", "consent_source": "bench"}
        pieces = (data[at : at + previewing.PART] for at in range(0, len(data), previewing.PART))
        view = previewing.leave_for_worker(
            session, pieces, filename="people.csv", now=NOW, actor="system", ring=RING, **asked
        )
    reader = Reader("bench", ADDRESS_KEY, RING)
    reading_took = _longest(lambda: read_stretch(engine, view.id, reader=reader, now=NOW))
    previewed = perf_counter()
    with writing(engine) as session:
        imports.start_apply(session, view.id, now=NOW, actor="system")
    applying_took = _longest(lambda: imports.apply_chunk(engine, view.id, address_key=ADDRESS_KEY, now=NOW, ring=RING))
    done = perf_counter()
    with reading(engine) as session:
        counts = imports.read_import(session, view.id).counts
    engine.dispose()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Taken(previewed - begun, done - previewed, max(reading_took, applying_took), memory, counts)


def _longest(step: Callable[[], bool]) -> float:
    """Repeat a step until there is no more; return the seconds of the longest."""
    longest, more = 0.0, True
    while more:
        began = perf_counter()
        more = step()
        longest = max(longest, perf_counter() - began)
    return longest


def measure(rows: int, url: str | None) -> None:
    """Print the figures of one size."""
    data = make_file(rows)
    with tempfile.TemporaryDirectory() as folder:
        bare = bare_upsert(data, Path(folder))
        engine = make_engine(url or f"sqlite:///{Path(folder) / 'farsow.db'}")
        took = full_import(data, engine)
    total = took.preview + took.apply
    print(f"import of {rows:,} rows, {len(data) / 1e6:.0f} MB, on {engine.dialect.name}: {dict(took.counts)}")
    print(f"  read {took.preview:.2f} s, apply {took.apply:.2f} s, longest step {took.longest * 1000:.0f} ms")
    print(f"  total {total:.2f} s: {rows / total:,.0f} rows/s; most memory {took.memory / 1e6:.0f} MB")
    print(f"  bare csv upsert {bare:.2f} s: {rows / bare:,.0f} rows/s; ratio {bare / total:.3f}")


def main(arguments: Sequence[str] = ()) -> None:
    """Print the figures."""
    sizes = [int(arguments[0])] if arguments else [100_000, 1_000_000]
    for rows in sizes:
        measure(rows, arguments[1] if len(arguments) > 1 else None)


if __name__ == "__main__":
    main(sys.argv[1:])
