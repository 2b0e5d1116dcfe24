"""Signing in and out: links, passwords, cookies, and no way to learn who works here."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import structlog
from sqlalchemy import text

from service.accounts import actions
from service.accounts.rules import FIRST_LINK_LIFETIME
from service.accounts.values import Role
from service.db.engine import reading, writing
from service.web import signin
from service.web.addresses import own_path
from service.web.application import make_app
from tests.web import sample
from tests.web.support import browser, key_headers, make_house, staff_client

PASSWORD = "lantern river copper sixteen"
MARCH = datetime(2027, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def maria(house):
    with writing(house.engine) as session:
        return actions.add_staff(
            session,
            email="maria@example.org",
            role=Role.MANAGER,
            name="Maria Achieng",
            now=house.clock(),
            actor="system",
        )


def link_for(house, staff) -> str:
    with writing(house.engine) as session:
        secret = actions.make_link(session, staff.id, now=house.clock(), lifetime=FIRST_LINK_LIFETIME)
    return f"/sign-in/link/{secret}"


def spent_links(house) -> int:
    with reading(house.engine) as session:
        return session.execute(text("SELECT count(*) FROM sign_in_link WHERE spent_at IS NOT NULL")).scalar_one()


def test_the_link_that_was_asked_for_signs_in(visitor, house, post, maria):
    asked = visitor.post("/sign-in", data={"email": "MARIA@example.org"})
    ((address, link),) = post.sent
    entered = visitor.post(urlsplit(link).path)

    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in/sent")
    assert (address, link.startswith("http://testserver/sign-in/link/")) == ("maria@example.org", True)
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    cookie = re.sub("=[^;]{43};", "=…;", entered.headers["set-cookie"])
    assert cookie == "farsow=…; HttpOnly; Max-Age=43200; Path=/; SameSite=lax"
    assert visitor.get("/notes").status_code == 200


def test_looking_at_the_link_spends_nothing(visitor, house, maria):
    link = link_for(house, maria)

    shown = [visitor.request(method, link) for method in ("GET", "HEAD", "OPTIONS", "GET")]

    assert [answer.status_code for answer in shown] == [200, 200, 204, 200]
    assert f'action="{link}"' in shown[0].text
    assert spent_links(house) == 0
    assert visitor.post(link).status_code == 303
    assert spent_links(house) == 1


def test_a_link_works_once_and_unknown_and_spent_look_the_same(visitor, house, maria):
    link = link_for(house, maria)
    visitor.post(link)
    visitor.cookies.clear()

    spent, unknown = visitor.post(link), visitor.post("/sign-in/link/" + "x" * 43)

    assert [spent.status_code, unknown.status_code] == [410, 410]
    assert _without_number(spent) == _without_number(unknown)
    assert "This link has been used, or its time is over." in spent.text
    assert visitor.get("/notes").status_code == 303


def _without_number(answer) -> str:
    return answer.text.replace(answer.headers["x-request-id"], "")


def test_known_and_unknown_addresses_get_the_same_answer(visitor, post, maria):
    known = visitor.post("/sign-in", data={"email": "maria@example.org"})
    unknown = visitor.post("/sign-in", data={"email": "nobody@example.org"})

    assert [address for address, _ in post.sent] == ["maria@example.org"]
    varying = ("x-request-id",)
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [(n, v) for n, v in known.headers.items() if n not in varying] == [
        (n, v) for n, v in unknown.headers.items() if n not in varying
    ]


def test_a_misspelt_address_is_shown_again_with_how_to_put_it_right(visitor, post):
    answer = visitor.post("/sign-in", data={"email": 'ruth.ellery@example"><b>'})
    ending = visitor.post("/sign-in", data={"email": "ruth.ellery@example"})

    assert (answer.status_code, ending.status_code, post.sent) == (422, 422, [])
    assert 'value="ruth.ellery@example&#34;&gt;&lt;b&gt;"' in answer.text
    assert "The part after @ needs an ending, such as example.org." in ending.text
    assert 'aria-invalid="true" aria-describedby="email-error"' in ending.text


def test_the_password_of_those_who_have_one(visitor, house, maria):
    with writing(house.engine) as session:
        actions.set_password(session, maria.id, PASSWORD, now=house.clock(), actor="system")
    form = {"email": "maria@example.org", "password": PASSWORD, "next": "/notes?tab=2"}

    wrong = visitor.post("/sign-in/password", data=form | {"password": "not this one at all"})
    nobody = visitor.post("/sign-in/password", data=form | {"email": "nobody@example.org"})
    right = visitor.post("/sign-in/password", data=form)

    assert (wrong.status_code, nobody.status_code) == (422, 422)
    assert "This address and password do not belong together." in wrong.text
    assert wrong.text.replace("maria@", "nobody@") == nobody.text
    assert (right.status_code, right.headers["location"]) == (303, "/notes?tab=2")
    assert visitor.get("/notes").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\nb", "evil"],
)
def test_after_signing_in_nobody_is_led_elsewhere(elsewhere):
    assert own_path(elsewhere) == "/"


def test_a_page_that_needs_an_account_comes_back_after_signing_in(visitor):
    answer = visitor.get("/notes?tab=2&x=1")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/notes%3Ftab%3D2%26x%3D1")
    assert 'href="/sign-in/password?next=/notes%3Ftab%3D2%26x%3D1"' in visitor.get(answer.headers["location"]).text


def test_signing_out_ends_the_session_at_the_server(visitor, house):
    staff_client(visitor, house, "viewer")
    cookie = visitor.cookies["farsow"]

    left = visitor.post("/sign-out")
    visitor.cookies.set("farsow", cookie)

    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert 'farsow=""' in left.headers["set-cookie"]
    assert visitor.get("/notes").status_code == 303


def test_signing_in_gives_a_new_session_and_ends_the_one_before(visitor, house, maria):
    visitor.post(link_for(house, maria))
    first = visitor.cookies["farsow"]
    visitor.post(link_for(house, maria))
    second = visitor.cookies["farsow"]

    assert first != second
    assert visitor.get("/notes").status_code == 200
    visitor.cookies.set("farsow", first)
    assert visitor.get("/notes").status_code == 303


def test_a_session_is_kept_alive_by_use_and_ends_when_idle(engine, post):
    now = [MARCH]
    house = make_house(engine, post, clock=lambda: now[0])
    seen = []
    with browser(make_app(house, [signin.router, sample.pages])) as client:
        staff_client(client, house, "viewer")
        for minutes in (0, 29, 58, 89):
            now[0] = MARCH + timedelta(minutes=minutes)
            seen.append(client.get("/notes").status_code)

    assert seen == [200, 200, 200, 303]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://testserver"}, 303),
        ({"Origin": "null"}, 303),
        ({}, 303),
    ],
)
def test_another_site_cannot_sign_someone_in(visitor, house, maria, headers, status):
    assert visitor.post(link_for(house, maria), headers=headers).status_code == status


def test_guessing_is_slowed_down_and_then_refused(visitor, house, maria):
    tries = [visitor.post(f"/sign-in/link/{n}").status_code for n in range(22)]
    right = visitor.post(link_for(house, maria))

    assert tries == [410] * 20 + [429] * 2
    assert (right.status_code, right.headers["retry-after"], spent_links(house)) == (429, "600", 0)


def test_guessing_keys_is_refused_too(visitor):
    tries = [
        visitor.get("/api/v1/notes/1", headers={"Authorization": f"Bearer fk_{n}"}).json()["code"] for n in range(21)
    ]

    assert tries == ["unknown-key"] * 20 + ["too-many"]


def test_a_key_must_be_a_bearer(visitor, house):
    secret = key_headers(house, "viewer")["Authorization"].removeprefix("Bearer ")

    codes = [
        visitor.get("/api/v1/notes/1", headers={"Authorization": value}).status_code
        for value in (f"Bearer {secret}", f"bearer {secret}", f"Basic {secret}", secret, "")
    ]

    assert codes == [200, 200, 401, 401, 401]


def test_no_token_address_or_name_is_logged(visitor, house, post, maria):
    with structlog.testing.capture_logs() as lines:
        visitor.post("/sign-in", data={"email": "maria@example.org"})
        link = urlsplit(post.sent[0][1]).path
        visitor.get(link + "?from=maria@example.org")
        visitor.post(link)
        visitor.get("/notes")
        visitor.post("/open/broken")
        visitor.get("/api/v1/notes/1", headers=key_headers(house, "viewer"))

    routes = [line["route"] for line in lines if line["event"] == "request.answered"]
    link_route = "/sign-in/link/{secret}"
    assert routes == ["/sign-in", link_route, link_route, "/notes", "/open/broken", "/api/v1/notes/{note_id}"]
    assert lines[3]["actor"] == f"staff:{maria.id}"
    secrets = [link.rpartition("/")[2], visitor.cookies["farsow"], "maria@", "Achieng", "testserver", "testclient"]
    assert [secret for secret in secrets if secret in str(lines)] == []


def test_a_post_that_fails_in_the_background_is_logged_without_the_address(engine):
    def away(address: str, link: str) -> None:
        raise OSError(f"cannot post to {address}")

    house = replace(make_house(engine, away))
    with writing(engine) as session:
        actions.add_staff(session, email="maria@example.org", role=Role.VIEWER, now=house.clock(), actor="system")

    with browser(make_app(house, [signin.router])) as client, structlog.testing.capture_logs() as lines:
        answer = client.post("/sign-in", data={"email": "maria@example.org"})

    assert answer.status_code == 303
    assert [line["event"] for line in lines] == ["request.answered", "request.failed"]
    assert "maria" not in str(lines)
