"""The SQL of figures given by hand."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import delete, select
from sqlmodel import Session

from service.db.rows import insert_row
from service.db.types import columns
from service.dissemination.snapshots import Period
from service.dissemination.tables.figures import ManualFigure
from service.dissemination.values.given import Basis, Given
from service.kernel.errors import NotFound

_F = columns(ManualFigure)
_FIGURE = [_F[name] for name in Given.__dataclass_fields__]


class UnknownFigure(NotFound):
    """The project has no such figure."""

    code = "unknown-figure"


def add_figure(session: Session, project_id: str, figure: Given, *, given_by: str) -> None:
    """Insert a figure."""
    insert_row(session, ManualFigure, {**asdict(figure), "project_id": project_id, "given_by": given_by})


def remove_figure(session: Session, project_id: str, figure_id: str) -> None:
    """Delete a figure.

    Raises:
        UnknownFigure: the project has none of this id.
    """
    mine = (_F.project_id == project_id, _F.id == figure_id)
    if not session.execute(delete(ManualFigure).where(*mine)).rowcount:  # type: ignore[attr-defined]
        raise UnknownFigure("There is no such figure.")


def read_figures(session: Session, project_id: str, period: Period | None = None) -> list[Given]:
    """Return the figures of a project, the latest day first; those of the days of a period."""
    query = select(*_FIGURE).where(_F.project_id == project_id).order_by(_F.on_day.desc(), _F.indicator, _F.id)
    if period:
        query = query.where(_F.on_day >= period.starts_on, _F.on_day < period.ends_on)
    return [Given(**{**row, "basis": Basis(row["basis"])}) for row in session.execute(query).mappings()]
