"""Rows come back from both databases as they were written, in the type of their column."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    select,
)

from alerting.database import UtcDateTime
from streams.ledger.rows import Writer, instant_2000, since_2000

tables = MetaData()
everything = Table(
    "everything", tables,
    Column("key", String, primary_key=True),
    Column("offset", BigInteger),  # a word of SQL's own
    Column("whole", Integer),
    Column("real", Float),
    Column("text", Text),
    Column("bytes", LargeBinary),
    Column("json", JSON),
    Column("at", UtcDateTime),
    Column("day", Date),
)  # fmt: skip
pairs = Table("pairs", tables, Column("one", String, primary_key=True), Column("two", Integer, primary_key=True),
              Column("value", String))  # fmt: skip

NOON = datetime(2026, 3, 29, 12, 0, 0, 123456, UTC)
FULL = ("k", 1 << 62, -(1 << 31), 0.1, "Ä 批 '\";--\n\t\x01 😀", b"\x00\xff", {"b": [1, None, 0.5], "a": "Ü"}, NOON,
        date(2026, 3, 29))  # fmt: skip
EMPTY = ("n", *[None] * 8)


def as_written(*values):
    """A row as the ledger writes it: instants in microseconds since 2000."""
    return tuple(instant_2000(value) if isinstance(value, datetime) else value for value in values)


@pytest.fixture
def connection(engine):
    tables.drop_all(engine)
    tables.create_all(engine)
    with engine.begin() as connection:
        yield connection


def stored(connection, table=everything):
    return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]


@pytest.mark.parametrize("write", ["insert", "upsert"])
def test_every_type_comes_back_as_it_was_written(connection, write):
    getattr(Writer(everything), write)(connection, [as_written(*FULL), EMPTY])
    assert stored(connection) == [FULL, EMPTY]


@pytest.mark.parametrize(
    "row",
    [
        ("k", 0, 0, -0.0, "", b"", [], datetime(1970, 1, 1, tzinfo=UTC), date(1, 1, 1)),
        ("k", -(1 << 63), 1, 1e308, "x" * 100_000, b"\x00" * 100_000, {}, NOON.replace(microsecond=0), date.max),
        ("k", 1, 1, 5e-324, "\\N", b"\\x", [[["deep"]], True, False, 1e-7], datetime(2199, 12, 31, tzinfo=UTC), None),
    ],
)
def test_the_ends_of_each_type_come_back_too(connection, row):
    Writer(everything).insert(connection, [as_written(*row)])
    assert stored(connection) == [row]


def test_an_instant_of_any_zone_is_kept_as_the_same_instant(connection):
    zone = timezone(timedelta(hours=-11, minutes=-30))
    Writer(everything).insert(connection, [as_written(*FULL[:7], NOON.astimezone(zone), None)])
    assert stored(connection)[0][7] == NOON


def test_microseconds_since_1970_and_an_instant_make_the_same_row():
    for at in (datetime(1970, 1, 1, tzinfo=UTC), NOON, datetime(2199, 12, 31, 23, 59, 59, 999_999, UTC)):
        assert since_2000((at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)) == instant_2000(at)
    assert since_2000(None) is None


def test_what_is_written_here_can_be_compared_where_it_lies(connection):
    Writer(everything).insert(connection, [as_written(*FULL)])
    found = select(everything.c.key).where(everything.c.at == NOON, everything.c.day == date(2026, 3, 29))
    assert connection.execute(found).scalars().all() == ["k"]
    assert connection.execute(found.where(everything.c.at < NOON)).scalars().all() == []


def test_an_upsert_takes_the_place_of_the_row_with_the_same_key_and_leaves_the_others(connection):
    writer = Writer(everything)
    writer.insert(connection, [as_written(*FULL), EMPTY])
    changed = ("k", 1, *[None] * 7)
    writer.upsert(connection, [changed, as_written("new", *FULL[1:])])
    assert stored(connection) == [changed, EMPTY, ("new", *FULL[1:])]


def test_upserts_of_two_transactions_do_not_mix(engine):
    tables.drop_all(engine)
    tables.create_all(engine)
    for value in ("first", "second"):
        with engine.begin() as connection:
            Writer(pairs).upsert(connection, [("a", 1, value)])
            assert stored(connection, pairs) == [("a", 1, value)]


@pytest.mark.postgres
def test_on_postgres_an_insert_of_what_is_there_is_refused(postgres_tables):
    tables.create_all(postgres_tables)
    with pytest.raises(Exception, match="duplicate key"), postgres_tables.begin() as connection:
        Writer(pairs).insert(connection, [("a", 1, "x"), ("a", 1, "y")])


@pytest.mark.parametrize("count", [0, 1, 4, 99, 621, 1501])
def test_any_number_of_rows_is_written_whole(connection, count):
    rows = [("a", number, str(number)) for number in range(count)]
    Writer(pairs).insert(connection, rows)
    Writer(pairs).upsert(connection, rows)
    assert stored(connection, pairs) == rows
