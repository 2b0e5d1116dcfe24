"""The SQL of imports: what each is and how far it is, and the file of a preview, sealed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session

from service.db.scheduler import Work, make_due
from service.db.types import columns
from service.kernel.errors import NotFound
from service.kernel.ids import new_id
from service.kernel.sealing import SealRing
from service.people import tables
from service.people.values import Basis, ImportId, ImportState, ImportView

_B, _F = columns(tables.ImportBatch), columns(tables.ImportOriginal)
_ORIGINAL = {"table": "import_original", "column": "data"}
_IMPORT = [_B[name] for name in ImportView.__dataclass_fields__]
_WORK = {
    ImportState.READING: Work.READING,
    ImportState.APPLYING: Work.APPLYING,
    ImportState.UNDOING: Work.UNDOING,
}


class UnknownImport(NotFound):
    """There is no such import."""

    code = "unknown-import"


def add_import(session: Session, values: Mapping[str, Any]) -> ImportId:
    """Insert an import and return its id."""
    import_id = new_id()
    session.execute(insert(tables.ImportBatch).values(id=import_id, **values))
    _tell(session, values)
    return ImportId(import_id)


def write_import(session: Session, import_id: str, **values: Any) -> None:
    """Write columns of an import."""
    session.execute(update(tables.ImportBatch).where(_B.id == import_id).values(**values))
    _tell(session, values)


def _tell(session: Session, values: Mapping[str, Any]) -> None:
    """Let the workers hear of an import that they must go on with."""
    if (state := values.get("state")) and (work := _WORK.get(state)):
        make_due(session, work)


def read_import(session: Session, import_id: str, *, lock: bool = False) -> ImportView:
    """Return one import, held until the transaction ends when asked.

    Raises:
        UnknownImport: there is none of this id.
    """
    query = select(*_IMPORT).where(_B.id == import_id)
    row = session.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise UnknownImport("There is no such import.")
    return _import(dict(row))


def read_imports(session: Session, states: Iterable[ImportState] = (), *, limit: int = 50) -> list[ImportView]:
    """Return imports, newest first, in some states or in any."""
    query = select(*_IMPORT).order_by(_B.id.desc()).limit(limit)
    if wanted := list(states):
        query = query.where(_B.state.in_(wanted))
    return [_import(dict(row)) for row in session.execute(query).mappings()]


def _import(row: Mapping[str, Any]) -> ImportView:
    basis = Basis(row["consent_basis"]) if row["consent_basis"] else None
    return ImportView(**{**row, "state": ImportState(row["state"]), "consent_basis": basis})


def keep_original(session: Session, import_id: str, pieces: Iterable[bytes], *, ring: SealRing) -> None:
    """Keep the file that an import is read from, sealed a piece at a time."""
    for part, piece in enumerate(pieces):
        cell = ring.seal_bytes(piece, row_id=f"{import_id}:{part}", **_ORIGINAL)
        session.execute(insert(tables.ImportOriginal).values(batch_id=import_id, part=part, data=cell))


def read_original(session: Session, import_id: str, *, ring: SealRing) -> Iterator[bytes]:
    """Give the pieces of the file that an import was read from; none when it is kept no more.

    Raises:
        CannotOpen: it lies under a key that is not here.
    """
    for part in session.execute(select(_F.part).where(_F.batch_id == import_id).order_by(_F.part)).scalars().all():
        piece = (_F.batch_id == import_id, _F.part == part)
        cell = session.execute(select(_F.data).where(*piece)).scalar_one()
        yield ring.open_bytes(cell, row_id=f"{import_id}:{part}", **_ORIGINAL)


def has_original(session: Session, import_id: str) -> bool:
    """Tell whether the file is still kept."""
    return session.execute(select(_F.part).where(_F.batch_id == import_id).limit(1)).first() is not None


def drop_original(session: Session, import_id: str) -> None:
    """Delete the file that an import was read from."""
    session.execute(delete(tables.ImportOriginal).where(_F.batch_id == import_id))
