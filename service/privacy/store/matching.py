"""Which rows speak of someone: what forgetting and showing look for alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import String, cast, func, or_, select
from sqlmodel import Session

from service.db.engine import is_sqlite
from service.db.types import columns
from service.directory.tables import DifferentPeople
from service.people.tables import ImportBatch, ImportRow
from service.privacy.values import Subject

_R, _L = columns(ImportRow), columns(DifferentPeople)


def holds(session: Session, column: Any, marks: Iterable[str]) -> Any:
    """Return the condition that a JSON column holds one of some texts; more rows than those may match."""
    plain = cast(column, String)
    # On SQLite letters outside ASCII stand in JSON as escapes.
    written = [json.dumps(mark)[1:-1] if is_sqlite(session) else mark for mark in marks]
    return or_(*(func.lower(plain).contains(mark.lower(), autoescape=True) for mark in written))


def contexts_of(subject: Subject) -> list[str]:
    """Return what mail that came in says it is about, where it is about someone."""
    invited = [f"invitation:{invitation_id}" for invitation_id in subject.invitation_ids]
    return [*invited, *(f"person:{person_id}" for person_id in subject.person_ids)]


def is_told_apart(person_ids: Sequence[str]) -> Any:
    """Return the condition that staff said of some people that another, who looks like them, is not them."""
    return or_(_L.first_id.in_(person_ids), _L.second_id.in_(person_ids))


def lowered(subject: Subject) -> list[str]:
    """Return someone's addresses, as keys and as written, in lower case."""
    return list({*subject.keys, *(address.lower() for address in subject.addresses)})


def speaks_of(raw: bytes | None, subject: Subject) -> bool:
    """Tell whether a text gives someone away."""
    content = (raw or b"").lower()
    return any(mark.encode() in content for mark in subject.marks)


def find_import_rows(session: Session, subject: Subject) -> list[dict[str, Any]]:
    """Return the rows of imported files that are about someone, with the file's name."""
    batch = columns(ImportBatch)
    wanted = [
        _R.batch_id,
        _R.row,
        _R.verdict,
        _R.reason,
        _R.fields,
        _R.before,
        _R.notes,
        _R.person_id,
        _R.sealed,
        batch.filename,
        batch.created_at,
    ]
    query = select(*wanted).join(ImportBatch, batch.id == _R.batch_id).order_by(_R.batch_id, _R.row)
    marks = lowered(subject)
    query = query.where(
        or_(_R.person_id.in_(subject.person_ids), *(holds(session, c, marks) for c in (_R.fields, _R.notes)))
    )
    return [row for row in rows_of(session, query) if _is_theirs(row, subject)]


def _is_theirs(row: Mapping[str, Any], subject: Subject) -> bool:
    """Tell whether a row names one of the addresses whole, not as the end of a longer one."""
    if row["person_id"] in subject.person_ids:
        return True
    said = [row["fields"].get("email", ""), row["fields"].get("email_key", ""), *row["fields"].get("other_emails", ())]
    said += [part for _code, detail in row["notes"] for part in detail.replace(",", " ").split()]
    return bool({one.strip("<>").lower() for one in said} & set(lowered(subject)))


def rows_of(session: Session, query: Any) -> list[dict[str, Any]]:
    """Return what a query finds, a row a dict."""
    return [dict(row) for row in session.execute(query).mappings()]
