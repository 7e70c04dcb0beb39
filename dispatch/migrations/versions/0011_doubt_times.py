"""A time that a source says and that lies in our future: kept apart, the alert is taken."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("said_at", sa.BigInteger()))
