"""The API of mailing lists and who is on them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from service.accounts.values import Permission
from service.directory import segments
from service.events import store as events
from service.letters import to_lists
from service.mail import actions as mail
from service.people import actions, store
from service.people.rules import lists
from service.people.values import MailingList
from service.web.api.mailings import MailingOut, mailing_out
from service.web.api.people import PersonOut, person_out
from service.web.deps import After, Limit, Now, Principal, ReadSession, WriteSession, require_project
from service.web.desk import Desk
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/lists", tag="lists")


class ListIn(ApiModel):
    """A list to make."""

    name: str
    key: str | None = None
    purpose: str = "events"
    language: str | None = None
    public: bool = False
    double_opt_in: bool = True
    owner: str = ""


class SegmentIn(ApiModel):
    """A segment to make: `filter` as for `/people`, `ground` is consent or legitimate_interest."""

    name: str
    filter: dict[str, Any]
    ground: str = "consent"
    key: str | None = None
    purpose: str = "events"
    language: str | None = None
    owner: str = ""


class ListOut(ApiModel):
    """A list, and how many are on it; of a segment, how many match its `filter` now."""

    id: str
    key: str
    name: str
    purpose: str
    language: str | None
    public: bool
    double_opt_in: bool
    members: int
    owner: str
    filter: dict[str, Any] | None
    ground: str | None


class ConsentIn(ApiModel):
    """The lawful basis: consent, legitimate_interest or contract, and how we know."""

    basis: str
    source: str | None = None
    text_version: str | None = None


class MembersIn(ApiModel):
    """Who joins, and on which ground; without one they are on the list and not written to."""

    people: list[str] = Field(min_length=1, max_length=10_000)
    consent: ConsentIn | None = None


class MembersOut(ApiModel):
    """How many joined or left."""

    changed: int


def list_out(mailing_list: MailingList) -> ListOut:
    """Return a list as the API shows it."""
    return ListOut.model_validate(mailing_list)


@router.get("")
@rule(Permission.READ)
def read_lists(session: ReadSession) -> Page[ListOut]:
    """Return the lists."""
    return Page(items=[list_out(x) for x in segments.counted(session, store.read_lists(session))])


@router.post("", status_code=201)
@rule(Permission.EDIT)
def create_list(session: WriteSession, who: Principal, now: Now, body: ListIn) -> ListOut:
    """Make a list."""
    return list_out(actions.create_list(session, **body.model_dump(), now=now, actor=who.actor))


@router.post("/segments", status_code=201)
@rule(Permission.EDIT)
def create_segment(session: WriteSession, who: Principal, now: Now, body: SegmentIn) -> ListOut:
    """Make a segment: a list whose people are whoever matches a filter."""
    given = body.model_dump(exclude={"filter"})
    made = segments.save(session, **given, wanted=body.filter, now=now, actor=who.actor)
    return list_out(segments.counted(session, [made])[0])


@router.get("/{list_id}/members")
@rule(Permission.READ)
def read_members(session: ReadSession, list_id: str, limit: Limit = 100, after: After = None) -> Page[PersonOut]:
    """Return who is on a list."""
    target = store.read_list(session, list_id)
    if target.filter is not None:
        found = segments.read_members(session, target, after=after, limit=limit)
    else:
        found = store.read_people(session, list_id=list_id, after=after, limit=limit)
    return Page(items=[person_out(p) for p in found.items], next=found.next)


@router.post("/{list_id}/members")
@rule(Permission.EDIT)
def add_members(session: WriteSession, who: Principal, now: Now, list_id: str, body: MembersIn) -> MembersOut:
    """Put people on a list."""
    ground = body.consent
    consent = lists.read_consent(ground.basis, ground.source, ground.text_version) if ground else None
    joined = actions.add_members(session, list_id, body.people, consent, now=now, actor=who.actor)
    return MembersOut(changed=joined)


@router.delete("/{list_id}/members/{person_id}")
@rule(Permission.EDIT)
def remove_member(session: WriteSession, who: Principal, now: Now, list_id: str, person_id: str) -> MembersOut:
    """Take someone off a list; that their consent ended is remembered."""
    return MembersOut(changed=actions.remove_members(session, list_id, [person_id], now=now, actor=who.actor))


class LetterIn(ApiModel):
    """A letter to all of a list: `kind` is newsletter, press_release, action_alert, daily_briefing or save_the_date.

    `until`: an embargo or a deadline, in the project's local time, such as 2027-03-04T18:00. `event_id`: what date to
    save; such a letter needs no words.
    """

    project_id: str
    kind: str
    subject: str = Field(default="", max_length=200)
    body: str = Field(default="", max_length=20_000)
    until: str = ""
    event_id: str = ""


@router.post("/{list_id}/letters", status_code=201)
@rule(Permission.SEND)
def write_letter(
    session: WriteSession, who: Principal, now: Now, desk: Desk, list_id: str, body: LetterIn
) -> MailingOut:
    """Write a letter to everybody on a list or in a segment: a draft mailing, to be approved."""
    require_project(who, body.project_id)
    project = events.read_project(session, body.project_id)
    words = body.model_dump(exclude={"project_id"})
    done = to_lists.write_to_list(session, project, list_id, **words, desk=desk, now=now, actor=who.actor)
    return mailing_out(mail.read_mailing(session, done.mailing_id or ""))
