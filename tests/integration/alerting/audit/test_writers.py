"""Many writers lengthen one chain at once, and it never forks."""

import multiprocessing
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from alerting.audit import START, append, read_end, seal
from alerting.audit.chain import chains, key_in_force, put_key_in_force
from alerting.audit.stored import pages
from alerting.audit.walk import Walk
from alerting.database import connect, reading
from alerting.tables import audit
from streams import schema
from tests.unit.alerting.audit.trails import MONDAY, an_entry

WRITERS, EACH = 8, 25


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    schema.upgrade(engine)
    yield engine
    engine.dispose()


def write(url: str, writer: int) -> None:
    """One entry a transaction, as fast as it goes."""
    engine = connect(url)
    for number in range(EACH):
        with engine.begin() as connection:
            append(connection, "desk", [an_entry(number, actor=f"writer {writer}")], None)
    engine.dispose()


def test_eight_processes_that_write_at_once_make_one_chain(engine: Engine, database_url: str) -> None:
    """Fails without the lock: on PostgreSQL writers meet the primary key (IntegrityError, exit code 1) and lose entries;
    without the key, too, the chain forks."""
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write, args=(database_url, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    walk = Walk("desk", pages(engine))
    assert (walk.advance(), walk.fault) == (WRITERS * EACH, None)


def test_two_that_read_the_same_end_cannot_both_write(engine: Engine) -> None:
    """What the primary key is for: a writer without the lock, such as a ledger that lost its partition."""
    with reading(engine) as connection:
        end = read_end(connection, "desk")
    for_one, _ = seal("desk", end, [an_entry(actor="one")], None)
    for_other, _ = seal("desk", end, [an_entry(actor="other")], None)
    with engine.begin() as connection:
        connection.execute(insert(audit), for_one)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        # SQLite's trigger against REPLACE would refuse it as well.
        connection.execute(insert(audit), for_other)
    walk = Walk("desk", pages(engine))
    assert (walk.advance(), walk.fault) == (1, None)


def test_an_append_that_is_rolled_back_leaves_no_gap(engine: Engine) -> None:
    for kept in (True, False, True):
        with engine.connect() as connection, connection.begin() as transaction:
            append(connection, "desk", [an_entry(1), an_entry(2)], None)
            if not kept:
                transaction.rollback()
    walk = Walk("desk", pages(engine))
    assert (walk.advance(), walk.fault) == (4, None)


def test_chains_are_told_by_name_each_once(engine: Engine) -> None:
    with engine.begin() as connection:
        assert list(chains(connection)) == []
        for chain in ("desk", "links", "desk", "a"):
            append(connection, chain, [an_entry()], None)
        append(connection, "empty", [], None)
        assert sorted(chains(connection)) == ["a", "desk", "links"]
        assert read_end(connection, "empty") == START
        assert read_end(connection, "desk", 1).sequence == 1


def test_the_trail_says_since_when_a_key_signs(engine: Engine) -> None:
    with engine.begin() as connection:
        assert key_in_force(connection) is None
        for key in ("k1", "k1", "k2"):
            put_key_in_force(connection, key, "bellwether/a", MONDAY)
        assert key_in_force(connection) == "k2"
        assert read_end(connection, "keys").sequence == 2
