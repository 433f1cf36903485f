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

BATCH = HELD // 2 + 1


def entered(engine, register, events, moved, at=MONDAY):
    """A batch of the stream, entered and committed."""
    with engine.begin() as connection:
        Writer(tables.register).insert(connection, [register.row(events, moved, at)])
        register.expire(connection, at)
    register.accept(events)


def test_what_is_beyond_memory_is_looked_up_exactly_in_the_database(site):
    engine = site.engine
    register = Register(0)
    first, second, third = (list(range(n * BATCH + 1, (n + 1) * BATCH + 1)) for n in range(3))
    moved = [("lot", "BSL/API-1/L-1")]
    entered(engine, register, [*first[:-1], 7**20], [*([[]] * (BATCH - 1)), moved])
    for events in (second, third):
        entered(engine, register, events, [[]] * BATCH)
    loaded = Register(0)
    with reading(engine) as connection:
        loaded.load(connection)
        for one in (register, loaded):
            asked = [7**20, 5, BATCH + 5, 2 * BATCH + 5, 9 * BATCH]
            assert one.known(connection, asked) == set(asked[:4])
            assert one.moved_by(connection, 7**20) == moved
            assert one.moved_by(connection, 2 * BATCH + 5) == []
            assert one.moved_by(connection, 9 * BATCH) is None
    assert set(loaded.suspects([7**20, 5, 9 * BATCH])) >= {7**20, 5}


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
