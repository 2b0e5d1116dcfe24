"""`dev.py bench import`: 100,000 rows, one in ten a duplicate, previewed and applied on SQLite.

Beside it the same file in a bare upsert, csv and sqlite3 alone. The aim: 20,000 rows a second.
"""

from __future__ import annotations

import csv
import io
import random
import sqlite3
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from service.db.engine import make_engine, writing
from service.people import actions, imports, previewing
from service.people.values import ImportView
from service.schema import metadata

NOW = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
ADDRESS_KEY = b"b" * 32
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


def full_import(data: bytes, folder: Path) -> tuple[float, float, float, ImportView]:
    """Return the seconds of preview and apply, of the longest chunk, and the import."""
    engine = make_engine(f"sqlite:///{folder / 'farsow.db'}")
    metadata.create_all(engine)
    with writing(engine) as session:
        for rank, name in enumerate(("Civil society", "Officials", "Academia"), 1):
            actions.create_audience(session, rank=rank, name=name, now=NOW, actor="system")
        guests = actions.create_list(session, name="Guests", now=NOW, actor="system")
    start = perf_counter()
    with writing(engine) as session:
        view = previewing.preview_import(
            session,
            data,
            filename="people.csv",
            list_id=guests.id,
            consent_basis="consent",
            consent_source="bench",
            address_key=ADDRESS_KEY,
            now=NOW,
            actor="system",
        )
        imports.start_apply(session, view.id, now=NOW, actor="system")
    previewed, longest, more = perf_counter(), 0.0, True
    while more:
        began = perf_counter()
        more = imports.apply_chunk(engine, view.id, address_key=ADDRESS_KEY, now=NOW)
        longest = max(longest, perf_counter() - began)
    done = perf_counter()
    engine.dispose()
    return previewed - start, done - previewed, longest, view


def main(rows: int = 100_000) -> None:
    """Print the figures."""
    data = make_file(rows)
    with tempfile.TemporaryDirectory() as folder:
        bare = bare_upsert(data, Path(folder))
        preview, apply, longest, view = full_import(data, Path(folder))
    total = preview + apply
    print(f"import of {rows:,} rows: {dict(view.counts)}")
    print(f"  preview {preview:.2f} s, apply {apply:.2f} s, longest transaction of it {longest * 1000:.0f} ms")
    print(f"  total {total:.2f} s: {rows / total:,.0f} rows/s")
    print(f"  bare csv upsert {bare:.2f} s: {rows / bare:,.0f} rows/s; ratio {bare / total:.3f}")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
