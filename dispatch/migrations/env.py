"""Runs the migrations on the connection that `dispatch.schema` hands over."""

from alembic import context

from dispatch.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
