"""The job that every candidate does: fold reports of stock into lots, judge each lot by three rules, keep the score."""

import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

TOPIC = "scrm.events.v1"
PARTITIONS = 4

SITES = ("S01", "S05", "S02", "S10", "S03", "S09", "S06", "S11", "S04", "S12", "S08", "S14", "S07", "S16", "S13", "S17")
"""Four sites for each of the four partitions, by Kafka's own hash of the key."""

_BEGINS_AT = datetime(2026, 1, 5, 6, tzinfo=UTC)


def records(events: int, lots: int) -> Iterator[tuple[bytes, bytes]]:
    """(key, value) of `events` canonical records over `lots` lots; lots == events: every event another lot."""
    draw = random.Random(20260105).random
    second = ""
    for i in range(events):
        lot = i if lots == events else int(draw() * lots)
        site = SITES[lot % len(SITES)]
        if i % 100 == 0:
            second = (_BEGINS_AT + timedelta(seconds=i // 100)).strftime("%Y-%m-%dT%H:%M:%S")
        status = "quarantine" if draw() < 0.2 else "released"
        value = (
            f'{{"specversion":"1.0","id":"stk-{i:09d}","source":"urn:erp:{site}",'
            f'"type":"cdmo.raw_material.stock_reported","time":"{second}.{i % 100:02d}0Z",'
            f'"datacontenttype":"application/json","partnerid":"acme","siteid":"{site}","sequence":"{i + 1}",'
            f'"data":{{"material_code":"RM-{1000 + lot % 97}","internal_lot":"L-{lot:08d}",'
            f'"qty_on_hand":{draw() * 1000:.3f},'
            f'"uom":"KGM","status":"{status}","supplier":"V-{lot % 31:03d}","expiry_date":"2027-06-30"}}}}'
        )
        yield site.encode(), value.encode()


class Stock(msgspec.Struct, frozen=True, gc=False):
    material_code: str
    internal_lot: str
    qty_on_hand: float
    uom: str
    status: str
    expiry_date: str


class Report(msgspec.Struct, frozen=True, gc=False):
    id: str
    source: str
    type: str
    time: str
    siteid: str
    data: Stock


decode = msgspec.json.Decoder(Report).decode

State = dict[str, Any]


def key(report: Report) -> str:
    return f"{report.siteid}/{report.data.internal_lot}"


def fold(before: State | None, report: Report) -> State:
    """The lot after the report."""
    stock = report.data
    qty, status = stock.qty_on_hand, stock.status
    events = 1 if before is None else before["events"] + 1
    score = 30 if qty > 900 or (events > 100 and qty < 10) else 0
    if status == "quarantine" and qty > 990:
        score = 40
    return {
        "material": stock.material_code, "site": report.siteid, "lot": stock.internal_lot, "qty": qty,
        "unit": stock.uom, "status": status, "expiry": stock.expiry_date, "events": events, "score": score,
    }  # fmt: skip


class Tally:
    """Counts what was folded, so that every candidate can be checked against every other."""

    def __init__(self) -> None:
        self.events = self.lots = self.score = 0
        self.began = 0.0

    def fold(self, before: State | None, report: Report) -> State:
        if not self.events:
            self.began = time.perf_counter()
        after = fold(before, report)
        self.events += 1
        if before is None:
            self.lots += 1
            self.score += after["score"]
        else:
            self.score += after["score"] - before["score"]
        return after

    def durable(self) -> None:
        """Say that the last record's effect is committed: the clock stops here."""
        result = {
            "seconds": time.perf_counter() - self.began,
            "events": self.events,
            "lots": self.lots,
            "score": self.score,
        }
        print("RESULT", json.dumps(result), file=sys.__stdout__, flush=True)


def expected(events: int, lots: int) -> dict[str, int]:
    """What any candidate must find."""
    tally, states = Tally(), dict[str, State]()
    for _, value in records(events, lots):
        report = decode(value)
        states[key(report)] = tally.fold(states.get(key(report)), report)
    return {"events": tally.events, "lots": tally.lots, "score": tally.score}
