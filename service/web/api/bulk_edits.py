"""The API of changing many people at once: what it would do, doing it, taking it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field
from sqlmodel import Session

from service.accounts.values import Permission
from service.directory import store as directory
from service.directory.filters import read_filter
from service.people import bulk_edits, store
from service.people.store import bulk_edits as ledger
from service.web.deps import Now, Principal, ReadSession, WriteSession
from service.web.models import ApiModel
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/bulk-edits", tag="people")


class WishIn(ApiModel):
    """What shall be so of them; what is left out stays as it is. `at_risk` can only be set."""

    audience: str | None = None
    country: str | None = None
    language: str | None = None
    add_tags: list[str] = Field(default=[], max_length=50)
    remove_tags: list[str] = Field(default=[], max_length=50)
    at_risk: bool = False


class BulkEditIn(ApiModel):
    """Whom to change, at most 1,000 people: `filter` and `q` as for `/people`; and how."""

    filter: dict[str, Any]
    q: str = ""
    set: WishIn


class BulkPreviewOut(ApiModel):
    """Who would change, and how many are like that already. Nothing is stored."""

    people: list[str]
    same: int


class BulkEditOut(ApiModel):
    """A change of many people: what was wished for, and how many it changed."""

    id: str
    set: dict[str, Any]
    people: int
    created_at: datetime
    created_by: str
    undone_at: datetime | None


class UndoneOut(ApiModel):
    """How many people are as before, and how many keep what somebody changed since."""

    put_back: int
    kept: int


def _chosen(session: Session, body: BulkEditIn) -> list[str]:
    ids = directory.read_matching_ids(session, read_filter(body.filter), text=body.q)
    if len(ids) > bulk_edits.MOST:
        raise bulk_edits.TooManyPeople(len(ids))
    return ids


@router.post("/preview")
@rule(Permission.EDIT)
def preview_bulk_edit(session: WriteSession, body: BulkEditIn) -> BulkPreviewOut:
    """Return whom a change of many would change."""
    wish = bulk_edits.read_wish(session, body.set.model_dump())
    planned = bulk_edits.plan(store.read_these(session, _chosen(session, body)).values(), wish)
    return BulkPreviewOut(people=sorted(person.id for person, _fields in planned.changes), same=planned.same)


@router.post("", status_code=201)
@rule(Permission.EDIT)
def create_bulk_edit(session: WriteSession, who: Principal, now: Now, body: BulkEditIn) -> BulkEditOut:
    """Change them, all or none; it can be undone for 30 days."""
    wish = bulk_edits.read_wish(session, body.set.model_dump())
    made = bulk_edits.apply(session, _chosen(session, body), wish, now=now, actor=who.actor)
    return read_bulk_edit(session, made.id)


@router.get("/{edit_id}")
@rule(Permission.EDIT)
def read_bulk_edit(session: ReadSession, edit_id: str) -> BulkEditOut:
    """Return one change of many."""
    made = ledger.read(session, edit_id)
    held = {name: getattr(made, name) for name in BulkEditOut.model_fields if name != "set"}
    return BulkEditOut(set=dict(made.wish), **held)


@router.post("/{edit_id}/undo")
@rule(Permission.EDIT)
def undo_bulk_edit(session: WriteSession, who: Principal, now: Now, edit_id: str) -> UndoneOut:
    """Put back what nobody changed since; a second time does nothing."""
    return UndoneOut.model_validate(bulk_edits.undo(session, edit_id, now=now, actor=who.actor))
