"""A whole installation for a journey: pages, API, worker and a clock that can be moved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as mail_policy
from email.utils import parseaddr
from typing import Any, cast

from fastapi.testclient import TestClient
from sqlalchemy import Engine, inspect, text

from service.adapters.mailbox import MailboxTransport
from service.db.engine import reading
from service.letters.values import Desk
from service.mail import store as mail_store
from service.web.application import make_app
from service.web.house import House
from service.worker.duties import Tools, run_until_idle
from tests.calendar_check import check
from tests.web.support import Post, browser, key_headers, make_house, staff_client

START = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """The house's clock."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)

    def at(self, moment: datetime) -> None:
        """Go to an instant ahead."""
        self.now = moment


@dataclass
class World:
    """An installation with its clock, its worker and its letters."""

    engine: Engine
    house: House
    clock: Clock
    tools: Tools
    client: TestClient
    api: dict[str, str] = field(default_factory=dict)

    def work(self) -> int:
        """Let the worker do all that is due."""
        return run_until_idle(self.tools)

    def get(self, path: str, **options: Any) -> Any:
        """Ask the API; fail on anything but success."""
        return self._json(self.client.get(f"/api/v1{path}", headers=self.api, **options))

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """Tell the API; fail on anything but success."""
        return self._json(self.client.post(f"/api/v1{path}", json=body or {}, headers=self.api, **options))

    def patch(self, path: str, body: Any) -> Any:
        """Change by the API; fail on anything but success."""
        return self._json(self.client.patch(f"/api/v1{path}", json=body, headers=self.api))

    @staticmethod
    def _json(response: Any) -> Any:
        assert response.status_code in (200, 201, 202), (response.status_code, response.text[:600])
        return response.json()

    def letters(self, to: str | None = None) -> list[EmailMessage]:
        """Return the letters in the local mailbox, oldest first, each checked strictly."""
        with reading(self.engine) as session:
            found = mail_store.read_local_letters(session, to=to, limit=2000)
            raws = [mail_store.read_local_letter(session, x.id) or b"" for x in reversed(found)]
        for raw in raws:
            assert check(raw) == [], check(raw)
        messages = [cast(EmailMessage, message_from_bytes(raw, policy=mail_policy)) for raw in raws]
        assert_for_one_alone(messages, *self._known())
        return messages

    def _known(self) -> tuple[dict[str, str], set[str]]:
        """Return everyone's name by address, and the UIDs of all events."""
        with self.engine.connect() as connection:
            people = connection.execute(text("SELECT email, name FROM person WHERE email IS NOT NULL"))
            return {row.email: row.name for row in people}, set(
                connection.execute(text("SELECT uid FROM event")).scalars()
            )

    def last_letter(self, to: str) -> EmailMessage:
        """Return the newest letter to an address."""
        return self.letters(to)[-1]

    def state(self) -> dict[str, list[Any]]:
        """Return every row of every table, to see that nothing changed."""
        tables = [t for t in inspect(self.engine).get_table_names() if t not in ("staff_session",)]
        with self.engine.connect() as connection:
            return {t: sorted(map(str, connection.execute(text(f'SELECT * FROM "{t}"')))) for t in sorted(tables)}


def body_of(message: EmailMessage, content_type: str) -> str:
    """Return one part of a letter as text."""
    for part in message.walk():
        if part.get_content_type() == content_type:
            return str(part.get_payload(decode=True), "utf-8")
    return ""


def answer_path(message: EmailMessage) -> str:
    """Return the path of the answer page a letter links to."""
    found = re.search(r"/r/[\w-]{44}", body_of(message, "text/plain"))
    assert found, "the letter links to no answer page"
    return found.group()


def calendar_lines(message: EmailMessage) -> dict[str, str]:
    """Return the event's properties in a letter's calendar part, unfolded, by name."""
    raw = body_of(message, "text/calendar").replace("\r\n ", "").replace("\r\n\t", "")
    event = raw.partition("BEGIN:VEVENT")[2]
    lines = [line for line in event.split("\r\n") if ":" in line]
    found = {re.split(r"[;:]", line, maxsplit=1)[0]: line.partition(":")[2] for line in lines}
    method = re.search(r"^METHOD:(\w+)", raw, re.M)
    attendee = next((line for line in lines if line.startswith("ATTENDEE")), "")
    partstat = re.search(r"PARTSTAT=([A-Z-]+)", attendee)
    return {**found, "METHOD": method.group(1) if method else "", "PARTSTAT": partstat.group(1) if partstat else ""}


PERSONAL = re.compile(r"https?://[^/\s]+/(?:r|u|p|c)/")


def assert_for_one_alone(messages: list[EmailMessage], people: dict[str, str], uids: set[str]) -> None:
    """Check that a letter speaks of nobody else, and its calendar of one guest, a known event and no personal link.

    `people` are names by address, of everyone who is known.
    """
    for message in messages:
        own = parseaddr(message["To"])[1]
        told = " ".join(str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text")
        others = {address: name for address, name in people.items() if address != own}
        assert [one for pair in others.items() for one in pair if one and one in told] == []
        if calendar := body_of(message, "text/calendar").replace("\r\n ", ""):
            assert re.findall(r"(?m)^ATTENDEE.*mailto:(\S+)", calendar) == [own]
            assert set(re.findall(r"(?m)^UID:(\S+)", calendar)) <= uids
            assert PERSONAL.search(calendar) is None


@contextmanager
def world(engine: Engine) -> Iterator[World]:
    """Give an installation on an engine, its manager signed in."""
    clock = Clock()
    house = make_house(engine, Post(), clock=clock, undo_seconds=60)
    desk = Desk(house.address_key, house.undo_seconds, "testserver")
    tools = Tools(engine, MailboxTransport(), house.composer, desk, "journey-worker", clock, house.ring)
    with browser(make_app(house)) as client:
        staff_client(client, house, "manager")
        made = World(engine, house, clock, tools, client)
        made.api = key_headers(house, "manager")
        yield made
