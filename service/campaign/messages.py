"""The message library: what the campaign says to whom, signed off by someone who did not write it.

What was signed off stays word for word; a change of it is a new version, which waits for its own signature.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from service.audit import log
from service.campaign import rules
from service.campaign.store import MESSAGES
from service.campaign.values import Message, Topic
from service.events.store import read_project
from service.kernel.errors import Conflict, Forbidden
from service.kernel.ids import new_id
from service.people import store as people


class OwnMessage(Forbidden):
    """Who wrote a message does not sign it off."""

    code = "own-message"


class AlreadySignedOff(Conflict):
    """It is signed off and stays as it is."""

    code = "already-signed-off"


class NotSignedOff(Conflict):
    """Nobody has signed it off, so it goes into no letter."""

    code = "not-signed-off"


class OlderVersion(Conflict):
    """There is a newer version of it."""

    code = "older-version"


def add_message(session: Session, project_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str) -> Message:
    """Write a message down; it waits for someone else's signature.

    Raises:
        UnknownProject, RecordIncomplete, UnknownChoice, UnknownCountry.
    """
    read_project(session, project_id)
    first = new_id()
    blank = Message(first, first, 1, "", "", None, None, (), (), now)
    message = judge(blank, wishes, _audiences(session), actor=actor, now=now)
    MESSAGES.add(session, project_id, message)
    log.record(session, actor=actor, action="message.written", subject=f"message:{message.id}", now=now)
    return message


def edit_message(
    session: Session, project_id: str, message_id: str, wishes: Mapping[str, Any], *, now: datetime, actor: str
) -> Message:
    """Change a message; one that is signed off stays, and the change becomes its next version.

    Raises:
        UnknownRecord, OlderVersion, RecordIncomplete, UnknownChoice, UnknownCountry.
    """
    before = MESSAGES.read(session, project_id, message_id)
    newest = next(one[0] for one in threads(MESSAGES.read_all(session, project_id)) if one[0].thread == before.thread)
    if newest.id != before.id:
        raise OlderVersion("There is a newer version of this message. Change that one.", message_id=newest.id)
    after = judge(before, wishes, _audiences(session), actor=actor, now=now)
    if says(after) == says(before):
        return before
    if before.is_signed_off:
        after = replace(after, id=new_id(), number=before.number + 1, writers=(actor,), signed_by=None, signed_at=None)
        MESSAGES.add(session, project_id, after)
    else:
        MESSAGES.write(session, after)
    log.record(session, actor=actor, action="message.changed", subject=f"message:{after.id}", now=now)
    return after


def sign_off(session: Session, project_id: str, message_id: str, *, now: datetime, actor: str) -> Message:
    """Sign a message off, so that letters may say it.

    Raises:
        UnknownRecord, AlreadySignedOff, OwnMessage.
    """
    after = signed(MESSAGES.read(session, project_id, message_id), actor=actor, now=now)
    MESSAGES.write(session, after)
    log.record(session, actor=actor, action="message.signed-off", subject=f"message:{message_id}", now=now)
    return after


def remove_message(session: Session, project_id: str, message_id: str, *, now: datetime, actor: str) -> None:
    """Take away a version that nobody has signed off.

    Raises:
        UnknownRecord, AlreadySignedOff.
    """
    if MESSAGES.read(session, project_id, message_id).is_signed_off:
        raise AlreadySignedOff("It is signed off: letters may have said it, so it stays.")
    MESSAGES.remove(session, message_id)
    log.record(session, actor=actor, action="message.removed", subject=f"message:{message_id}", now=now)


def read_words(session: Session, project_id: str, message_id: str) -> Message:
    """Return a message for a letter: this version, or refuse it.

    Raises:
        UnknownRecord, NotSignedOff.
    """
    message = MESSAGES.read(session, project_id, message_id)
    if not message.is_signed_off:
        raise NotSignedOff("This message is not signed off yet, so no letter can say it.")
    return message


def _audiences(session: Session) -> set[str]:
    return {one.key for one in people.read_audiences(session)}


# Pure


def judge(
    message: Message, wishes: Mapping[str, Any], audiences: Collection[str], *, actor: str, now: datetime
) -> Message:
    """Return a message as it is wanted, with who wrote it; what is left out stays.

    Raises:
        RecordIncomplete, UnknownChoice, UnknownCountry.
    """
    given = {name: getattr(message, name) for name in ("title", "text", "audience_key", "topic", "countries")}
    wanted = given | {name: wishes[name] for name in given if name in wishes}
    audience = rules.line(wanted["audience_key"], 60) or None
    if audience and audience not in audiences:
        raise rules.UnknownChoice("Choose one of the list.", field="audience_key")
    return replace(
        message,
        title=rules.needed(rules.line(wanted["title"], 200), "title", "Give the message a name."),
        text=rules.needed(rules.block(wanted["text"], 4000), "text", "Write what the campaign says."),
        audience_key=audience,
        topic=rules.choice(Topic, wanted["topic"], "topic") if wanted["topic"] else None,
        countries=rules.countries(wanted["countries"], "countries"),
        writers=tuple(dict.fromkeys((*message.writers, actor))),
        written_at=now,
    )


def says(message: Message) -> tuple[Any, ...]:
    """Return what a message says and to whom, without who wrote it."""
    return (message.title, message.text, message.audience_key, message.topic, message.countries)


def signed(message: Message, *, actor: str, now: datetime) -> Message:
    """Return a message with a signature.

    Raises:
        AlreadySignedOff: it has one.
        OwnMessage: they wrote some of it, or are a program.
    """
    if message.is_signed_off:
        raise AlreadySignedOff("It is signed off already.")
    if actor in message.writers or not actor.startswith("staff:"):
        raise OwnMessage("Who wrote a message does not sign it off: another manager does.")
    return replace(message, signed_by=actor, signed_at=now)


def threads(messages: Iterable[Message]) -> list[list[Message]]:
    """Return messages with their versions, the newest version first, in the order they were first written."""
    found: dict[str, list[Message]] = {}
    for message in sorted(messages, key=lambda one: one.number, reverse=True):
        found.setdefault(message.thread, []).append(message)
    return [found[thread] for thread in sorted(found)]


def usable(versions: Iterable[Message]) -> Message | None:
    """Return the newest version of a message that is signed off."""
    return next((one for one in versions if one.is_signed_off), None)


def is_for(message: Message, *, audience: str = "", topic: str = "", country: str = "") -> bool:
    """Tell whether a message is for an audience, of a topic and for a country; it is for all whom it does not name.

    Nothing asked for is everything.
    """
    return (
        (not audience or message.audience_key in (None, audience))
        and (not topic or message.topic == topic)
        and (not country or not message.countries or country in message.countries)
    )
