"""The SQL of who of the press was told what and when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from service.db.types import columns
from service.mail.tables import Delivery
from service.people.tables import Person

_D, _P = columns(Delivery), columns(Person)


def read_told(session: Session, mailing_ids: Sequence[str]) -> list[tuple[str, str, str, datetime | None]]:
    """Return person, mailing, state and instant of each letter of some mailings to people who are still here."""
    wanted: list[Any] = [_D.recipient_ref, _D.mailing_id, _D.state, _D.finished_at]
    query = select(*wanted).join(Person, _P.id == _D.recipient_ref).where(_D.mailing_id.in_(mailing_ids))
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(query.order_by(_D.id))]
