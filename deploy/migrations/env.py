"""How Alembic meets the database: on the connection that `streams.schema` hands over, in its transaction."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from alerting.database import UtcDateTime
from streams.schema import METADATA


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """A migration stands for itself: it names no type of ours that could change after it."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run() -> None:
    connection: Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=list(METADATA),
        render_item=render,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite alters a table by copying it
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
