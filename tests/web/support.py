"""A house for tests of pages, and browsers that are signed in to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.accounts import actions
from service.accounts.values import Role
from service.db.engine import writing
from service.ical.values import Address
from service.kernel.clock import utc_now
from service.kernel.ids import new_id
from service.kernel.tokens import Keyring
from service.mail.compose import Composer
from service.web.guards import cookie_name
from service.web.house import House
from tests.factories import RING
from tests.mail.cast import kinds

TEMPLATES = Path(__file__).parents[2] / "templates"
KEYRING = Keyring(b"k" * 32)


@cache
def _composer() -> Composer:
    return Composer(
        kinds(),
        public_url="http://testserver",
        keyring=KEYRING,
        mail_from="Example <events@example.org>",
        intake_address="rsvp@example.org",
    )


@dataclass
class Post:
    """Takes the sign-in links, as (address, link)."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, address: str, link: str) -> None:
        self.sent.append((address, link))


def make_house(engine: Engine, post: Post, **changes: Any) -> House:
    """Return a house at http://testserver."""
    house = House(
        engine=engine,
        keyring=KEYRING,
        address_key=b"a" * 32,
        public_url="http://testserver",
        secure_cookies=False,
        allowed_hosts=("testserver",),
        templates=TEMPLATES,
        composer=_composer(),
        ring=RING,
        organizer=Address("events@example.org", "Example"),
        send_sign_in=post,
        is_migrated=lambda: True,
        local_mail=True,
    )
    return replace(house, **changes)


def browser(app: FastAPI, base_url: str = "http://testserver") -> TestClient:
    """Return a browser that follows no redirect and shows a fault as the user sees it."""
    return TestClient(app, base_url=base_url, follow_redirects=False, raise_server_exceptions=False)


def staff_client(client: TestClient, house: House, role: str) -> TestClient:
    """Sign a browser in as someone with a role; its requests carry the token of the session."""
    now = house.clock() if house else utc_now()
    with writing(house.engine) as session:
        email = f"{role}-{new_id()}@example.org"
        staff = actions.add_staff(session, email=email, role=Role(role), name="Ingrid Solheim", now=now, actor="system")
        begun = actions.sign_in(session, staff, now=now, by="test")
    client.cookies.set(cookie_name(house), begun.secret)
    client.headers["x-csrf-token"] = begun.csrf
    return client


def key_headers(house: House, role: str, project_id: str | None = None) -> dict[str, str]:
    """Return the headers of a program that holds a key."""
    with writing(house.engine) as session:
        key = actions.add_key(session, "Test", Role(role), now=house.clock(), actor="system", project_id=project_id)
    return {"Authorization": f"Bearer {key.secret}"}
