"""However the broker brings the events of a site, the tables end the same, and as an independent reading has them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from streams.events import decode
from streams.ledger import counting, holding, register
from streams.ledger.standing import Clock
from tests.oracle.histories import Delivery, deliveries, histories
from tests.oracle.network import NETWORK
from tests.oracle.stream import MONDAY, Json, Partition, database, emptied, tick
from tests.oracle.tables import differences, expected, stored

quickly = settings(derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
clocks = st.sampled_from(Clock)


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("oracle")
    engine = database(f"sqlite:///{folder / 'ledger.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def on_postgres(postgres_url: str) -> Iterator[Engine]:
    engine = database(postgres_url)
    yield engine
    engine.dispose()


def lived_through(engine: Engine, delivery: Delivery, clock: Clock) -> Partition:
    """The partition after all batches. A stream's clock ticks between them."""
    emptied(engine)
    partition = Partition(engine, clock=clock)
    for number, batch in enumerate(delivery.batches):
        partition.now = MONDAY + timedelta(hours=12 * number)
        ticks = [tick(number, partition.now)] if clock is Clock.STREAM else []
        outcome = partition.send(*batch, *ticks)
        assert outcome.refused == 0
        if number in delivery.restarts:
            partition.restart()
    return partition


def as_told(history: list[Json]) -> Any:
    return expected([decode(msgspec.json.encode(event)) for event in history], NETWORK)


@settings(quickly, max_examples=100)
@given(data=st.data(), clock=clocks)
def test_any_order_repetition_and_cutting_of_a_history_ends_at_the_same_tables(on_sqlite, data, clock):
    history = data.draw(histories())
    partition = lived_through(on_sqlite, data.draw(deliveries(history)), clock)
    assert differences(as_told(history), stored(partition)) == []


@settings(quickly, max_examples=40)
@given(data=st.data(), clock=clocks)
def test_little_room_in_memory_changes_nothing(on_sqlite, data, clock):
    history = data.draw(histories())
    with pytest.MonkeyPatch.context() as limits:
        limits.setattr(counting, "AT_ONCE", 3)
        limits.setattr(holding, "ROOM", 2)
        limits.setattr(register, "HELD", 4)
        partition = lived_through(on_sqlite, data.draw(deliveries(history)), clock)
    assert differences(as_told(history), stored(partition)) == []


@pytest.mark.postgres
@settings(quickly, max_examples=15)
@given(data=st.data(), clock=clocks)
def test_postgres_ends_at_the_same_tables_as_sqlite(on_postgres, data, clock):
    history = data.draw(histories())
    partition = lived_through(on_postgres, data.draw(deliveries(history)), clock)
    assert differences(as_told(history), stored(partition)) == []
