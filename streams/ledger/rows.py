"""Many rows in few statements, the fast way of each database."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final

import msgspec
from psycopg.types.json import Json
from sqlalchemy import JSON, BigInteger, Column, Connection, Date, Float, Integer, LargeBinary, Table

from alerting.database import UtcDateTime

Row = tuple[Any, ...]

ROWS_A_STATEMENT: Final = (500, 100, 20, 5, 1)
"""SQLite takes at most 32,766 values a statement; few sizes, so that the statements stay prepared."""

to_json: Final = msgspec.json.Encoder(order="sorted").encode


def _sqlite_instant(value: datetime) -> str:
    """As SQLAlchemy writes it: UTC without its offset."""
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:26]


sqlite3.register_adapter(datetime, _sqlite_instant)


def _sqlite_json(value: Any) -> str:
    return to_json(value).decode()


def _postgres_json(value: Any) -> Json:
    return Json(value, dumps=to_json)


def _postgres_type(column: Column[Any]) -> str:
    for kind, name in (
        (UtcDateTime, "timestamptz"),
        (JSON, "json"),
        (BigInteger, "int8"),
        (Integer, "int4"),
        (Float, "float8"),
        (LargeBinary, "bytea"),
        (Date, "date"),
    ):
        if isinstance(column.type, kind):
            return name
    return "text"


def _quoted(names: Iterable[str]) -> str:
    """`offset` and others are words of SQL's own."""
    return ", ".join(f'"{name}"' for name in names)


class Writer:
    """Writes rows of one table; each row has a value for every column, in the table's order."""

    def __init__(self, table: Table) -> None:
        self._table = table
        names = [column.name for column in table.columns]
        keys = [column.name for column in table.primary_key.columns]
        self._types = [_postgres_type(column) for column in table.columns]
        self._json = [i for i, name in enumerate(self._types) if name == "json"]
        self._columns = _quoted(names)
        self._row = f"({', '.join('?' * len(names))})"
        others = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
        self._on_conflict = f"ON CONFLICT ({_quoted(keys)}) DO UPDATE SET {others}"

    def insert(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows that are surely new. Raises `IntegrityError` where one is not."""
        if not rows:
            return
        if connection.dialect.name == "postgresql":
            self._copy(connection, self._table.name, rows)
        else:
            self._execute_sqlite(connection, rows)

    def upsert(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows, or put them in the place of those with the same key. At most once a table in a transaction."""
        if not rows:
            return
        if connection.dialect.name != "postgresql":
            self._execute_sqlite(connection, rows)
            return
        staging = f"staging_{self._table.name}"
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} (LIKE {self._table.name}) ON COMMIT DELETE ROWS"
        )
        self._copy(connection, staging, rows)
        connection.exec_driver_sql(self._upsert(f"SELECT {self._columns} FROM {staging}"))  # noqa: S608 - our own names

    def _copy(self, connection: Connection, target: str, rows: Sequence[Row]) -> None:
        if self._json:
            rows = [self._adapt(row, self._json, _postgres_json) for row in rows]
        driver: Any = connection.connection.driver_connection
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {target} ({self._columns}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.set_types(self._types)
            write = copy.write_row
            for row in rows:
                write(row)

    def _execute_sqlite(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Many rows a statement: SQLite's work is then one stretch in which other threads of Python run."""
        if self._json:
            rows = [self._adapt(row, self._json, _sqlite_json) for row in rows]
        start = 0
        for size in ROWS_A_STATEMENT:
            statement = self._upsert(f"VALUES {', '.join([self._row] * size)}")
            while len(rows) - start >= size:
                connection.exec_driver_sql(statement, tuple(chain.from_iterable(rows[start : start + size])))
                start += size

    def _upsert(self, source: str) -> str:
        return f"INSERT INTO {self._table.name} ({self._columns}) {source} {self._on_conflict}"

    @staticmethod
    def _adapt(row: Row, places: list[int], convert: Callable[[Any], Any]) -> Row:
        values = list(row)
        for place in places:
            values[place] = convert(values[place])
        return tuple(values)
