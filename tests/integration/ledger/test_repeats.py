"""How long, and how exactly, the ledger knows an event again."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from alerting.database import reading
from streams.ledger import tables
from streams.ledger.register import HELD, Register
from streams.ledger.rows import Writer
from streams.ledger.tables import lot
from tests.integration.ledger.saying import received, withdrawn
from tests.oracle.stream import MONDAY


def entered(engine, register, events, moved, at=MONDAY):
    """A batch of the stream, entered and committed."""
    with engine.begin() as connection:
        Writer(tables.register).insert(connection, [register.row(events, moved, at)])
        register.expire(connection, at)
    register.accept(events, at)


def test_what_is_beyond_memory_is_looked_up_exactly_in_the_database(site):
    register = Register(0)
    pushed_out, held, unknown = 7**20, 5, HELD + 1
    moved = [("lot", "BSL/API-1/L-1")]
    entered(site.engine, register, [3 * HELD, pushed_out], [[], moved])
    entered(site.engine, register, range(HELD), [[]] * HELD)
    loaded = Register(0)
    with reading(site.engine) as connection:
        loaded.load(connection)
        for one in (register, loaded):
            assert one.known(connection, [pushed_out, held, unknown]) == {pushed_out, held}
            assert one.moved_by(connection, pushed_out) == moved
            assert one.moved_by(connection, held) == []
            assert one.moved_by(connection, unknown) is None
    assert set(loaded.suspects([pushed_out, held])) == {pushed_out, held}


def test_a_repeat_is_known_for_thirty_days_of_arrival(partition):
    partition.send(received("1"))
    partition.now = MONDAY + timedelta(days=29)
    partition.send(received("2", lot="L-2"))
    partition.restart()
    assert partition.send(received("1")).events == {("acme", "raw_material", "repeated"): 1}
    partition.now = MONDAY + timedelta(days=31)
    partition.send(received("3", lot="L-3"))
    with reading(partition.engine) as connection:
        oldest = connection.execute(select(func.min(tables.register.c.arrived_at))).scalar_one()
    assert oldest > MONDAY


@pytest.mark.parametrize("restart", [False, True])
def test_a_withdrawal_of_what_is_no_longer_known_does_no_harm(partition, restart):
    partition.send(received("1"))
    partition.now = MONDAY + timedelta(days=31)
    partition.send(received("2", lot="L-2"))
    if restart:
        partition.restart()
    partition.send(withdrawn("3", "1"))
    assert [row["lot"] for row in partition.rows(lot)] == ["L-1", "L-2"]
