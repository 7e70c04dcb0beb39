"""What is known of an incident's harm, which steps were late, and why a level was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (
        ("incident", "late_json"),
        ("incident", "facts_json"),
        ("activation", "grounds_json"),
    ):
        op.add_column(table, sa.Column(column, sa.Text(), server_default="{}", nullable=False))
