"""A defect of another tool that the ledger must not have; those of alerting are in alerting/test_defects_of_others."""

from datetime import timedelta

from alerting.tables import alert
from tests.integration.ledger.saying import consumed, counted
from tests.oracle.stream import MONDAY, Partition


def state(partition: Partition, kind: str) -> str | None:
    return next((row["state"] for row in partition.rows(alert) if row["kind"] == kind), None)


def test_a_stock_alert_reads_no_snapshot_that_somebody_must_refresh(partition: Partition) -> None:
    """OpenBoxes 4742: its stock alerts read a snapshot, and stopped when nothing refreshed it.

    Ours follow from the events in the transaction that counts them, and where no events come, that is an alert itself.
    tests/acceptance/known_defects.py takes away the one and the other.
    """
    partition.send(counted("1", qty=1000))
    assert state(partition, "below_safety") is None
    partition.send(consumed("2", qty=999, hours=1))
    assert state(partition, "below_safety") == "open"
    partition.restart()
    partition.send(counted("3", qty=1000, hours=2))
    assert state(partition, "below_safety") == "resolved"
    partition.ledger.pass_time(MONDAY + timedelta(hours=60))
    assert state(partition, "untrusted") == "open"
