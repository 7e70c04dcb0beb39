"""What people put on the wall, who may watch what, and what phones and drones tell."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOW = sa.text("to_seq IS NULL")


def upgrade() -> None:
    _walls()
    _phones()
    _drones()


def _walls() -> None:
    _state(
        "wall_push",
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("incident", sa.String(64)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("pushed_by", sa.String(64), nullable=False),
        sa.Column("pushed_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )
    _state(
        "wall_layout",
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(64), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
    )
    _state(
        "viewing",
        sa.Column("feed", sa.String(80), nullable=False),
        sa.Column("watched_by", sa.String(64), nullable=False),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("incident", sa.String(64)),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
    )


def _phones() -> None:
    _state(
        "upload",
        sa.Column("dispatch_order", sa.String(64), nullable=False),
        sa.Column("incident", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("received_sha256", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("lat", sa.Float()),
        sa.Column("lon", sa.Float()),
        sa.Column("sent_by", sa.String(64), nullable=False),
    )
    op.create_index("upload_incident", "upload", ["realm", "incident"])
    _state(
        "sharing",
        sa.Column("dispatch_order", sa.String(64), nullable=False),
        sa.Column("shared_by", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
    )
    _state(
        "safety",
        sa.Column("dispatch_order", sa.String(64), nullable=False),
        sa.Column("incident", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("alert", sa.String(64)),
    )


def _drones() -> None:
    op.create_table(
        "drone_fix",
        sa.Column("realm", sa.String(40), primary_key=True),
        sa.Column("drone", sa.String(64), primary_key=True),
        sa.Column("at", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("said_json", sa.Text(), nullable=False),
    )


def _state(name: str, *columns: sa.Column) -> None:
    op.create_table(
        name,
        sa.Column("row", RowId, primary_key=True, autoincrement=True),
        sa.Column("realm", sa.String(40), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("to_seq", sa.BigInteger()),
        *columns,
    )
    op.create_index(
        f"{name}_now", name, ["realm", "id"], unique=True, sqlite_where=NOW, postgresql_where=NOW
    )
    op.create_index(f"{name}_span", name, ["from_seq", "to_seq"])
