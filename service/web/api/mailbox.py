"""The API of the local mailbox: what would have left, for tests and the curious."""

from __future__ import annotations

from datetime import datetime

from fastapi import Response

from service.accounts.values import Permission
from service.kernel.errors import NotFound
from service.mail import store
from service.web.deps import House, Limit, ReadSession
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/mailbox", tag="mailbox")


class LetterOut(ApiModel):
    """A letter in the local mailbox."""

    id: str
    to: str
    subject: str
    kind: str
    at: datetime


@router.get("")
@rule(Permission.ADMINISTER)
def list_letters(session: ReadSession, house: House, to: str | None = None, limit: Limit = 100) -> Page[LetterOut]:
    """Return the newest letters, those to one address if asked."""
    _local(house)
    found = store.read_local_letters(session, to=to, limit=limit)
    return Page(items=[LetterOut(id=x.id, to=x.to, subject=x.subject, kind=x.kind, at=x.at) for x in found])


@router.get("/{letter_id}.eml", response_class=Response)
@rule(Permission.ADMINISTER)
def raw_letter(session: ReadSession, house: House, letter_id: str) -> Response:
    """Return the raw message."""
    _local(house)
    found = store.read_local_letter(session, letter_id)
    if found is None:
        raise NotFound("There is no such letter.")
    return Response(found, media_type="message/rfc822")


def _local(house: House) -> None:
    if not house.local_mail:
        raise NotFound("Letters leave this installation: there is no local mailbox.")
