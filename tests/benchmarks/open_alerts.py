"""What a batch costs a ledger, and a round the desk, with 100,000 alerts open, beside the same with 1,000.

    python -m tests.benchmarks.open_alerts --open 100000 --database both

Two databases of the same kind side by side. In each, a ledger opened alerts about 1,000 lots and the desk told of them; in
one their rows were then copied to other lots, until so many were open, and the ledger loaded anew. Both count the same
batches by turns: reports of 500 of the same 2,000 lots, of which three tenths open an alert, make one worse, or end one; the
rest change nothing. The clock runs around `PartitionLedger.apply`, to its commit. Then the desks take the news, by turns, too.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, NamedTuple

from sqlalchemy import Engine, RowMapping, func, insert, select

from alerting.alerts import identity
from alerting.configuration.loading import parse as parse_alerting
from alerting.desk.desk import Desk
from alerting.tables import alert, alert_handling, alert_history, alert_transition
from risk_rules import rulebook
from streams.ledger.partition import PartitionLedger
from streams.ledger.standing import Clock, Guides, Place
from streams.network import load as network_file
from tests.acceptance.deliveries import databases
from tests.acceptance.stream_to_chat import NETWORK, RULES
from tests.oracle.stream import Record, database

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)
FEW = 1_000
RECORDS = 500
COPIES_AT_ONCE = 5
COPIED = (alert, alert_transition, alert_handling, alert_history)
ALERTING = """
receivers: {chat: {address: "json://localhost/chat"}}
route: {to: chat, group_by: [site], digest: []}
"""


def report(offset: int, lot: int, qty: float, at: datetime) -> Record:
    """A lot's stock as the partner counts it."""
    event = {
        "specversion": "1.0", "id": f"e-{offset}", "source": "erp", "type": "cdmo.raw_material.stock_reported",
        "time": at.isoformat(), "partnerid": "acme", "siteid": "S01", "sequence": str(offset + 1),
        "data": {"material_code": f"RM-{lot % 500}", "internal_lot": f"L-{lot}", "qty_on_hand": qty, "uom": "KGM",
                 "status": "released"},
    }  # fmt: skip
    return Record(offset, json.dumps(event).encode(), int(at.timestamp() * 1000))


class Took(NamedTuple):
    """Seconds on the clock, and those of this process's own time: the truer ones where others use the machine, too."""

    clock: float
    own: float

    @classmethod
    def so_far(cls) -> "Took":
        return cls(time.perf_counter(), time.process_time())

    def since(self, began: "Took") -> "Took":
        return Took(self.clock - began.clock, self.own - began.own)


