"""Staff pages of events and letters: what they show, what they change, what they refuse."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from service.accounts import actions as accounts
from service.accounts.values import Role
from service.db.engine import reading, writing
from service.events import store as events
from service.ical.values import PartStat
from service.invitations import store as invitations
from service.invitations.values import Answer, Source
from service.letters import actions as letters
from service.letters import store as letter_store
from service.mail import actions as mail
from service.mail import store as mail_store
from service.mail.values import DeliveryState
from service.people import store as people
from service.web.desk import desk_of
from service.web.house import House
from tests.factories import add_event, add_list, add_people, add_project
from tests.letters.test_actions import sent

FORM = {
    "kind": "seminar",
    "title": "Seminar 3: Organising conferences",
    "starts_date": "2031-02-18",
    "starts_time": "15:00",
    "duration_minutes": "120",
    "time_zone": "Africa/Dakar",
    "mode": "hybrid",
    "place": "Maison de la paix",
    "online_url": "https://meet.example.org/3",
    "capacity": "40",
    "language": "fr",
    "privacy": "invited",
    "series_id": "",
    "summary": "",
}


@pytest.fixture
def project(house: House) -> str:
    with writing(house.engine) as session:
        return add_project(session)


@pytest.fixture
def event(house: House, project: str):
    """An announced seminar two months ahead, and a list of six people."""
    now = house.clock()
    with writing(house.engine) as session:
        starts = (now + timedelta(days=60)).strftime("%Y-%m-%dT14:00")
        made = add_event(session, project_id=project, now=now, starts_at=starts, capacity=2)
        add_list(session, add_people(session, 6))
    return made


def invite(house: House, event) -> str:
    """Invite the list and record the letters as sent."""
    with writing(house.engine) as session:
        list_id = people.read_lists(session)[0].id
        done = letters.invite_list(session, event.id, list_id, desk=desk_of(house), now=house.clock(), actor="system")
        sent(session, done.mailing_id)
    return done.mailing_id


def test_another_link_asks_first_once_somebody_holds_the_old(manager: TestClient, house: House, event):
    mailing = invite(house, event)
    with writing(house.engine) as session:
        guest = mail.read_deliveries(session, mailing)[0].recipient_ref
        said = Answer(PartStat.ACCEPTED, Source.LINK)
        letters.take_answer(session, guest, said, desk=desk_of(house), now=house.clock(), actor="guest:x")
        joining = letters.write_letter(
            session, event.id, "joining", desk=desk_of(house), now=house.clock(), actor="system"
        )
        sent(session, joining.mailing_id)
    day, _, time = event.starts_local.partition("T")
    form = {**FORM, "title": event.title, "place": event.place, "time_zone": event.time_zone, "capacity": "2"}
    form |= {"starts_date": day, "starts_time": time, "language": "en", "online_url": "https://meet.example.org/other"}

    asked = manager.post(f"/events/{event.id}/change", data=form).text
    told = manager.post(f"/events/{event.id}/change", data={**form, "confirmed": "yes", "notify": "yes"})

    assert "hold the old link, so they must be told" in asked
    assert "Change it and tell one person" in asked
    assert told.headers["location"].startswith("/letters/")


def test_letters_before_an_event_are_offered_until_it_begins(manager: TestClient, house: House, event, project):
    now = house.clock()
    with writing(house.engine) as session:
        starts = (now - timedelta(days=2)).strftime("%Y-%m-%dT14:00")
        begun = add_event(session, project_id=project, now=now - timedelta(days=30), starts_at=starts)

    offers = [manager.get(f"/events/{one.id}").text.count("Hold “") for one in (event, begun)]

    assert offers == [2, 0]


def test_a_seminar_is_made_and_announced_from_its_template(manager: TestClient, house: House, project: str):
    form = manager.get("/events/new").text

    made = manager.post("/events/new", data={**FORM, "announce": "yes"})

    assert 'value="120"' in form
    assert made.status_code == 303
    with reading(house.engine) as session:
        (event,) = events.read_events(session, project)
    assert (event.title, event.starts_local, event.time_zone, event.state, event.capacity) == (
        "Seminar 3: Organising conferences",
        "2031-02-18T15:00",
        "Africa/Dakar",
        "announced",
        40,
    )
    assert "Seminar 3" in manager.get(made.headers["location"]).text


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        pytest.param({"time_zone": "Mars/Base"}, "There is no time zone called", id="unknown zone"),
        pytest.param({"duration_minutes": "-10"}, "ends before it starts", id="end before start"),
        pytest.param(
            {"starts_date": "2031-03-30", "starts_time": "01:30", "time_zone": "Europe/London"},
            "does not exist",
            id="skipped hour",
        ),
        pytest.param({"capacity": "-1"}, "fewer than 0 seats", id="capacity"),
        pytest.param({"capacity": "many"}, "whole number", id="no number"),
        pytest.param({"title": " "}, "Give the event a title", id="no title"),
    ],
)
def test_a_form_that_cannot_be_used_comes_back_as_typed(manager: TestClient, house: House, project, wish, sentence):
    answer = manager.post("/events/new", data={**FORM, **wish})

    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "Maison de la paix" in answer.text
    with reading(house.engine) as session:
        assert events.read_events(session, project) == []


def test_inviting_a_list_makes_a_draft_to_read_and_send(manager: TestClient, house: House, event):
    with reading(house.engine) as session:
        (chosen,) = people.read_lists(session)
    page = manager.get(f"/events/{event.id}/invite").text
    drafted = manager.post(f"/events/{event.id}/invite", data={"list_id": chosen.id, "note": "Do come."})
    where = drafted.headers["location"]
    shown = manager.get(where)

    assert chosen.name in page
    assert (shown.status_code, "Nothing leaves before you press Send" in shown.text) == (200, True)
    assert "Send to 6 people" in shown.text
    frame = re.search(r'src="(/letters/[^"]+/as-sent/[^"]+)"', shown.text)
    letter = manager.get(frame.group(1))
    assert ("Do come." in letter.text, "sandbox" in letter.headers["content-security-policy"]) == (True, True)
    sent = manager.post(f"{where}/approve")
    again = manager.get(sent.headers["location"]).text
    assert ("Nobody has it yet" in again, "Undo" in again) == (True, True)
    manager.post(f"{where}/undo")
    assert "Nothing leaves before you press Send" in manager.get(where).text


def test_a_spelling_is_saved_quietly_and_a_move_is_asked_first(manager: TestClient, house: House, event):
    invite(house, event)
    page = manager.get(f"/events/{event.id}/change")
    fields = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', page.text))
    fields |= {"mode": "hybrid", "language": "en", "summary": ""}
    fields.pop("csrf", None)

    quiet = manager.post(f"/events/{event.id}/change", data={**fields, "title": "Seminar 2"})
    asked = manager.post(f"/events/{event.id}/change", data={**fields, "title": "Seminar 2", "starts_time": "16:00"})
    moved = manager.post(
        f"/events/{event.id}/change",
        data={**fields, "title": "Seminar 2", "starts_time": "16:00", "confirmed": "yes", "notify": "yes"},
    )

    assert quiet.headers["location"].endswith("saved=quietly")
    assert (asked.status_code, "Change it and tell 6 people" in asked.text) == (200, True)
    assert moved.status_code == 303
    assert moved.headers["location"].startswith("/letters/")
    with reading(house.engine) as session:
        after = events.read_event(session, event.id)
    assert (after.starts_local[-5:], after.sequence) == ("16:00", 1)


def test_letter_that_may_be_there_twice_is_named(manager: TestClient, house: House, event):
    invite(house, event)
    with reading(house.engine) as session:
        mailing = mail.read_mailings(session)[0]
        once, twice = mail.read_deliveries(session, mailing.id)[:2]
    before = manager.get(f"/letters/{mailing.id}").text
    with writing(house.engine) as session:
        mail_store.set_states(session, [once.id, twice.id], DeliveryState.SENT)
        mail_store.note_repeats(session, [twice.id])
    after = manager.get(f"/letters/{mailing.id}").text

    with reading(house.engine) as session:
        names = letter_store.read_recipients(session, [once.recipient_ref, twice.recipient_ref])
    named = after.partition("One person may have this letter twice")[2].partition("</section>")[0]
    assert "may have this letter twice" not in before
    assert names[twice.recipient_ref].name in named
    assert names[once.recipient_ref].name not in named


@pytest.mark.parametrize("path", ["", "/change", "/end", "/invite", "/write", "/attendance"])
def test_every_page_of_an_event_opens(manager: TestClient, house: House, event, path):
    invite(house, event)

    assert manager.get(f"/events/{event.id}{path}").status_code == 200


@pytest.mark.parametrize("path", ["/", "/events", "/events/new", "/letters", "/mailbox"])
def test_every_list_opens(manager: TestClient, house: House, event, path):
    invite(house, event)

    assert manager.get(path).status_code == 200


def test_the_first_day_begins_with_a_project(manager: TestClient, house: House):
    page = manager.get("/")
    body = {"name": "A book", "organisation": "Halden Trust", "time_zone": "Europe/London"}
    made = manager.post("/projects", data={**body, "starts_on": "2026-04-01", "ends_on": "2027-09-30"})
    refused = manager.post("/projects", data={**body, "starts_on": "2026-04-01", "ends_on": "2026-03-01"})

    assert "Name your project" in page.text
    assert (made.status_code, made.headers["location"]) == (303, "/events/new")
    assert (refused.status_code, "The last day is before the first." in refused.text) == (422, True)


def test_an_invitation_shows_its_answers_and_letters_and_takes_one_by_phone(manager: TestClient, house: House, event):
    invite(house, event)
    with reading(house.engine) as session:
        first = invitations.read_of_event(session, event.id)[0]

    manager.post(f"/invitations/{first.id}/reply", data={"answer": "yes", "via": "phone", "comment": "Window seat"})
    page = manager.get(f"/invitations/{first.id}").text

    assert ("Phone" in page, "Window seat" in page, "Invitation" in page) == (True, True, True)
    with reading(house.engine) as session:
        after = invitations.read(session, first.id)
    assert (after.partstat, after.reply_source, after.seat) == ("ACCEPTED", "phone", "held")


def test_someone_at_risk_is_shown_by_pseudonym_alone(manager: TestClient, house: House, event):
    with writing(house.engine) as session:
        (person,) = add_people(session, 1, prefix="risk", name="Secret Name", at_risk=True, pseudonym="Person 0417")
        letters.invite_people(session, event.id, [person], desk=desk_of(house), now=house.clock(), actor="system")

    page = manager.get(f"/events/{event.id}").text

    assert ("Person 0417" in page, "Secret Name" in page) == (True, False)


def test_a_key_of_another_project_sees_nothing_of_it(client: TestClient, house: House, event):
    with writing(house.engine) as session:
        other = add_project(session, name="Another project")
        key = accounts.add_key(session, "Other", Role.MANAGER, now=house.clock(), actor="system", project_id=other)
    headers = {"Authorization": f"Bearer {key.secret}"}

    paths = (f"/api/v1/events/{event.id}", f"/api/v1/projects/{event.project_id}")
    seen = [client.get(path, headers=headers).status_code for path in paths]

    assert seen == [404, 404]


def test_the_research_before_a_launch_is_a_list_of_its_own(manager: TestClient, house: House, project: str):
    with writing(house.engine) as session:
        starts = (house.clock() + timedelta(days=60)).strftime("%Y-%m-%dT14:00")
        add_event(session, project_id=project, now=house.clock(), starts_at=starts, title="Seminar 1")
        named = {"kind": "interview", "title": "Interview 1", "mode": "email"}
        add_event(session, project_id=project, now=house.clock(), starts_at=starts, **named)

    shown = {part: manager.get(f"/events?show={part}").text for part in ("programme", "research", "all", "nonsense")}

    titles = {part: [t for t in ("Seminar 1", "Interview 1") if f">{t}</a>" in text] for part, text in shown.items()}
    assert titles == {
        "programme": ["Seminar 1"],
        "research": ["Interview 1"],
        "all": ["Seminar 1", "Interview 1"],
        "nonsense": ["Seminar 1", "Interview 1"],
    }


def test_the_preview_shows_all_that_changes_and_what_of_it_matters(manager: TestClient, house: House, event):
    invite(house, event)
    page = manager.get(f"/events/{event.id}/change")
    fields = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', page.text)) | {"language": "en", "summary": ""}
    fields.pop("csrf", None)
    wishes = {"title": "Seminar two", "place": "The hall", "mode": "online", "online_url": "https://meet.example.org/2"}

    asked = manager.post(f"/events/{event.id}/change", data={**fields, **wishes}).text

    shown = re.search(r'<dl class="shift">(.*?)</dl>', asked, re.DOTALL)
    assert shown
    rows = re.findall(r"<dt>(.*?)</dt><dd>.*?<b>(.*?)</b>(.*?)</dd>", shown[1])
    said = {
        re.sub("<.*?>", "", name): (re.sub("<.*?>", "", after), "nobody is told" in note) for name, after, note in rows
    }
    assert said == {
        "Title": ("Seminar two", True),
        "Place": ("The hall", False),
        "How one takes part": ("Online", False),
        "Online link": ("https://meet.example.org/2", True),
    }
