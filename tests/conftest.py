"""Fixtures that every test may use: an engine on each database, and a session on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from service.db.engine import make_engine, writing
from tests import databases


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database, on each of the two kinds."""
    if request.param == "sqlite":
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
def session(engine: Engine) -> Iterator[Session]:
    """A session in one writing transaction, for tests of stores and actions."""
    with writing(engine) as session:
        yield session
