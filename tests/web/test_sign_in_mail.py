"""The sign-in link over a real SMTP conversation: to who works here, to nobody else, and never into a log."""

from __future__ import annotations

import email
from email import policy
from pathlib import Path

import pytest
import structlog
from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from service.accounts import actions
from service.accounts.values import Role
from service.db.engine import writing
from service.settings import load
from service.web.application import make_app
from service.wiring import make_house, open_installation
from tests.factories import NOW
from tests.mail.test_smtp import sink  # noqa: F401  (a fixture)
from tests.web.support import browser


@pytest.fixture
def ask(engine: Engine, database_url: str, tmp_path: Path, sink):  # noqa: F811
    """Ask for a link on an installation whose relay is the sink (or a port where nobody listens)."""

    def ask(address: str, port: int = sink[1].port) -> None:
        settings = load(
            {
                "FARSOW_DATABASE_URL": make_url(database_url).render_as_string(hide_password=False),
                "FARSOW_DATA_DIR": str(tmp_path),
                "FARSOW_PUBLIC_URL": "https://events.example.org",
                "FARSOW_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-test",
                "FARSOW_MAIL_URL": f"smtp://127.0.0.1:{port}?starttls=never",
                "FARSOW_MAIL_FROM": "Halden Trust <events@example.org>",
                "FARSOW_INTAKE_ADDRESS": "rsvp@example.org",
            }
        )
        app = make_app(make_house(open_installation(settings)))
        with browser(app, "https://events.example.org") as client:
            answer = client.post("/sign-in", data={"email": address})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in/sent")

    with writing(engine) as session:
        actions.add_staff(session, email="ruth@example.org", role=Role.MANAGER, name="Ruth", now=NOW, actor="system")
    return ask


def test_the_link_comes_by_mail_and_signs_in(ask, sink):  # noqa: F811
    ask("Ruth@example.org")

    ((sender, address, raw),) = sink[0].taken
    seen = email.message_from_bytes(raw, policy=policy.default)
    assert (sender, address, seen["From"]) == (
        "events@example.org",
        "ruth@example.org",
        "Halden Trust <events@example.org>",
    )
    assert "https://events.example.org/sign-in/link/" in seen.get_content()


def test_nobody_else_gets_a_letter(ask, sink):  # noqa: F811
    ask("stranger@example.org")

    assert sink[0].taken == []


def test_a_relay_that_is_away_is_logged_without_the_address(ask, sink):  # noqa: F811
    with structlog.testing.capture_logs() as logs:
        ask("ruth@example.org", port=1)

    (line,) = [line for line in logs if line["event"] == "sign-in.not-sent"]
    assert line == {"event": "sign-in.not-sent", "fate": "unreachable", "code": None, "log_level": "warning"}
    assert "ruth" not in repr(logs)
