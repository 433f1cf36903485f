"""Statements about rows that are named by many keys at once."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, CursorResult

KEYS_AT_ONCE: Final = 500

_to_json: Final = msgspec.json.Encoder().encode


class Named:
    """`statement` about the rows of which `column` is one of many keys, and the columns `equal` have one value each.

    The keys go over as one argument, so that the text stays the same for any number of them and stays prepared. (An `IN`
    of SQLAlchemy is put together anew each time, and being a ring of objects keeps its keys until the garbage collector
    comes by.)
    """

    def __init__(self, statement: str, column: str, *equal: str) -> None:
        self._on_postgres = _where(statement, equal, "%s", f'"{column}" = ANY(%s)')
        self._on_sqlite = _where(statement, equal, "?", f'"{column}" IN (SELECT value FROM json_each(?))')  # noqa: S608

    def rows(self, connection: Connection, keys: Sequence[str], *equal: str) -> Iterator[Sequence[Any]]:
        """The rows that it finds."""
        for result in self._results(connection, keys, equal):
            yield from result

    def run(self, connection: Connection, keys: Sequence[str], *equal: str) -> None:
        """Run one that gives no rows."""
        for _ in self._results(connection, keys, equal):
            pass

    def _results(
        self, connection: Connection, keys: Sequence[str], equal: Sequence[str]
    ) -> Iterator[CursorResult[Any]]:
        for start in range(0, len(keys), KEYS_AT_ONCE):
            some = list(keys[start : start + KEYS_AT_ONCE])
            if connection.dialect.name == "postgresql":
                yield connection.exec_driver_sql(self._on_postgres, (*equal, some))
            else:
                yield connection.exec_driver_sql(self._on_sqlite, (*equal, _to_json(some).decode()))


class Removal:
    """Deletes rows of a table about subjects: its columns `subject_kind` and `subject_key`."""

    def __init__(self, table: str) -> None:
        self._statement = Named(f"DELETE FROM {table}", "subject_key", "subject_kind")  # noqa: S608 - our own names

    def run(self, connection: Connection, subjects: Sequence[tuple[str, str]]) -> None:
        """Delete what there is of these (kind, key)."""
        by_kind: dict[str, list[str]] = {}
        for kind, key in subjects:
            by_kind.setdefault(kind, []).append(key)
        for kind, keys in by_kind.items():
            self._statement.run(connection, keys, kind)


def _where(statement: str, equal: Sequence[str], mark: str, among: str) -> str:
    conditions = [*(f'"{name}" = {mark}' for name in equal), among]
    return f"{statement} WHERE {' AND '.join(conditions)}"
