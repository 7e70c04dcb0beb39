"""Indexes for the last switch of mode, and for how many orders a unit had lately."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("event_type", "event", ["realm", "type", "seq"])
    op.create_index("order_issued", "dispatch_order", ["realm", "issued_at"])
