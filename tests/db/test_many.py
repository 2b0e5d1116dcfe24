"""Many values by one parameter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, insert, select, text, update

from service.db.engine import reading, writing
from service.db.many import among, given_rows
from service.db.types import Instant

NOON = datetime(2027, 1, 28, 12, 0, tzinfo=UTC)
_TABLE = Table(
    "many_things",
    MetaData(),
    Column("id", String(26), primary_key=True),
    Column("name", String(60)),
    Column("number", Integer),
    Column("at", Instant()),
)
_T = _TABLE.c


@pytest.fixture
def things(engine: Engine) -> Engine:
    with engine.begin() as connection:
        _TABLE.create(connection)
        rows = [{"id": key, "name": key.upper(), "number": at, "at": NOON} for at, key in enumerate("abcd")]
        connection.execute(insert(_TABLE), rows)
    return engine


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["b", "d", "x"], ["b", "d"]),
        ([], []),
        (["b", "b"], ["b"]),
        (['"', "'", "a,b", "{a}", "\\"], []),
        (["a", *(f"x{n}" for n in range(70_000))], ["a"]),  # more than PostgreSQL takes parameters
    ],
)
def test_a_column_is_sought_among_any_number_of_texts(things: Engine, wanted: list[str], found: list[str]) -> None:
    query = select(_T.id).where(among(_T.id, "ids"), _T.number >= 0).order_by(_T.id)
    with reading(things) as session:
        assert list(session.connection().execute(query, {"ids": wanted}).scalars()) == found


def test_the_search_goes_by_the_index(things: Engine) -> None:
    query = select(_T.name).where(among(_T.id, "ids"), _T.number >= 0)
    said = str(query.compile(dialect=things.dialect))
    if things.dialect.name == "sqlite":
        with reading(things) as session:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", ("[]", 0)).all()
        assert plan[0].detail == "SEARCH many_things USING INDEX sqlite_autoindex_many_things_1 (id=?)"
    else:
        assert "many_things.id = ANY(%(ids)s::VARCHAR[])" in said


def test_given_rows_are_written_with_their_types(things: Engine) -> None:
    kinds = {"id": String(26), "name": String(60), "number": Integer(), "at": Instant()}
    given = given_rows("rows", kinds, on_sqlite=things.dialect.name == "sqlite").c
    change = update(_TABLE).where(_T.id == given.id).values(name=given.name, number=given.number, at=given.at)
    east = datetime(2027, 1, 28, 15, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=3)))
    rows = [
        {"id": "a", "name": 'a "quoted" \\ name, %s :x', "number": -7, "at": east},
        {"id": "c", "name": "", "number": None, "at": None},
        {"id": "x", "name": "nobody's", "number": 1, "at": NOON},
    ]
    with writing(things) as session:
        session.connection().execute(change, {"rows": rows})
    with reading(things) as session:
        assert [tuple(row) for row in session.connection().execute(select(_TABLE).order_by(_T.id))] == [
            ("a", 'a "quoted" \\ name, %s :x', -7, datetime(2027, 1, 28, 12, 30, 0, 250_000, tzinfo=UTC)),
            ("b", "B", 1, NOON),
            ("c", "", None, None),
            ("d", "D", 3, NOON),
        ]


def test_a_moment_given_in_a_row_compares_with_one_given_by_itself(things: Engine) -> None:
    given = given_rows("rows", {"id": String(26), "at": Instant()}, on_sqlite=things.dialect.name == "sqlite").c
    with writing(things) as session:
        change = update(_TABLE).where(_T.id == given.id).values(at=given.at)
        session.connection().execute(change, {"rows": [{"id": "a", "at": NOON}]})
        same = session.connection().execute(select(_T.id).where(_T.at == NOON).order_by(_T.id)).scalars()
        assert list(same) == ["a", "b", "c", "d"]
        kept = session.connection().execute(text("SELECT count(DISTINCT at) FROM many_things")).scalar_one()
        assert kept == 1
