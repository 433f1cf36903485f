"""Many rows in few statements, the fast way of each database."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from psycopg.types.json import Json
from sqlalchemy import JSON, BigInteger, Column, Connection, Date, Float, Integer, LargeBinary, Table
from sqlalchemy.dialects import sqlite

from alerting.database import UtcDateTime

Row = tuple[Any, ...]

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


class Writer:
    """Writes rows of one table; each row has a value for every column, in the table's order."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._names = [column.name for column in table.columns]
        self._keys = [column.name for column in table.primary_key.columns]
        self._types = [_postgres_type(column) for column in table.columns]
        self._json = [i for i, name in enumerate(self._types) if name == "json"]
        self._sqlite_upsert = self._sqlite_statement()

    def insert(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows that are surely new. Raises `IntegrityError` where one is not."""
        if not rows:
            return
        if connection.dialect.name == "postgresql":
            self._copy(connection, self._table.name, rows)
        else:
            self._execute_sqlite(connection, self._sqlite_upsert, rows)

    def upsert(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows, or put them in the place of those with the same key."""
        if not rows:
            return
        if connection.dialect.name != "postgresql":
            self._execute_sqlite(connection, self._sqlite_upsert, rows)
            return
        staging = f"staging_{self._table.name}"
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {staging} (LIKE {self._table.name}) ON COMMIT DELETE ROWS"
        )
        self._copy(connection, staging, rows)
        connection.exec_driver_sql(self._merge(staging))

    def _copy(self, connection: Connection, target: str, rows: Sequence[Row]) -> None:
        if self._json:
            rows = [self._adapt(row, self._json, _postgres_json) for row in rows]
        columns = ", ".join(f'"{name}"' for name in self._names)
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {target} ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(self._types)
            write = copy.write_row
            for row in rows:
                write(row)

    def _execute_sqlite(self, connection: Connection, statement: str, rows: Sequence[Row]) -> None:
        if self._json:
            rows = [self._adapt(row, self._json, _sqlite_json) for row in rows]
        connection.exec_driver_sql(statement, list(rows))

    def _merge(self, staging: str) -> str:
        columns = ", ".join(f'"{name}"' for name in self._names)
        keys = ", ".join(f'"{name}"' for name in self._keys)  # quoted: `offset` is a word of SQL's own
        others = ", ".join(f'"{name}" = excluded."{name}"' for name in self._names if name not in self._keys)
        return (
            f"INSERT INTO {self._table.name} ({columns}) SELECT {columns} FROM {staging} "  # noqa: S608 - our own names
            f"ON CONFLICT ({keys}) DO UPDATE SET {others}"
        )

    @staticmethod
    def _adapt(row: Row, places: list[int], convert: Callable[[Any], Any]) -> Row:
        values = list(row)
        for place in places:
            values[place] = convert(values[place])
        return tuple(values)

    def _sqlite_statement(self) -> str:
        statement = sqlite.insert(self._table)
        statement = statement.on_conflict_do_update(
            index_elements=self._keys,
            set_={name: statement.excluded[name] for name in self._names if name not in self._keys},
        )
        return str(statement.compile(dialect=sqlite.dialect(paramstyle="qmark")))
