"""`farsow doctor`: a sentence for each thing that is wrong, and none when nothing is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from service.cli import data
from service.db import migrations
from service.db.engine import writing
from service.kernel.clock import utc_now
from service.letters.store import mailboxes
from tests.cli.test_backups import environment

SETTINGS = {
    "FARSOW_MAIL_URL": "smtp://127.0.0.1:25",
    "FARSOW_MAIL_FROM": "events@example.org",
    "FARSOW_INTAKE_ADDRESS": "rsvp@example.org",
    "FARSOW_INTAKE_URL": "imaps://rsvp:secret@127.0.0.1/INBOX",
}
UNSIGNED = (
    "Letters are not signed: make a key with `farsow keys dkim`, "
    "or let your relay sign for the domain of FARSOW_MAIL_FROM."
)
IDLE = "No worker is at work, so no letter leaves: start `farsow worker`."


@pytest.fixture
def migrated(engine: Engine) -> Engine:
    """A database with its revisions, as an installation has it."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": migrations.head()})
    return engine


def problems(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> list[str]:
    url = engine.url.render_as_string(hide_password=False)
    for name in [name for name in os.environ if name.startswith("FARSOW_")]:
        monkeypatch.delenv(name)
    for name, value in environment(folder, **SETTINGS, FARSOW_DATABASE_URL=url).items():
        monkeypatch.setenv(name, value)
    code = data.doctor(as_json=True)
    found = json.loads(capsys.readouterr().out)["problems"]
    assert code == int(bool(found))
    return found


def test_on_postgresql_a_worker_must_be_at_work(migrated: Engine, tmp_path, monkeypatch, capsys):
    is_sqlite = migrated.dialect.name == "sqlite"
    assert problems(migrated, tmp_path, monkeypatch, capsys) == ([UNSIGNED] if is_sqlite else [IDLE, UNSIGNED])
    if not is_sqlite:
        with migrated.begin() as connection:
            connection.execute(text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
        assert problems(migrated, tmp_path, monkeypatch, capsys) == [UNSIGNED]


def test_a_mailbox_that_cannot_be_read_is_named(migrated: Engine, tmp_path, monkeypatch, capsys):
    with writing(migrated) as session:
        mailboxes.note_look(session, "k" * 64, "imap-sign-in", now=utc_now().replace(2026, 11, 24, 9, 30))

    found = problems(migrated, tmp_path, monkeypatch, capsys)

    said = "Mail that comes in is not read since 2026-11-24 09:30 UTC (imap-sign-in): check FARSOW_INTAKE_URL."
    assert [one for one in found if one != IDLE] == [said, UNSIGNED]
