"""Headers, hosts, sizes and HEAD: what holds for every answer."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from service.web import health, signin
from service.web.application import make_app
from service.web.limits import without_port
from tests.web import sample
from tests.web.support import browser, key_headers, staff_client

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/api/v1/notes/1", "/healthz", "/g/token"])
def test_every_answer_carries_the_policy_and_is_not_kept(visitor, path):
    headers = visitor.get(path).headers

    assert headers["content-security-policy"] == POLICY
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "cookie" in headers["vary"].lower()
    assert "strict-transport-security" not in headers


def test_only_public_pages_may_be_found_by_search_engines(visitor):
    found = {path: visitor.get(path).headers.get("x-robots-tag") for path in ("/open", "/g/token", "/notes")}

    assert found == {"/open": None, "/g/token": "noindex, nofollow", "/notes": "noindex, nofollow"}


def test_what_a_route_says_about_keeping_stands(visitor):
    assert visitor.get("/open").headers["cache-control"] == "public, max-age=60"


def test_a_foreign_host_is_refused(visitor):
    hosts = ["evil.example", "testserver.evil.example", "", "testserver@evil.example", "TESTSERVER:8000"]
    answers = [visitor.get("/sign-in", headers={"Host": host, "Accept": "application/json"}) for host in hosts]

    assert [answer.status_code for answer in answers] == [400, 400, 400, 400, 200]
    assert answers[0].json()["code"] == "foreign-host"


@pytest.mark.parametrize(
    ("given", "name"),
    [("a.org:80", "a.org"), ("A.org", "a.org"), ("[::1]:80", "[::1]"), ("[::1]", "[::1]"), ("a.org:x", "a.org:x")],
)
def test_the_port_does_not_belong_to_the_name(given, name):
    assert without_port(given) == name


@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/api/v1/notes/1", "/nowhere"])
def test_head_is_get_without_the_body(visitor, house, path):
    visitor.headers.update(key_headers(house, "viewer"))

    get, head = visitor.get(path), visitor.head(path)

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert set(get.headers) == set(head.headers)
    assert len(get.content) > 0


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(visitor, house):
    visitor.headers.update(key_headers(house, "coordinator"))

    answer = visitor.post("/api/v1/notes", content=b"x" * 2_000_001, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert answer.json()["detail"] == "This is more than we take: at most 2 MB."


def test_a_body_that_does_not_say_its_size_is_counted(visitor, house):
    visitor.headers.update(key_headers(house, "coordinator"))
    pieces = (b"x" * 100_000 for _ in range(21))

    answer = visitor.post("/api/v1/notes", content=pieces, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


def test_over_https_the_cookie_is_tied_to_the_host_and_the_browser_told_to_stay(house):
    secure = replace(house, public_url="https://events.example.org", secure_cookies=True, allowed_hosts=())
    with browser(
        make_app(secure, [signin.router, health.router, sample.pages]), "https://events.example.org"
    ) as client:
        staff_client(client, secure, "viewer")
        page = client.get("/notes")
        cookie = client.post("/sign-out").headers["set-cookie"]

    assert page.status_code == 200
    assert page.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert re.fullmatch(r"__Host-farsow=.*; HttpOnly; Max-Age=0; Path=/; SameSite=lax; Secure", cookie)


def test_health_and_readiness(visitor, house):
    stale = make_app(replace(house, is_migrated=lambda: False), [health.router])
    with browser(stale) as client:
        not_ready = client.get("/readyz")

    assert visitor.get("/healthz").json() == {"status": "alive"}
    assert visitor.get("/readyz").json() == {"status": "ready"}
    assert (not_ready.status_code, not_ready.json()["code"]) == (503, "not-migrated")


def test_metrics_name_routes_and_nothing_else(visitor):
    visitor.get("/g/a-secret-token")
    figures = visitor.get("/metrics").text

    assert 'farsow_requests_total{method="GET",route="/g/{token}",status="200"}' in figures
    assert "a-secret-token" not in figures
