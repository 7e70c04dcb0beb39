"""Indexes for what every screen asks about alerts: open, lately closed, of this hour, merged."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = {
    "alert_state": ("state", "to_seq IS NULL"),
    "alert_received": ("received_at", "to_seq IS NULL"),
    "alert_closed": ("closed_at", "to_seq IS NULL AND closed_at IS NOT NULL"),
    "alert_merged": ("merged_into", "to_seq IS NULL AND merged_into IS NOT NULL"),
}


def upgrade() -> None:
    for name, (column, where) in INDEXES.items():
        some = sa.text(where)
        op.create_index(name, "alert", ["realm", column], sqlite_where=some, postgresql_where=some)
