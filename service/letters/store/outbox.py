"""The SQL of the outbox: which mailings of a project stand where. It reads a page, however many letters lie behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, func, literal_column, or_, select
from sqlmodel import Session

from service.db.types import columns
from service.events.tables import Event
from service.letters.values import AUTOMATIC
from service.mail.tables import Delivery, Mailing
from service.mail.values import MailingState

_G, _D, _E = columns(Mailing), columns(Delivery), columns(Event)
_IS_UNSURE = _D.state == literal_column("'unknown'")  # the words of the partial index


def _is_of(project_id: str) -> Any:
    """Mailings of a project: of its events, or written to a list for it; not those that answer one person."""
    event_id = func.substr(_G.context, len("event:") + 1)
    of_event = and_(_G.context.like("event:%"), event_id.in_(select(_E.id).where(_E.project_id == project_id)))
    ours = or_(of_event, _G.facts["project_id"].as_string() == project_id)
    return and_(ours, _G.kind.not_in([kind.value for kind in AUTOMATIC]))


def find_mailings(
    session: Session, project_id: str, states: Iterable[MailingState], *, limit: int, start: int = 0
) -> list[str]:
    """Return the mailings of a project in some states, newest first."""
    query = select(_G.id).where(_G.state.in_([state.value for state in states]), _is_of(project_id))
    query = query.order_by(_G.created_at.desc(), _G.id.desc()).limit(limit).offset(start)
    return list(session.execute(query).scalars())


def count_unsure(session: Session, project_id: str) -> dict[str, int]:
    """Return the mailings of a project with letters of unknown fate, and how many, newest first."""
    query = select(_G.id, func.count()).join(Delivery, _D.mailing_id == _G.id).where(_IS_UNSURE)
    query = query.where(_is_of(project_id)).group_by(_G.id).order_by(_G.id.desc())
    return {row[0]: int(row[1]) for row in session.execute(query)}
