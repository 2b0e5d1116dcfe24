"""Outcomes that are harvested; figures of C1 given by hand become drafts to be written out."""

import sqlalchemy as sa

from alembic import op
from service.kernel.ids import new_id

revision = "5b1f0d97c3ae"
down_revision = "d42ca1a450e2"
branch_labels = None
depends_on = None

MOST = 100  # drafts out of one figure
TEXTS = ("what", "who", "place", "significance", "contribution", "evidence", "substantiator")


def upgrade() -> None:
    outcome = op.create_table(
        "outcome",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("what", sa.String(length=1000), nullable=False),
        sa.Column("who", sa.String(length=300), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=True),
        sa.Column("audience_key", sa.String(length=60), nullable=True),
        sa.Column("significance", sa.String(length=1000), nullable=False),
        sa.Column("contribution", sa.String(length=1000), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("substantiator", sa.String(length=300), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_outcome_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    op.create_index("ix_outcome_project_source", "outcome", ["project_id", "source"], unique=True)
    figure = _figures()
    given = op.get_bind().execute(sa.select(figure).where(figure.c.indicator == "C1")).mappings().all()
    drafts = [_draft(row, place) for row in given for place in range(1, min(row["amount"], MOST) + 1)]
    if drafts:
        op.bulk_insert(outcome, drafts)
    op.get_bind().execute(sa.delete(figure).where(figure.c.indicator == "C1"))


def _draft(row: sa.RowMapping, place: int) -> dict[str, object]:
    what = f"Outcome {place} of {row['amount']} given by hand: to be written out"
    said = {"what": what, "evidence": row["evidence"], "changed_on": row["on_day"], "kind": None, "audience_key": None}
    return {
        **dict.fromkeys(TEXTS, ""), **said, "id": new_id(), "project_id": row["project_id"], "state": "drafted",
        "source": None,
    }  # fmt: skip


def downgrade() -> None:
    outcome = sa.table("outcome", *(sa.column(name) for name in ("project_id", "state", "evidence")), _day())
    counted = outcome.c.state.in_(("drafted", "agreed", "substantiated"))
    rows = op.get_bind().execute(sa.select(outcome).where(counted)).mappings().all()
    figures = [
        {
            "id": new_id(), "project_id": row["project_id"], "indicator": "C1", "on_day": row["changed_on"], "amount": 1,
            "basis": "counted", "evidence": row["evidence"] or "an outcome", "given_by": "system",
        }
        for row in rows
        if row["changed_on"]
    ]  # fmt: skip
    if figures:
        op.bulk_insert(_figures(), figures)
    op.drop_table("outcome")


def _day() -> sa.ColumnClause[object]:
    return sa.column("changed_on", sa.Date())


def _figures() -> sa.Table:
    return sa.Table(
        "manual_figure",
        sa.MetaData(),
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("project_id", sa.String()),
        sa.Column("indicator", sa.String()),
        sa.Column("on_day", sa.Date()),
        sa.Column("amount", sa.Integer()),
        sa.Column("basis", sa.String()),
        sa.Column("evidence", sa.String()),
        sa.Column("given_by", sa.String()),
    )
