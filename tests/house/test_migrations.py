"""Revisions go up, down and up again on both databases with a row in every table."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

import procrastinate
import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, MetaData, Table, inspect, text

from alembic import command
from service.db import migrations, scheduler
from service.kernel.places import data_folder
from service.schema import metadata

NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{4}_[a-z0-9_]+\.py")
UPGRADE = "import sys; from service.db.migrations import upgrade; upgrade(sys.argv[1])"
SCHEDULER = "03.04.00_50_post_add_retry_failed_job_procedure.sql"  # what the last revision about it knows
SAMPLES: dict[type, Any] = {
    str: "x",
    int: 1,
    float: 1.5,
    bool: True,
    bytes: b"\x00\xff",
    date: date(2027, 3, 4),
    datetime: datetime(2027, 3, 4, 17, tzinfo=UTC),
    dict: {"key": ["value"]},
}


@pytest.fixture
def empty(engine: Engine) -> Engine:
    """A database without a single table."""
    metadata.drop_all(engine)
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            scheduler.drop(connection)
    return engine


def revisions() -> list[str]:
    """Return the revisions from the first to the newest."""
    script = ScriptDirectory.from_config(migrations.config())
    return [one.revision for one in script.walk_revisions()][::-1]


def test_every_revision_keeps_the_rows_when_it_is_taken_back_and_made_again(empty: Engine) -> None:
    first, *later = revisions()
    migrations.upgrade(empty, first)
    with empty.begin() as connection:
        fill(connection)
    before = rows(empty)

    for revision, previous in zip(later, revisions(), strict=False):
        before = rows(empty)
        migrations.upgrade(empty, revision)
        migrations.downgrade(empty, previous)
        assert rows(empty) == before, revision
        migrations.upgrade(empty, revision)
        with empty.begin() as connection:
            fill(connection)

    after = rows(empty)
    assert set(after) == set(metadata.tables)
    assert all(len(found) == 1 for found in after.values())


def test_everything_goes_down_to_nothing_and_up_again(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.begin() as connection:
        fill(connection)

    migrations.downgrade(empty)

    assert inspect(empty).get_table_names() == ["alembic_version"]
    assert migrations.current(empty) is None

    migrations.upgrade(empty)

    assert migrations.is_current(empty)


def test_no_drift_between_tables_and_revisions(empty: Engine) -> None:
    migrations.upgrade(empty)

    with empty.connect() as connection:
        command.check(migrations.config(connection))


def test_drift_is_found(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry ADD COLUMN uninvited integer"))

    with empty.connect() as connection, pytest.raises(Exception, match="uninvited"):
        command.check(migrations.config(connection))


def test_the_tables_of_the_scheduler_are_those_of_its_installed_version() -> None:
    scripts = [one.name for one in (resources.files(procrastinate) / "sql/migrations").iterdir()]

    assert max(name for name in scripts if name.endswith(".sql")) == SCHEDULER, "write a revision with what is new"


def test_a_database_is_current_only_after_the_upgrade(empty: Engine) -> None:
    assert migrations.current(empty) is None
    assert not migrations.is_current(empty)

    migrations.upgrade(empty)

    assert migrations.current(empty) == migrations.head() == revisions()[-1]


def test_a_database_of_a_newer_version_is_left_alone(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from-tomorrow'"))

    with pytest.raises(migrations.NewerDatabase):
        migrations.upgrade(empty)

    assert not migrations.is_current(empty)


def test_two_processes_that_migrate_at_once_both_end_well(empty: Engine) -> None:
    url = empty.url.render_as_string(hide_password=False)

    both = [subprocess.Popen([sys.executable, "-c", UPGRADE, url], stderr=subprocess.PIPE) for _ in range(2)]

    assert [process.communicate()[1] for process in both] == [b"", b""]
    assert migrations.is_current(empty)


def test_foreign_keys_hold_after_a_migration(empty: Engine) -> None:
    if empty.dialect.name != "sqlite":
        return

    migrations.upgrade(empty)

    with empty.connect() as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1


def test_revisions_are_named_by_date_and_their_folder_is_no_package() -> None:
    folder = data_folder("alembic")

    assert [path.name for path in (folder / "versions").glob("*.py") if not NAME.fullmatch(path.name)] == []
    assert list(folder.rglob("__init__.py")) == []  # it would hide the package alembic


def fill(connection: Connection) -> None:
    """Put one row into every table that has none, each pointing at the rows before it."""
    found = tables(connection)
    made: dict[str, dict[str, Any]] = {}
    for table in found.sorted_tables:
        if row := connection.execute(table.select()).mappings().first():
            made[table.name] = dict(row)
        else:
            made[table.name] = {column.name: sample(column, made) for column in table.columns}
            connection.execute(table.insert(), made[table.name])


def sample(column: Column[Any], made: dict[str, dict[str, Any]]) -> Any:
    """Return a value that the column takes."""
    for key in column.foreign_keys:
        parent = made.get(key.column.table.name)
        return parent[key.column.name] if parent else None
    if column.type.__class__.__name__ in ("JSON", "JSONB"):
        return SAMPLES[dict]
    return SAMPLES[column.type.python_type]


def rows(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Return what stands in every table."""
    with engine.connect() as connection:
        return {name: stored(connection, table) for name, table in tables(connection).tables.items()}


def tables(connection: Connection) -> MetaData:
    """Return our tables as they are there; those of Alembic and of the scheduler are not ours."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name != "alembic_version" and not name.startswith("procrastinate_"))
    return found


def stored(connection: Connection, table: Table) -> list[tuple[Any, ...]]:
    """Return the rows of a table as plain tuples."""
    return [tuple(row) for row in connection.execute(table.select())]
