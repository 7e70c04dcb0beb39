"""A refused message belongs to the districts of its source; what stood there is the city's."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    whose = sa.Column("scope_json", sa.Text(), nullable=False, server_default='["city"]')
    op.add_column("quarantine", whose)
