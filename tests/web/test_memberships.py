"""Staff put one person on a list on a stated ground, and take them off; the consent log keeps both."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.mail import actions as mail
from service.mail.values import SuppressionReason
from service.people import actions, store
from service.web.house import House
from tests.factories import STAFF
from tests.web.support import staff_client

SAID = {"basis": "consent", "source": "told Layla in Nairobi, 3 March", "text_version": "2027-1"}


@pytest.fixture
def maria(house: House) -> tuple[str, str]:
    """A person on no list, and a list."""
    with writing(house.engine) as session:
        told: dict[str, Any] = {"now": house.clock(), "actor": STAFF}
        person = actions.create_person(session, {"name": "Maria", "email": "maria@example.org"}, **told)
        return person.id, actions.create_list(session, name="News", purpose="newsletter", **told).id


def agreed(house: House, person_id: str) -> list[tuple[Any, ...]]:
    """The consent log of a person: purpose, basis, source, text, withdrawn."""
    names = ("purpose", "basis", "source", "text_version", "withdrawn")
    with reading(house.engine) as session:
        return [tuple(one[name] for name in names) for one in store.read_consents(session, person_id)]


def test_on_a_list_with_a_ground_and_off_again(manager: TestClient, house: House, maria: tuple[str, str]) -> None:
    person, news = maria
    page = f"/people/{person}/lists"
    assert f'href="{page}"' in manager.get(f"/people/{person}").text

    done = manager.post(page, data={"list_id": news, **SAID})
    assert (done.status_code, done.headers["location"]) == (303, page)
    shown = manager.get(page).text
    assert ("told Layla in Nairobi, 3 March" in shown, "They are on every list there is." in shown) == (True, True)
    manager.post(page, data={"list_id": news, **SAID})  # twice is as once
    assert agreed(house, person) == [("newsletter", "consent", SAID["source"], "2027-1", False)]

    manager.post(f"{page}/{news}/leave")
    assert "On no list." in manager.get(page).text
    assert agreed(house, person)[1:] == [("newsletter", "consent", None, None, True)]


def test_who_is_on_a_list_without_a_ground_is_given_one(
    manager: TestClient, house: House, maria: tuple[str, str]
) -> None:
    person, news = maria
    manager.post(f"/people/{person}/lists", data={"list_id": news, "basis": "none"})
    assert "no ground: not written to" in manager.get(f"/people/{person}/lists").text
    assert agreed(house, person) == []

    manager.post(f"/people/{person}/lists", data={"list_id": news, **SAID})
    assert agreed(house, person) == [("newsletter", "consent", SAID["source"], "2027-1", False)]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"source": " "}, "Say how we know"),
        ({"basis": ""}, "Say on which ground"),
        ({"basis": "habit"}, "The basis is consent"),
        ({"list_id": ""}, "Choose a list."),
    ],
)
def test_what_is_missing_is_said_and_the_rest_stays_as_typed(
    manager: TestClient, house: House, maria: tuple[str, str], change: dict[str, str], sentence: str
) -> None:
    person, news = maria
    refused = manager.post(f"/people/{person}/lists", data={"list_id": news, **SAID, **change})

    assert (refused.status_code, sentence in refused.text, "2027-1" in refused.text) == (422, True, True)
    assert agreed(house, person) == []


def test_stopped_letters_are_said_and_a_reader_changes_nothing(
    client: TestClient, house: House, maria: tuple[str, str]
) -> None:
    person, news = maria
    with writing(house.engine) as session:
        told: dict[str, Any] = {"address_key": house.address_key, "now": house.clock(), "actor": STAFF}
        mail.suppress(session, "maria@example.org", "all", SuppressionReason.UNSUBSCRIBED, **told)

    assert (
        "Some letters to this person are stopped."
        in staff_client(client, house, "manager").get(f"/people/{person}/lists").text
    )
    reader = staff_client(client, house, "viewer")
    assert reader.post(f"/people/{person}/lists", data={"list_id": news, **SAID}).status_code == 403
    assert agreed(house, person) == []
