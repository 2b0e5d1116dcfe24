"""`dev.py bench guest`: the answer page under 16 connections, beside a FastAPI "hello" in the same run.

GET shows the question, POST answers; then both once more while letters leave and an import is
applied. The aim: GET at least a quarter of hello.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI

from bench import load
from service.db import migrations
from service.db.engine import make_engine, writing
from service.invitations import store as invitations
from service.kernel.clock import utc_now
from service.kernel.tokens import ANSWER, Keyring
from service.letters import actions as letters
from service.letters.values import Desk
from service.people import imports, previewing
from tests.factories import add_event, add_list, add_people

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz-bench"  # noqa: S105  (of a throw-away database)
GUESTS = 2_000


def hello() -> FastAPI:
    """The smallest FastAPI application that does the same kind of work: a plain endpoint."""
    app = FastAPI()

    @app.get("/")
    def say() -> dict[str, str]:
        return {"hello": "world"}

    return app


def prepare(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Make a database with an event and its guests; return the environment and their tokens."""
    url = f"sqlite:///{folder / 'bench.db'}"
    engine = make_engine(url)
    migrations.upgrade(engine)
    now = utc_now()
    with writing(engine) as session:
        starts = (now + timedelta(days=60)).strftime("%Y-%m-%dT14:00")
        event = add_event(session, now=now, starts_at=starts)
        list_id = add_list(session, add_people(session, GUESTS))
        desk = Desk(b"k" * 32, 0, "example.org")
        letters.invite_list(session, event.id, list_id, desk=desk, now=now, actor="system")
        ids = [i.id for i in invitations.read_of_event(session, event.id)]
    engine.dispose()
    keyring = Keyring(SECRET.encode())
    environment = {
        "FARSOW_DATABASE_URL": url,
        "FARSOW_DATA_DIR": str(folder),
        "FARSOW_PUBLIC_URL": "http://127.0.0.1",
        "FARSOW_SECRET_KEY": SECRET,
        "FARSOW_MAIL_URL": "mailbox:",
        "FARSOW_UNDO_SECONDS": "0",
        "FARSOW_LOG_LEVEL": "error",
    }
    return environment, [keyring.sign(ANSWER, i) for i in ids]


def show(n: int, tokens: list[str]) -> bytes:
    """Return the n-th GET."""
    return load.get(f"/r/{tokens[n % len(tokens)]}")


def answer(n: int, tokens: list[str]) -> bytes:
    """Return the n-th POST: yes, no, maybe in turn."""
    said = ("yes_online", "no", "maybe")[n // len(tokens) % 3]
    return load.post(f"/r/{tokens[n % len(tokens)]}", f"answer={said}")


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        environment, tokens = prepare(Path(name))
        with load.server("bench.guest:hello", {}) as (port, _process):
            load.run(port, lambda _n: load.get("/"), seconds=1, expect=(b"200",))
            base = load.run(port, lambda _n: load.get("/"), expect=(b"200",))
        print(base.line("FastAPI hello (plain def)"))
        with load.server("service.app:create", environment) as (port, _process):
            load.run(port, lambda n: show(n, tokens), seconds=1, expect=(b"200",))
            shown = load.run(port, lambda n: show(n, tokens), expect=(b"200",))
            print(shown.line("GET /r/{token}"))
            answered = load.run(port, lambda n: answer(n, tokens), expect=(b"303",))
            print(answered.line("POST /r/{token}"))
            start_import(environment)
            with busy(environment):
                shown_busy = load.run(port, lambda n: show(n, tokens), expect=(b"200",))
                print(shown_busy.line("GET, letters and an import running"))
                answered = load.run(port, lambda n: answer(n, tokens), expect=(b"303", b"503"))
                print(answered.line("POST, letters and an import running"))
    print(f"GET / hello = {shown.rate / base.rate:.2f} (aim: at least 0.25)")


def start_import(environment: dict[str, str]) -> None:
    """Start an import of 50,000 rows, for the worker to carry out meanwhile."""
    rows = "".join(f"Person {n} Example,import{n}@example.org,House {n % 500}\n" for n in range(50_000))
    engine, now = make_engine(environment["FARSOW_DATABASE_URL"]), utc_now()
    with writing(engine) as session:
        view = previewing.preview_import(
            session,
            b"name,e-mail,organisation\n" + rows.encode(),
            filename="bench.csv",
            list_id=None,
            consent_basis=None,
            consent_source=None,
            address_key=b"k" * 32,
            now=now,
            actor="system",
        )
        imports.start_apply(session, view.id, now=now, actor="system")
    engine.dispose()


@contextmanager
def busy(environment: dict[str, str]) -> Iterator[None]:
    """A worker sends the confirmations of the answers and applies the import, as a process of its own."""
    process = subprocess.Popen([sys.executable, "-m", "service", "worker"], env={**os.environ, **environment})
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=15)


if __name__ == "__main__":
    main()
