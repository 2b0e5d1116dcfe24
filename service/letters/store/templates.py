"""The SQL of the organisation's own wordings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.letters.tables import LetterTemplate
from service.letters.values import Kind, Template, TemplateState
from service.mail.values import Words

_T = columns(LetterTemplate)
_ALL = (_T.id, _T.kind, _T.language, _T.version, _T.subject, _T.opening, _T.closing, _T.state, _T.made_by, _T.made_at)


class UnknownTemplate(NotFound):
    """There is no such version of a wording."""

    code = "unknown-template"

    def __init__(self) -> None:
        super().__init__("There is no such wording.")


def add(session: Session, kind: Kind, language: str, words: Words, *, now: datetime, actor: str) -> Template:
    """Insert the next version, a draft."""
    newest = select(func.max(_T.version)).where(_T.kind == kind.value, _T.language == language)
    version = (session.execute(newest).scalar_one() or 0) + 1
    made = Template(new_id(), kind, language, version, words, TemplateState.DRAFT, actor, now)
    parts = {"subject": words.subject, "opening": words.opening, "closing": words.closing}
    about = {"id": made.id, "kind": kind.value, "language": language, "version": version, "state": made.state.value}
    insert_row(session, LetterTemplate, {**about, **parts, "made_by": actor, "made_at": now})
    return made


def read(session: Session, template_id: str) -> Template:
    """Return one version.

    Raises:
        UnknownTemplate: there is none.
    """
    row = session.execute(select(*_ALL).where(_T.id == template_id)).mappings().first()
    if row is None:
        raise UnknownTemplate
    return _template(row)


def read_versions(session: Session, kind: Kind, language: str) -> list[Template]:
    """Return the versions for a kind in a language, the newest first."""
    query = select(*_ALL).where(_T.kind == kind.value, _T.language == language).order_by(_T.version.desc())
    return [_template(row) for row in session.execute(query).mappings()]


def read_all(session: Session) -> list[Template]:
    """Return every version of every kind, in order of kind, language and version."""
    query = select(*_ALL).order_by(_T.kind, _T.language, _T.version)
    return [_template(row) for row in session.execute(query).mappings()]


def read_in_use(session: Session, kind: Kind) -> list[Template]:
    """Return the wordings in use for a kind, one a language at most."""
    query = select(*_ALL).where(_T.kind == kind.value, _T.state == TemplateState.IN_USE.value).order_by(_T.language)
    return [_template(row) for row in session.execute(query).mappings()]


def retire(session: Session, kind: Kind, language: str) -> int:
    """Take what is in use for a kind and language out of use; return how many (none or one)."""
    used = (_T.kind == kind.value, _T.language == language, _T.state == TemplateState.IN_USE.value)
    taken = session.execute(update(LetterTemplate).where(*used).values(state=TemplateState.RETIRED.value))
    return int(taken.rowcount)  # type: ignore[attr-defined]


def put_in_use(session: Session, template_id: str) -> None:
    """Mark one version as in use."""
    session.execute(update(LetterTemplate).where(_T.id == template_id).values(state=TemplateState.IN_USE.value))


def _template(row: Mapping[Any, Any]) -> Template:
    return Template(
        id=row["id"],
        kind=Kind(row["kind"]),
        language=row["language"],
        version=row["version"],
        words=Words(row["subject"], row["opening"], row["closing"]),
        state=TemplateState(row["state"]),
        made_by=row["made_by"],
        made_at=row["made_at"],
    )
