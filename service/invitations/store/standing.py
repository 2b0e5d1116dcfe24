"""The SQL of standing invitations: who is invited to a whole series."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, insert, select, update
from sqlmodel import Session

from service.db.types import columns
from service.invitations.tables import Invitation, StandingInvitation
from service.invitations.values import Standing
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.people.tables import MailingList, Organisation, Person

_S, _I, _P = columns(StandingInvitation), columns(Invitation), columns(Person)
_COLUMNS = [_S[name] for name in Standing.__dataclass_fields__]


class UnknownStanding(NotFound):
    """There is no such standing invitation."""

    code = "unknown-standing-invitation"


def _standing(row: dict[str, Any]) -> Standing:
    return Standing(**{**row, "left_out": tuple(row["left_out"])})


def read(session: Session, standing_id: str) -> Standing:
    """Return one standing invitation, held until the transaction ends.

    Raises:
        UnknownStanding: there is none of this id.
    """
    query = select(*_COLUMNS).where(_S.id == standing_id).with_for_update()
    row = session.execute(query).mappings().first()
    if row is None:
        raise UnknownStanding("There is no such standing invitation.")
    return _standing(dict(row))


def read_of_series(session: Session, series_id: str) -> list[Standing]:
    """Return the standing invitations to a series, those that were ended too."""
    query = select(*_COLUMNS).where(_S.series_id == series_id).order_by(_S.since, _S.id)
    return [_standing(dict(row)) for row in session.execute(query).mappings()]


def read_shown(session: Session, series_id: str) -> list[dict[str, Any]]:
    """Return who stands invited, by name: standing, name, at_risk, pseudonym, organisation, list."""
    organisation, mailing_list = columns(Organisation), columns(MailingList)
    shown = [_P.name, _P.at_risk, _P.pseudonym, organisation.name.label("organisation")]
    query = (
        select(*_COLUMNS, *shown, mailing_list.name.label("list"))
        .join(Person, _P.id == _S.person_id)
        .outerjoin(Organisation, organisation.id == _P.organisation_id)
        .outerjoin(MailingList, mailing_list.id == _S.list_id)
        .where(_S.series_id == series_id, _S.ended_at.is_(None))
        .order_by(_P.name, _S.id)
    )
    return [_shown(dict(row)) for row in session.execute(query).mappings()]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    own = {name: row.pop(name) for name in Standing.__dataclass_fields__}
    return {"standing": _standing(own), **row}


def add(
    session: Session, series_id: str, person_ids: Sequence[str], *, list_id: str | None, now: datetime, actor: str
) -> None:
    """Insert standing invitations in one statement."""
    same: dict[str, Any] = {
        "series_id": series_id,
        "list_id": list_id,
        "since": now,
        "ended_at": None,
        "actor": actor,
        "left_out": [],
    }
    rows = [{"id": new_id(), "person_id": person_id, **same} for person_id in person_ids]
    if rows:
        session.execute(insert(StandingInvitation), rows)


def write(session: Session, standing_id: str, **values: Any) -> None:
    """Write columns of one standing invitation."""
    session.execute(update(StandingInvitation).where(_S.id == standing_id).values(**values))


def read_invited(session: Session, series_id: str, event_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return who of a series' standing invitations has an invitation, withdrawn or not, by event."""
    invited = and_(_I.person_id == _S.person_id, _I.event_id.in_(event_ids))
    query = select(_I.event_id, _I.person_id).join(StandingInvitation, invited).where(_S.series_id == series_id)
    found: dict[str, set[str]] = {event_id: set() for event_id in event_ids}
    for event_id, person_id in session.execute(query):
        found[event_id].add(person_id)
    return found
