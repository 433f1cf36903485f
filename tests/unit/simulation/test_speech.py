"""Partners that tell the same in their own formats are understood as if they had told it in ours."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from alerting.database import reading
from streams.intake.feed_record import content_type
from streams.intake.refusal import Refusal
from streams.ledger import tables
from streams.ledger.standing import Clock
from streams.simulation.days import Calendar
from streams.simulation.deliveries import Delivery, Dropped, Posted, on_the_topic
from streams.simulation.dirt import slip_of_the_pen
from streams.simulation.speech import mixed
from tests.oracle.stream import Partition, database
from tests.unit.simulation.lived import START, network
from tests.unit.simulation.spoken import Paper, canonical, notice, plain, spoken

Event = dict[str, Any]
KEYS = ("material_code", "internal_lot", "batch_id", "shipment_id", "order_no", "po_no", "period", "test", "step")
EPCIS, EDIFACT, X12, UBL = "application/ld+json", "application/edifact", "application/edi-x12", "application/xml"

SAID_OTHERWISE = {
    (EPCIS, "cdmo.shipment.departed"): {"estimated_arrival"},
    (EPCIS, "cdmo.shipment.condition"): {"logger_id"},
    (EPCIS, "cdmo.raw_material.stock_reported"): {"expiry_date"},
    (EPCIS, "cdmo.raw_material.received"): {"expiry_date", "supplier_lot"},
    (EPCIS, "cdmo.raw_material.status_changed"): {"reason"},
    (EPCIS, "cdmo.batch.started"): {"line", "input_lots"},  # amounts of what went in before anything was told
    (EDIFACT, "cdmo.shipment.booked"): {"asn_no", "temp_min", "temp_max"},
    (EDIFACT, "cdmo.shipment.departed"): {"estimated_arrival"},
    (X12, "cdmo.shipment.booked"): {"asn_no"},
    (X12, "cdmo.shipment.departed"): {"estimated_arrival"},
    (UBL, "cdmo.shipment.booked"): {"asn_no", "ship_to"},
}
"""What papers of a format say in other words or not at all, by type of event. All else is the same."""

SAID_BESIDES = {
    (EPCIS, "cdmo.raw_material.stock_reported"),  # of the lot that a batch gave
    (EDIFACT, "cdmo.shipment.eta_changed"),  # in place of the arrival that a departure foretells
    (X12, "cdmo.shipment.eta_changed"),
}
OF_THE_PAPER = {EPCIS, EDIFACT, X12, UBL}
"""Formats in which the time of an event is that of the paper, or of the first that it tells of."""


DAY = timedelta(days=1)
STATE = {
    tables.lot: ("material", "qty", "unit", "status"),
    tables.shipment: ("status", "po_no", "carrier", "origin", "planned_arrival", "estimated_arrival", "departed_at",
                      "arrived_at", "received_at", "readings", "max_celsius"),
    tables.batch: ("status", "planned_finish", "started_at", "completed_at", "yield_actual", "output_lot", "qc_status",
                   "sponsor_disposition", "steps_done"),
    tables.purchase_order: ("qty", "confirmed_on", "shipped_qty", "received_qty", "open_qty"),
}  # fmt: skip


def media_type(delivery: Delivery) -> str:
    if isinstance(delivery, Dropped):
        return Path(delivery.name).suffix
    text = delivery.content_type if isinstance(delivery, Posted) else dict(delivery.headers)["content-type"].decode()
    return content_type(text).media_type


def key(event: Event) -> tuple[Any, ...]:
    """What tells an event from others of the same day."""
    return event["type"], event["siteid"], *(event["data"].get(name) for name in KEYS)


def differences(ours: Event, theirs: Event) -> Iterator[str]:
    was, said = ours["data"], theirs["data"]
    yield from (name for name in was.keys() | said.keys() if was.get(name) != said.get(name))


def compared() -> tuple[dict[tuple[str, str], set[str]], set[tuple[str, str]], list[Event]]:
    """What is said otherwise and what besides, by format and type; and what is not said at all."""
    waiting: defaultdict[tuple[Any, ...], list[Event]] = defaultdict(list)
    for paper in plain():
        for event in paper.events:
            waiting[key(event)].append(event)
    otherwise: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    besides: set[tuple[str, str]] = set()
    told = [(media_type(paper.sent), event) for paper in spoken() for event in paper.events]
    told.sort(key=lambda one: not any(not set(differences(own, one[1])) for own in waiting[key(one[1])]))
    for said_in, event in told:
        same = [one for one in waiting[key(event)] if abs(one["time"] - event["time"]) < DAY]
        if not same:
            besides.add((said_in, event["type"]))
            continue
        own = min(same, key=lambda one: (len(set(differences(one, event))), abs(one["time"] - event["time"])))
        waiting[key(event)].remove(own)
        if said := set(differences(own, event)):
            otherwise[said_in, event["type"]] |= said
        assert said_in in OF_THE_PAPER or own["time"] == event["time"], event
    return dict(otherwise), besides, [one for some in waiting.values() for one in some]


def test_each_format_means_what_cloudevents_would_have_said() -> None:
    otherwise, besides, unsaid = compared()
    assert unsaid == []
    assert otherwise == SAID_OTHERWISE
    assert besides == SAID_BESIDES


def test_each_partner_speaks_otherwise_over_another_way() -> None:
    ways = {(paper.sent.partner, type(paper.sent).__name__, media_type(paper.sent)) for paper in spoken()}
    assert ways >= {
        ("alpenbio", "Record", "application/cloudevents+json"),
        ("corvia", "Record", X12),
        ("sterifill", "Record", EPCIS),
        ("sterifill", "Record", "application/json"),
        ("sterifill", "Record", "application/cloudevents-batch+json"),
        ("lumena", "Posted", "application/json"),
        ("lumena", "Posted", UBL),
        ("vistula", "Dropped", ".csv"),
        ("vistula", "Dropped", ".xlsx"),
        ("vistula", "Record", EDIFACT),
        ("medlog", "Record", EDIFACT),
    }


@pytest.mark.parametrize("seed", range(6))
def test_what_is_spoilt_is_refused_whole_or_in_the_row_that_is(seed: int) -> None:
    calendar, luck = Calendar(START), Random(seed)
    firsts: dict[tuple[str, str], Paper] = {}
    for paper in spoken():
        firsts.setdefault((paper.sent.partner, media_type(paper.sent)), paper)
    for paper in firsts.values():
        writer = mixed(network, calendar, paper.told[0].site)
        bad = writer.spoil(notice(paper.told), calendar.hours(paper.told[0].at) + 1, luck)
        assert bad != paper.sent
        taken = 0
        for record in on_the_topic(bad):
            with suppress(Refusal):
                taken += len(canonical(record))
        rows = len(paper.values) - 1 if isinstance(bad, Dropped) else 0
        assert taken <= rows, (media_type(paper.sent), bad)


def test_an_epcis_error_declaration_withdraws_what_was_wrong_and_says_what_is_right() -> None:
    count = next(one for one in spoken() if media_type(one.sent) == EPCIS and "qty_on_hand" in one.told[0].data)
    right = notice(count.told)
    slip = slip_of_the_pen(right.data)
    assert slip is not None
    wrong = right._replace(data=slip)
    writer = mixed(network, Calendar(START), right.site)
    name, first = writer.write(wrong, 10.0)
    _, then = writer.write(right._replace(corrects=name, wrong=wrong), 12.0)
    said = [msgspec.json.decode(value) for value in canonical(first)]
    events = [msgspec.json.decode(value) for value in canonical(then)]
    withdrawn = {one["data"]["event_id"] for one in events if one["type"] == "cdmo.event.withdrawn"}
    told = {one["data"]["internal_lot"]: one["data"]["qty_on_hand"] for one in events if "qty_on_hand" in one["data"]}
    assert withdrawn <= {one["id"] for one in said}
    assert told[right.data["internal_lot"]] == right.data["qty_on_hand"]


def test_the_ledger_ends_in_the_same_state(tmp_path: Path) -> None:
    states = [ledger(tmp_path / name, papers) for name, papers in (("plain.db", plain()), ("spoken.db", spoken()))]
    assert states[0].keys() == states[1].keys()
    differ = {
        (place, name) for place, known in states[0].items() for name in known if known[name] != states[1][place][name]
    }
    assert {name for _, name in differ} == {"estimated_arrival"}, "EPCIS has no word for when a departure is to arrive"
    assert all(place[1].startswith("LYN/") and states[1][place]["estimated_arrival"] is None for place, _ in differ)


def ledger(file: Path, papers: Iterable[Paper]) -> dict[tuple[str, str], dict[str, Any]]:
    """What the ledger knows in the end of lots, shipments, batches and orders, by table and key."""
    engine = database(f"sqlite:///{file}")
    partition = Partition(engine, network=network, clock=Clock.STREAM)
    partition.send(*(value for paper in papers for value in paper.values))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    with reading(engine) as connection:
        for table, columns in STATE.items():
            for row in connection.execute(select(table.c.key, *(table.c[one] for one in columns))).mappings():
                found[table.name, row["key"]] = {name: row[name] for name in columns}
    engine.dispose()
    return found
