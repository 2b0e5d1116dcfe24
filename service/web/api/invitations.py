"""The API of invitations: who is invited, what they said, where they sit, whether they came."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Response
from pydantic import Field, model_validator

from service.accounts.values import Permission
from service.events import store as events
from service.ical.values import PartStat
from service.invitations import actions as invitation_actions
from service.invitations import rules, store
from service.invitations.store import replies as invitation_replies
from service.invitations.values import Answer, Invitation, Source
from service.kernel.errors import Invalid
from service.letters import actions as letters
from service.letters import files
from service.letters import store as letter_store
from service.web.api.events import own_event
from service.web.deps import After, House, Limit, Now, Principal, ReadSession, WriteSession, require_project
from service.web.desk import Desk
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="invitations")


class Invite(ApiModel):
    """Whom to invite: the members of a list, or people one by one. `send` approves the letters at once."""

    list_id: str | None = None
    people: list[str] = Field(default_factory=list)
    note: str = Field(default="", max_length=1000)
    send: bool = False

    @model_validator(mode="after")
    def one_of_two(self) -> Invite:
        """Refuse both or neither."""
        if bool(self.list_id) == bool(self.people):
            raise ValueError("give list_id or people")
        return self


class Skipped(ApiModel):
    """One person left out, and why."""

    person_id: str
    reason: str


class InvitedOut(ApiModel):
    """What inviting did."""

    mailing_id: str | None
    queued: int
    skipped: list[Skipped]


class InvitationOut(ApiModel):
    """An invitation on its four axes, and the one word for them."""

    id: str
    event_id: str
    person_id: str
    list_id: str | None
    basis: str
    status: str
    letter: str
    partstat: str
    online: bool
    seat: str
    attendance: str
    walk_in: bool
    asked_again: bool
    reply_source: str | None
    replied_at: datetime | None
    comment: str
    sequence_sent: int | None
    revision_told: int
    substituted_by: str | None
    substitute_for: str | None


class InvitationDetail(InvitationOut):
    """An invitation with the answers as they came and the letters as they left."""

    replies: list[dict[str, Any]]
    deliveries: list[dict[str, Any]]


class ReplyIn(ApiModel):
    """An answer typed in by staff: by phone, by letter, or told to them."""

    partstat: str
    online: bool | None = None
    via: str = "staff"
    comment: str = Field(default="", max_length=1000)


class AttendanceIn(ApiModel):
    """present, absent, excused, or unknown to take it back."""

    status: str


class WalkIn(ApiModel):
    """Someone who came."""

    person_id: str


class SubstituteIn(ApiModel):
    """Who comes instead."""

    person_id: str


def invitation_out(invitation: Invitation) -> dict[str, Any]:
    """Return the fields of `InvitationOut`."""
    fields = {name: getattr(invitation, name) for name in InvitationOut.model_fields if name != "status"}
    return {**fields, "status": rules.status(invitation).value}


@router.post("/events/{event_id}/invitations", status_code=201)
@rule(Permission.SEND)
def invite(session: WriteSession, who: Principal, now: Now, desk: Desk, event_id: str, body: Invite) -> InvitedOut:
    """Invite a list or people: a mailing to approve, or on its way with `send`."""
    own_event(session, who, event_id)
    if body.list_id:
        letter_store.require_list(session, body.list_id)
        done = letters.invite_list(session, event_id, body.list_id, desk=desk, note=body.note, now=now, actor=who.actor)
    else:
        letter_store.require_people(session, body.people)
        done = letters.invite_people(
            session, event_id, body.people, desk=desk, note=body.note, now=now, actor=who.actor
        )
    if body.send and done.mailing_id:
        letters.approve(session, done.mailing_id, desk=desk, now=now, actor=who.actor)
    skipped = [Skipped(person_id=person, reason=reason) for person, reason in done.skipped]
    return InvitedOut(mailing_id=done.mailing_id, queued=done.queued, skipped=skipped)


@router.get("/events/{event_id}/invitations")
@rule(Permission.READ)
def list_invitations(
    session: ReadSession,
    who: Principal,
    event_id: str,
    limit: Limit = 100,
    after: After = None,
    status: str | None = None,
) -> Page[InvitationOut]:
    """Return the invitations to an event, those of one status if asked."""
    own_event(session, who, event_id)
    everyone = [i for i in store.read_of_event(session, event_id) if status in (None, rules.status(i).value)]
    rest = [i for i in everyone if after is None or i.id > after]
    more = rest[limit - 1].id if len(rest) > limit else None
    return Page(items=[InvitationOut(**invitation_out(i)) for i in rest[:limit]], next=more)


def own_invitation(session: ReadSession, who: Principal, invitation_id: str) -> Invitation:
    """Return an invitation this caller may see.

    Raises:
        UnknownInvitation: there is none, or it belongs to another project.
    """
    invitation = store.read(session, invitation_id)
    require_project(who, events.read_event(session, invitation.event_id).project_id)
    return invitation


@router.get("/invitations/{invitation_id}")
@rule(Permission.READ)
def read_invitation(session: ReadSession, who: Principal, invitation_id: str) -> InvitationDetail:
    """Return one invitation with its history."""
    invitation = own_invitation(session, who, invitation_id)
    history = {
        "replies": invitation_replies.read_replies(session, invitation_id),
        "deliveries": letter_store.read_letters_of(session, invitation_id),
    }
    return InvitationDetail(**invitation_out(invitation), **history)


@router.post("/invitations/{invitation_id}/reply")
@rule(Permission.EDIT)
def type_in_reply(
    session: WriteSession, who: Principal, now: Now, desk: Desk, invitation_id: str, body: ReplyIn
) -> InvitationOut:
    """Type in an answer that was given by phone, by letter or in person."""
    own_invitation(session, who, invitation_id)
    answer = Answer(_partstat(body.partstat), _source(body.via), online=body.online, comment=body.comment)
    outcome = letters.take_answer(session, invitation_id, answer, desk=desk, now=now, actor=who.actor)
    return InvitationOut(**invitation_out(outcome.after))


def _partstat(raw: str) -> PartStat:
    if raw not in (PartStat.ACCEPTED, PartStat.DECLINED, PartStat.TENTATIVE):
        raise Invalid("An answer is ACCEPTED, DECLINED or TENTATIVE.", field="partstat")
    return PartStat(raw)


def _source(raw: str) -> Source:
    if raw not in (Source.PHONE, Source.LETTER, Source.STAFF):
        raise Invalid("Staff type in what came by phone, letter or staff.", field="via")
    return Source(raw)


@router.post("/invitations/{invitation_id}/attendance")
@rule(Permission.CHECK_IN)
def record_attendance(
    session: WriteSession, who: Principal, now: Now, invitation_id: str, body: AttendanceIn
) -> InvitationOut:
    """Note whether someone was there."""
    own_invitation(session, who, invitation_id)
    after = invitation_actions.record_attendance(session, invitation_id, body.status, now=now, actor=who.actor)
    return InvitationOut(**invitation_out(after))


@router.post("/events/{event_id}/walk-ins", status_code=201)
@rule(Permission.CHECK_IN)
def add_walk_in(session: WriteSession, who: Principal, now: Now, event_id: str, body: WalkIn) -> InvitationOut:
    """Note someone who came without an invitation."""
    own_event(session, who, event_id)
    letter_store.require_people(session, [body.person_id])
    came = invitation_actions.add_walk_in(session, event_id, body.person_id, now=now, actor=who.actor)
    return InvitationOut(**invitation_out(came))


@router.post("/invitations/{invitation_id}/withdraw")
@rule(Permission.SEND)
def withdraw(session: WriteSession, who: Principal, now: Now, desk: Desk, invitation_id: str) -> InvitationOut:
    """Take an invitation back; whoever had the letter gets a CANCEL."""
    own_invitation(session, who, invitation_id)
    after = letters.withdraw(session, invitation_id, desk=desk, now=now, actor=who.actor)
    return InvitationOut(**invitation_out(after))


@router.post("/invitations/{invitation_id}/substitute", status_code=201)
@rule(Permission.SEND)
def substitute(
    session: WriteSession, who: Principal, now: Now, desk: Desk, invitation_id: str, body: SubstituteIn
) -> InvitedOut:
    """Invite someone in another's place: a mailing to approve."""
    own_invitation(session, who, invitation_id)
    letter_store.require_people(session, [body.person_id])
    done = letters.substitute(session, invitation_id, body.person_id, desk=desk, now=now, actor=who.actor)
    return InvitedOut(mailing_id=done.mailing_id, queued=done.queued, skipped=[])


@router.post("/invitations/{invitation_id}/seat")
@rule(Permission.EDIT)
def give_seat(session: WriteSession, who: Principal, now: Now, desk: Desk, invitation_id: str) -> InvitationOut:
    """Give a free seat to someone who waits."""
    own_invitation(session, who, invitation_id)
    after = letters.give_seat(session, invitation_id, desk=desk, now=now, actor=who.actor)
    return InvitationOut(**invitation_out(after))


@router.get("/invitations/{invitation_id}/calendar.ics", response_class=Response)
@rule(Permission.READ)
def invitation_calendar(session: ReadSession, who: Principal, house: House, invitation_id: str) -> Response:
    """Return that invitee's REQUEST, as their letter carries it."""
    invitation = own_invitation(session, who, invitation_id)
    data = files.calendar_of(session, invitation, composer=house.composer)
    return Response(data, media_type="text/calendar; charset=utf-8")
