"""Many rows in few statements, the fast way of each database."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from operator import itemgetter
from typing import Any, Final

import msgspec
from psycopg.types.json import Json
from sqlalchemy import JSON, BigInteger, Column, Connection, Date, Float, Integer, LargeBinary, Table

from alerting.database import UtcDateTime

Row = tuple[Any, ...]
Adaptation = dict[int, Callable[[Any], Any]]
"""By the place of a column, what makes its values such as the driver takes them."""

ROWS_A_STATEMENT: Final = (500, 100, 20, 5, 1)
"""SQLite takes at most 32,766 values a statement; few sizes, so that the statements stay prepared."""

to_json: Final = msgspec.json.Encoder(order="sorted").encode


EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_NAIVE: Final = EPOCH.replace(tzinfo=None)
YEAR_2000: Final = 946_684_800_000_000
"""The same in microseconds since 1970."""


def since_2000(micros: int | None) -> int | None:
    """An instant in microseconds since 1970 as it stands in a row: since 2000, which is PostgreSQL's own binary form."""
    return None if micros is None else micros - YEAR_2000


def instant_2000(at: datetime) -> int:
    """An instant as it stands in a row."""
    return (at - EPOCH) // timedelta(microseconds=1)


def _sqlite_instant(since: int | None) -> str | None:
    """As SQLAlchemy writes it: UTC without its offset."""
    return None if since is None else (_NAIVE + timedelta(microseconds=since)).isoformat(" ", "microseconds")


def _sqlite_json(value: Any) -> str:
    return to_json(value).decode()


def _postgres_json(value: Any) -> Json:
    return Json(value, dumps=to_json)


def _postgres_type(column: Column[Any]) -> str:
    for kind, name in (
        (UtcDateTime, "int8"),  # the same eight bytes, dumped faster
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
    """Writes rows of one table; each row has a value for every column, in the table's order.

    Instants stand in it as microseconds since 2000 (`since_2000`), days as dates, and what goes into JSON as it is. Rows go in
    by the order of their keys: neighbours lie on the same pages of an index, which are then changed once.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        names = [column.name for column in table.columns]
        keys = [column.name for column in table.primary_key.columns]
        self._key = itemgetter(*(names.index(name) for name in keys))
        self._types = [_postgres_type(column) for column in table.columns]
        json = {i: _postgres_json for i, name in enumerate(self._types) if name == "json"}
        instants = [i for i, column in enumerate(table.columns) if isinstance(column.type, UtcDateTime)]
        self._for_postgres: Adaptation = json
        self._for_sqlite: Adaptation = {**dict.fromkeys(json, _sqlite_json), **dict.fromkeys(instants, _sqlite_instant)}
        self._columns = _quoted(names)
        self._row = f"({', '.join('?' * len(names))})"
        others = ", ".join(f'"{name}" = excluded."{name}"' for name in names if name not in keys)
        self._on_conflict = f"ON CONFLICT ({_quoted(keys)}) DO UPDATE SET {others}"

    def insert(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows that are surely new. Raises `IntegrityError` where one is not."""
        if not rows:
            return
        rows = sorted(rows, key=self._key)
        if connection.dialect.name == "postgresql":
            self._copy(connection, self._table.name, rows)
        else:
            self._execute_sqlite(connection, rows)

    def upsert(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Insert rows, or put them in the place of those with the same key. At most once a table in a transaction."""
        if not rows:
            return
        rows = sorted(rows, key=self._key)
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
        if self._for_postgres:
            rows = [_adapted(row, self._for_postgres) for row in rows]
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
        if self._for_sqlite:
            rows = [_adapted(row, self._for_sqlite) for row in rows]
        start = 0
        for size in ROWS_A_STATEMENT:
            statement = self._upsert(f"VALUES {', '.join([self._row] * size)}")
            while len(rows) - start >= size:
                connection.exec_driver_sql(statement, tuple(chain.from_iterable(rows[start : start + size])))
                start += size

    def _upsert(self, source: str) -> str:
        return f"INSERT INTO {self._table.name} ({self._columns}) {source} {self._on_conflict}"


def _adapted(row: Row, adaptation: Adaptation) -> Row:
    values = list(row)
    for place, convert in adaptation.items():
        values[place] = convert(values[place])
    return tuple(values)
