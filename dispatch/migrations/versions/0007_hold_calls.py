"""Calls, who is in them, links into them, and recordings."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NOW = sa.text("to_seq IS NULL")


def upgrade() -> None:
    _calls()
    _recordings()
    op.create_table(
        "call_link",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("realm", sa.String(40), nullable=False),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("party", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.Column("session", sa.String(64), unique=True),
        sa.Column("session_until", sa.BigInteger()),
    )


def _calls() -> None:
    _state(
        "call",
        sa.Column("incident", sa.String(64)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.Column("opened_by", sa.String(64), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_index("call_incident", "call", ["realm", "incident"])
    _state(
        "call_party",
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("party", sa.String(64), nullable=False),
        sa.Column("account", sa.String(64)),
        sa.Column("unit", sa.String(64)),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("hand_at", sa.BigInteger()),
        sa.Column("invited_by", sa.String(64), nullable=False),
        sa.Column("invited_at", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.BigInteger()),
        sa.Column("left_at", sa.BigInteger()),
    )
    op.create_index("call_party_call", "call_party", ["realm", "call"])


def _recordings() -> None:
    _state(
        "recording",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("call", sa.String(64)),
        sa.Column("party", sa.String(64)),
        sa.Column("feed", sa.String(80)),
        sa.Column("incident", sa.String(64)),
        sa.Column("scope_json", sa.Text(), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("tracks_json", sa.Text(), nullable=False),
        sa.Column("salvaged", sa.Boolean(), nullable=False),
        sa.Column("keep_until", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger()),
    )
    op.create_index("recording_incident", "recording", ["realm", "incident"])
    op.create_index("recording_call", "recording", ["realm", "call"])


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
