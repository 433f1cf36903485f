"""A second rulebook runs beside the live one: it counts what it would have raised, and nobody hears of it."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from alerting.tables import alert, alert_news
from streams.ledger import shadow as shadows
from streams.ledger.judging_tables import shadow_finding, shadow_memory, shadow_tally
from streams.ledger.standing import Clock
from streams.ledger.tables import lot, verdict
from tests.integration.ledger.saying import counted
from tests.integration.ledger.test_changed_rules import idle, over
from tests.oracle.stream import MONDAY, Partition, tick


def tallies(partition: Partition) -> dict[tuple[str, str, str], tuple[int, int]]:
    """By version, kind and severity: raised, and standing."""
    return {
        (row["version"], row["kind"], row["severity"]): (row["raised"], row["standing"])
        for row in partition.rows(shadow_tally)
    }


@pytest.fixture
def partition(engine: Engine) -> Partition:
    """Live are lots over 1000; the shadow would find those over 100."""
    partition = Partition(engine, rules=over(1000))
    partition.shadow = over(100)
    return partition


def test_the_shadow_counts_what_it_would_have_raised_and_nobody_hears_of_it(partition: Partition) -> None:
    partition.send(*(counted(str(qty), lot=f"L-{qty}", qty=qty) for qty in (50, 150, 250)))
    assert tallies(partition) == {(over(100).version, "large", "warning"): (2, 2)}
    assert partition.rows(alert) == partition.rows(alert_news) == partition.rows(verdict) == []
    assert {row["score"] for row in partition.rows(lot)} == {None}


def test_what_stands_is_raised_once_and_what_comes_back_again(partition: Partition) -> None:
    for number, qty in enumerate((150, 160, 90, 150)):
        partition.now += timedelta(minutes=1)
        partition.send(counted(str(number), qty=qty, hours=number))
    assert tallies(partition) == {(over(100).version, "large", "warning"): (2, 1)}


def test_the_live_rulebook_says_the_same_with_and_without_a_shadow(partition: Partition) -> None:
    partition.rules = over(120)
    partition.send(counted("1", qty=150))
    (row,) = partition.rows(alert)
    assert row["rulebook"] == over(120).version
    assert len(partition.rows(alert_news)) == 1


def test_a_shadow_that_comes_later_looks_at_what_is_there(partition: Partition) -> None:
    partition.shadow = None
    partition.send(counted("1", qty=150))
    assert tallies(partition) == {}
    partition.shadow = over(100)
    for _ in range(2):
        idle(partition)
    assert tallies(partition) == {(over(100).version, "large", "warning"): (1, 1)}


def test_counts_go_on_when_another_worker_takes_over(partition: Partition) -> None:
    partition.send(counted("1", qty=150))
    partition.restart()
    partition.send(counted("2", qty=151, hours=1), counted("3", lot="L-2", qty=500))
    assert tallies(partition) == {(over(100).version, "large", "warning"): (2, 2)}


def test_another_shadow_begins_anew_and_the_counts_of_the_first_stay(partition: Partition) -> None:
    partition.send(counted("1", qty=150))
    partition.shadow = over(140, kind="great")
    for _ in range(2):
        idle(partition)
    assert tallies(partition)[over(140, kind="great").version, "great", "warning"] == (1, 1)
    assert tallies(partition)[over(100).version, "large", "warning"] == (1, 1)
    assert [row["kind"] for row in partition.rows(shadow_finding)] == ["great"]


def test_without_a_shadow_nothing_of_it_is_kept_but_its_counts(partition: Partition) -> None:
    partition.send(counted("1", qty=150))
    partition.shadow = None
    idle(partition)
    assert partition.rows(shadow_finding) == []
    assert len(tallies(partition)) == 1


def test_rules_of_the_shadow_remember(partition: Partition) -> None:
    partition.shadow = over(100, lasting="for: {hours: 48}")
    partition.send(counted("1", qty=150))
    assert len(partition.rows(shadow_memory)) == 1
    assert tallies(partition) == {}
    partition.restart()
    partition.now = MONDAY + timedelta(hours=49)
    partition.send(counted("2", qty=151, hours=49))
    assert tallies(partition)[partition.shadow.version, "large", "warning"] == (1, 1)


def test_its_cost_is_bounded_and_what_waits_comes_later(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadows, "A_BATCH", 4)
    partition = Partition(engine, rules=over(1000))
    partition.shadow = over(100)
    partition.send(*(counted(f"{n}", lot=f"L-{n:02}", qty=500) for n in range(10)))
    ((raised, _),) = tallies(partition).values()
    assert raised <= 4
    for _ in range(4):
        idle(partition)
    ((raised, standing),) = tallies(partition).values()
    assert (raised, standing) == (10, 10)


def test_on_the_streams_clock_the_shadow_looks_when_that_ticks(engine: Engine) -> None:
    partition = Partition(engine, rules=over(1000), clock=Clock.STREAM)
    partition.shadow = over(100)
    partition.send(counted("1", qty=500))
    assert tallies(partition) == {}
    partition.send(tick(1, MONDAY + timedelta(hours=1)))
    assert tallies(partition) == {(over(100).version, "large", "warning"): (1, 1)}
