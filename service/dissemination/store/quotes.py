"""The SQL of quotes, and of which frozen report holds which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.quoting import Attribution, Quote, Speaker, Use
from service.dissemination.snapshots import State
from service.dissemination.store.refs import now_called, refs_of
from service.dissemination.tables.reports import Quote as QuoteRow
from service.dissemination.tables.reports import Snapshot, SnapshotQuote
from service.kernel.errors import NotFound
from service.people.tables import Person

_Q, _H, _S, _P = columns(QuoteRow), columns(SnapshotQuote), columns(Snapshot), columns(Person)
_QUOTE = [_Q[name] for name in Quote.__dataclass_fields__]


class UnknownQuote(NotFound):
    """There is no such quote."""

    code = "unknown-quote"


def add_quote(session: Session, project_id: str, quote: Quote, *, added_by: str) -> None:
    """Insert a quote."""
    values = asdict(quote) | {"uses": list(quote.uses), "project_id": project_id, "added_by": added_by}
    insert_row(session, QuoteRow, values)


def write_withdrawn(session: Session, quote_id: str, *, now: datetime) -> None:
    """Note that a consent was taken back, and keep none of the words."""
    gone = {"words": "", "credit": "", "agreed_how": "", "withdrawn_at": now}
    session.execute(update(QuoteRow).where(_Q.id == quote_id).values(**gone))


def read_quotes(session: Session, project_id: str) -> list[Quote]:
    """Return the quotes of a project, the newest first."""
    query = select(*_QUOTE).where(_Q.project_id == project_id).order_by(_Q.id.desc())
    return [_quote(row) for row in session.execute(query).mappings()]


def read_quote(session: Session, project_id: str, quote_id: str) -> Quote:
    """Return one quote of a project.

    Raises:
        UnknownQuote: the project has none of this id.
    """
    query = select(*_QUOTE).where(_Q.project_id == project_id, _Q.id == quote_id)
    row = session.execute(query.with_for_update()).mappings().first()
    if row is None:
        raise UnknownQuote("There is no such quote.")
    return _quote(row)


def read_quotes_of(session: Session, person_id: str) -> list[Quote]:
    """Return the quotes of a person that are not withdrawn, in the order they were put in."""
    theirs = (_Q.person_ref.in_(refs_of(session, person_id)), _Q.withdrawn_at.is_(None))
    return [_quote(row) for row in session.execute(select(*_QUOTE).where(*theirs).order_by(_Q.id)).mappings()]


def read_at_risk(session: Session, project_id: str) -> set[str]:
    """Return the quotes of a project whose speaker is at risk by now."""
    query = select(_Q.id).join(Person, _P.id == now_called(_Q.person_ref))
    return set(session.execute(query.where(_Q.project_id == project_id, _P.at_risk)).scalars())


def read_speaker(session: Session, person_id: str) -> Speaker | None:
    """Return what the rules need to know of a person, None when there is none."""
    row = session.execute(select(_P.name, _P.greeting, _P.at_risk).where(_P.id == person_id)).first()
    return Speaker(tuple(name for name in (row.name, row.greeting) if name), row.at_risk) if row else None


def note_held(session: Session, snapshot_id: str, body: Mapping[str, Any]) -> None:
    """Note which quotes the body of a frozen report holds, in its `quotes`, and no others."""
    session.execute(delete(SnapshotQuote).where(_H.snapshot_id == snapshot_id))
    rows = [{"snapshot_id": snapshot_id, "quote_id": one["id"]} for one in body.get("quotes", ())]
    if rows:
        session.execute(insert(SnapshotQuote), rows)


def read_held(session: Session, project_id: str) -> list[tuple[str, str, Quote | None]]:
    """Return the quotes that frozen reports hold as (snapshot, quote id, quote); None for one that is forgotten."""
    query = select(_H.snapshot_id, _H.quote_id, *_QUOTE).join(Snapshot, _S.id == _H.snapshot_id)
    query = query.outerjoin(QuoteRow, _Q.id == _H.quote_id).where(_S.project_id == project_id)
    rows = session.execute(query.order_by(_H.snapshot_id, _H.quote_id)).mappings()
    return [(row["snapshot_id"], row["quote_id"], _quote(row) if row["id"] else None) for row in rows]


def read_issued_holding(session: Session, quote_ids: Collection[str]) -> list[str]:
    """Return the issued reports, not superseded, that hold one of some quotes."""
    return _holding(session, quote_ids, (State.ISSUED,))


def read_open_holding(session: Session, quote_ids: Collection[str]) -> list[str]:
    """Return the reports that are not issued yet and hold one of some quotes."""
    return _holding(session, quote_ids, (State.DRAFT, State.REVIEWED))


def _holding(session: Session, quote_ids: Collection[str], states: Iterable[State]) -> list[str]:
    query = select(_S.id).distinct().join(SnapshotQuote, _H.snapshot_id == _S.id)
    wanted = (_H.quote_id.in_(list(quote_ids)), _S.state.in_([state.value for state in states]))
    return list(session.execute(query.where(*wanted).order_by(_S.id)).scalars())


def read_forgotten_in(session: Session, project_id: str) -> dict[str, str]:
    """Return in which parts the frozen reports of a project name someone who was forgotten, by report."""
    query = select(_S.id, _S.forgotten_in).where(_S.project_id == project_id, _S.forgotten_in != "")
    return {row.id: row.forgotten_in for row in session.execute(query)}


def read_printed(session: Session, quote_ids: Iterable[str], *, but: str | None) -> set[str]:
    """Return those of some quotes that a frozen report holds, other than one report."""
    query = select(_H.quote_id).where(_H.quote_id.in_(list(quote_ids)))
    return set(session.execute(query if but is None else query.where(_H.snapshot_id != but)).scalars())


def is_taken_back(session: Session, snapshot_id: str) -> bool:
    """Tell whether a frozen report holds a quote whose words were taken back or forgotten."""
    query = select(_H.quote_id).outerjoin(QuoteRow, _Q.id == _H.quote_id).where(_H.snapshot_id == snapshot_id)
    gone = (_Q.id.is_(None)) | (_Q.withdrawn_at.is_not(None))
    return session.execute(query.where(gone).limit(1)).first() is not None


def _quote(row: Mapping[Any, Any]) -> Quote:
    found = {name: row[name] for name in Quote.__dataclass_fields__}
    uses, attribution = tuple(Use(use) for use in found["uses"]), Attribution(found["attribution"])
    return Quote(**{**found, "uses": uses, "attribution": attribution})
