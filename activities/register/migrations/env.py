"""Alembic's entry: migrates the database whose connection it is handed (`activities.register.database`)."""

from alembic import context

import activities.access.tables
import activities.mailbox.tables  # noqa: F401 -- its tables are the register's too
from activities.register.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
