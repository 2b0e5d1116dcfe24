"""Settings are read once, refused in a sentence each, and printed without secrets."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from service.settings import BadSetting, Settings, load

KEY = "0123456789abcdef0123456789abcdef"
LEAST = {"FARSOW_SECRET_KEY": KEY, "FARSOW_PUBLIC_URL": "https://events.example.org/"}
RELAY = {
    "FARSOW_MAIL_URL": "smtp://ada:pass-word@relay.example.org:587",
    "FARSOW_MAIL_FROM": "Halden Trust <events@example.org>",
    "FARSOW_INTAKE_ADDRESS": "rsvp@example.org",
}


def test_what_is_not_given_follows_from_the_rest() -> None:
    assert load(LEAST) == Settings(
        demo=False,
        database_url="sqlite:///var/farsow.db",
        data_dir=Path("var"),
        public_url="https://events.example.org",
        secret_key=KEY,
        suppression_key=None,
        mail_url="mailbox:",
        mail_from="events@farsow.example.org",
        mail_connections=8,
        intake_address="rsvp@farsow.example.org",
        undo_seconds=60,
        log_level="info",
    )


@pytest.mark.parametrize(
    ("given", "data_dir", "database_url"),
    [
        ({"DATABASE_URL": "sqlite:///data/events.db"}, "data", "sqlite:///data/events.db"),
        ({"DATABASE_URL": "sqlite:////srv/events.db"}, "/srv", "sqlite:////srv/events.db"),
        ({"DATA_DIR": "/data"}, "/data", "sqlite:////data/farsow.db"),
        ({"DATABASE_URL": "postgresql://db/farsow"}, "var", "postgresql://db/farsow"),
        ({"DATABASE_URL": "sqlite:///a.db", "DATA_DIR": "files"}, "files", "sqlite:///a.db"),
    ],
)
def test_the_data_folder_is_the_sqlite_files_unless_said(
    given: dict[str, str], data_dir: str, database_url: str
) -> None:
    settings = load(LEAST | {f"FARSOW_{name}": value for name, value in given.items()})

    assert (str(settings.data_dir), settings.database_url) == (data_dir, database_url)


def test_rates_and_several_relays_are_read() -> None:
    urls = "smtp://a.example.org smtps://b.example.org"
    settings = load(LEAST | RELAY | {"FARSOW_MAIL_URL": urls, "FARSOW_MAIL_DOMAIN_RATES": "Gmail.com=300 *=60"})

    assert (settings.mail_url, settings.domain_rates()) == (urls, {"gmail.com": 300, "*": 60})


def test_keys_that_sign_are_read_by_their_selectors() -> None:
    settings = load(LEAST | {"FARSOW_DKIM_KEYS": "r1:/etc/farsow/r1.pem e1:e1.pem"})

    assert settings.dkim_files() == {"r1": Path("/etc/farsow/r1.pem"), "e1": Path("e1.pem")}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"MAIL_DOMAIN_RATES": "gmail.com"}, "FARSOW_MAIL_DOMAIN_RATES must be such as gmail.com=300 *=60."),
        ({"SECRET_KEY": ""}, "FARSOW_SECRET_KEY is not set. Only `farsow demo` starts without it."),
        ({"SECRET_KEY": "short"}, "FARSOW_SECRET_KEY must have at least 32 bytes."),
        ({"SECRET_KEY": "changeme" * 4}, "FARSOW_SECRET_KEY must be random."),
        ({"SUPPRESSION_KEY": "short"}, "FARSOW_SUPPRESSION_KEY must have at least 32 bytes."),
        ({"PUBLIC_URL": " "}, "FARSOW_PUBLIC_URL is not set."),
        ({"PUBLIC_URL": "example.org"}, "FARSOW_PUBLIC_URL must be an address such as https://events.example.org."),
        ({"PUBLIC_URL": "https://example.org/farsow"}, "FARSOW_PUBLIC_URL must end after the host and the port."),
        ({"DATABASE_URL": "mysql://db/farsow"}, "FARSOW_DATABASE_URL must name a SQLite or a PostgreSQL database."),
        (
            {"DATABASE_URL": "sqlite://"},
            "FARSOW_DATABASE_URL must name a file: the worker is a process of its own and reads it too.",
        ),
        ({"MAIL_URL": "relay:25"}, "FARSOW_MAIL_URL must be mailbox:, smtp://host or smtps://host."),
        ({"MAIL_FROM": "Halden Trust"}, "FARSOW_MAIL_FROM must be an e-mail address."),
        ({"MAIL_FROM": ""}, "FARSOW_MAIL_FROM is not set."),
        ({"INTAKE_ADDRESS": ""}, "FARSOW_INTAKE_ADDRESS is not set."),
        ({"UNDO_SECONDS": "-1"}, "FARSOW_UNDO_SECONDS must be greater than or equal to 0."),
        ({"UNDO_SECONDS": "soon"}, "FARSOW_UNDO_SECONDS must be a valid integer."),
        ({"LOG_LEVEL": "loud"}, "FARSOW_LOG_LEVEL must be 'debug', 'info', 'warning' or 'error'."),
        ({"MAILURL": "mailbox:"}, "There is no setting FARSOW_MAILURL: is FARSOW_MAIL_URL meant?"),
        ({"COFFEE": "black"}, "There is no setting FARSOW_COFFEE."),
        (
            {"MAIL_CONNECTIONS": "99", "COFFEE": "black"},
            "FARSOW_MAIL_CONNECTIONS must be less than or equal to 64.\nThere is no setting FARSOW_COFFEE.",
        ),
    ],
)
def test_each_fault_is_one_sentence_that_names_the_variable(given: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadSetting) as refused:
        load(LEAST | RELAY | {f"FARSOW_{name}": value for name, value in given.items()})

    assert refused.value.sentence == sentence


def test_other_variables_are_nobodys_business() -> None:
    assert load(LEAST | {"FARSOW_TEST_REQUIRE": "browser", "PATH": "x", "DEMO": "true"}) == load(LEAST)


def test_printing_shows_no_secret() -> None:
    given = (
        LEAST
        | RELAY
        | {
            "FARSOW_SUPPRESSION_KEY": KEY[::-1],
            "FARSOW_DATABASE_URL": "postgresql://farsow:secret-word@db/farsow",
        }
    )

    printed = f"{load(given)!r} {load(given)}"

    assert [word for word in (KEY, KEY[::-1], "pass-word", "secret-word") if word in printed] == []
    assert "rsvp@example.org" in printed


def test_a_child_process_reads_the_same_settings() -> None:
    settings = load(LEAST | RELAY)

    assert load(settings.environment()) == settings


def test_the_suppression_key_is_made_once_and_kept_for_us_alone(tmp_path: Path) -> None:
    settings = load(LEAST | {"FARSOW_DATA_DIR": str(tmp_path / "data")})

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: settings.suppression_key_bytes(), range(8)))

    kept = tmp_path / "data" / "suppression.key"
    assert keys == {kept.read_bytes()}
    assert len(kept.read_bytes()) == 64
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(kept.parent.iterdir()) == [kept]


def test_a_given_suppression_key_is_written_nowhere(tmp_path: Path) -> None:
    settings = load(LEAST | {"FARSOW_DATA_DIR": str(tmp_path), "FARSOW_SUPPRESSION_KEY": KEY})

    assert settings.suppression_key_bytes() == KEY.encode()
    assert list(tmp_path.iterdir()) == []
