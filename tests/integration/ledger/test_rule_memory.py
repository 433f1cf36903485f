"""What rules remember is the ledger's: it is committed with the stream's position and outlives whoever worked it out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import Engine

from alerting.tables import alert
from risk_rules import rulebook
from risk_rules.rulebook import Rulebook
from streams.ledger.standing import Clock
from streams.ledger.tables import deadline, rule_memory
from streams.network.calendars import calendar
from tests.integration.ledger.saying import booked, completed, counted, iso, planned, said, shipment, withdrawn
from tests.oracle.network import NETWORK, SITE
from tests.oracle.stream import MONDAY, Partition, tick

LARGE = """
  - id: large
    subject: lot
    kind: large
    when: qty > 100
    {lasting}
    severity: warning
    score: 30
    summary: "{{qty}} in one lot"
"""


def lots(lasting: str) -> Rulebook:
    return rulebook.parse("rulebook: 1\nrules:" + LARGE.format(lasting=lasting))


WAITS, BAND, DWELLS = (
    lots(text) for text in ("for: {hours: 48}", "exit: qty < 80", "dwell: {hours: 24}\n    exit: qty < 100")
)
UNTESTED = rulebook.parse("""
rulebook: 1
rules:
  - id: untested
    subject: batch
    kind: untested
    absence: {of: qc_result_at, after: completed_at, within: {working_days: 10}}
    applies: {product: AMLO}
    severity: warning
    score: 40
    summary: "{batch_id} should have had its result by {due_on}"
""")


OF_A_SORT = rulebook.parse(
    "rulebook: 1\nrules:" + LARGE.format(lasting="applies: {material_class: api, product: AMLO}")
)
UNCHECKED = rulebook.parse("""
rulebook: 1
rules:
  - id: unchecked
    subject: shipment
    kind: unchecked
    sequence: {steps: [excursion_at, received_at], without: inspected_at}
    severity: critical
    score: 80
    summary: "{shipment_id} came in {lasted_days:.1f} days after it was too warm"
