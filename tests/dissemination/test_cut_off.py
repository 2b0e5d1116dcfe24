"""A snapshot taken while figures are written: all its numbers are of one moment, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

from sqlalchemy import Engine

from service.db.engine import writing
from service.dissemination import actions
from service.dissemination.values.figures import Dimension
from service.invitations import store as invitations
from tests.dissemination.worlds import NOW, World, add_attendees, add_event, empty_world, store_world

FREEZES = 6
MOST_WRITES = 2_000


def write_on(engine: Engine, world: World, done: Event) -> int:
    """Let one guest after the other be there and not be there, until told to stop; return how often."""
    ids = [row["id"] for row in world.invitations]
    for turn in range(MOST_WRITES):
        if done.is_set():
            return turn
        with writing(engine) as session:
            presence = "present" if turn // len(ids) % 2 else "absent"
            invitations.write_all(session, [ids[turn % len(ids)]], attendance=presence)
    return MOST_WRITES


def test_all_numbers_of_a_snapshot_are_of_one_moment(engine: Engine) -> None:
    world = empty_world()
    add_attendees(world, add_event(world), 30)
    add_attendees(world, add_event(world), 30)
    with writing(engine) as session:
        store_world(session, world)
    done = Event()

    with ThreadPoolExecutor(1) as beside:
        writer = beside.submit(write_on, engine, world, done)
        try:
            views = []
            for n in range(FREEZES):
                with writing(engine) as session:
                    now = NOW + timedelta(minutes=n)
                    views.append(
                        actions.freeze_snapshot(session, world.project_id, profile="internal", now=now, actor="system")
                    )
        finally:
            done.set()

    assert writer.result() > 0
    for view in views:
        cells = view.figure("E3").by(Dimension.EVENT).values(), view.figure("E3").by(Dimension.AUDIENCE).values()
        assert [sum(int(cell.value or 0) for cell in rows) for rows in cells] == [view.figure("E3").value] * 2
