"""The SQL of what is held on the addresses of an import: people, and who is not to be written to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import and_, select
from sqlmodel import Session

from service.db.types import columns
from service.mail.tables import Suppression
from service.people import tables
from service.people.bulk import among
from service.people.store.import_rows import KEY, within
from service.people.values import SEALED, Known, Reason, Suppressed

_P, _O, _M = columns(tables.Person), columns(tables.Organisation), columns(tables.Membership)
_S = columns(Suppression)
_HELD = ("name", "greeting", "role", "audience_id", "country", "language", "time_zone", "tags", "other_emails")
_HELD_TOO = ("at_risk", "pseudonym", "source", "email", *SEALED)
_KNOWN = [_P.id, _P.email_key, *(_P[name] for name in (*_HELD, *_HELD_TOO)), _O.name.label("organisation")]


def read_known(session: Session, keys: Collection[str], list_id: str | None) -> dict[str, Known]:
    """Return what is held on addresses, by key."""
    return _known(session, select(*_KNOWN).where(among(session, _P.email_key, keys)), list_id)


def lock_known(session: Session, import_id: str, rows: range, list_id: str | None) -> dict[str, Known]:
    """Return what is held on the addresses of some rows to do, by key; it stays so until the transaction ends."""
    query = select(*_KNOWN).join(tables.ImportRow, _P.email_key == KEY).where(*within(import_id, rows))
    return _known(session, query.with_for_update(of=tables.Person), list_id)


def _known(session: Session, query: Any, list_id: str | None) -> dict[str, Known]:
    query = query.add_columns(_M.person_id.label("member"), _M.basis)
    query = query.outerjoin(tables.Organisation, _O.id == _P.organisation_id)
    query = query.outerjoin(tables.Membership, and_(_M.person_id == _P.id, _M.list_id == list_id))
    rows = session.execute(query).mappings()
    return {r["email_key"]: Known(r["id"], dict(r), r["member"] is not None, r["basis"]) for r in rows}


def is_anyone_suppressed(session: Session) -> bool:
    """Tell whether any address is suppressed at all."""
    return session.execute(select(_S.id).limit(1)).first() is not None


def read_suppressed(session: Session, hashes: Collection[str], scopes: Iterable[str]) -> dict[str, Suppressed]:
    """Return why and since when addresses are not to be written to, by hash; erased comes before other reasons."""
    where = (among(session, _S.address_hash, hashes), _S.scope.in_(list(scopes)))
    found: dict[str, Suppressed] = {}
    for hashed, reason, at in session.execute(select(_S.address_hash, _S.reason, _S.at).where(*where).order_by(_S.at)):
        if hashed not in found or reason == Reason.ERASED:
            found[hashed] = Suppressed(Reason(reason), at)
    return found
