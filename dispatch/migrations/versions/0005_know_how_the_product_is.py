"""What the doors answered, how each process and the watchdog is, how far each screen shows."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _receipts()
    _processes()
    _watch()
    shown = sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False)
    op.add_column("screen_seen", shown)


def _realm(server_default: str | None = None) -> sa.Column[str]:
    return sa.Column("realm", sa.String(length=40), server_default=server_default, nullable=False)


def _receipts() -> None:
    op.create_table(
        "receipt",
        _realm(),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("process", sa.String(length=80), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "at"),
    )


def _processes() -> None:
    op.create_table(
        "process_seen",
        sa.Column("process", sa.String(length=80), nullable=False),
        _realm(server_default="real"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("figures_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("process"),
    )


def _watch() -> None:
    op.create_table(
        "watch",
        _realm(),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("called_at", sa.BigInteger(), nullable=False),
        sa.Column("passed_at", sa.BigInteger(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("broken_at", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
