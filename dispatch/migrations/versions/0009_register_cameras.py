"""Cameras that were imported."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOW = sa.text("to_seq IS NULL")
PLACE = ("lat", "lon", "heading", "fov")
TEXTS = {"name_zh": 120, "name_en": 120, "district": 64, "owner": 200, "gb28181_id": 20}
ADDRESSES = {"url": 500, "sub_url": 500}


def upgrade() -> None:
    texts = {**TEXTS, **ADDRESSES}
    op.create_table(
        "camera",
        sa.Column("row", RowId, primary_key=True, autoincrement=True),
        sa.Column("realm", sa.String(40), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger()),
        *(sa.Column(name, sa.String(size), nullable=False) for name, size in texts.items()),
        *(sa.Column(name, sa.Float(), nullable=False) for name in PLACE),
        sa.Column("roles_json", sa.Text(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
    )
    key = ["realm", "id"]
    op.create_index(
        "camera_now", "camera", key, unique=True, sqlite_where=NOW, postgresql_where=NOW
    )
    op.create_index("camera_span", "camera", ["from_seq", "to_seq"])