""")


def later(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def states(partition: Partition) -> list[str]:
    return [row["state"] for row in partition.rows(alert)]


@pytest.fixture
def with_rules(engine: Engine) -> Callable[[Rulebook], Partition]:
    return lambda rules: Partition(engine, rules=rules)


def test_a_wait_goes_on_after_a_restart_and_ends_by_time_alone(with_rules: Callable[[Rulebook], Partition]) -> None:
    partition = with_rules(WAITS)
    partition.send(counted("1", qty=500))
    assert (states(partition), len(partition.rows(rule_memory))) == ([], 1)
    partition.restart()
    assert partition.ledger.pass_time(later(47)) is None
    assert partition.ledger.pass_time(later(48)) is not None
    assert states(partition) == ["open"]
    (found,) = partition.rows(alert)
    assert found["opened_at"] == later(48)


def test_a_wait_that_is_broken_off_leaves_nothing_behind(with_rules: Callable[[Rulebook], Partition]) -> None:
    partition = with_rules(WAITS)
    partition.send(counted("1", qty=500))
    partition.restart()
    partition.send(counted("2", qty=5, hours=1))
    assert partition.rows(rule_memory) == []
    assert [row["subject_kind"] for row in partition.rows(deadline) if row["subject_kind"] == "lot"] == []
    partition.ledger.pass_time(later(60))
    assert states(partition) == []


def test_an_alert_within_the_band_stays_after_a_restart(with_rules: Callable[[Rulebook], Partition]) -> None:
    partition = with_rules(BAND)
    partition.send(counted("1", qty=90, lot="L-2"), counted("2", qty=500))
    for event, qty, expected in (("3", 90, "open"), ("4", 80, "open"), ("5", 79, "resolved")):
        partition.restart()
        partition.send(counted(event, qty=qty, hours=float(event)))
        assert states(partition) == [expected]
    assert partition.rows(rule_memory) == []


def test_an_alert_that_dwells_ends_when_its_time_is_over(with_rules: Callable[[Rulebook], Partition]) -> None:
    partition = with_rules(DWELLS)
    partition.send(counted("1", qty=500))
    partition.restart()
    partition.send(counted("2", qty=5, hours=1))
    assert states(partition) == ["open"]
    partition.restart()
    assert partition.ledger.pass_time(later(23)) is None
    partition.ledger.pass_time(later(24))
    assert states(partition) == ["resolved"]


def test_nothing_is_remembered_of_a_lot_that_never_was(with_rules: Callable[[Rulebook], Partition]) -> None:
    partition = with_rules(BAND)
    partition.send(counted("1", qty=500))
    partition.send(withdrawn("2", "1"))
    assert (states(partition), partition.rows(rule_memory)) == (["resolved"], [])


def test_a_batch_that_failed_to_commit_remembers_nothing(with_rules: Callable[[Rulebook], Partition]) -> None:
    partition, other = with_rules(WAITS), with_rules(WAITS)
    partition.send(counted("1", qty=5, lot="L-9"))
    with pytest.raises(Exception, match="begun by another"):
        other.send(counted("2", qty=500))
    assert partition.rows(rule_memory) == []


def test_a_rulebook_without_the_rule_forgets_what_it_remembered(engine: Engine) -> None:
    Partition(engine, rules=BAND).send(counted("1", qty=500))
    successor = Partition(engine, rules=rulebook.parse("rulebook: 1"))
    successor.send(counted("2", qty=90, hours=1))
    assert successor.rows(rule_memory) == []


def test_in_a_replay_a_wait_ends_by_the_ticks(engine: Engine) -> None:
    partition = Partition(engine, rules=WAITS, clock=Clock.STREAM)
    partition.send(counted("1", qty=500), tick(1, later(1)))
    partition.restart()
    partition.send(tick(2, later(48)))
    assert states(partition) == []
    partition.send(tick(3, later(49)))
    assert states(partition) == ["open"]


def test_a_missing_result_is_found_by_the_working_days_of_the_site(engine: Engine) -> None:
    partition = Partition(engine, rules=UNTESTED)
    calendars = {SITE: calendar("Europe/Zurich", "CH", "BS")}
    partition.network = msgspec.structs.replace(NETWORK, calendars=calendars)
    # Finished on Monday 23 March; Good Friday, Easter Monday and two weekends lie in the way of ten working days.
    partition.send(planned("1"), completed("2", hours=77 * 24))
    assert later(77 * 24).date().isoformat() == "2026-03-23"
    due = datetime(2026, 4, 8, 22, tzinfo=UTC)
    partition.restart()
    partition.ledger.pass_time(due - timedelta(seconds=1))
    assert states(partition) == []
    partition.ledger.pass_time(due)
    assert states(partition) == ["open"]
    (found,) = partition.rows(alert)
    assert found["summary"] == "B-1 should have had its result by 8 April 2026"
    result = {"batch_id": "B-1", "test": "assay", "result": "pass", "final": True}
    partition.send(said("batch.qc_result", "3", result, 2500))
    assert states(partition) == ["resolved"]


def test_goods_that_were_too_warm_and_came_in_without_inspection_are_told_of(site: Partition) -> None:
    judged = Partition(site.engine, rules=UNCHECKED)
    warm = {"readings": [{"at": iso(hours), "celsius": celsius} for hours, celsius in ((10, 5), (12, 11), (13, 5))]}
    judged.send(booked("1", temp_min=2, temp_max=8), shipment("2", "condition", 14, **warm))
    judged.send(shipment("3", "received", 60, received_at=iso(60)))
    (found,) = judged.rows(alert)
    assert found["summary"] == "S-1 came in 2.0 days after it was too warm"
    judged.send(shipment("4", "milestone", 20, milestone="inspected"))
    assert states(judged) == ["resolved"]


def test_a_rule_for_a_sort_of_material_is_asked_of_its_lots_alone(site: Partition) -> None:
    judged = Partition(site.engine, rules=OF_A_SORT)
    sorts = {"API-1": "api", "EXC-2": "excipient"}
    materials = {
        code: msgspec.structs.replace(material, material_class=sorts.get(code))
        for code, material in NETWORK.materials.items()
    }
    judged.network = msgspec.structs.replace(NETWORK, materials=materials)
    judged.send(counted("1", qty=500), counted("2", qty=500, material_code="EXC-2"))
    assert [row["subject_key"] for row in judged.rows(alert)] == [f"{SITE}/API-1/L-1"]
