"""The rows behind each figure: as many as the figure says, whoever they are."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from service.dissemination import actions, store
from service.dissemination.behind import GUESTS, PAGES
from service.dissemination.indicators import INDICATORS
from service.dissemination.store import behind
from tests.dissemination.worlds import NOW, add_attendees, add_event, empty_world, random_world, store_world

OF_PLACES = ("R7", "R8")  # they count countries and organisations, and list who came from them


def events_of(session: Session, project_id: str) -> tuple[list[str], list[str]]:
    events = store.read_events(session, project_id, None, now=NOW)
    return [one.id for one in events if one.is_counted], [one.id for one in events if one.is_held]


@pytest.mark.parametrize("seed", [3, 7])
def test_as_many_guests_stand_behind_a_figure_as_it_counts(session: Session, seed: int) -> None:
    world = store_world(session, random_world(seed))
    events = events_of(session, world.project_id)
    figures = actions.live_figures(session, world.project_id, "internal", NOW)

    listed, printed = {}, {}
    for one in (one for one in GUESTS if one not in OF_PLACES):
        figure = figures.figure(one)
        numbers = (figure.numerator, figure.denominator) if figure.denominator is not None else (figure.value,)
        printed[one] = numbers
        listed[one] = tuple(behind.count_guests(session, tally, *events) for tally in GUESTS[one])

    assert listed == printed
    assert any(n for numbers in printed.values() for n in numbers)


def test_they_come_a_page_at_a_time_each_person_once(session: Session) -> None:
    world = empty_world()
    first, second = add_event(world, title="First"), add_event(world, title="Second")
    people = add_attendees(world, first, 3)
    for person in people[:1]:
        world.invitations.append({**world.invitations[0], "id": person["id"][::-1], "event_id": second["id"]})
    store_world(session, world)
    (tally,) = GUESTS["E4"]
    events = events_of(session, world.project_id)

    pages = [behind.read_guests(session, tally, *events, offset=at, limit=2) for at in (0, 2)]

    found = [(guest.person_id, guest.times) for page in pages for guest in page]
    assert found == sorted((person["id"], 2 if person is people[0] else 1) for person in people)


def test_every_indicator_leads_somewhere() -> None:
    assert {one.id for one in INDICATORS} == GUESTS.keys() | PAGES.keys()
    assert GUESTS.keys() & PAGES.keys() == set()
