"""Stock Faust with a Table and its changelog: python -m tests.benchmarks.stock_faust BROKER EVENTS GROUP FOLDER."""

import os
import sys
from typing import Any

import faust

from tests.benchmarks.workload import PARTITIONS, TOPIC, Tally, decode, key

broker, wanted, group, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
tally = Tally()
app = faust.App(
    group,
    broker=f"kafka://{broker}",
    store="memory://",
    datadir=folder,
    topic_partitions=PARTITIONS,
    topic_replication_factor=1,
    consumer_auto_offset_reset="earliest",
    web_enabled=False,
    cython_optimizations=True,
)
events = app.topic(TOPIC, value_type=bytes, value_serializer="raw", key_type=bytes, key_serializer="raw")
lots: Any = app.Table("lot", partitions=PARTITIONS)


@app.agent(events)
async def ledger(stream: Any) -> None:
    async for value in stream:
        report = decode(value)
        lot = key(report)
        lots[lot] = tally.fold(lots.get(lot), report)
        if tally.events == wanted:
            await app.producer.flush()
            await app.commit({TOPIC})
            tally.durable()
            os._exit(0)


faust.Worker(app, loglevel="warn", redirect_stdouts=False).execute_from_commandline()
