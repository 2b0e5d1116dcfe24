"""Serving: the web server, the worker beside it, and the demo that needs nothing but itself."""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import structlog
import uvicorn
from sqlalchemy.exc import OperationalError

from service.accounts import actions as accounts
from service.accounts.rules import FIRST_LINK_LIFETIME
from service.accounts.store import find_staff
from service.accounts.values import Role
from service.cli.beside import worker_beside
from service.cli.data import erase_lacking
from service.cli.output import say
from service.db import migrations
from service.db.engine import writing
from service.kernel.clock import utc_now
from service.kernel.errors import Conflict
from service.kernel.logs import set_up_logs
from service.kernel.places import data_folder
from service.seeding.actions import load as load_seeds
from service.settings import load
from service.wiring import Installation, make_tools, open_installation
from service.worker import cluster, embedded

log = structlog.get_logger()
DEMO_MANAGER = "manager@example.org"


class PortTaken(Conflict):
    """Something else listens there."""

    code = "port-taken"

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken. Choose another one, such as --port {port + 1}.", port=port)


class NotMigrated(Conflict):
    """The database is not the one this version needs."""

    code = "not-migrated"

    def __init__(self) -> None:
        super().__init__("The database is missing migrations. Run `farsow migrate`, or serve with --migrate.")


class Announcing(uvicorn.Server):
    """A server that says its piece once it listens, not before."""

    def __init__(self, config: uvicorn.Config, sentences: Sequence[str]) -> None:
        super().__init__(config)
        self.sentences = sentences

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets=sockets)
        for sentence in self.sentences if self.started else ():
            say(sentence)


def serve(*, host: str, port: int, migrate: bool, with_worker: bool, sentences: Sequence[str] = ()) -> None:
    """Serve until stopped; the embedded worker starts and ends with it. `sentences` are said once it listens."""
    settings = load(os.environ)
    set_up_logs(settings.log_level)
    installation = open_installation(settings)
    _bring_up(installation, migrate=migrate)
    _check_port(host, port)
    beside = worker_beside() if with_worker and installation.engine.dialect.name == "sqlite" else None
    if installation.is_local_mail and not settings.demo:
        say("Letters stay in the local mailbox: set FARSOW_MAIL_URL before you invite anyone.")
    try:
        config = uvicorn.Config(
            "service.app:create",
            factory=True,
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
        )
        with suppress(KeyboardInterrupt):
            Announcing(config, sentences).run()
    finally:
        if beside:
            beside.stop()


def _bring_up(installation: Installation, *, migrate: bool) -> None:
    if migrate:
        migrations.upgrade(installation.engine)
    elif not migrations.is_current(installation.engine):
        raise NotMigrated
    erase_lacking(installation)


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(port) from None


def work(*, parent: int | None) -> None:
    """Do the duties until stopped: one worker a SQLite file, any number on PostgreSQL."""
    settings = load(os.environ)
    set_up_logs(settings.log_level)
    installation = open_installation(settings)
    if installation.engine.dialect.name != "sqlite":
        _work_with_others(installation)
        return
    lock = embedded.lock_file(settings.data_folder() / "worker.lock")
    if lock is None:
        raise Conflict("Another worker is at work on this database.")
    erase_lacking(installation)
    embedded.run(make_tools(installation), parent=parent)


def _work_with_others(installation: Installation) -> None:
    def begin() -> None:
        if not migrations.is_current(installation.engine):
            raise NotMigrated
        erase_lacking(installation)

    once_it_answers(begin)
    cluster.run(make_tools(installation), installation.settings.database_url)


def once_it_answers(step: Callable[[], None], *, tries: int = 30, pause_seconds: float = 2.0) -> None:
    """Take a step that needs the database, and wait a minute for one that starts, or starts again after a crash."""
    for _ in range(tries):
        try:
            return step()
        except OperationalError as trouble:
            log.warning("database.away", error=type(trouble.orig).__name__)
            time.sleep(pause_seconds)
    return step()


def demo(*, port: int, folder: Path) -> None:
    """Migrate, load the sample project, print the addresses, serve. A second start keeps the data."""
    _check_port("127.0.0.1", port)
    os.environ.update(_demo_environment(port=port, folder=folder.resolve()))
    settings = load(os.environ)
    set_up_logs("warning")
    installation = open_installation(settings)
    migrations.upgrade(installation.engine)
    load_seeds(
        installation.engine,
        data_folder("seeds") / "demo",
        desk=installation.desk,
        now=utc_now(),
    )
    link = sign_in_link(installation, DEMO_MANAGER, name="Ruth Ellery")
    sentences = (
        f"Farsow is at     {settings.public_url}",
        f"Sign in once at  {link}",
        f"Local mailbox    {settings.public_url}/mailbox",
        "Ctrl-C stops it. Nothing leaves this machine.",
    )
    serve(host="127.0.0.1", port=port, migrate=False, with_worker=True, sentences=sentences)


def _demo_environment(*, port: int, folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "FARSOW_DEMO": "true",
        "FARSOW_DATABASE_URL": f"sqlite:///{folder / 'farsow.db'}",
        "FARSOW_DATA_DIR": str(folder),
        "FARSOW_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FARSOW_SECRET_KEY": _kept_secret(folder / "secret.key"),
        "FARSOW_MAIL_URL": "mailbox:",
        "FARSOW_LOG_LEVEL": os.environ.get("FARSOW_LOG_LEVEL", "warning"),
    }


def _kept_secret(path: Path) -> str:
    """Return the demo's secret, made once: a second start must read the same links."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()


def sign_in_link(installation: Installation, email: str, *, name: str = "") -> str:
    """Return a fresh one-time link for a manager, added when not there yet."""
    now = utc_now()
    with writing(installation.engine) as session:
        staff = find_staff(session, email)
        if staff is None:
            staff = accounts.add_staff(session, email=email, role=Role.MANAGER, name=name, now=now, actor="system")
        secret = accounts.make_link(session, staff.id, now=now, lifetime=FIRST_LINK_LIFETIME)
    return f"{installation.settings.public_url}/sign-in/link/{secret}"
