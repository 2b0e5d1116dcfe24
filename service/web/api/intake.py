"""The API's way in for mail: the same function as the command line and the mailbox."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from service.accounts.values import Permission
from service.kernel.errors import TooLarge
from service.letters.intake import take_in
from service.web.deps import House, Now, Principal, WriteSession
from service.web.desk import Desk
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/intake", tag="intake")
LARGEST = 10 * 1024 * 1024


class TakenOut(ApiModel):
    """What was made of a message."""

    verdict: str
    applied: bool
    reason: str


async def raw_message(request: Request) -> bytes:
    """Return the body of the request: one RFC 5322 message."""
    raw = await request.body()
    if len(raw) > LARGEST:
        raise TooLarge("A message may have 10 MB at most.")
    return raw


@router.post("", openapi_extra={"requestBody": {"content": {"message/rfc822": {"schema": {"type": "string"}}}}})
@rule(Permission.EDIT)
def take_in_message(
    raw: Annotated[bytes, Depends(raw_message)],
    session: WriteSession,
    who: Principal,  # noqa: ARG001  (the guard wants someone)
    now: Now,
    house: House,
    desk: Desk,
) -> TakenOut:
    """Take in one raw message: an answer from a calendar, a bounce, a complaint."""
    taken = take_in(session, raw, desk=desk, keyring=house.keyring, now=now)
    return TakenOut(verdict=taken.verdict, applied=taken.applied, reason=taken.reason)
