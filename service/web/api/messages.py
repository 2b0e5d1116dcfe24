"""The API of the message library."""

from __future__ import annotations

from datetime import datetime

from fastapi import Response

from service.accounts.values import Permission
from service.campaign import messages
from service.campaign.store import MESSAGES
from service.campaign.values import Message, Topic
from service.events import store as events
from service.web.deps import Now, Principal, ReadSession, WriteSession, require_project
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/projects/{project_id}/messages", tag="campaign")


class MessageIn(ApiModel):
    """What the campaign says; without `audience_key` to everyone, without `countries` everywhere."""

    title: str | None = None
    text: str | None = None
    audience_key: str | None = None
    topic: str | None = None
    countries: list[str] | None = None


class MessageOut(ApiModel):
    """A version of a message; those of one message have the same `thread`. Only one that is signed off is said."""

    id: str
    thread: str
    number: int
    title: str
    text: str
    audience_key: str | None
    topic: Topic | None
    countries: list[str]
    writers: list[str]
    written_at: datetime
    signed_by: str | None
    signed_at: datetime | None


def _message(message: Message) -> MessageOut:
    fields = {name: getattr(message, name) for name in MessageOut.model_fields}
    return MessageOut(**{**fields, "countries": list(message.countries), "writers": list(message.writers)})


@router.get("")
@rule(Permission.READ)
def list_messages(
    session: ReadSession,
    who: Principal,
    project_id: str,
    audience: str = "",
    topic: str = "",
    country: str = "",
    signed: bool | None = None,
) -> Page[MessageOut]:
    """Return every version of the messages for an audience, of a topic, for a country; signed off or not."""
    require_project(who, project_id)
    events.read_project(session, project_id)
    found = MESSAGES.read_all(session, project_id)
    chosen = [m for m in found if messages.is_for(m, audience=audience, topic=topic, country=country)]
    return Page(items=[_message(one) for one in chosen if signed in (None, one.is_signed_off)])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def write(session: WriteSession, who: Principal, now: Now, project_id: str, body: MessageIn) -> MessageOut:
    """Write a message down; it waits for someone else's signature."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _message(messages.add_message(session, project_id, wishes, now=now, actor=who.actor))


@router.patch("/{message_id}")
@rule(Permission.EDIT)
def change(
    session: WriteSession, who: Principal, now: Now, project_id: str, message_id: str, body: MessageIn
) -> MessageOut:
    """Change a message; of one that is signed off this makes the next version."""
    require_project(who, project_id)
    wishes = body.model_dump(exclude_unset=True)
    return _message(messages.edit_message(session, project_id, message_id, wishes, now=now, actor=who.actor))


@router.post("/{message_id}/sign-off")
@rule(Permission.ADMINISTER)
def sign_off(session: WriteSession, who: Principal, now: Now, project_id: str, message_id: str) -> MessageOut:
    """Sign a message off that someone else wrote."""
    require_project(who, project_id)
    return _message(messages.sign_off(session, project_id, message_id, now=now, actor=who.actor))


@router.delete("/{message_id}", status_code=204)
@rule(Permission.EDIT)
def remove(session: WriteSession, who: Principal, now: Now, project_id: str, message_id: str) -> Response:
    """Take away a version that nobody has signed off."""
    require_project(who, project_id)
    messages.remove_message(session, project_id, message_id, now=now, actor=who.actor)
    return Response(status_code=204)
