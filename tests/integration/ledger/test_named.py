"""Rows that are named by many keys, on each kind of database."""

from sqlalchemy import Engine, insert, select

from streams.ledger.named import KEYS_AT_ONCE, Named, Removal
from streams.ledger.tables import deadline
from tests.oracle.stream import MONDAY

ODD = ["BSL/it's", 'BSL/"quoted"', "BSL/100 %s", "BSL/a?b", "BSL/{x}", "BSL/Zürich ☃"]


def pending(engine: Engine, keys: list[str], kind: str = "material") -> None:
    rows = [{"subject_kind": kind, "subject_key": key, "partition": 0, "check_at": MONDAY} for key in keys]
    with engine.begin() as connection:
        connection.execute(insert(deadline), rows)


def test_all_rows_are_found_however_many_keys_there_are(engine: Engine):
    keys = [f"BSL/{number:04}" for number in range(2 * KEYS_AT_ONCE + 1)]
    pending(engine, keys)
    statement = Named("SELECT subject_key FROM deadline", "subject_key")
    with engine.begin() as connection:
        assert sorted(key for (key,) in statement.rows(connection, [*keys, "BSL/none"])) == keys
        assert list(statement.rows(connection, [])) == []


def test_what_partners_write_into_keys_is_taken_as_it_is(engine: Engine):
    pending(engine, ODD)
    statement = Named("SELECT subject_key FROM deadline", "subject_key", "subject_kind")
    with engine.begin() as connection:
        assert sorted(key for (key,) in statement.rows(connection, ODD, "material")) == sorted(ODD)
        assert list(statement.rows(connection, ODD, "it's")) == []


def test_only_the_named_subjects_of_a_kind_are_removed(engine: Engine):
    pending(engine, ODD)
    pending(engine, ODD[:2], kind="line")
    with engine.begin() as connection:
        Removal("deadline").run(connection, [("material", key) for key in ODD[1:]] + [("line", ODD[0])])
        left = connection.execute(select(deadline.c.subject_kind, deadline.c.subject_key)).all()
    assert sorted(map(tuple, left)) == [("line", ODD[1]), ("material", ODD[0])]
