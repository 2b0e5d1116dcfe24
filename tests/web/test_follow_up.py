"""What follows an event: staff's pages with the preview, yes and stop; the guest's page of three questions."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from service.db.engine import reading, writing
from service.dissemination import materials, notes
from service.events.values import Event
from service.invitations import store as invitations
from service.invitations.store import guests, surveys
from service.kernel.tokens import ANSWER
from service.letters import chain, planned
from service.letters.store import planned_letters
from service.letters.values import Kind
from service.web.application import make_app
from service.web.desk import desk_of
from service.web.house import House
from tests.factories import STAFF
from tests.journeys.world import Clock
from tests.letters.test_chain import BY, CLOSED, day, held_event
from tests.web.support import Post, browser, key_headers, make_house, staff_client


@pytest.fixture
def clock() -> Clock:
    return Clock(day(2))


@pytest.fixture
def house(engine: Engine, post: Post, clock: Clock) -> House:
    """A house two days after the seminar was closed."""
    return make_house(engine, post, clock=clock)


@pytest.fixture
def held(house: House) -> tuple[Event, list[str]]:
    with writing(house.engine) as session:
        return held_event(session)


def page_of(house: House, invitation_id: str, what: str = "survey") -> str:
    with reading(house.engine) as session:
        version = invitations.read(session, invitation_id).token_version
    return f"/r/{house.keyring.sign(ANSWER, invitation_id, version)}/{what}"


def text_of(client: TestClient, path: str) -> str:
    got = client.get(path)
    assert got.status_code == 200
    return unescape(got.text)


def make_nameless(house: House, event: Event) -> None:
    with writing(house.engine) as session:
        chain.set_up(session, event.id, is_anonymous=True, materials=[], now=CLOSED, **BY)


def test_a_guest_answers_by_their_link_and_may_change_it(client: TestClient, house: House, held):
    _event, (ada, *_others) = held
    page = page_of(house, ada)
    first = text_of(client, page)

    sent = client.post(page, data={"usefulness": "4", "words": "More <b>time</b>", "promise": "Call Bo"})
    thanks = text_of(client, page)
    again = text_of(client, f"{page}?a=change")

    assert "How useful was it to you?" in first
    assert (sent.status_code, sent.headers["location"]) == (303, f"{page}?noted=true")
    assert "Your answers have reached us. You may change them until Saturday 27 February 2027." in thanks
    assert ('value="4" checked' in again, "More <b>time</b></textarea>" in again) == (True, True)


def test_looking_changes_nothing(client: TestClient, house: House, held):
    event, (ada, *_others) = held
    for path in (page_of(house, ada), page_of(house, ada) + "?a=change", page_of(house, ada, "check")):
        assert (client.get(path).status_code, client.head(path).status_code) == (200, 200)

    with reading(house.engine) as session:
        assert (surveys.read_returns(session, event.id), surveys.read_answers(session, event.id)) == ({}, [])


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Please answer at least one of the questions."),
        ({"usefulness": "9", "words": "I liked it"}, "Choose a number from 1 to 5."),
        ({"promise": "Call Bo", "due_on": "2020-01-01"}, "Choose a day from today on."),
    ],
    ids=["empty", "nine", "long-ago"],
)
def test_a_form_that_cannot_be_used_comes_back_as_typed(client: TestClient, house: House, held, form, sentence):
    _event, (ada, *_others) = held

    back = client.post(page_of(house, ada), data=form)

    words = unescape(back.text)
    typed = [form[name] in words for name in ("words", "promise", "due_on") if name in form]
    assert (back.status_code, sentence in words, typed) == (422, True, [True] * len(typed))


def test_a_nameless_survey_says_so_and_takes_one_answer(client: TestClient, house: House, held):
    event, (ada, *_others) = held
    make_nameless(house, event)
    page = page_of(house, ada)
    asked = text_of(client, page)

    first = client.post(page, data={"usefulness": "2"})
    second = client.post(page, data={"usefulness": "5"})
    after = text_of(client, f"{page}?a=change")

    assert "nobody can tell who gave them, not even we" in asked
    assert (first.status_code, second.status_code) == (303, 409)
    assert ("they cannot be changed" in after, "<form" in after) == (True, False)


@pytest.mark.parametrize(
    ("number", "when", "says", "status"),
    [
        (2, 2, "These questions are for those who were there.", 409),
        (0, 31, "These questions are closed", 409),
    ],
    ids=["absent", "closed"],
)
def test_where_there_is_nothing_to_answer_the_page_says_why(
    client: TestClient, house: House, clock: Clock, held, number, when, says, status
):
    _event, ids = held
    clock.at(day(when, 18))
    page = page_of(house, ids[number])

    assert (says in text_of(client, page), "<form" in text_of(client, page)) == (True, False)
    assert client.post(page, data={"usefulness": "3"}).status_code == status


def test_a_link_that_leads_nowhere_is_the_same_page_as_ever(client: TestClient, house: House, held):
    _event, (ada, *_others) = held
    replaced = f"/r/{house.keyring.sign(ANSWER, ada, 9)}"

    pages = [client.get(f"{path}{what}") for path in ("/r/x", replaced) for what in ("", "/survey", "/check")]

    assert {(one.status_code, one.text) for one in pages} == {(404, pages[0].text)}
    assert client.post(f"{replaced}/survey", data={"usefulness": "3"}).status_code == 404


def test_what_came_of_it_is_told_after_three_months(client: TestClient, house: House, clock: Clock, held):
    _event, (ada, *_others) = held
    client.post(page_of(house, ada), data={"promise": "Call <Bo>", "may_ask": "yes"})
    early = text_of(client, page_of(house, ada, "check"))
    clock.at(day(91))

    asked = text_of(client, page_of(house, ada, "check"))
    wrong = client.post(page_of(house, ada, "check"), data={"state": "perhaps"})
    told = client.post(page_of(house, ada, "check"), data={"state": "partly", "used": "yes"})
    after = text_of(client, page_of(house, ada, "check"))

    assert ("These questions are not open yet" in early, "Call <Bo></blockquote>" in asked) == (True, True)
    assert (wrong.status_code, told.status_code) == (422, 303)
    assert ('value="partly" checked' in after, 'value="yes" checked' in after) == (True, True)


# Staff


def test_the_event_s_page_shows_who_gets_what_and_when_and_waits_for_a_yes(manager: TestClient, house: House, held):
    event, _ids = held
    before = text_of(manager, f"/events/{event.id}")

    manager.post(f"/events/{event.id}/follow-up/approve")
    after = text_of(manager, f"/events/{event.id}")
    manager.post(f"/events/{event.id}/follow-up/stop")
    stopped = text_of(manager, f"/events/{event.id}")

    assert "Nothing of this leaves before you say yes, once for the event." in before
    assert ("Yes, let these leave on their days" in before, "Tue 2 Feb 10:00" in before) == (True, True)
    assert "You said yes: each letter leaves on its day" in after
    assert "Stopped. Nothing more of this leaves." in stopped


def test_a_step_gets_words_another_day_and_is_switched_off(manager: TestClient, house: House, held):
    event, _ids = held
    with reading(house.engine) as session:
        letter = next(p for p in planned_letters.read(session, event.id) if p.kind is Kind.NEXT_STEPS)
    path = f"/events/{event.id}/follow-up/{letter.id}"

    saved = manager.post(path, data={"on_day": "2027-02-10", "note": "Bo writes the brief."})
    wrong = manager.post(path, data={"on_day": "2027-01-01", "note": "Kept as typed"})
    manager.post(f"{path}/switch", data={"held": "yes"})

    with reading(house.engine) as session:
        after = next(p for p in planned_letters.read(session, event.id) if p.kind is Kind.NEXT_STEPS)
    assert (saved.status_code, wrong.status_code, "Kept as typed" in wrong.text) == (303, 422, True)
    assert (after.due_at, after.note, after.held) == (day(13), "Bo writes the brief.", True)


def test_the_words_of_next_steps_begin_with_the_notes_of_the_event(manager: TestClient, house: House, held):
    event, _ids = held
    with writing(house.engine) as session:
        notes.write_notes(session, event.id, {"decisions": "Meet in May"}, now=CLOSED, actor=STAFF)

    shown = text_of(manager, f"/events/{event.id}/follow-up")

    assert "What was decided:" in shown
    assert "Meet in May" in shown


def test_materials_go_with_the_thanks(manager: TestClient, house: House, held):
    event, _ids = held
    with writing(house.engine) as session:
        about = {"title": "Slides", "now": CLOSED, "actor": STAFF}
        asset = materials.add_link(session, event.project_id, "https://example.org/slides", **about)
    page = f"/events/{event.id}/follow-up"

    saved = manager.post(f"{page}/set-up", data={"is_anonymous": "yes", "material": asset.id})
    unknown = manager.post(f"{page}/set-up", data={"is_anonymous": "yes", "material": event.id})
    with writing(house.engine) as session:
        chain.approve(session, event.id, desk=desk_of(house), now=day(2), actor=STAFF)
        planned.send_due(session, desk=desk_of(house), now=day(2) + timedelta(minutes=2))
        plan = surveys.read_plan(session, event.id)
        (thanks,) = [p for p in planned_letters.read(session, event.id) if p.kind is Kind.THANK_YOU]
    letter = text_of(manager, f"/letters/{thanks.mailing_id}")

    given = {"title": "Slides", "path": f"/m/{asset.id}?c=follow-up"}
    assert (saved.status_code, unknown.status_code) == (303, 404)
    assert (plan.is_anonymous, plan.materials) == (True, (given,))
    assert f"Slides: http://testserver/m/{asset.id}?c=follow-up" in letter


def test_answers_are_shown_with_names_or_once_there_are_five(manager: TestClient, house: House, held):
    event, (ada, bo, *_others) = held
    with writing(house.engine) as session:
        name = next(g for g in guests.read_guests(session, event.id) if g["invitation"].id == ada)["name"]
    manager.post(page_of(house, ada), data={"usefulness": "4", "words": "More <b>time</b>"})
    manager.post(page_of(house, bo), data={"usefulness": "1"})
    shown = text_of(manager, f"/events/{event.id}/answers")

    assert "1 of 2 say 4 or 5; the middle answer is 2.5." in shown
    assert ("More <b>time</b>" in shown, name in shown) == (True, True)


def test_few_nameless_answers_are_not_shown(manager: TestClient, house: House, held):
    event, (ada, *_others) = held
    make_nameless(house, event)
    manager.post(page_of(house, ada), data={"usefulness": "4", "words": "More time"})

    shown = text_of(manager, f"/events/{event.id}/answers")

    assert ("Fewer than 5, not shown." in shown, "More time" in shown) == (True, False)


def test_the_api_tells_changes_and_starts_what_follows(client: TestClient, house: House, held):
    event, _ids = held
    headers = key_headers(house, "manager")
    path = f"/api/v1/events/{event.id}/follow-up"

    before = client.get(path, headers=headers).json()
    survey = next(step for step in before["steps"] if step["kind"] == "survey")
    moved = client.patch(f"{path}/steps/{survey['id']}", json={"on_day": "2027-02-04"}, headers=headers).json()
    nameless = client.patch(path, json={"is_anonymous": True}, headers=headers).json()
    approved = client.post(f"{path}/approve", headers=headers).json()
    stopped = client.post(f"{path}/stop", headers=headers).json()
    wrong = client.patch(f"{path}/steps/{survey['id']}", json={"on_day": "2020-01-01"}, headers=headers)

    assert (before["is_approved"], before["is_stopped"], len(before["steps"])) == (False, False, 6)
    assert (survey["people"], survey["held"], survey["left"]) == (2, False, False)
    assert [s["due_at"] for s in moved["steps"] if s["kind"] == "survey"] == ["2027-02-04T10:00:00Z"]
    assert (nameless["is_anonymous"], approved["is_approved"], stopped["is_stopped"]) == (True, True, True)
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["field"]) == (422, "invalid", "on_day")


def test_a_reader_sees_it_and_changes_nothing(client: TestClient, house: House, held):
    event, _ids = held
    with browser(make_app(house)) as other:
        reader = staff_client(other, house, "viewer")
        shown = reader.get(f"/events/{event.id}")
        refused = [
            reader.post(f"/events/{event.id}/follow-up/{wish}").status_code for wish in ("plan", "approve", "stop")
        ]

    assert (shown.status_code, "Yes, let these leave" in shown.text, refused) == (200, False, [403, 403, 403])
