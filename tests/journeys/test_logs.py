"""The logs of a whole journey hold ids and kinds only: no address, no name, no token, no words of a guest."""

from __future__ import annotations

import re

import pytest

from tests.journeys.test_main_story import RFC822, import_people, make_project, make_seminar, reply_to
from tests.journeys.world import World, answer_path

NAMES = ("Maria", "Achieng", "Rivadeneira", "Mansour", "Solheim", "Karanja", "Ndiaye", "Lakeside", "Fjordvik")


def test_a_journey_leaves_no_person_in_the_logs(world: World, capfd: pytest.CaptureFixture[str]):
    event = make_seminar(world, make_project(world))
    list_id = import_people(world)
    world.post(f"/events/{event['id']}/invitations", {"list_id": list_id, "send": True})
    world.clock.forward(seconds=61)
    world.work()
    letters = world.letters()
    tokens = [answer_path(m).removeprefix("/r/") for m in letters]
    for message, token in zip(letters, tokens, strict=True):
        world.client.get(f"/r/{token}?a=yes")
        world.client.post(f"/r/{token}", data={"answer": "no", "comment": "My secret reason"})
        world.client.get(f"/r/{token}x")
        raw = reply_to(message, str(message["To"]).rpartition("<")[2].strip(">"), "ACCEPTED", world.clock.now)
        world.client.post("/api/v1/intake", content=raw, headers=world.api | RFC822)
    world.client.post("/api/v1/people", json={"name": "Grace Mutua", "email": "bad address"}, headers=world.api)
    world.client.get("/people?q=Maria")
    world.work()

    printed = "".join(capfd.readouterr())

    assert "request.answered" in printed  # there is a log, so absence means something
    found = [word for word in (*NAMES, "Grace", "My secret reason", *tokens) if word in printed]
    assert found == []
    assert re.findall(r"[\w.]+@[\w.]*example\.\w+", printed) == []
