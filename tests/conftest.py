"""Fixtures that every test may use: an engine on each database, and a session on it; and watches over all tests."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Engine, event
from sqlmodel import Session

from service.db.engine import make_engine, writing
from tests import calendar_watch, databases

calendar_watch.begin()
settings.register_profile("farsow", deadline=None)  # an example takes as long as the machine is busy
settings.load_profile("farsow")


@pytest.fixture(autouse=True)
def every_calendar_is_lawful() -> Iterator[None]:
    """Fail a test that made a calendar file or a letter in which the strict checker finds anything."""
    yield
    assert calendar_watch.take_wrong() == []


@pytest.fixture
def unlawful() -> Iterator[None]:
    """Let a test make a file that the checker faults: one about bad values, or a quirk it is about."""
    yield
    assert calendar_watch.take_wrong() != []


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each of the two kinds of database."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database, on each of the two kinds."""
    if database_kind == "sqlite":
        yield databases.sqlite_url(tmp_path)
        return
    url, name = databases.postgres_url()
    yield url
    databases.drop_postgres(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty, migrated database."""
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(request: pytest.FixtureRequest, database_kind: str) -> Iterator[Session]:
    """A session in one writing transaction, for tests of stores and actions.

    It is undone at the end, on a database that the tests of a worker share; only a test that looks
    from elsewhere too, by the engine, has one of its own.
    """
    if not {"engine", "database_url"}.isdisjoint(request.fixturenames):
        with writing(request.getfixturevalue("engine")) as session:
            yield session
        return
    with databases.undone(database_kind) as session:
        yield session


# The log of consent is append-only: through the whole suite, only forgetting, merging and undoing may touch a row.
# One test of its own empties tables between its examples.
MAY_TOUCH_CONSENT = ("/service/privacy/", "/service/directory/", "/alembic/", "/tests/directory/test_undoing.py")


@event.listens_for(Engine, "before_cursor_execute")
def consent_is_append_only(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """Fail a test in which anything else changes or deletes what someone agreed to."""
    if statement.startswith(("UPDATE consent_record", "DELETE FROM consent_record")):
        callers = [frame.filename for frame in traceback.extract_stack()]
        allowed = any(place in caller for caller in callers for place in MAY_TOUCH_CONSENT)
        assert allowed, "the log of consent is append-only"
