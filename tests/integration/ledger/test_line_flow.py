"""How batches go through a line: the same in any order, after restarts, and on either database."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from alerting.tables import alert
from risk_rules import rulebook
from streams.ledger.aspects import ASPECTS
from streams.ledger.entity import Entity, Surroundings, unpack
from streams.ledger.journal import Journal
from streams.ledger.tables import ENTITIES
from tests.integration.ledger.saying import completed, deviation, dispositioned, iso, opened, planned, said, withdrawn
from tests.oracle.network import NETWORK
from tests.oracle.stream import MONDAY, Partition

DAY = 24
SLOWER = rulebook.parse("""
rulebook: 1
rules:
  - id: slower
    subject: line
    kind: slower
    trend: {of: cycle_times, chart: ewma, side: above, baseline: 8}
    severity: watch
    score: 40
    summary: "{line} takes {drifted_to:.1f} days a batch, it used to take {usual:.0f}"
""")


def flow(partition: Partition, days: float) -> dict[str, Any]:
    """How batches go through line R1, from the row that the database has of it."""
    row = partition.row(ENTITIES["line"], "R1")
    assert row is not None
    entity = Entity("line", row["key"], row["partner"], row["site"], Journal.blank())
    unpack(entity, row["journal"])
    now = MONDAY + timedelta(days=days)
    around = Surroundings(now, now.toordinal(), NETWORK, frozenset())
    return {name: aspect(entity, around) for name, aspect in ASPECTS["line"].items()}


def started(partition: Partition, batch: str, day: float) -> None:
    begun = {"batch_id": batch, "actual_start": iso(DAY * day), "input_lots": []}
    partition.send(planned(f"p{batch}", batch=batch), said("batch.started", f"s{batch}", begun, DAY * day))


def made(partition: Partition, batch: str, day: float, took: float) -> None:
    """A batch went through the line."""
    started(partition, batch, day)
    partition.send(completed(f"c{batch}", batch=batch, hours=DAY * (day + took)))


def test_cycle_time_counts_the_slow_ones_that_are_still_in_the_line(partition: Partition) -> None:
    for number, took in enumerate((5, 5, 6, 6)):
        made(partition, f"B-{number}", number, took)
    partition.restart()
    found = flow(partition, 20)
    assert (found["in_process"], found["cycle_days_median"], found["cycle_days_p90"]) == (0, 5, 6)
    assert [days for _, days in found["cycle_times"]] == [5, 5, 6, 6]
    for number in range(4):
        started(partition, f"C-{number}", 10)
    found = flow(partition, 40)
    assert (found["in_process"], found["cycle_days_median"], found["cycle_days_p90"]) == (4, 6, None)


def test_a_batch_that_any_deviation_named_was_not_right_first_time_even_when_that_is_closed(
    partition: Partition,
) -> None:
    for number in range(4):
        made(partition, f"B-{number}", number, 5)
    partition.send(opened("o", "B-1", deviation_class="minor"))
    partition.send(deviation("x", "closed", 90, closed_at=iso(90)))
    partition.restart()
    found = flow(partition, 20)
    assert (found["batches_finished"], found["right_first_time"]) == (4, 0.75)
    assert sorted(right for _, right in found["first_times"]) == [0, 1, 1, 1]
    partition.send(withdrawn("w1", "o"), withdrawn("w2", "x"))
    assert flow(partition, 20)["right_first_time"] == 1


def test_a_released_batch_keeps_its_place_in_the_past_of_the_line_and_a_cancelled_one_has_none(
    partition: Partition,
) -> None:
    made(partition, "B-1", 0, 5)
    made(partition, "B-2", 1, 7)
    partition.send(dispositioned("d", "released", batch="B-1"), said("batch.cancelled", "x", {"batch_id": "B-2"}, 200))
    assert [days for _, days in flow(partition, 30)["cycle_times"]] == [5]
    assert flow(partition, 300)["batches_finished"] == 0
    row = partition.row(ENTITIES["line"], "R1")
    assert row is not None
    assert row["planned_hours"] == {}


def test_a_line_that_becomes_slower_is_told_of(engine: Engine) -> None:
    partition = Partition(engine, rules=SLOWER)
    for number, took in enumerate((5, 6, 5, 4, 5, 6, 5, 4)):
        made(partition, f"B-{number}", 7 * number, took)
    partition.restart()
    assert partition.rows(alert) == []
    for number in range(4):
        made(partition, f"D-{number}", 70 + 7 * number, 9)
    (found,) = partition.rows(alert)
    assert (found["state"], found["summary"].endswith("days a batch, it used to take 5")) == ("open", True)
