"""What waits for the disk when it is committed, and what does not."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from service.db.engine import make_engine, reading, writing

_ASKED = {"sqlite": "PRAGMA synchronous", "postgresql": "SHOW synchronous_commit"}
_WAITS = {"sqlite": 2, "postgresql": "on"}  # FULL
_GOES_ON = {"sqlite": 1, "postgresql": "on"}  # NORMAL; who wrote to PostgreSQL may outlive it


@pytest.fixture
def careful(database_url: str):
    """An engine whose commits wait for the disk, as everywhere but in the shared PostgreSQL of tests."""
    url = make_url(database_url)
    if url.get_backend_name() == "postgresql":
        url = url.update_query_dict({"options": "-c synchronous_commit=on"})
    engine = make_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()


def setting(engine: Engine, **options: bool) -> object:
    with writing(engine, **options) as session:
        return session.execute(text(_ASKED[engine.dialect.name])).scalar()


def test_a_commit_waits_for_the_disk_but_where_that_is_not_asked_for(careful: Engine):
    kind = careful.dialect.name
    found = [setting(careful), setting(careful, durable=False), setting(careful), setting(careful, durable=False)]
    with reading(careful) as session:
        found.append(session.execute(text(_ASKED[kind])).scalar())

    assert found == [_WAITS[kind], _GOES_ON[kind], _WAITS[kind], _GOES_ON[kind], _WAITS[kind]]


def test_a_commit_that_failed_leaves_no_other_setting_behind(careful: Engine):
    with pytest.raises(DBAPIError), writing(careful, durable=False) as session:
        session.execute(text("SELECT no_such_column"))

    assert setting(careful) == _WAITS[careful.dialect.name]
