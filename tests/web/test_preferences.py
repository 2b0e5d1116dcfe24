"""A guest's own page: which letters come, their details, what is held; and what they can lift of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, inspect, select, text

from service.audit import log
from service.db.engine import reading, writing
from service.kernel.tokens import PREFERENCES
from service.letters import actions as letters
from service.letters import unplaced
from service.mail import actions as mail
from service.mail.tables import Delivery, IntakeMessage
from service.mail.values import SuppressionReason
from service.people import actions as people_actions
from service.people import store as people
from service.people.store import history
from service.people.values import Basis, Consent
from service.web.house import House
from tests.factories import DESK, NOW, STAFF, add_event, add_people
from tests.web.support import Post, make_house, staff_client

EMAIL = "guest0@example.org"


@pytest.fixture
def house(engine: Engine, post: Post) -> House:
    minutes = count(60)
    return make_house(engine, post, clock=lambda: NOW + timedelta(minutes=next(minutes)))


@pytest.fixture
def maria(engine: Engine, house: House) -> dict[str, str]:
    """Someone on a list, invited once, and another person whom nothing may touch."""
    with writing(engine) as session:
        person, other = add_people(session, 2)
        list_id = people_actions.create_list(session, name="Friends of the book", now=NOW, actor=STAFF).id
        card = Consent(Basis.CONSENT, "card, Geneva")
        people_actions.add_members(session, list_id, [person, other], card, now=NOW, actor=STAFF)
        event = add_event(session)
        done = letters.invite_people(session, event.id, [person], desk=DESK, now=NOW, actor=STAFF)
        session.execute(Delivery.__table__.update().values(state="sent", finished_at=NOW))
        assert done.queued == 1
    return {"id": person, "other": other, "list": list_id, "path": f"/p/{house.keyring.sign(PREFERENCES, person)}"}


def stops(engine: Engine, house: House, email: str = EMAIL) -> dict[str, str]:
    with reading(engine) as session:
        return {s.scope: s.reason.value for s in mail.read_stops(session, email, address_key=house.address_key)}


def stop(engine: Engine, house: House, scope: str, reason: SuppressionReason) -> None:
    with writing(engine) as session:
        mail.suppress(session, EMAIL, scope, reason, address_key=house.address_key, now=NOW, actor="system")


def everything(engine: Engine) -> Iterator[tuple[str, list[Any]]]:
    with engine.connect() as connection:
        for table in sorted(inspect(engine).get_table_names()):
            yield table, sorted(map(str, connection.execute(text(f'SELECT * FROM "{table}"'))))


def test_looking_changes_nothing_and_needs_no_script_nor_cookie(client: TestClient, engine: Engine, maria: Any):
    before = dict(everything(engine))
    shown = client.get(maria["path"])

    assert (shown.status_code, "set-cookie" in shown.headers, "<script" in shown.text) == (200, False, False)
    for path in ("?step=confirm", "?scope=all", "/lists", "/details", "/copy"):
        client.get(maria["path"] + path)
    assert dict(everything(engine)) == before


def test_a_list_is_switched_off_and_on_and_the_log_says_so(
    client: TestClient, engine: Engine, house: House, maria: Any
):
    scope = f"list:{maria['list']}"
    for _twice in range(2):
        done = client.post(maria["path"] + "/lists", data={"scope": scope, "on": "no"})
        assert done.headers["location"] == maria["path"] + "#lists"
    assert stops(engine, house) == {scope: "unsubscribed"}
    assert "They do not come." in client.get(maria["path"]).text

    for _twice in range(2):
        client.post(maria["path"] + "/lists", data={"scope": scope, "on": "yes"})
    assert stops(engine, house) == {}
    assert stops(engine, house, "guest1@example.org") == {}
    with reading(engine) as session:
        said = [(c["withdrawn"], c["text_version"]) for c in people.read_consents(session, maria["id"])]
        (membership,) = people.read_memberships(session, maria["id"])
    assert said == [(False, None), (True, "preferences-1"), (False, "preferences-1")]
    assert membership.basis is Basis.CONSENT


def test_invitations_are_switched_off_and_on(client: TestClient, engine: Engine, house: House, maria: Any):
    client.post(maria["path"] + "/lists", data={"scope": "purpose:events", "on": "no"})
    assert stops(engine, house) == {"purpose:events": "unsubscribed"}
    assert "more than these letters is stopped" in client.get(maria["path"]).text

    client.post(maria["path"] + "/lists", data={"scope": "purpose:events", "on": "yes"})
    assert stops(engine, house) == {}


def test_all_that_they_stopped_by_the_link_in_a_letter_comes_again(
    client: TestClient, engine: Engine, house: House, maria: Any
):
    stop(engine, house, "all", SuppressionReason.UNSUBSCRIBED)
    assert "All letters" in client.get(maria["path"]).text

    client.post(maria["path"] + "/lists", data={"scope": "all", "on": "yes"})
    assert stops(engine, house) == {}


@pytest.mark.parametrize("reason", sorted(set(SuppressionReason) - {SuppressionReason.UNSUBSCRIBED}))
@pytest.mark.parametrize("scope", ["all", "purpose:events", "list"])
def test_nothing_is_lifted_that_was_no_mere_wish(
    client: TestClient, engine: Engine, house: House, maria: Any, scope: str, reason: SuppressionReason
):
    scope = f"list:{maria['list']}" if scope == "list" else scope
    stop(engine, house, scope, reason)

    refused = client.post(maria["path"] + "/lists", data={"scope": scope, "on": "yes"})
    client.post(maria["path"] + "/lists", data={"scope": scope, "on": "no"})

    assert refused.status_code == 409
    assert stops(engine, house) == {scope: reason.value}
    assert "They are stopped. If you would like them again" in client.get(maria["path"]).text


def test_a_scope_that_is_not_theirs_is_refused(client: TestClient, engine: Engine, house: House, maria: Any):
    for scope in ("", "list:01m3250v0300000000000000zz", "purpose:else", "all"):
        assert client.post(maria["path"] + "/lists", data={"scope": scope, "on": "no"}).status_code == 404
    assert stops(engine, house) == {}


def test_details_are_corrected_at_once_and_the_history_says_by_whom(client: TestClient, engine: Engine, maria: Any):
    form = {"name": "María Achieng", "greeting": "Dear María", "language": "es", "time_zone": "America/Lima"}
    done = client.post(maria["path"] + "/details", data=form)

    assert done.headers["location"] == maria["path"] + "?done=saved#details"
    with reading(engine) as session:
        held = people.read_person(session, maria["id"])
        changes = history.read_changes(session, maria["id"])
        waiting = unplaced.read_queue(session)
    assert {name: getattr(held, name) for name in form} == form
    assert {(c.field, c.actor) for c in changes if c.field != "created"} == {
        (field, f"guest:{maria['id']}") for field in form
    }
    assert waiting == []
    assert "Guardado." in client.get(maria["path"] + "?done=saved").text


def test_a_form_that_cannot_be_used_comes_back_as_typed(client: TestClient, engine: Engine, maria: Any):
    for wrong in ({"name": "  "}, {"name": "M", "time_zone": "Mars/Base"}, {"name": "M", "language": "klingonish"}):
        back = client.post(maria["path"] + "/details", data={"greeting": "Typed", **wrong, "wish": "My country"})
        assert (back.status_code, "Typed" in back.text, "My country" in back.text) == (422, True, True)
        assert 'aria-invalid="true"' in back.text
    with reading(engine) as session:
        assert people.read_person(session, maria["id"]).greeting == "Maria"
        assert unplaced.read_queue(session) == []


def test_what_else_they_ask_waits_for_staff_with_the_mail_that_came_in(
    client: TestClient, engine: Engine, house: House, maria: Any
):
    form = {"name": "Maria", "wish": "I moved to Perú.\nPlease write to m@new.example"}
    for _twice in range(2):
        done = client.post(maria["path"] + "/details", data=form)
        assert done.headers["location"] == maria["path"] + "?done=asked#details"

    with reading(engine) as session:
        (item,) = unplaced.read_queue(session)
    assert (item.verdict, item.sender, item.text, item.person_id) == (
        "correction", EMAIL, "I moved to Perú.\nPlease write to m@new.example", maria["id"],
    )  # fmt: skip
    page = staff_client(client, house, "coordinator").get("/letters/incoming").text
    assert "Asks to be corrected" in page
    assert f'href="/people/{maria["id"]}/edit"' in page


def test_five_wishes_a_day_are_enough(client: TestClient, engine: Engine, maria: Any):
    answers = [
        client.post(maria["path"] + "/details", data={"name": "M", "wish": f"Wish {n}"}).status_code for n in range(6)
    ]
    assert answers == [303] * 5 + [429]


def test_the_page_and_the_copy_say_all_that_is_held(client: TestClient, engine: Engine, house: House, maria: Any):
    with writing(engine) as session:
        for subject in ("people", f"list:{maria['list']}", "list:another"):
            log.record(
                session, actor="staff:gone", action="people.exported", subject=subject, now=NOW, format="csv", why=None
            )
    shown = client.get(maria["path"]).text
    for words in (EMAIL, "Seminar 2", "We have sent you one letter.", "You agreed", "A member of our staff", "CSV"):
        assert words in shown, words

    copied = client.post(maria["path"] + "/copy").json()
    assert [taken["format"] for taken in copied["files taken"]] == ["csv", "csv"]
    assert [bool(letter["subject"]) for letter in copied["letters"]] == [True]
    assert copied["letters"][0]["subject"] in shown.replace("&#39;", "'")
    assert copied["stopped"] == []
    assert len(copied["consents"]) == 1


def test_forgotten_they_are_gone_with_what_they_asked(client: TestClient, engine: Engine, maria: Any):
    client.post(maria["path"] + "/details", data={"name": "Maria", "wish": "Call me at home"})
    done = client.post(maria["path"], data={"do": "forget"})

    assert (done.status_code, "You are forgotten" in done.text) == (200, True)
    assert client.get(maria["path"]).status_code == 404
    assert client.post(maria["path"] + "/lists", data={"scope": "purpose:events", "on": "yes"}).status_code == 404
    with reading(engine) as session:
        assert session.execute(select(IntakeMessage.raw, IntakeMessage.context)).all() == [(None, None)]
