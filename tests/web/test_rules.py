"""Every route has a rule, and the rule holds for every role."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from starlette.routing import Mount

from service.accounts.rules import may
from service.accounts.values import Permission, Role
from service.kernel.ids import new_id
from service.schema import metadata
from service.web.routing import API, GuardedRoute, page_router
from service.web.rules import Open, rule, rule_of
from tests.web.support import browser, key_headers, staff_client

CHANGING = ("POST", "PUT", "PATCH", "DELETE")


def test_every_route_of_the_application_has_a_rule(app):
    without = [route.path for route in app.routes if rule_of(_endpoint(route)) is None]
    unguarded = [route.path for route in app.routes if not isinstance(route, (GuardedRoute, Mount))]

    assert (without, unguarded) == ([], [])
    assert len(app.routes) > 10


def _endpoint(route):
    return route.app if isinstance(route, Mount) else route.endpoint


def test_a_route_without_a_rule_cannot_be_made():
    with pytest.raises(TypeError, match="/loose has no rule"):
        page_router().get("/loose")(lambda: None)


def test_the_router_cannot_come_below_the_rule():
    router = page_router()

    with pytest.raises(TypeError, match="no rule"):

        @rule(Open.PUBLIC)
        @router.get("/upside-down")
        def upside_down() -> None: ...


def guarded(app) -> Iterator[tuple[str, str, Permission]]:
    """Every (method, path, permission) of an application; foreign ids stand for the parameters."""
    for route in app.routes:
        needed = None if isinstance(route, Mount) else rule_of(route.endpoint)
        if isinstance(needed, Permission):
            path = re.sub(r"{[^}]+}", lambda _: new_id(), route.path)
            yield from ((method, path, needed) for method in sorted(route.methods))


def refused_without_account(client: TestClient, method: str, path: str) -> bool:
    answer = client.request(method, path)
    if path.startswith(API):
        return (answer.status_code, answer.json()["code"]) == (401, "sign-in-needed")
    return answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


def test_nobody_gets_in_without_an_account(app, client):
    routes = list(guarded(app))

    assert [(m, p) for m, p, _ in routes if not refused_without_account(client, m, p)] == []
    assert len(routes) > 0


@pytest.mark.parametrize("role", list(Role))
def test_a_browser_does_what_its_role_allows_and_no_more(app, house, role):
    wrong = []
    with browser(app) as client:
        staff_client(client, house, role)
        for method, path, needed in guarded(app):
            if path == "/sign-out":
                continue
            answer = client.request(method, path, headers={"Accept": "application/json"})
            if _code(answer) != ("role-too-low" if not may(role, needed) else None):
                wrong.append((method, path, needed, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_a_key_does_what_its_role_allows_and_no_more(app, house, role):
    headers = key_headers(house, role) | {"Accept": "application/json"}
    wrong = []
    with browser(app) as client:
        for method, path, needed in guarded(app):
            answer = client.request(method, path, headers=headers)
            if _code(answer) != ("role-too-low" if not may(role, needed) else None):
                wrong.append((method, path, needed, answer.status_code))

    assert wrong == []


def _code(answer) -> str | None:
    """Return why a request was kept out; None when the guard let it through to a healthy endpoint."""
    if answer.status_code >= 500:
        return f"fault {answer.status_code}"
    return answer.json()["code"] if answer.status_code in (401, 403) else None


def test_the_session_of_a_browser_changes_nothing_without_its_token(app, house):
    wrong = []
    with browser(app) as client:
        staff_client(client, house, "manager")
        del client.headers["x-csrf-token"]
        for method, path, _ in guarded(app):
            if method in CHANGING:
                answer = client.request(method, path, headers={"Accept": "application/json"})
                if (answer.status_code, answer.json()["code"]) != (403, "foreign-form"):
                    wrong.append((method, path, answer.status_code))

    assert wrong == []


def test_get_head_and_options_leave_the_database_as_it_was(app, house, client):
    headers = key_headers(house, "manager")
    before = _everything(house)

    for route in app.routes:
        path = re.sub(r"{[^}]+}", lambda _: new_id(), route.path)
        for method in ("GET", "HEAD", "OPTIONS"):
            client.request(method, path, headers=headers)

    assert _everything(house) == before


def _everything(house) -> dict[str, list[object]]:
    with house.engine.connect() as connection:
        return {name: connection.execute(select(table)).all() for name, table in metadata.tables.items()}
