"""The API of making two people one, and two again."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from service.accounts.values import Permission
from service.directory import merging as merges
from service.directory import unmerging
from service.directory.values import Side
from service.letters import merging
from service.people import store
from service.web.api.people import PersonOut, person_out
from service.web.deps import House, Now, Principal, ReadSession, WriteSession
from service.web.desk import Desk
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/people", tag="people")


class MergeIn(ApiModel):
    """Who is taken in, and which side stays of fields where the two differ; the rest is proposed."""

    other: str
    choices: dict[str, Side] = Field(default_factory=dict)


class ChoiceOut(ApiModel):
    """One field of both, and what is proposed to stay."""

    field: str
    kept: str
    taken: str
    chosen: Side


class FollowsOut(ApiModel):
    """Letters about one event: a CANCEL to the address that is left, a REQUEST to the main one."""

    event_id: str
    cancels: bool
    asks: bool


class PreviewOut(ApiModel):
    """What merging would do. `moved` and `joined` are invitations of the one who is taken in."""

    fields: list[ChoiceOut]
    list_ids: list[str]
    moved: list[str]
    joined: list[str]
    letters: list[FollowsOut]


class MergeOut(ApiModel):
    """A merge that was made, and the person there is now."""

    id: str
    undo_until: datetime
    person: PersonOut


class UndoneOut(ApiModel):
    """Two people again. `newer`: fields of the first that were changed since and stayed as they are."""

    person_ids: tuple[str, str]
    newer: list[str]


@router.get("/{person_id}/merge")
@rule(Permission.EDIT)
def preview(session: ReadSession, house: House, desk: Desk, now: Now, person_id: str, other: str) -> PreviewOut:
    """Return what merging another person into this one would do, as proposed. Nothing is stored."""
    seen = merging.preview(session, person_id, other, {}, ring=house.ring, desk=desk, now=now)
    fields = [ChoiceOut(field=c.field, kept=c.kept, taken=c.taken, chosen=c.chosen) for c in seen.plan.fields]
    joined = [one.id for pair in seen.plan.doubled for one in (pair.stays, pair.goes) if one.person_id == other]
    return PreviewOut(
        fields=fields,
        list_ids=[one.list_id for one in seen.plan.lists],
        moved=[one.id for one in seen.plan.moved],
        joined=joined,
        letters=[FollowsOut(event_id=one.event.id, cancels=one.cancels, asks=one.asks) for one in seen.letters],
    )


@router.post("/{person_id}/merge", status_code=201)
@rule(Permission.EDIT)
def merge(
    session: WriteSession, who: Principal, now: Now, house: House, desk: Desk, person_id: str, body: MergeIn
) -> MergeOut:
    """Merge another person into this one; calendars are told by letter. The other id leads here from now on."""
    made = merging.merge(
        session, person_id, body.other, body.choices, ring=house.ring, desk=desk, now=now, actor=who.actor
    )
    person = person_out(store.read_person(session, person_id))
    return MergeOut(id=made, undo_until=now + merges.UNDO_FOR, person=person)


@router.post("/{person_id}/merges/{merge_id}/undo")
@rule(Permission.EDIT)
def undo(
    session: WriteSession, who: Principal, now: Now, house: House, desk: Desk, person_id: str, merge_id: str
) -> UndoneOut:
    """Make one person two again, for 30 days; what was said since stays."""
    unmerging.check_kept(session, merge_id, person_id, now=now)
    undone = merging.undo(session, merge_id, ring=house.ring, desk=desk, now=now, actor=who.actor)
    return UndoneOut(person_ids=(undone.kept_id, undone.taken_id), newer=list(undone.newer))
