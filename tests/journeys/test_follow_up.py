"""From the close of a seminar to the figures of the report: letters on their days, answers by link, promises kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from email.message import EmailMessage

from tests.journeys.test_main_story import make_project, make_seminar
from tests.journeys.world import World, answer_path, body_of

GUESTS = {
    "maria@example.org": ("Maria Achieng", "en", "ACCEPTED", "present"),
    "layla@example.org": ("Layla Mansour", "ar", "ACCEPTED", "present"),
    "fatou@example.org": ("Fatou Ndiaye", "fr", "ACCEPTED", "absent"),
    "ingrid@example.org": ("Ingrid Solheim", "en", "DECLINED", "absent"),
}


def test_from_the_close_of_a_seminar_to_its_figures(world: World) -> None:
    event = make_seminar(world, make_project(world), capacity=None)
    invited = hold(world, event)
    path = f"/events/{event['id']}/follow-up"
    closed = world.clock()
    steps = {step["kind"]: step for step in world.get(path)["steps"]}
    world.patch(f"{path}/steps/{steps['next_steps']['id']}", {"note": "Maria writes the brief by May."})
    before = len(world.letters())

    # Nothing leaves before a yes.
    to(world, closed, 1)
    assert len(world.letters()) == before
    world.post(f"{path}/approve")
    world.clock.forward(minutes=2)
    world.work()
    assert got(world, before) == {"maria": ["Thank"], "layla": ["شكرًا"], "fatou": ["Vous"]}

    # The survey on its day, in the reader's language; answered by link; the reminder goes only to who is silent.
    to(world, closed, 2)
    letter = world.last_letter("maria@example.org")
    page = f"{answer_path(letter)}/survey"
    assert page in body_of(letter, "text/plain")
    assert world.client.get(page).status_code == 200
    told = {"usefulness": "5", "words": "More time", "promise": "Train my team", "may_ask": "yes", "next_steps": "yes"}
    assert world.client.post(page, data=told).status_code == 303
    arabic = world.client.get(f"{answer_path(world.last_letter('layla@example.org'))}/survey").text
    assert 'dir="rtl"' in arabic
    middle = len(world.letters())
    to(world, closed, 5)
    assert list(got(world, middle)) == ["layla"]

    # Next steps only to who asked; after three months the question what came of it.
    middle = len(world.letters())
    to(world, closed, 7)
    assert list(got(world, middle)) == ["maria"]
    assert "Maria writes the brief by May." in body_of(world.last_letter("maria@example.org"), "text/plain")
    middle = len(world.letters())
    to(world, closed, 90)
    assert list(got(world, middle)) == ["maria"]
    check = f"{answer_path(world.last_letter('maria@example.org'))}/check"
    assert "Train my team" in world.client.get(check).text
    assert world.client.post(check, data={"state": "done", "used": "yes"}).status_code == 303

    # And the figures, and the outcome that is proposed.
    assert figures(world, event) == {"E9": (1, 2), "E10": (1, 1), "U6": (1, 2), "U7": (1, 1), "U8": (1, 1)}
    (one,) = world.get(f"/projects/{event['project_id']}/commitments?show=proposed")["items"]
    assert (one["words"], one["state"], one["invitation_id"]) == ("Train my team", "done", invited["maria@example.org"])
    again = len(world.letters())
    to(world, closed, 200)
    assert len(world.letters()) == again


def hold(world: World, event: dict) -> dict[str, str]:
    """Invite four, let them answer and come, and close; return their invitations by address."""
    people = {
        address: world.post("/people", {"name": name, "email": address, "language": language, "source": "card"})["id"]
        for address, (name, language, _said, _was) in GUESTS.items()
    }
    world.post(f"/events/{event['id']}/invitations", {"people": [*people.values()], "send": True})
    world.clock.forward(minutes=2)
    world.work()
    rows = {row["person_id"]: row["id"] for row in world.get(f"/events/{event['id']}/invitations")["items"]}
    invited = {address: rows[person_id] for address, person_id in people.items()}
    for address, (_name, _language, said, _was) in GUESTS.items():
        word = "yes" if said == "ACCEPTED" else "no"
        world.client.post(answer_path(world.last_letter(address)), data={"answer": word})
    world.work()
    world.clock.at(datetime.fromisoformat(event["ends_at_utc"]))
    for address, (*_facts, was) in GUESTS.items():
        world.post(f"/invitations/{invited[address]}/attendance", {"status": was})
    world.post(f"/events/{event['id']}/close")
    return invited


def to(world: World, closed: datetime, days: int) -> None:
    """Go to the evening of a day after the close, and let the worker work."""
    world.clock.at((closed + timedelta(days=days)).replace(hour=18))
    world.work()


def got(world: World, since: int) -> dict[str, list[str]]:
    """Return who got letters since, by the first part of the address, with the first word of each subject."""
    found: dict[str, list[str]] = {}
    fresh: list[EmailMessage] = world.letters()[since:]
    for letter in fresh:
        word = re.split(r"[ :،]", str(letter["Subject"]))[0]
        found.setdefault(str(letter["To"]).split("<")[-1].split("@")[0], []).append(word)
    return found


def figures(world: World, event: dict) -> dict[str, tuple[object, object]]:
    rows = {one["indicator"]: one for one in world.get(f"/projects/{event['project_id']}/figures")["figures"]}
    return {key: (rows[key]["numerator"], rows[key]["denominator"]) for key in ("E9", "E10", "U6", "U7", "U8")}
