"""A person's own page: lists on and off, the language of letters, what is wrong put right."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.kernel.tokens import PREFERENCES
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import SuppressionReason
from service.people import actions, store
from service.people.store import history
from service.people.values import Basis, Consent
from service.web.house import House
from tests.factories import STAFF

ADDRESS = "maria@example.org"


@pytest.fixture
def person_id(house: House) -> str:
    """Maria, who is on two lists."""
    now = house.clock()
    with writing(house.engine) as session:
        fields = {"name": "Maria Achieng", "email": ADDRESS, "language": "en-GB"}
        person = actions.create_person(session, fields, now=now, actor=STAFF)  # type: ignore[arg-type]
        for name in ("Friends", "News"):
            made = actions.create_list(session, name=name, now=now, actor=STAFF)
            actions.add_members(session, made.id, [person.id], Consent(Basis.CONSENT, "card"), now=now, actor=STAFF)
    return str(person.id)


def path_of(house: House, person_id: str) -> str:
    return f"/p/{house.keyring.sign(PREFERENCES, person_id)}"


def stops(house: House) -> list[tuple[str, str]]:
    with reading(house.engine) as session:
        return mail_store.read_suppressions(session, mail.hash_of(ADDRESS, house.address_key))


def list_id(house: House, key: str) -> str:
    with reading(house.engine) as session:
        return store.find_list(session, key).id


def test_a_list_is_left_and_taken_up_again_and_no_other(client: TestClient, house: House, person_id: str) -> None:
    page, friends = path_of(house, person_id), list_id(house, "friends")

    left = client.post(page, data={"do": "leave", "list_id": friends})
    client.post(page, data={"do": "leave", "list_id": friends})

    assert (left.status_code, left.headers["location"]) == (303, page)
    assert stops(house) == [(f"list:{friends}", "unsubscribed")]
    shown = client.get(page).text
    assert (shown.count("Leave this list"), shown.count("Take it up again")) == (1, 1)

    client.post(page, data={"do": "join", "list_id": friends})
    assert stops(house) == []
    client.post(page, data={"do": "leave", "list_id": "not-hers"})
    assert stops(house) == []


def test_what_another_stopped_is_not_taken_up_again_here(client: TestClient, house: House, person_id: str) -> None:
    page, news = path_of(house, person_id), list_id(house, "news")
    told = {"address_key": house.address_key, "now": house.clock(), "actor": STAFF}
    with writing(house.engine) as session:
        mail.suppress(session, ADDRESS, f"list:{news}", SuppressionReason.COMPLAINED, **told)  # type: ignore[arg-type]

    client.post(page, data={"do": "join", "list_id": news})

    assert stops(house) == [(f"list:{news}", "complained")]
    assert "Take it up again" not in client.get(page).text


def test_name_and_language_are_put_right_and_the_history_says_by_whom(
    client: TestClient, house: House, person_id: str
) -> None:
    page = path_of(house, person_id)
    given = {"do": "correct", "name": "Maria A. Achieng", "greeting": "Dr Achieng", "language": "fr"}

    kept = client.post(page, data=given)

    assert (kept.status_code, "C’est corrigé. Merci." in kept.text) == (200, True)
    with reading(house.engine) as session:
        person = store.read_person(session, person_id)
        changes = {c.field: c.actor for c in history.read_changes(session, person_id) if c.field != "created"}
    assert (person.name, person.greeting, person.language) == ("Maria A. Achieng", "Dr Achieng", "fr")
    assert changes == dict.fromkeys(("name", "greeting", "language"), f"guest:{person_id}")


def test_a_language_within_the_same_one_stays_and_an_empty_name_is_refused(
    client: TestClient, house: House, person_id: str
) -> None:
    page = path_of(house, person_id)

    client.post(page, data={"do": "correct", "name": "Maria Achieng", "language": "en"})
    refused = client.post(page, data={"do": "correct", "name": "  ", "language": "es"})

    assert (refused.status_code, "Please say what your name is." in refused.text) == (422, True)
    with reading(house.engine) as session:
        person = store.read_person(session, person_id)
    assert (person.name, person.language) == ("Maria Achieng", "en-GB")
    assert client.get(page).status_code == 200  # a look changes nothing
    assert stops(house) == []
