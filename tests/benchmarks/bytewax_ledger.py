"""Bytewax with its recovery store: python -m tests.benchmarks.bytewax_ledger BROKER EVENTS GROUP FOLDER."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import run_main

from tests.benchmarks.workload import TOPIC, Report, State, Tally, decode, key

tally = Tally()


class Lot(StatefulBatchLogic[Report, None, State]):
    """One lot. Its state goes to the recovery store at the end of each epoch in which it changed."""

    def __init__(self, state: State | None) -> None:
        self.state = state

    def on_batch(self, values: list[Report]) -> tuple[Iterable[None], bool]:
        for report in values:
            self.state = tally.fold(self.state, report)
        return (), StatefulBatchLogic.RETAIN

    def snapshot(self) -> Any:
        return self.state  # replaced, never altered, by the next report


class Nowhere(StatelessSinkPartition[Any]):
    def write_batch(self, items: list[Any]) -> None:
        pass


class NowhereSink(DynamicSink[Any]):
    def build(self, step_id: str, worker_index: int, worker_count: int) -> Nowhere:
        return Nowhere()


def keyed(messages: list[KafkaSourceMessage[Any, Any]]) -> Iterable[tuple[str, Report]]:
    reports = [decode(message.value) for message in messages]
    return [(key(report), report) for report in reports]


def main(broker: str, folder: str) -> None:
    flow = Dataflow("ledger")
    messages = op.input("events", flow, KafkaSource([broker], [TOPIC], tail=False, batch_size=1000))
    reports = op.flat_map_batch("decode", messages, keyed)
    op.output("nowhere", op.stateful_batch("lots", reports, Lot), NowhereSink())
    store = Path(folder)
    init_db_dir(store, 1)
    run_main(flow, recovery_config=RecoveryConfig(str(store)))  # returns after the last snapshot
    tally.durable()


main(sys.argv[1], sys.argv[4])
