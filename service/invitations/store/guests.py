"""The SQL of invitees as staff and they themselves see them: the invitation with the person and the event."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlmodel import Session

from service.db.types import columns
from service.events.store import event_of
from service.events.tables import Event as EventRow
from service.events.tables import Project
from service.events.values import Event
from service.invitations.store import COLUMNS, invitation_of
from service.invitations.tables import Invitation as InvitationRow
from service.invitations.values import Guest, Invitation
from service.people.tables import Audience, Organisation, Person

_I, _P = columns(InvitationRow), columns(Person)


def read_guest(session: Session, invitation_id: str) -> Guest | None:
    """Return one invitee with the event and how to address them: one SELECT, the answer page's."""
    row = session.connection().execute(_guest_query(), {"invitation_id": invitation_id}).mappings().first()
    return _guest_of(dict(row)) if row else None


@cache
def _guest_query() -> Select[Any]:
    """Return the answer page's SELECT; making it anew costs as much as running it."""
    event, project = columns(EventRow), columns(Project)
    labelled = [event[name].label(f"of_{name}") for name in Event.__dataclass_fields__]
    person = [_P.name, _P.greeting, _P.language, _P.time_zone, _P.at_risk, project.organisation]
    return (
        select(*COLUMNS, *labelled, *person)
        .join(Person, _P.id == _I.person_id)
        .join(EventRow, event.id == _I.event_id)
        .join(Project, project.id == event.project_id)
        .where(_I.id == bindparam("invitation_id"))
    )


def _guest_of(row: dict[str, Any]) -> Guest:
    event = event_of({name: row[f"of_{name}"] for name in Event.__dataclass_fields__})
    return Guest(
        invitation=invitation_of({name: row[name] for name in Invitation.__dataclass_fields__}),
        event=event,
        name=row["name"],
        greeting=row["greeting"] or row["name"],
        language=row["language"] or event.language,
        time_zone=row["time_zone"],
        at_risk=row["at_risk"],
        organisation=row["organisation"],
    )


def read_guests(session: Session, event_id: str) -> list[dict[str, Any]]:
    """Return the invitees of an event for a list: `invitation` and what is shown of the person.

    Each: invitation, name, at_risk, pseudonym, organisation, audience, rank, country, language, email.
    """
    person = [_P.name, _P.email, _P.at_risk, _P.pseudonym, _P.country, _P.language]
    organisation, audience = columns(Organisation), columns(Audience)
    shown = [organisation.name.label("organisation"), audience.name.label("audience"), audience.rank]
    query = (
        select(*COLUMNS, *person, *shown)
        .join(Person, _P.id == _I.person_id)
        .outerjoin(Organisation, organisation.id == _P.organisation_id)
        .outerjoin(Audience, audience.id == _P.audience_id)
        .where(_I.event_id == event_id)
        .order_by(_P.name, _I.id)
    )
    return [_guest(dict(row)) for row in session.execute(query).mappings()]


def _guest(row: dict[str, Any]) -> dict[str, Any]:
    own = {name: row.pop(name) for name in Invitation.__dataclass_fields__}
    return {"invitation": invitation_of(own), **row}
