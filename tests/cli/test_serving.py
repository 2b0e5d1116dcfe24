"""A worker that starts while its database does not answer yet."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from service.cli.serving import NotMigrated, once_it_answers

AWAY = OperationalError("SELECT 1", {}, RuntimeError("the database system is starting up"))


def steps(*ends: Exception | None) -> tuple[list[Exception | None], object]:
    left = list(ends)

    def step() -> None:
        end = left.pop(0)
        if end:
            raise end

    return left, step


@pytest.mark.parametrize(
    ("ends", "raised"),
    [
        pytest.param([None], None, id="it answers"),
        pytest.param([AWAY, AWAY, None], None, id="it starts"),
        pytest.param([AWAY, NotMigrated()], NotMigrated, id="it starts and lacks migrations"),
        pytest.param([AWAY, AWAY, AWAY, AWAY], OperationalError, id="it never answers"),
    ],
)
def test_the_database_is_waited_for_but_not_for_ever(ends: list[Exception | None], raised: type[Exception] | None):
    left, step = steps(*ends)

    if raised is None:
        once_it_answers(step, tries=3, pause_seconds=0)
    else:
        with pytest.raises(raised):
            once_it_answers(step, tries=3, pause_seconds=0)

    assert left == []
