"""The API of organisations."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from service.accounts.values import Permission
from service.people import organisations, store
from service.people.values import Organisation, OrganisationType
from service.web.deps import After, Limit, Now, Principal, ReadSession, WriteSession
from service.web.models import ApiModel, Page
from service.web.routing import api_router
from service.web.rules import rule

router = api_router("/organisations", tag="organisations")


class OrganisationPatch(ApiModel):
    """What shall change of an organisation; null empties a field."""

    name: str | None = None
    other_names: list[str] | None = None
    type: OrganisationType | None = None
    country: str | None = None
    audience_id: str | None = None

    def changes(self) -> dict[str, Any]:
        """Return what was given; a name cannot be emptied."""
        given = self.model_dump(exclude_unset=True)
        return {name: value for name, value in given.items() if value is not None or name != "name"}


class OrganisationIn(OrganisationPatch):
    """An organisation to find by its name, or to make; what else is given is changed."""

    name: str


class OrganisationOut(ApiModel):
    """An organisation."""

    id: str
    name: str
    other_names: list[str]
    type: str | None
    country: str | None
    audience_id: str | None


@router.get("")
@rule(Permission.READ)
def list_organisations(
    session: ReadSession,
    limit: Limit = 100,
    after: After = None,
    q: str = "",
    type: OrganisationType | None = None,
) -> Page[OrganisationOut]:
    """Return organisations by name; all words of `q` occur in the name or in another name."""
    found = store.read_organisations(session, text=q, kind=type, after=after, limit=limit)
    others = store.read_other_names(session, [one.id for one in found.items])
    return Page(items=[_out(one, others.get(one.id, [])) for one in found.items], next=found.next)


@router.post("", status_code=201)
@rule(Permission.EDIT)
def ensure_organisation(session: WriteSession, who: Principal, now: Now, body: OrganisationIn) -> OrganisationOut:
    """Return the organisation of this name, its own or another, made when there is none."""
    organisation_id = organisations.ensure(session, body.name, now=now)
    more = {name: value for name, value in body.changes().items() if name != "name"}
    organisations.change(session, organisation_id, more, now=now, actor=who.actor)
    return _read(session, organisation_id)


@router.get("/{organisation_id}")
@rule(Permission.READ)
def read_organisation(session: ReadSession, organisation_id: str) -> OrganisationOut:
    """Return one organisation."""
    return _read(session, organisation_id)


@router.patch("/{organisation_id}")
@rule(Permission.EDIT)
def change_organisation(
    session: WriteSession, who: Principal, now: Now, organisation_id: str, body: OrganisationPatch
) -> OrganisationOut:
    """Change the fields given; a name that goes stays as another name."""
    organisations.change(session, organisation_id, body.changes(), now=now, actor=who.actor)
    return _read(session, organisation_id)


def _read(session: Session, organisation_id: str) -> OrganisationOut:
    found = store.read_organisation(session, organisation_id)
    return _out(found, store.read_other_names(session, [organisation_id]).get(organisation_id, []))


def _out(found: Organisation, other_names: list[str]) -> OrganisationOut:
    return OrganisationOut(
        id=found.id,
        name=found.name,
        other_names=other_names,
        type=found.type,
        country=found.country,
        audience_id=found.audience_id,
    )
