"""Alerts that are alike are found together, however many wait."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WAITING = sa.text("to_seq IS NULL AND closed_at IS NULL")
COLUMNS = (
    *("realm", "severity", "source", "type", "cell"),
    *("ack_due", "row", "state", "scope_json"),
)  # fmt: skip
WHOLE = {"sqlite": "CAST({} AS INTEGER)", "postgresql": "CAST(floor({}) AS BIGINT)"}


def upgrade() -> None:
    op.add_column("alert", sa.Column("cell", sa.BigInteger(), nullable=False, server_default="-1"))
    whole = WHOLE[op.get_bind().dialect.name]
    lat, lon = whole.format("(lat + 90) * 100"), whole.format("(lon + 180) * 100")
    placed = "WHERE lat IS NOT NULL AND lon IS NOT NULL"
    op.execute(f"UPDATE alert SET cell = {lat} * 100000 + {lon} {placed}")
    op.create_index(
        "alert_alike", "alert", list(COLUMNS), sqlite_where=WAITING, postgresql_where=WAITING
    )
