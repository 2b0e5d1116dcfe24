"""Someone at risk is invited to an open event: nothing that lies in a mailbox or calendar says what it is."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage

from tests.journeys.test_main_story import make_project, make_seminar
from tests.journeys.world import World, answer_path, calendar_lines

AMARA, MARIA = "amara@example.org", "maria@example.org"


def said(message: EmailMessage) -> str:
    """Return all that a letter says: headers, texts, calendar."""
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    texts = [part.decode() for part in parts if isinstance(part, bytes)]
    return "\n".join([*map(str, message.values()), *texts])


def test_her_letters_say_nothing_before_a_yes_and_the_title_never_stands_in_a_subject(world: World):
    event = make_seminar(world, make_project(world))
    title, place = event["title"], event["place"]
    amara = world.post("/people", {"name": "Amara Diallo", "email": AMARA, "at_risk": True})
    maria = world.post("/people", {"name": "Maria Achieng", "email": MARIA})
    world.post(f"/events/{event['id']}/invitations", {"people": [amara["id"], maria["id"]], "send": True})
    world.clock.forward(seconds=61)
    world.work()

    hers, others = world.last_letter(AMARA), world.last_letter(MARIA)
    assert [(title in said(one), place in said(one)) for one in (hers, others)] == [(False, False), (True, True)]
    path = answer_path(hers)
    assert place not in world.client.get(path).text

    world.client.post(path, data={"answer": "yes"})
    world.work()
    confirmed = world.last_letter(AMARA)
    assert place in said(confirmed)
    assert place in world.client.get(path).text
    assert (title in confirmed["Subject"], title in calendar_lines(confirmed)["SUMMARY"]) == (False, False)


def test_what_follows_an_event_says_nothing_to_her_either(world: World):
    event = make_seminar(world, make_project(world))
    amara = world.post("/people", {"name": "Amara Diallo", "email": AMARA, "at_risk": True})
    world.post(f"/events/{event['id']}/invitations", {"people": [amara["id"]], "send": True})
    world.clock.forward(seconds=61)
    world.work()
    (invitation,) = world.get(f"/events/{event['id']}/invitations")["items"]
    world.clock.at(datetime.fromisoformat(event["ends_at_utc"]))
    world.post(f"/invitations/{invitation['id']}/attendance", {"status": "present"})  # she came without a yes
    world.post(f"/events/{event['id']}/close")
    path = f"/events/{event['id']}/follow-up"
    thanks = next(step for step in world.get(path)["steps"] if step["kind"] == "thank_you")
    world.patch(f"{path}/steps/{thanks['id']}", {"note": f"Read on {event['title']}."})
    world.post(f"{path}/approve")
    before = len(world.letters(AMARA))

    for days in (1, 2, 5):
        world.clock.at(datetime.fromisoformat(event["ends_at_utc"]) + timedelta(days=days))
        world.work()

    after = world.letters(AMARA)[before:]
    assert len(after) == 3
    assert [(event["title"] in said(one), event["place"] in said(one)) for one in after] == [(False, False)] * 3
    assert event["place"] not in world.client.get(f"{answer_path(after[1])}/survey").text
