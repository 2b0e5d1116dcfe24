"""Fixtures of the pages: a house on each database, its application, and browsers.

`client` uses the whole application; `visitor` only the foundation and the routes of sample.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.web import health, signin
from service.web.application import make_app
from service.web.house import House
from tests.web import sample
from tests.web.support import Post, browser, make_house, staff_client


@pytest.fixture
def post() -> Post:
    """The sign-in links that were posted."""
    return Post()


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    """A house over plain http on each database."""
    return make_house(engine, post)


@pytest.fixture
def app(house: House) -> FastAPI:
    """The whole application."""
    return make_app(house)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A browser that nobody has signed in with; redirects are not followed."""
    with browser(app) as client:
        yield client


@pytest.fixture
def manager(client: TestClient, house: House) -> TestClient:
    """The browser of a manager, whose forms carry the token (`manager.headers`)."""
    return staff_client(client, house, "manager")


@pytest.fixture
def small_app(house: House) -> FastAPI:
    """The foundation and the routes of sample.py, with their tables."""
    with house.engine.begin() as connection:
        sample.make_tables(connection)
    return make_app(house, [signin.router, health.router, sample.pages, sample.api])


@pytest.fixture
def visitor(small_app: FastAPI) -> Iterator[TestClient]:
    """A browser at the small application."""
    with browser(small_app) as client:
        yield client
