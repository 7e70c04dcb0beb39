"""An index for the latest open alerts of a type: each new one is held against them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    some = sa.text("to_seq IS NULL AND closed_at IS NULL")
    op.create_index(
        "alert_type", "alert", ["realm", "type", "row"], sqlite_where=some, postgresql_where=some
    )
