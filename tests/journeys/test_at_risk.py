"""Someone at risk is invited to an open event: nothing that lies in a mailbox or calendar says what it is."""

from __future__ import annotations

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
