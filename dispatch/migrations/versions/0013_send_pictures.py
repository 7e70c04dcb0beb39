"""Units whose phones send their live picture."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOW = sa.text("to_seq IS NULL")


def upgrade() -> None:
    op.create_table(
        "sending",
        sa.Column("row", RowId, primary_key=True, autoincrement=True),
        sa.Column("realm", sa.String(40), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger()),
        sa.Column("dispatch_order", sa.String(64), nullable=False),
        sa.Column("sent_by", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
    )
    key = ["realm", "id"]
    op.create_index(
        "sending_now", "sending", key, unique=True, sqlite_where=NOW, postgresql_where=NOW
    )
    op.create_index("sending_span", "sending", ["from_seq", "to_seq"])
