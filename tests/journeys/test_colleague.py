"""“I cannot, please ask my colleague”: a guest names someone, staff agree or not, the entry changes hands."""

from __future__ import annotations

from tests.journeys.test_main_story import make_project, make_seminar
from tests.journeys.world import World, answer_path, calendar_lines

MARIA, JOSEPH = "maria@example.org", "joseph@example.org"
WISH = {"name": "Joseph Karanja", "email": "Joseph@Example.org", "agreed": "yes"}


def invite_maria(world: World) -> tuple[str, str]:
    """Return the event's id and the path of Maria's answer page."""
    event = make_seminar(world, make_project(world))
    maria = world.post("/people", {"name": "Maria Achieng", "email": MARIA, "country": "KE"})
    world.post(f"/events/{event['id']}/invitations", {"people": [maria["id"]], "send": True})
    world.clock.forward(seconds=61)
    world.work()
    return event["id"], answer_path(world.last_letter(MARIA))


def guest(world: World):
    world.client.cookies.clear()
    return world.client


def waiting(world: World, event_id: str) -> list[dict]:
    return world.get(f"/events/{event_id}/substitute-requests")["items"]


def test_staff_agree_and_the_calendar_entry_changes_hands(world: World):
    event_id, path = invite_maria(world)

    assert f'href="{path}/colleague"' in guest(world).get(path).text
    asked = guest(world).post(f"{path}/colleague", data=WISH)

    assert (asked.status_code, asked.headers["location"]) == (303, f"{path}/colleague")
    assert "It is noted" in guest(world).get(f"{path}/colleague").text
    assert world.work() == 0, "nobody is written to before staff agree"
    [wish] = waiting(world, event_id)
    assert (wish["name"], wish["email"]) == ("Joseph Karanja", "Joseph@example.org")

    done = world.post(f"/substitute-requests/{wish['id']}/accept")
    assert done["queued"] == 1
    world.clock.forward(seconds=61)
    world.work()

    first, second = calendar_lines(world.last_letter(MARIA)), calendar_lines(world.last_letter("Joseph@example.org"))
    assert (first["METHOD"], second["METHOD"]) == ("CANCEL", "REQUEST")
    assert first["UID"] == second["UID"]
    assert "STATUS" not in first, "the event itself goes on"
    invited = {i["status"]: i for i in world.get(f"/events/{event_id}/invitations")["items"]}
    assert set(invited) == {"substituted", "sent"}
    assert "invited your colleague in your place" in guest(world).get(path).text
    assert waiting(world, event_id) == []
    assert guest(world).post(path, data={"answer": "yes"}).status_code == 409


def test_staff_leave_it_and_the_guest_reads_so(world: World):
    event_id, path = invite_maria(world)
    guest(world).post(f"{path}/colleague", data=WISH)
    [wish] = waiting(world, event_id)

    url = f"/api/v1/substitute-requests/{wish['id']}/refuse"
    assert world.client.post(url, headers=world.api).status_code == 204
    again = world.client.post(url, headers=world.api)

    assert (again.status_code, again.json()["code"]) == (409, "already-decided")
    assert "Your own invitation still stands" in guest(world).get(f"{path}/colleague").text
    assert world.work() == 0
    assert "joseph" not in str(world.state()["substitute_request"]).lower(), "whom it named is forgotten"


def test_what_is_wrong_is_said_and_what_was_typed_stays(world: World):
    event_id, path = invite_maria(world)

    answers = [
        guest(world).post(f"{path}/colleague", data={**WISH, **wrong})
        for wrong in ({"email": "joseph at example"}, {"name": " "}, {"agreed": ""})
    ]

    assert [a.status_code for a in answers] == [422, 422, 422]
    assert 'value="joseph at example"' in answers[0].text
    assert "It looks like name@example.org" in answers[0].text
    assert waiting(world, event_id) == []


def test_a_second_wish_takes_the_place_of_the_first(world: World):
    event_id, path = invite_maria(world)

    guest(world).post(f"{path}/colleague", data=WISH)
    guest(world).post(f"{path}/colleague", data={**WISH, "name": "Ingrid Solheim", "email": "ingrid@example.org"})

    assert [w["name"] for w in waiting(world, event_id)] == ["Ingrid Solheim"]


def test_someone_who_is_invited_already_is_refused_and_nothing_changes(world: World):
    event_id, path = invite_maria(world)
    guest(world).post(f"{path}/colleague", data={**WISH, "email": MARIA})
    [wish] = waiting(world, event_id)
    before = world.state()

    refused = world.client.post(f"/api/v1/substitute-requests/{wish['id']}/accept", headers=world.api)

    assert refused.status_code == 409
    assert {**world.state(), "idempotency_record": []} == {**before, "idempotency_record": []}


def test_forgetting_the_colleague_empties_the_wish(world: World):
    event_id, path = invite_maria(world)
    guest(world).post(f"{path}/colleague", data=WISH)

    joseph = world.post("/people", {"name": "J. Karanja", "email": JOSEPH})
    assert world.client.delete(f"/api/v1/people/{joseph['id']}", headers=world.api).status_code in (200, 204)

    assert waiting(world, event_id) == []
    assert "karanja" not in str(world.state()).lower()
