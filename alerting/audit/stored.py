"""Entries as they lie in the database, read page by page and as plainly as can be, so that a spoilt one can be named."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine, Text, select, type_coerce
from sqlalchemy.exc import DBAPIError

from alerting.audit.entry import Row, instant
from alerting.database import reading
from alerting.tables import audit

PAGE: Final = 500
_READ: Final = [
    type_coerce(column, Text).label(column.name) if column.name in ("at", "old", "new") else column
    for column in audit.c
]


class UnreadableError(Exception):
    """An entry cannot even be read from the database."""

    def __init__(self, sequence: int, why: str) -> None:
        super().__init__(why)
        self.sequence = sequence


Pages = Callable[[str, int | None], Sequence[Row]]
"""Of a chain, after an entry (None: from whatever is first): some next ones in order, as `digest` takes them; none at the
end. Raises UnreadableError when the very next cannot be read."""


def pages(engine: Engine) -> Pages:
    """The entries of a database; each page is a transaction of its own, so that no long one is in anybody's way."""

    def page(chain: str, after: int | None, most: int = PAGE) -> Sequence[Row]:
        try:
            return _page(engine, chain, after, most)
        except (ValueError, DBAPIError) as error:
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise
            if most > 1:
                return page(chain, after, 1)
            number = _next_number(engine, chain, after)
            if number is None:
                raise
            why = str(error.orig if isinstance(error, DBAPIError) else error).strip()
            raise UnreadableError(number, why) from None

    return page


def _page(engine: Engine, chain: str, after: int | None, most: int) -> list[Row]:
    wanted = select(*_READ).where(audit.c.chain == chain)
    if after is not None:
        wanted = wanted.where(audit.c.sequence > after)
    with reading(engine) as connection:
        rows = connection.execute(wanted.order_by(audit.c.sequence).limit(most)).mappings()
        return [dict(row) | {"at": _instant(row["at"])} for row in rows]


def _next_number(engine: Engine, chain: str, after: int | None) -> int | None:
    wanted = select(audit.c.sequence).where(audit.c.chain == chain)
    if after is not None:
        wanted = wanted.where(audit.c.sequence > after)
    with reading(engine) as connection:
        return connection.execute(wanted.order_by(audit.c.sequence).limit(1)).scalar()


def _instant(at: Any) -> str:
    """The time as it was hashed. PostgreSQL gives a time, SQLite the text that SQLAlchemy wrote, and only that will do."""
    if isinstance(at, datetime):
        return instant(at)
    parsed = datetime.fromisoformat(at)
    if at != parsed.strftime("%Y-%m-%d %H:%M:%S.%f"):
        raise ValueError(f"the time {at!r} is not written as this program writes it")
    return instant(parsed.replace(tzinfo=UTC))
