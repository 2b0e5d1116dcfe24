"""The API of people and audiences."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

from fastapi import BackgroundTasks

from service.accounts.values import Permission
from service.directory import merging
from service.directory import store as directory
from service.directory.filters import All, Condition, parse_filter
from service.letters import readdressing
from service.people import actions, private, store
from service.people.store import history
from service.people.values import Person, PersonFields, StoredChange
from service.privacy import actions as privacy
from service.web.deps import After, House, Limit, Now, Principal, ReadSession, WriteSession
from service.web.desk import Desk
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("", tag="people")


class AudienceIn(ApiModel):
    """A ranked audience to make."""

    rank: int
    name: str
    key: str | None = None
    planned_share: float | None = None


class AudienceOut(ApiModel):
    """A ranked audience."""

    id: str
    rank: int
    key: str
    name: str
    planned_share: float | None


class PersonPatch(ApiModel):
    """What shall change of a person; null empties a field."""

    name: str | None = None
    greeting: str | None = None
    email: str | None = None
    other_emails: list[str] | None = None
    phone: str | None = None
    organisation_id: str | None = None
    organisation: str | None = None
    audience_id: str | None = None
    audience: str | None = None
    role: str | None = None
    country: str | None = None
    language: str | None = None
    time_zone: str | None = None
    tags: list[str] | None = None
    at_risk: bool | None = None
    pseudonym: str | None = None
    source: str | None = None
    source_on: date | None = None
    notes: str | None = None

    def fields(self) -> PersonFields:
        """Return what was given; what must have a value cannot be null."""
        given = self.model_dump(exclude_unset=True)
        stays = {"name", "email", "other_emails", "tags", "at_risk"}
        return cast(PersonFields, {k: v for k, v in given.items() if v is not None or k not in stays})


class PersonIn(PersonPatch):
    """A person to make."""

    name: str
    email: str


class PersonOut(ApiModel):
    """A person."""

    id: str
    name: str
    greeting: str | None
    email: str
    other_emails: list[str]
    organisation_id: str | None
    organisation: str | None
    audience_id: str | None
    audience: str | None
    role: str | None
    country: str | None
    region: str | None
    language: str | None
    time_zone: str | None
    tags: list[str]
    at_risk: bool
    pseudonym: str | None
    source: str | None
    source_on: date | None


class PrivateOut(ApiModel):
    """What of a person is kept sealed."""

    phone: str | None
    notes: str | None


class ChangeOut(ApiModel):
    """One field of a person that changed. Sealed values are null here: ask for the change alone."""

    id: str
    at: datetime
    actor: str
    field: str
    sealed: bool
    before: Any
    after: Any


def person_out(person: Person) -> PersonOut:
    """Return a person as the API shows them."""
    fields: dict[str, Any] = {name: getattr(person, name) for name in PersonOut.model_fields}
    return PersonOut(**{**fields, "tags": list(person.tags), "other_emails": list(person.other_emails)})


@router.get("/audiences")
@rule(Permission.READ)
def list_audiences(session: ReadSession) -> Page[AudienceOut]:
    """Return the audiences in order of rank."""
    return Page(items=[AudienceOut.model_validate(a) for a in store.read_audiences(session)])


@router.post("/audiences", status_code=201)
@rule(Permission.EDIT)
def create_audience(session: WriteSession, who: Principal, now: Now, body: AudienceIn) -> AudienceOut:
    """Make a ranked audience."""
    made = actions.create_audience(session, **body.model_dump(), now=now, actor=who.actor)
    return AudienceOut.model_validate(made)


@router.get("/people")
@rule(Permission.READ)
def list_people(
    session: ReadSession,
    limit: Limit = 100,
    after: After = None,
    q: str = "",
    list_id: str | None = None,
    audience_id: str | None = None,
    filter: str = "",
) -> Page[PersonOut]:
    """Return people by name; all words of `q` occur in name, address, organisation or tags.

    `filter` is a tree of JSON: `{"all": [{"country": ["KE", "UG"]}, {"not": {"tag": "press"}}]}`.
    """
    parts = [parse_filter(filter)]
    parts += [Condition("list", (list_id,))] if list_id else []
    parts += [Condition("audience", (audience_id,))] if audience_id else []
    found = directory.find_matching(session, All(tuple(parts)), text=q, after=after, limit=limit)
    return Page(items=[person_out(p) for p in found.items], next=found.next)


@router.post("/people", status_code=201)
@rule(Permission.EDIT)
def create_person(session: WriteSession, who: Principal, now: Now, house: House, body: PersonIn) -> PersonOut:
    """Make a person; an address that exists is refused with the id it belongs to."""
    return person_out(actions.create_person(session, body.fields(), now=now, actor=who.actor, ring=house.ring))


@router.get("/people/{person_id}")
@rule(Permission.READ)
def read_person(session: ReadSession, person_id: str) -> PersonOut:
    """Return one person; the id of someone who was merged leads to whom they are now."""
    person_id = merging.find_new(session, person_id) or person_id
    return person_out(store.read_person(session, person_id))


@router.patch("/people/{person_id}")
@rule(Permission.EDIT)
def change_person(
    session: WriteSession, who: Principal, now: Now, house: House, desk: Desk, person_id: str, body: PersonPatch
) -> PersonOut:
    """Change the fields given; notes and telephone are sealed. Invitations follow the main address, by letter."""
    after = readdressing.update_person(
        session, person_id, body.fields(), desk=desk, now=now, actor=who.actor, ring=house.ring
    )
    return person_out(after)


@router.get("/people/{person_id}/private")
@rule(Permission.EDIT)
def read_private(session: ReadSession, house: House, person_id: str) -> PrivateOut:
    """Return what is kept sealed of a person."""
    store.read_person(session, person_id)
    return PrivateOut.model_validate(private.read_private(session, person_id, ring=house.ring))


@router.get("/people/{person_id}/history")
@rule(Permission.READ)
def list_changes(session: ReadSession, person_id: str) -> Page[ChangeOut]:
    """Return who changed what of a person, newest first."""
    store.read_person(session, person_id)
    return Page(items=[_change_out(change) for change in history.read_changes(session, person_id)])


@router.get("/people/{person_id}/history/{change_id}")
@rule(Permission.EDIT)
def read_change(session: ReadSession, house: House, person_id: str, change_id: str) -> ChangeOut:
    """Return one change with its values opened."""
    stored = history.read_change(session, person_id, change_id)
    opened = private.open_change(stored, ring=house.ring)
    return _change_out(replace(stored, before=opened.before, after=opened.after))


def _change_out(change: StoredChange) -> ChangeOut:
    return ChangeOut(
        id=change.id,
        at=change.at,
        actor=change.actor,
        field=change.field,
        sealed=change.is_sealed,
        before=change.before,
        after=change.after,
    )


@router.delete("/people/{person_id}")
@rule(Permission.ADMINISTER)
def forget_person(
    session: WriteSession,
    who: Principal,
    now: Now,
    house: House,
    desk: Desk,
    after: BackgroundTasks,
    person_id: str,
    even_that: bool = False,
) -> dict[str, Any]:
    """Erase a person and everything held on them; the answer is the certificate.

    With `even_that` not even the keyed hash is kept that stops later letters to the address.
    """
    email = store.read_person(session, person_id).email
    done = privacy.forget(
        session,
        email,
        address_key=house.address_key,
        now=now,
        actor=who.actor,
        remember=not even_that,
        desk=desk,
        tombstones=house.tombstones,
    )
    after.add_task(privacy.empty_journal, house.engine)
    return dict(done.facts())
