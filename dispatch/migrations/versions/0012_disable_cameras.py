"""Cameras that are out of use."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOW = sa.text("to_seq IS NULL")


def upgrade() -> None:
    op.create_table(
        "camera_off",
        sa.Column("row", RowId, primary_key=True, autoincrement=True),
        sa.Column("realm", sa.String(40), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger()),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("switched_by", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
    )
    key = ["realm", "id"]
    op.create_index(
        "camera_off_now", "camera_off", key, unique=True, sqlite_where=NOW, postgresql_where=NOW
    )
    op.create_index("camera_off_span", "camera_off", ["from_seq", "to_seq"])