class Site:
    """A database with a ledger and a desk, and so many lots whose alerts are open."""

    def __init__(self, engine: Engine, opened: int) -> None:
        network, rules, alerting = network_file.load(NETWORK), rulebook.parse(RULES), parse_alerting(ALERTING)
        self.engine = engine
        self.now = BEGIN
        self.offset = 0
        self.ledger = PartitionLedger(
            engine, Place("scrm.events.v1", "open", 0), Guides(lambda: network, lambda: rules, Clock.WALL)
        )
        self.ledger.load()
        self.desk = Desk(engine, lambda: alerting)
        self.count([(lot, 8.0) for lot in range(FEW)])
        self.settle()
        self._multiply(opened // FEW)
        self.ledger.load()

    def _multiply(self, times: int) -> None:
        """Let there be so many times as many alerts, about lots that nobody reports any more."""
        with self.engine.begin() as connection:
            tables = {table: connection.execute(select(table)).mappings().all() for table in COPIED}
        for begin in range(1, times, COPIES_AT_ONCE):
            numbers = range(begin, min(begin + COPIES_AT_ONCE, times))
            with self.engine.begin() as connection:
                for table, rows in tables.items():
                    connection.execute(insert(table), [_copied(row, number) for number in numbers for row in rows])

    def count(self, stocks: list[tuple[int, float]]) -> Took:
        """Count a batch."""
        self.now += timedelta(seconds=10)
        records = [report(self.offset + n, lot, qty, self.now) for n, (lot, qty) in enumerate(stocks)]
        began = Took.so_far()
        self.offset = self.ledger.apply(self.offset, records, self.now).next_offset
        return Took.so_far().since(began)

    def settle(self) -> None:
        """Let the desk work until it has nothing to do, and let pass what groups wait for."""
        for _ in range(2):
            while self.desk.work(self.now).more:
                pass
            self.now += timedelta(hours=1)

    def work(self) -> Took:
        """One round of the desk."""
        began = Took.so_far()
        self.desk.work(self.now)
        return Took.so_far().since(began)

    def open_alerts(self) -> int:
        with self.engine.begin() as connection:
            return connection.execute(select(func.count()).where(alert.c.state == "open")).scalar_one()


def _copied(row: RowMapping, number: int) -> dict[str, Any]:
    """The row of another alert, about another lot."""
    renamed = {name: identity(row[name], number) for name in ("id", "alert_id") if name in row}
    if "subject_key" in row:
        renamed["subject_key"] = f"{row['subject_key']}-{number}"
    return {**row, **renamed}


def batches(count: int) -> Iterator[list[tuple[int, float]]]:
    """What is reported of lots whose alert is open on both sides, and of others whose is not."""
    luck = random.Random(1)
    quantities = dict.fromkeys(range(FEW), 8.0) | dict.fromkeys(range(10**6, 10**6 + FEW), 50.0)
    for _ in range(count):
        stocks: list[tuple[int, float]] = []
        for lot in luck.sample(sorted(quantities), RECORDS):
            if luck.random() < 0.3:
                quantities[lot] = {50.0: 8.0, 8.0: 3.0, 3.0: 50.0}[quantities[lot]]
            stocks.append((lot, quantities[lot]))
        yield stocks


def measure(many: Site, few: Site, rounds: int) -> dict[str, Any]:
    """Medians in milliseconds, and of the ratios of neighbours; each side goes first every other time."""
    ledger: list[tuple[Took, Took]] = []
    desk: list[tuple[Took, Took]] = []
    for number, stocks in enumerate(batches(rounds + 2)):
        sides = (many, few) if number % 2 else (few, many)
        took = {id(side): side.count(stocks) for side in sides}
        worked = {id(side): side.work() for side in sides}
        for side in sides:
            side.settle()
        if number >= 2:
            ledger.append((took[id(many)], took[id(few)]))
            desk.append((worked[id(many)], worked[id(few)]))
    return {"ledger_batch": _figures(ledger), "desk_round": _figures(desk)}


def _figures(pairs: list[tuple[Took, Took]]) -> dict[str, float]:
    return {
        "many_ms": round(median(many.clock for many, _ in pairs) * 1e3, 2),
        "few_ms": round(median(few.clock for _, few in pairs) * 1e3, 2),
        "ratio": round(median(many.clock / few.clock for many, few in pairs), 3),
        "ratio_of_own_time": round(median(many.own / few.own for many, few in pairs), 3),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--open", type=int, default=100_000)
    parser.add_argument("--batches", type=int, default=40)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    chosen = parser.parse_args()
    found: dict[str, Any] = {"open": chosen.open, "few": FEW, "batches": chosen.batches, "records": RECORDS}
    with ExitStack() as stack:
        first, second = (stack.enter_context(databases(chosen.database)) for _ in range(2))
        for name in first:
            many, few = Site(database(first[name]), chosen.open), Site(database(second[name]), FEW)
            print(f"{name}: {many.open_alerts()} and {few.open_alerts()} alerts are open", file=sys.stderr, flush=True)
            found[name] = measure(many, few, chosen.batches)
            for site in (many, few):
                site.engine.dispose()
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
