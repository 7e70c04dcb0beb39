"""Units of a neighbouring district: asked for, lent, given back."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOW = sa.text("to_seq IS NULL")
OUT = sa.text("to_seq IS NULL AND state IN ('ASKED', 'LENT')")


def upgrade() -> None:
    op.create_table(
        "loan",
        sa.Column("row", RowId, primary_key=True, autoincrement=True),
        sa.Column("realm", sa.String(40), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger()),
        sa.Column("incident", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("home", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(64), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_due", sa.BigInteger(), nullable=False),
        sa.Column("answered_by", sa.String(64)),
        sa.Column("answered_at", sa.BigInteger()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("returned_by", sa.String(64)),
        sa.Column("returned_at", sa.BigInteger()),
    )
    key = ["realm", "id"]
    op.create_index("loan_now", "loan", key, unique=True, sqlite_where=NOW, postgresql_where=NOW)
    op.create_index("loan_span", "loan", ["from_seq", "to_seq"])
    op.create_index("loan_incident", "loan", ["realm", "incident"])
    unit = ["realm", "unit"]
    op.create_index("loan_unit", "loan", unit, unique=True, sqlite_where=OUT, postgresql_where=OUT)
