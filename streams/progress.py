"""Tells health and metrics how the lanes of a role get on."""

from datetime import UTC, datetime

from streams import metrics
from streams.health import Vitals
from streams.lanes import Partition
from streams.ledger.partition import PositionMoved


class Progress:
    """The `Watch` of the roles on which the worker's health hangs."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    def moved(self, partition: Partition, next_offset: int, lag: int) -> None:
        now = datetime.now(UTC)
        if self._vitals.positions().get(f"{partition.topic}/{partition.number}") != next_offset:
            self._vitals.moved(partition.topic, partition.number, next_offset, now)
        self._vitals.lag(partition.topic, partition.number, lag, now)

    def failed(self, partition: Partition, error: Exception) -> None:
        metrics.batch_failures.labels(partition.topic).inc()
        if isinstance(error, PositionMoved):
            metrics.position_conflicts.labels(partition.topic).inc()
