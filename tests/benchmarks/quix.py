"""Quix Streams with state and its changelog, as it comes: python -m tests.benchmarks.quix BROKER EVENTS GROUP FOLDER."""

import sys
from typing import Any

from quixstreams import Application

from tests.benchmarks.workload import TOPIC, Tally, decode


def main(broker: str, events: int, group: str, folder: str) -> None:
    tally = Tally()
    app = Application(
        broker, consumer_group=group, auto_offset_reset="earliest", state_dir=folder, loglevel="ERROR"
    )  # fmt: skip

    def fold(value: bytes, state: Any) -> None:
        report = decode(value)  # the state is one site's, since the key of the topic is the site
        lot = report.data.internal_lot
        state.set(lot, tally.fold(state.get(lot), report))

    frame = app.dataframe(app.topic(TOPIC, value_deserializer="bytes", key_deserializer="bytes"))
    frame.update(fold, stateful=True)
    app.run(count=events, collect=False)  # returns after its last checkpoint
    tally.durable()


main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4])
