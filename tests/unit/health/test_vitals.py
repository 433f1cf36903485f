"""When a worker counts as stuck, and when as ready."""

from datetime import UTC, datetime, timedelta

import pytest

from streams import metrics
from streams.health import Vitals

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def vitals() -> Vitals:
    vitals = Vitals(frozenset({"ledger"}), stalled_after=timedelta(seconds=60), caught_up_within=100)
    vitals.assigned("ledger", [("events", 0), ("events", 1)], START)
    vitals.database(True, START)
    return vitals


def test_a_partition_with_lag_that_does_not_move_is_stuck(vitals: Vitals) -> None:
    vitals.lag("events", 0, 50, after(10))
    assert vitals.liveness(after(69)).alive
    stuck = vitals.liveness(after(71))
    assert not stuck.alive
    assert stuck.stuck == ({"partition": "events/0", "lag": 50, "seconds": 61.0},)


def test_a_partition_that_moves_is_alive_however_great_its_lag(vitals: Vitals) -> None:
    for minute in range(10):
        vitals.lag("events", 0, 1_000_000, after(60 * minute))
        vitals.moved("events", 0, minute, after(60 * minute + 30))
    assert vitals.liveness(after(600)).alive


def test_an_idle_partition_is_alive_and_its_wait_begins_with_the_first_record(vitals: Vitals) -> None:
    vitals.lag("events", 0, 0, after(1))
    assert vitals.liveness(after(86_400)).alive
    vitals.lag("events", 0, 1, after(86_400))
    assert vitals.liveness(after(86_430)).alive
    assert not vitals.liveness(after(86_461)).alive


def test_nobody_is_stuck_while_the_database_is_away_and_all_get_their_time_anew_when_it_is_back(vitals: Vitals) -> None:
    vitals.lag("events", 0, 5, after(0))
    vitals.database(False, after(10))
    assert vitals.liveness(after(1000)).alive
    vitals.database(True, after(1000))
    assert vitals.liveness(after(1050)).alive
    assert not vitals.liveness(after(1061)).alive


def test_a_worker_whose_stream_broke_down_is_not_ready_and_not_stuck_until_it_has_joined_again(vitals: Vitals) -> None:
    vitals.lag("events", 0, 5, after(0))
    vitals.left("ledger")
    assert vitals.liveness(after(1000)).alive
    assert vitals.readiness(after(1000)).missing == ("group ledger has no assignment from Kafka yet",)
    vitals.assigned("ledger", [], after(1001))
    assert vitals.readiness(after(1001)).ready


def test_a_partition_given_away_is_no_longer_watched(vitals: Vitals) -> None:
    vitals.lag("events", 0, 5, after(0))
    vitals.assigned("ledger", [("events", 1)], after(30))
    assert vitals.liveness(after(1000)).alive
    vitals.moved("events", 0, 7, after(1001))
    assert vitals.positions() == {"events/1": None}


def test_a_partition_kept_over_a_rebalance_keeps_its_wait(vitals: Vitals) -> None:
    vitals.lag("events", 0, 5, after(0))
    vitals.assigned("ledger", [("events", 0)], after(59))
    assert not vitals.liveness(after(61)).alive


def test_ready_needs_assignment_database_and_a_start_that_caught_up() -> None:
    vitals = Vitals(frozenset({"intake", "ledger"}), caught_up_within=100)
    assert vitals.readiness(START).missing == (
        "group intake has no assignment from Kafka yet",
        "group ledger has no assignment from Kafka yet",
        "the database was not asked yet",
    )
    vitals.database(True, START)
    vitals.assigned("intake", [("cdmo.a.inbound", 0)], START)
    vitals.assigned("ledger", [("events", 0)], START)
    vitals.lag("cdmo.a.inbound", 0, 0, START)
    vitals.lag("events", 0, 500, START)
    assert vitals.readiness(START).missing == ("events/0 has not caught up since the start: 500 records to go",)
    vitals.lag("events", 0, 100, after(1))
    assert vitals.readiness(after(1)).ready
    vitals.lag("events", 0, 100_000, after(2))
    assert vitals.readiness(after(2)).ready, "a burst later is no new start"
    vitals.database(False, after(3))
    assert vitals.readiness(after(3)).missing == ("the database does not answer; events wait, none is lost",)


def test_a_worker_beyond_the_number_of_partitions_is_ready() -> None:
    vitals = Vitals(frozenset({"ledger"}))
    vitals.assigned("ledger", [], START)
    vitals.database(True, START)
    assert vitals.readiness(START).ready


def test_the_gauges_show_lag_and_age_and_forget_what_was_given_away(vitals: Vitals) -> None:
    vitals.lag("events", 0, 42, after(5))
    vitals.moved("events", 0, 1, after(20))
    vitals.publish(after(50))

    def sample(name: str) -> float | None:
        return metrics.REGISTRY.get_sample_value(name, {"topic": "events", "partition": "0"})

    assert sample("bellwether_lag_records") == 42
    assert sample("bellwether_position_age_seconds") == 30
    vitals.assigned("ledger", [], after(60))
    assert sample("bellwether_lag_records") is None
