"""Forms of a signed-in browser carry the token of its session."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from service.db.engine import reading
from tests.web.support import browser, key_headers, staff_client


@pytest.fixture
def coordinator(visitor, house):
    staff_client(visitor, house, "coordinator")
    visitor.token = visitor.headers.pop("x-csrf-token")
    return visitor


def count(house) -> int:
    with reading(house.engine) as session:
        return session.execute(text("SELECT count(*) FROM note")).scalar_one()


def test_a_form_with_the_token_is_taken(coordinator, house):
    answer = coordinator.post("/notes", data={"word": "seed", "csrf": coordinator.token})

    assert (answer.status_code, count(house)) == (204, 1)


def test_a_form_with_a_file_and_the_token_is_taken(coordinator, house):
    answer = coordinator.post("/notes", data={"csrf": coordinator.token}, files={"file": ("a.csv", b"a,b")})

    assert (answer.status_code, count(house)) == (204, 1)


@pytest.mark.parametrize(
    "data",
    [{}, {"csrf": ""}, {"csrf": "x" * 43}, {"csrf": "ü"}, {"x-csrf-token": "y"}],
    ids=["none", "empty", "another", "not ascii", "wrong field"],
)
def test_a_form_without_the_token_changes_nothing(coordinator, house, data):
    answer = coordinator.post("/notes", data={"word": "seed", **data})

    assert (answer.status_code, count(house)) == (403, 0)
    assert "This form did not come from this page" in answer.text


def test_the_token_of_another_session_does_not_do(coordinator, house, small_app):
    with browser(small_app) as other:
        staff_client(other, house, "manager")
        token = other.headers["x-csrf-token"]

    assert coordinator.post("/notes", data={"csrf": token}).status_code == 403


def test_a_form_on_another_site_is_refused_even_with_the_token(coordinator, house):
    form = {"csrf": coordinator.token}
    sites = [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]

    assert [coordinator.post("/notes", data=form, headers=site).status_code for site in sites] == [403, 403]
    assert count(house) == 0


def test_the_api_by_cookie_needs_the_header(coordinator, house):
    body = {"word": "seed"}

    without = coordinator.post("/api/v1/notes", json=body)
    with_it = coordinator.post("/api/v1/notes", json=body, headers={"X-CSRF-Token": coordinator.token})

    assert (without.status_code, without.json()["code"]) == (403, "foreign-form")
    assert (with_it.status_code, count(house)) == (201, 1)


def test_a_key_needs_no_token_and_a_cookie_beside_it_does_not_count(coordinator, house):
    headers = key_headers(house, "viewer")

    assert coordinator.post("/api/v1/notes", json={"word": "seed"}, headers=headers).status_code == 403
    assert coordinator.post(
        "/api/v1/notes", json={"word": "seed"}, headers=key_headers(house, "coordinator")
    ).is_success


def test_a_guests_form_needs_no_cookie_and_no_origin(visitor, house):
    answer = visitor.post("/g/token", headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, count(house)) == (204, 1)
