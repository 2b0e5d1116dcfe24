"""The message library: written, changed, signed off by someone else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from service.audit import log
from service.campaign import messages
from service.campaign.messages import AlreadySignedOff, NotSignedOff, OlderVersion, OwnMessage
from service.campaign.store import MESSAGES
from service.campaign.values import Message, Topic
from service.kernel.errors import Invalid
from tests.dissemination.worlds import NOW, World, empty_world, store_world

ANA, BO = "staff:01ana", "staff:02bo"
LATER = NOW + timedelta(days=1)
ASK = {
    "title": " One  ask ", "text": "Sign.\r\nBy May.", "audience_key": "policy", "topic": "public_messaging",
    "countries": "Kenya, ug, Kenya",
}  # fmt: skip
BLANK = Message("m", "m", 1, "", "", None, None, (), (), NOW)


@pytest.fixture
def world(session: Session) -> World:
    """An empty project, stored."""
    return store_world(session, empty_world())


def test_a_message_is_read_from_what_was_typed():
    message = messages.judge(BLANK, ASK, {"policy"}, actor=ANA, now=LATER)

    topic = Topic.PUBLIC_MESSAGING
    expected = Message("m", "m", 1, "One ask", "Sign.\nBy May.", "policy", topic, ("KE", "UG"), (ANA,), LATER)
    assert message == expected


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"title": ""}, "record-incomplete", "title"),
        ({"text": " "}, "record-incomplete", "text"),
        ({"audience_key": "nobody"}, "unknown-choice", "audience_key"),
        ({"topic": "weather"}, "unknown-choice", "topic"),
        ({"countries": "Kenya, Atlantis"}, "unknown-country", "countries"),
        ({"countries": ",".join(["KE"] * 61)}, "unknown-country", "countries"),
    ],
)
def test_a_message_that_cannot_be_is_refused(wishes: dict[str, Any], code: str, field: str):
    with pytest.raises(Invalid) as refused:
        messages.judge(BLANK, ASK | wishes, {"policy"}, actor=ANA, now=NOW)

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    ("writers", "signed_by", "actor", "error"),
    [
        ((ANA,), None, ANA, OwnMessage),
        ((BO, ANA), None, ANA, OwnMessage),
        ((BO,), None, "key:01", OwnMessage),
        ((BO,), BO, ANA, AlreadySignedOff),
    ],
)
def test_who_may_not_sign(writers: tuple[str, ...], signed_by: str | None, actor: str, error: type[Exception]):
    with pytest.raises(error):
        messages.signed(replace(BLANK, writers=writers, signed_by=signed_by), actor=actor, now=NOW)


@pytest.mark.parametrize(
    ("asked", "is_for"),
    [
        ({}, True),
        ({"audience": "policy", "country": "KE", "topic": "governance"}, True),
        ({"audience": "academia"}, False),
        ({"country": "UG"}, False),
        ({"topic": "partners"}, False),
    ],
)
def test_messages_are_found_by_what_they_are_for(asked: dict[str, str], is_for: bool):
    message = replace(BLANK, audience_key="policy", countries=("KE",), topic=Topic.GOVERNANCE)

    assert messages.is_for(message, **asked) is is_for


def test_a_message_to_everyone_is_for_anyone():
    assert messages.is_for(BLANK, audience="policy", country="KE") is True


def test_another_signs_and_a_change_becomes_the_next_version(session: Session, world: World):
    p = world.project_id
    first = messages.add_message(session, p, ASK, now=NOW, actor=ANA)
    with pytest.raises(NotSignedOff):
        messages.read_words(session, p, first.id)
    with pytest.raises(OwnMessage):
        messages.sign_off(session, p, first.id, now=NOW, actor=ANA)

    signed = messages.sign_off(session, p, first.id, now=LATER, actor=BO)
    second = messages.edit_message(session, p, first.id, {"text": "Sign now."}, now=LATER, actor=BO)

    assert signed == replace(first, signed_by=BO, signed_at=LATER)
    assert messages.read_words(session, p, first.id) == signed
    changed = {"id": second.id, "number": 2, "text": "Sign now.", "writers": (BO,), "written_at": LATER}
    assert second == replace(first, **changed)
    (versions,) = messages.threads(MESSAGES.read_all(session, p))
    assert (versions, messages.usable(versions)) == ([second, signed], signed)
    with pytest.raises(OlderVersion):
        messages.edit_message(session, p, first.id, {"text": "Again."}, now=LATER, actor=ANA)


def test_whoever_touches_an_unsigned_message_is_one_of_its_writers(session: Session, world: World):
    p = world.project_id
    first = messages.add_message(session, p, ASK, now=NOW, actor=ANA)

    same = messages.edit_message(session, p, first.id, dict(ASK), now=LATER, actor=BO)
    after = messages.edit_message(session, p, first.id, {"title": "The ask"}, now=LATER, actor=BO)

    assert same == first
    assert after == replace(first, title="The ask", writers=(ANA, BO), written_at=LATER)
    for actor in (ANA, BO):
        with pytest.raises(OwnMessage):
            messages.sign_off(session, p, first.id, now=LATER, actor=actor)
    assert [one["action"] for one in log.trail(session, f"message:{first.id}")] == [
        "message.changed",
        "message.written",
    ]


def test_only_what_is_unsigned_is_taken_away(session: Session, world: World):
    p = world.project_id
    kept = messages.add_message(session, p, ASK, now=NOW, actor=ANA)
    gone = messages.add_message(session, p, ASK, now=NOW, actor=ANA)
    signed = messages.sign_off(session, p, kept.id, now=NOW, actor=BO)

    messages.remove_message(session, p, gone.id, now=NOW, actor=ANA)
    with pytest.raises(AlreadySignedOff):
        messages.remove_message(session, p, kept.id, now=NOW, actor=ANA)

    assert MESSAGES.read_all(session, p) == [signed]
