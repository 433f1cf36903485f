"""Another version of the rulebook comes to all of a partition: at once to what events touch, in slices to the rest."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from alerting.tables import alert, audit
from risk_rules import rulebook
from risk_rules.rulebook import Rulebook
from streams.ledger import rejudging
from streams.ledger.judging_tables import judged_by
from streams.ledger.standing import Clock
from streams.ledger.tables import deadline, lot, rule_memory, verdict
from tests.integration.ledger.saying import counted
from tests.oracle.stream import MONDAY, Partition, tick

OVER = """
  - id: over
    subject: lot
    kind: {kind}
    when: qty > {qty}
    {lasting}
    severity: warning
    score: 30
    summary: "{{qty}} in one lot"
"""


def over(qty: int, kind: str = "large", lasting: str = "") -> Rulebook:
    """Finds lots of more than so much."""
    return rulebook.parse("rulebook: 1\nrules:" + OVER.format(qty=qty, kind=kind, lasting=lasting))


NOTHING_OF_LOTS = rulebook.parse("""
rulebook: 1
rules:
  - id: silent
    subject: feed
    kind: silence
    when: silent
    severity: watch
    score: 10
    summary: no word
""")


def open_kinds(partition: Partition) -> list[str]:
    return sorted(row["kind"] for row in partition.rows(alert) if row["state"] == "open")


def idle(partition: Partition) -> None:
    """A second without events."""
    partition.now += timedelta(seconds=1)
    partition.ledger.pass_time(partition.now)


@pytest.fixture
def stocked(engine: Engine) -> Partition:
    """A site with lots of 50, 150 and 250, none of which is found by the rules."""
    partition = Partition(engine, rules=over(1000))
    partition.send(*(counted(str(qty), lot=f"L-{qty}", qty=qty) for qty in (50, 150, 250)))
    return partition


def test_a_new_rule_speaks_of_what_is_there_without_waiting_for_an_event(stocked: Partition) -> None:
    stocked.rules = over(100)
    idle(stocked)
    assert open_kinds(stocked) == ["large", "large"]
    assert {row["rulebook"] for row in stocked.rows(verdict)} == {stocked.rules.version}


@pytest.mark.parametrize("after", [over(1000), NOTHING_OF_LOTS], ids=["finds nothing", "does not speak of lots"])
def test_an_alert_whose_rule_is_gone_ends(stocked: Partition, after: Rulebook) -> None:
    stocked.rules = over(100)
    idle(stocked)
    stocked.rules = after
    idle(stocked)
    assert open_kinds(stocked) == []
    assert stocked.rows(verdict) == []
    assert [row["score"] for row in stocked.rows(lot)] == [None, None, None]


def test_a_rule_speaks_again_of_kinds_that_no_rule_spoke_of_for_a_while(stocked: Partition) -> None:
    for rules in (NOTHING_OF_LOTS, over(100)):
        stocked.rules = rules
        idle(stocked)
    assert open_kinds(stocked) == ["large", "large"]


def test_what_a_rule_remembers_is_forgotten_with_it(stocked: Partition) -> None:
    stocked.rules = over(100, lasting="for: {hours: 48}")
    idle(stocked)
    assert len(stocked.rows(rule_memory)) == 2
    stocked.rules = over(100, kind="heavy")
    idle(stocked)
    assert stocked.rows(rule_memory) == []
    assert open_kinds(stocked) == ["heavy", "heavy"]


def test_an_alert_goes_on_when_the_rules_that_changed_are_others(stocked: Partition) -> None:
    stocked.rules = over(100)
    idle(stocked)
    before = {row["id"] for row in stocked.rows(alert)}
    stocked.rules = over(90)
    idle(stocked)
    assert {row["id"] for row in stocked.rows(alert)} == before
    assert {row["rulebook"] for row in stocked.rows(verdict)} == {stocked.rules.version}


def test_no_batch_is_judged_by_two_versions(stocked: Partition) -> None:
    versions: list[str] = []
    for qty in range(100, 130):
        stocked.rules = over(qty)
        versions.append(stocked.rules.version)
        stocked.now += timedelta(seconds=1)
        stocked.send(counted(f"again-{qty}", lot="L-150", qty=100 + qty % 2 * 100))
    by_batch: dict[object, set[str]] = {}
    for row in stocked.rows(audit):
        by_batch.setdefault(row["at"], set()).add(row["rulebook"])
    assert all(len(of_batch) == 1 for of_batch in by_batch.values())
    rows = stocked.rows(judged_by)
    assert [row["version"] for row in rows] == [over(1000).version, *versions]
    assert [row["from_offset"] for row in rows[1:]] == list(range(3, 33))


def test_a_new_version_comes_to_a_great_partition_in_slices(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejudging, "WHEN_IDLE", 4)
    monkeypatch.setattr("streams.ledger.partition.WHEN_IDLE", 4)
    partition = Partition(engine, rules=over(1000))
    partition.send(*(counted(f"{n}", lot=f"L-{n:02}", qty=500) for n in range(10)))
    partition.rules = over(100)
    found: list[int] = []
    for _ in range(7):
        idle(partition)
        if len(found) == 1:
            partition.restart()  # another worker goes on where this one was
        found.append(len(open_kinds(partition)))
    assert found[0] < 10
    assert found == sorted(found)
    assert found[-1] == 10
    assert partition.rows(judged_by)[-1]["done_at"] is not None


def test_the_rest_is_judged_with_the_batches_that_come(stocked: Partition) -> None:
    stocked.rules = over(100)
    stocked.send(counted("other", lot="L-1", qty=1))
    assert open_kinds(stocked) == ["large", "large"]


def test_a_partition_that_was_judged_by_nobody_knows_whom_is_judged_anew(stocked: Partition) -> None:
    with stocked.engine.begin() as connection:
        connection.execute(judged_by.delete())
    stocked.rules = over(100)
    stocked.restart()
    idle(stocked)
    assert open_kinds(stocked) == ["large", "large"]


def test_once_all_is_judged_nothing_is_written_any_more(stocked: Partition) -> None:
    stocked.rules = over(100)
    while stocked.ledger.pass_time(stocked.now) is not None:
        stocked.now += timedelta(seconds=1)
    assert stocked.rows(judged_by)[-1]["judged"] >= 3


def test_on_the_streams_clock_the_new_version_judges_with_the_next_tick(engine: Engine) -> None:
    partition = Partition(engine, rules=over(1000), clock=Clock.STREAM)
    partition.send(counted("1", lot="L-1", qty=500), tick(1, MONDAY))
    partition.rules = over(100)
    idle(partition)
    assert open_kinds(partition) == []
    assert len(partition.rows(deadline)) > 0
    partition.send(tick(2, MONDAY + timedelta(hours=6)))
    assert open_kinds(partition) == ["large"]
