"""The API's way in for mail: the same function as the command line and the mailbox."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Request, Response
from sqlmodel import Session

from service.accounts.values import Permission
from service.accounts.values import Principal as Who
from service.kernel.errors import TooLarge
from service.letters import unplaced
from service.letters.intake import take_in
from service.letters.store.intakes import UnknownIntake
from service.letters.values import Unplaced
from service.web.deps import House, Now, Principal, ReadSession, WriteSession
from service.web.desk import Desk
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/intake", tag="intake")
LARGEST = 10 * 1024 * 1024


class ProposalOut(ApiModel):
    """The time someone asks for instead, UTC; of whole days, the first and the last."""

    starts_at: datetime | date
    ends_at: datetime | date | None


class WaitingOut(ApiModel):
    """A message that waits for a decision. Of people at risk neither sender nor attendee is given."""

    id: str
    at: datetime
    verdict: str
    reason: str
    sender: str
    subject: str
    text: str
    attendee: str
    partstat: str | None
    comment: str
    proposes: ProposalOut | None
    invitation_id: str | None
    event_id: str | None


class WaitingPage(ApiModel):
    """What waits, newest first, the newest 50."""

    items: list[WaitingOut]


class DraftOut(ApiModel):
    """A mailing that waits to be approved."""

    mailing_id: str


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


@router.get("")
@rule(Permission.EDIT)
def list_waiting(session: ReadSession, who: Principal) -> WaitingPage:
    """List messages that could not be placed and wait for a decision."""
    return WaitingPage(items=[_out(item) for item in unplaced.read_queue(session) if _is_of(who, item)])


def _is_of(who: Who, item: Unplaced) -> bool:
    """Tell whether a key may know of a message: one for a project reads what is about its events only."""
    return who.project_id is None or (item.event is not None and item.event.project_id == who.project_id)


def _own(session: Session, who: Who, intake_id: str) -> str:
    """Return the id of a message the caller may know of.

    Raises:
        UnknownIntake: there is none. AlreadySettled: it does not wait any more.
    """
    if not _is_of(who, unplaced.read(session, intake_id)):
        raise UnknownIntake("There is no such message.")
    return intake_id


def _out(item: Unplaced) -> WaitingOut:
    reply = item.reply
    proposed = reply.proposed if reply else None
    return WaitingOut(
        id=item.id,
        at=item.at,
        verdict=item.verdict,
        reason=item.reason,
        sender="" if item.at_risk else item.sender,
        subject="" if item.at_risk else item.subject,
        text="" if item.at_risk else item.text,
        attendee=reply.attendee_email if reply and not item.at_risk else "",
        partstat=reply.partstat.value if reply else None,
        comment=reply.comment if reply else "",
        proposes=ProposalOut(starts_at=proposed[0], ends_at=proposed[1]) if proposed else None,
        invitation_id=item.invitation_id or None,
        event_id=item.event.id if item.event else None,
    )


@router.post("/{intake_id}/count", status_code=204, response_class=Response)
@rule(Permission.EDIT)
def count_answer(session: WriteSession, who: Principal, now: Now, desk: Desk, intake_id: str) -> None:
    """Count an unverified answer as the guest's."""
    unplaced.count(session, _own(session, who, intake_id), desk=desk, now=now, actor=who.actor)


@router.post("/{intake_id}/invite", status_code=201)
@rule(Permission.SEND)
def invite_sender(session: WriteSession, who: Principal, now: Now, desk: Desk, intake_id: str) -> DraftOut:
    """Invite someone who answered without having been invited: a draft mailing to approve."""
    done = unplaced.invite(session, _own(session, who, intake_id), desk=desk, now=now, actor=who.actor)
    return DraftOut(mailing_id=done.mailing_id or "")


@router.post("/{intake_id}/set-aside", status_code=204, response_class=Response)
@rule(Permission.EDIT)
def set_aside(session: WriteSession, who: Principal, now: Now, intake_id: str) -> None:
    """Do nothing about a message; its text goes."""
    unplaced.set_aside(session, _own(session, who, intake_id), now=now, actor=who.actor)
