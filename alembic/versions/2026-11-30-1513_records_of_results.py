"""Records of results; figures of U5, U9 and C2 given by hand become records of as many."""

import sqlalchemy as sa

from alembic import op

revision = "c83e5a6f10d2"
down_revision = "5b1f0d97c3ae"
branch_labels = None
depends_on = None

KINDS = {"U5": "mention", "U9": "reuse", "C2": "influence"}


def upgrade() -> None:
    record = op.create_table(
        "result_record",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("type", sa.String(length=30), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("by_whom", sa.String(length=200), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("extent", sa.String(length=14), nullable=False),
        sa.Column("audience_key", sa.String(length=60), nullable=True),
        sa.Column("output_key", sa.String(length=60), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("reach", sa.Integer(), nullable=True),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=500), nullable=False),
        sa.Column("archived", sa.String(length=500), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("added_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_result_record_project_id_project")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_record")),
    )
    op.create_index("ix_result_record_project_kind", "result_record", ["project_id", "kind", "on_day"])
    figure = _figures()
    given = op.get_bind().execute(sa.select(figure).where(figure.c.indicator.in_(KINDS))).mappings().all()
    if given:
        op.bulk_insert(record, [_record(row) for row in given])
    op.get_bind().execute(sa.delete(figure).where(figure.c.indicator.in_(KINDS)))


def _record(row: sa.RowMapping) -> dict[str, object]:
    same = {name: row[name] for name in ("id", "project_id", "on_day", "amount", "basis")}
    said = {"kind": KINDS[row["indicator"]], "type": "other", "title": "Given by hand, to be told apart"}
    blank = {"by_whom": "", "language": "", "extent": "", "archived": "", "note": ""}
    none = dict.fromkeys(("country", "audience_key", "output_key", "reach"))
    return {**same, **said, **blank, **none, "reference": row["evidence"], "added_by": row["given_by"]}


def downgrade() -> None:
    names = ("id", "project_id", "kind", "title", "amount", "basis", "reference", "archived", "added_by")
    record = sa.table("result_record", *(sa.column(name) for name in names), sa.column("on_day", sa.Date()))
    rows = op.get_bind().execute(sa.select(record).where(record.c.kind.in_(KINDS.values()))).mappings().all()
    by_kind = {kind: indicator for indicator, kind in KINDS.items()}
    figures = [
        {
            **{name: row[name] for name in ("id", "project_id", "on_day", "amount", "basis")},
            "indicator": by_kind[row["kind"]],
            "evidence": row["reference"] or row["archived"] or row["title"],
            "given_by": row["added_by"],
        }
        for row in rows
    ]
    if figures:
        op.bulk_insert(_figures(), figures)
    op.drop_table("result_record")


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
