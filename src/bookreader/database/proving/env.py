"""Alembic's environment for proofs: only revisions, no models, on the connection that was handed over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
