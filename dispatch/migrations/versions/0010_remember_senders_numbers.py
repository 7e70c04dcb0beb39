"""Each sender's own count of its messages, with the holes in it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source_seen", sa.Column("numbers_json", sa.Text()))
