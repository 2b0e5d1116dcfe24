"""Pages and API of series: who stands invited, the exceptions, the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from service.db.engine import reading, writing
from service.events import store as events
from service.invitations import store as invitations
from service.invitations.store import standing as store
from service.mail import actions as mail
from service.people import store as people
from service.web.house import House
from tests.factories import add_event, add_list, add_people, add_project
from tests.web.support import key_headers


@pytest.fixture
def series(house: House) -> str:
    """A series of two announced dates ahead, and a list of three people."""
    now = house.clock()
    with writing(house.engine) as session:
        project = add_project(session)
        made = events.add_series(session, project, "Dialogues")
        for days in (60, 90):
            starts = (now + timedelta(days=days)).strftime("%Y-%m-%dT14:00")
            add_event(session, project_id=project, series_id=made, now=now, starts_at=starts, title=f"In {days} days")
        add_list(session, add_people(session, 3))
    return made


def dates(house: House, series: str) -> list[str]:
    with reading(house.engine) as session:
        return [event.id for event in events.read_events(session, series_id=series)]


def standing_of(house: House, series: str) -> list[str]:
    with reading(house.engine) as session:
        return [one.id for one in store.read_of_series(session, series) if one.ended_at is None]


def invited(house: House, event_id: str) -> int:
    with reading(house.engine) as session:
        return sum(i.withdrawn_at is None for i in invitations.read_of_event(session, event_id))


def the_list(house: House) -> str:
    with reading(house.engine) as session:
        return people.read_lists(session)[0].id


def test_a_list_is_invited_to_every_date_and_taken_out_of_one(manager: TestClient, house: House, series: str):
    made = manager.post(f"/series/{series}/invite", data={"kind": "list", "list_id": the_list(house)})
    shown = manager.get(made.headers["location"]).text
    first, second = dates(house, series)
    one = standing_of(house, series)[0]
    out = manager.post(f"/series/{series}/standing/{one}/dates/{first}", data={"wish": "out"})
    page = manager.get(out.headers["location"]).text

    assert made.headers["location"] == f"/series/{series}?added=3"
    assert "3 people stand invited now." in shown
    assert "Left out" in page
    assert [invited(house, event_id) for event_id in (first, second)] == [2, 3]
    with reading(house.engine) as session:
        assert {m.state for m in mail.read_mailings(session)} == {"draft"}

    ended = manager.post(f"/series/{series}/standing/{one}/end")

    assert ended.headers["location"] == f"/series/{series}?taken=1&kept=0"
    assert "The standing invitation has ended." in manager.get(ended.headers["location"]).text
    assert [invited(house, event_id) for event_id in (first, second)] == [2, 2]


def test_one_person_is_invited_by_address_and_a_stranger_is_refused(manager: TestClient, house: House, series: str):
    known = manager.post(f"/series/{series}/invite", data={"kind": "person", "email": "Guest1@example.org"})
    again = manager.post(f"/series/{series}/invite", data={"kind": "person", "email": "guest1@example.org"})
    stranger = manager.post(f"/series/{series}/invite", data={"kind": "person", "email": "nobody@example.org"})
    nothing = manager.post(f"/series/{series}/invite", data={"kind": "list", "list_id": ""})

    assert known.headers["location"] == f"/series/{series}?added=1"
    assert (again.status_code, "Nobody was added." in again.text) == (200, True)
    assert (stranger.status_code, "Nobody here has this address." in stranger.text) == (422, True)
    assert (nothing.status_code, "Choose a list." in nothing.text) == (422, True)
    assert len(standing_of(house, series)) == 1


def test_a_discarded_draft_can_be_written_again(manager: TestClient, house: House, series: str):
    manager.post(f"/series/{series}/invite", data={"kind": "list", "list_id": the_list(house)})
    first, _second = dates(house, series)
    with reading(house.engine) as session:
        (draft,) = mail.read_mailings(session, context=f"event:{first}")
    manager.post(f"/letters/{draft.id}/drop")
    assert invited(house, first) == 0
    assert "3 invitations are not written yet." in manager.get(f"/series/{series}").text

    manager.post(f"/series/{series}/enrol")

    assert invited(house, first) == 3
    assert "not written yet" not in manager.get(f"/series/{series}").text


def test_a_series_is_made_and_found(manager: TestClient, house: House, series: str):
    made = manager.post("/series", data={"title": "Breakfasts"})

    assert "Breakfasts" in manager.get("/series").text
    assert "Nobody yet." in manager.get(made.headers["location"]).text


def test_the_api_invites_leaves_out_puts_back_and_ends(client: TestClient, house: House, series: str):
    headers = key_headers(house, "coordinator")
    at = f"/api/v1/series/{series}/standing"

    made = client.post(at, json={"list_id": the_list(house)}, headers=headers)
    first, second = dates(house, series)
    one = client.get(at, headers=headers).json()["items"][0]
    out = client.post(f"{at}/{one['id']}/leave-out", json={"event_id": first}, headers=headers).json()
    back = client.post(f"{at}/{one['id']}/put-back", json={"event_id": first}, headers=headers).json()
    ended = client.post(f"{at}/{one['id']}/end", headers=headers).json()
    foreign = client.post(f"/api/v1/series/{'0' * 26}/standing", json={"people": []}, headers=headers)

    body = made.json()
    assert (made.status_code, len(body["added"]), body["skipped"]) == (201, 3, [])
    assert {date["event_id"]: date["queued"] for date in body["dates"]} == {first: 3, second: 3}
    assert (out["left_out"], back["left_out"]) == ([first], [])
    assert ended == {"taken_back": 2, "kept": 0}
    assert (foreign.status_code, foreign.json()["code"]) == (404, "unknown-series")


def change_form(house: House, event_id: str, **changes: str) -> dict[str, str]:
    with reading(house.engine) as session:
        event = events.read_event(session, event_id)
    day, _, time = event.starts_local.partition("T")
    form = {"title": event.title, "starts_date": day, "starts_time": time, "duration_minutes": "120"}
    form |= {"time_zone": event.time_zone, "mode": event.mode.value, "place": event.place, "summary": event.summary}
    form |= {"online_url": event.online_url, "capacity": "", "language": event.language}
    return {**form, **changes}


def test_all_dates_are_changed_after_a_page_that_says_what_happens_to_each(
    manager: TestClient, house: House, series: str
):
    first, _second = dates(house, series)
    form = change_form(house, first, scope="all", place="Town hall", starts_time="16:00")

    asked = manager.post(f"/events/{first}/change", data=form)
    with reading(house.engine) as session:
        before = {e.place for e in events.read_events(session, series_id=series)}
    done = manager.post(f"/events/{first}/change", data={**form, "confirmed": "yes", "notify": "yes"})

    assert "All dates" in manager.get(f"/events/{first}/change").text
    assert (asked.status_code, "Change 2 dates?" in asked.text) == (200, True)
    assert before == {"Meeting house, Room 2"}
    assert done.headers["location"] == f"/series/{series}?changed=2&told=0"
    assert "2 dates were changed." in manager.get(done.headers["location"]).text
    with reading(house.engine) as session:
        found = [(e.place, e.starts_local[-5:]) for e in events.read_events(session, series_id=series)]
    assert found == [("Town hall", "16:00")] * 2


def test_a_date_that_cannot_be_changed_so_comes_back_with_the_form(manager: TestClient, house: House, series: str):
    first, _second = dates(house, series)

    refused = manager.post(f"/events/{first}/change", data=change_form(house, first, scope="all", title=""))

    assert (refused.status_code, "Give the event a title." in refused.text) == (422, True)


def test_the_api_previews_and_changes_several_dates(client: TestClient, house: House, series: str):
    headers = key_headers(house, "coordinator")
    first, second = dates(house, series)
    wish = {"scope": "following", "place": "Town hall"}

    plan = client.patch(f"/api/v1/events/{first}/dates?preview=true", json=wish, headers=headers).json()
    done = client.patch(f"/api/v1/events/{first}/dates", json=wish, headers=headers).json()
    wrong = client.patch(f"/api/v1/events/{first}/dates", json={"scope": "most"}, headers=headers)

    said = [(one["id"], one["place"], one["change"]) for one in plan["dates"]]
    assert said == [(first, "Town hall", "material"), (second, "Town hall", "material")]
    assert [(one["id"], one["place"], one["change"]) for one in done["dates"]] == said
    assert (plan["left_alone"], done["left_alone"]) == ([], [])
    assert (wrong.status_code, wrong.json()["code"]) == (422, "no-such-scope")


def rule_form(**changes: str) -> dict[str, str]:
    form = {"kind": "meeting", "title": "Board", "starts_date": "2031-03-16", "starts_time": "01:30", "count": "3"}
    form |= {"duration_minutes": "60", "time_zone": "Europe/London", "mode": "online", "privacy": "invited"}
    form |= {"frequency": "weekly", "every": "1", "ends": "count", "until": "", "language": "en", "capacity": ""}
    return {**form, **changes}


def test_dates_are_made_by_a_rule_once_they_were_shown(manager: TestClient, house: House, series: str):
    manager.post(f"/series/{series}/invite", data={"kind": "list", "list_id": the_list(house)})
    at = f"/series/{series}/dates"

    form = manager.get(at).text
    shown = manager.post(at, data=rule_form())
    known = len(dates(house, series))
    done = manager.post(at, data=rule_form(confirmed="yes", announce="yes"))

    assert "Show the dates" in form
    assert (shown.status_code, "Make 3 dates?" in shown.text) == (200, True)
    assert "Sunday 6 April 2031, 01:30 London" in shown.text
    assert "2031-03-30, 01:30</bdi>: the clocks go forward over this hour" in shown.text
    assert known == 2
    assert done.headers["location"] == f"/series/{series}?made=3"
    with reading(house.engine) as session:
        made = events.read_events(session, series_id=series)[2:]
    assert [e.starts_local for e in made] == ["2031-03-16T01:30", "2031-03-23T01:30", "2031-04-06T01:30"]
    assert [invited(house, e.id) for e in made] == [3, 3, 3]


def test_a_hundred_and_four_dates_are_made_at_once_and_those_who_stand_invited_are_to_each(
    manager: TestClient, house: House, series: str
):
    manager.post(f"/series/{series}/invite", data={"kind": "list", "list_id": the_list(house)})
    at, form = f"/series/{series}/dates", rule_form(starts_time="10:00", count="104")

    too_many = manager.post(at, data={**form, "count": "105", "confirmed": "yes", "announce": "yes"})
    known = len(dates(house, series))
    shown = manager.post(at, data=form)
    done = manager.post(at, data={**form, "confirmed": "yes", "announce": "yes"})

    assert (too_many.status_code, "Choose from 1 to 104 dates." in too_many.text, known) == (422, True, 2)
    assert "Make 104 dates?" in shown.text
    assert done.headers["location"] == f"/series/{series}?made=104"
    with reading(house.engine) as session:
        made = events.read_dates(session, series)[2:]
        guests = [len(invitations.read_of_event(session, event.id)) for event in made]
    assert (made[0].starts_local, made[-1].starts_local) == ("2031-03-16T10:00", "2033-03-06T10:00")
    assert (len({event.uid for event in made}), set(guests)) == (104, {3})


def test_five_years_are_the_most_and_a_day_more_makes_nothing(manager: TestClient, house: House, series: str):
    at, form = f"/series/{series}/dates", rule_form(frequency="monthly", ends="until", starts_time="10:00")

    refused = manager.post(at, data={**form, "until": "2036-03-17", "confirmed": "yes"})
    known = len(dates(house, series))
    done = manager.post(at, data={**form, "until": "2036-03-16", "confirmed": "yes"})

    assert (refused.status_code, "at most 5 years after the first" in refused.text, known) == (422, True, 2)
    assert done.headers["location"] == f"/series/{series}?made=61"


def test_a_date_added_later_by_the_form_is_for_those_who_stand_invited(manager: TestClient, house: House, series: str):
    manager.post(f"/series/{series}/invite", data={"kind": "list", "list_id": the_list(house)})
    left = standing_of(house, series)[0]
    manager.post(f"/series/{series}/standing/{left}/end")
    form = {**rule_form(starts_date="2031-05-04"), "series_id": series, "announce": "yes"}

    made = manager.post("/events/new", data=form)
    page = manager.get(made.headers["location"]).text

    assert invited(house, dates(house, series)[-1]) == 2
    assert ("draft" in page.casefold(), "Board" in page) == (True, True)


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"count": "105"}, "Choose from 1 to 104 dates."),
        ({"ends": "until", "until": "2040-01-01"}, "at most 5 years"),
        ({"ends": "until", "until": "soon"}, "Give the last day."),
        ({"every": "x"}, "Give a whole number."),
        ({"title": " "}, "Give the event a title."),
        ({"starts_date": "2031-03-30"}, "01:30 does not exist"),
    ],
)
def test_a_rule_that_cannot_be_used_comes_back(manager: TestClient, house: House, series: str, wish, sentence: str):
    refused = manager.post(f"/series/{series}/dates", data=rule_form(confirmed="yes", **wish))

    assert (refused.status_code, sentence in refused.text) == (422, True)
    assert len(dates(house, series)) == 2


def test_the_api_makes_dates_by_a_rule(client: TestClient, house: House, series: str):
    headers = key_headers(house, "coordinator")
    at = f"/api/v1/series/{series}/dates"
    with reading(house.engine) as session:
        project_id = events.read_one_series(session, series)["project_id"]
    body = {"project_id": project_id, "kind": "meeting", "title": "Board", "starts_at": "2031-03-16T01:30"}
    body |= {"time_zone": "Europe/London", "repeat": {"frequency": "weekly", "count": 3}}

    plan = client.post(f"{at}?preview=true", json=body, headers=headers)
    known = len(dates(house, series))
    made = client.post(at, json=body, headers=headers)

    assert plan.json() == {
        "starts": ["2031-03-16T01:30", "2031-03-23T01:30", "2031-04-06T01:30"],
        "skipped": [{"day": "2031-03-30", "time": "01:30", "reason": "no-such-time"}],
        "events": [],
    }
    assert known == 2
    assert [one["starts_at"] for one in made.json()["events"]] == plan.json()["starts"]
    assert len(dates(house, series)) == 5
