"""The installation that a journey walks through, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.journeys.world import World
from tests.journeys.world import world as make_world


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    """A whole installation on an empty, migrated database."""
    with make_world(engine) as made:
        yield made
