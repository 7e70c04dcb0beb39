"""A lent unit is due back at a time; what was lent before has none."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("loan", sa.Column("due_back", sa.BigInteger()))
