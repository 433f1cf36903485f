"""What EPCIS documents come to in the ledger, worked out by hand for each type of event; on either database.

A partner with one site, Basel; its supplier's dock is known to be none of its own.
"""

import json
from datetime import timedelta
from typing import Any

import pytest

from streams.intake.admission import Feed, admit
from streams.intake.draft import Codes
from streams.intake.epcis import EpcisFeed, read
from streams.ledger.tables import batch, lot, material, purchase_order, shipment
from tests.integration.ledger.saying import booked, counted, dispositioned, iso, ordered, planned
from tests.oracle.network import PARTNER, SITE
from tests.oracle.stream import MONDAY, Json, Partition
from tests.unit.intake.epcis.saying import document, text

BASEL, DOCK = "urn:epc:id:sgln:4012345.00001.0", "https://id.gs1.org/414/0614141007776"
API, EXC, DS, DP = (f"urn:epc:class:lgtin:4012345.0{n}." for n in ("11111", "22222", "44444", "55555"))
SSCC, SSCC_18 = "urn:epc:id:sscc:0614141.1234567890", "106141412345678908"
CODES = Codes(
    {
        "materials": {
            "4012345.011111": "API-1",
            "04012345222227": "EXC-2",
            "4012345.044444": "DS-4",
            "4012345.055555": "DP-5",
        },
        "sites": {BASEL: SITE, "0614141007776": ""},
        "suppliers": {"0614141000012": "S-1"},
    },
    {"KILO": "KGM"},
)
FEED = EpcisFeed(source="/acme/epcis")


def happened(kind: str, step: str, hours: float, **said: Any) -> Json:
    """An event that hour after Monday morning, in Basel."""
    event = {
        "type": kind,
        "eventTime": iso(hours),
        "eventTimeZoneOffset": "+00:00",
        "bizStep": step,
        "action": "OBSERVE",
        "bizLocation": {"id": BASEL},
    } | said
    return {name: value for name, value in event.items() if value is not None}


def amount(of: str, lot_no: str, qty: float, uom: str = "KGM") -> Json:
    return {"epcClass": of + lot_no, "quantity": qty, "uom": uom}


def told(partition: Partition, *events: Json, feed: EpcisFeed = FEED, codes: Codes = CODES) -> None:
    """A document of these events comes, and the ledger counts it."""
    drafts = read(text(document(*events)), feed, codes, {})
    of = Feed(PARTNER, frozenset({SITE}))
    partition.send(*(admit(draft.event, of, MONDAY + timedelta(days=30)).value for draft in drafts))


def row(partition: Partition, table: Any, key: str, *columns: str) -> tuple[Any, ...]:
    found = partition.row(table, key)
    assert found is not None, f"nothing is known of {key}"
    return tuple(found[column] for column in columns)


def shipped(hours: float = 0, **said: Any) -> Json:
    """60 kg of a lot leave the dock for Basel."""
    papers = [
        {"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152"},
        {"type": "po", "bizTransaction": "https://acme.example/po/PO-1"},
    ]
    return happened(
        "ObjectEvent", "shipping", hours, **{
            "disposition": "in_transit", "quantityList": [amount(API, "L-7", 60)], "bizTransactionList": papers,
            "bizLocation": None, "readPoint": {"id": DOCK}, "destinationList": [{"type": "location", "destination": BASEL}],
        } | said,
    )  # fmt: skip


def received(hours: float = 48, qty: float = 60, **said: Any) -> Json:
    """The lot came to Basel."""
    more = {"quantityList": [amount(API, "L-7", qty)]} | said
    return happened("ObjectEvent", "receiving", hours, disposition="in_progress", **more)


def test_what_is_shipped_is_in_transit_and_taken_off_its_order(partition: Partition) -> None:
    partition.send(ordered("o", qty=100))
    told(partition, shipped())
    known = row(partition, shipment, "1152", "status", "po_no", "origin", "lines")
    assert known == ("in_transit", "PO-1", "0614141007776", [["API-1", "L-7", 60.0, "KGM", "PO-1"]])
    assert row(partition, purchase_order, "PO-1/API-1", "shipped_qty", "open_qty") == (60.0, 40.0)


def test_what_arrives_stands_at_the_door_and_what_is_received_is_in_quarantine(partition: Partition) -> None:
    told(partition, shipped())
    papers = shipped()["bizTransactionList"]
    arrived = happened("TransactionEvent", "arriving", 40, bizTransactionList=papers, epcList=[SSCC])
    told(partition, arrived)
    assert row(partition, shipment, "1152", "status") == ("arrived",)
    parties = [{"type": "possessing_party", "source": "urn:epc:id:pgln:0614141.00001"}]
    told(partition, received(bizTransactionList=papers, sourceList=parties))
    assert row(partition, shipment, "1152", "status") == ("received",)
    assert row(partition, lot, "API-1/L-7", "qty", "unit", "status", "supplier") == (60.0, "KGM", "quarantine", "S-1")
    assert row(partition, material, "API-1", "quarantine_qty", "usable_qty") == (60.0, 0.0)


@pytest.mark.parametrize(
    ("step", "disposition", "status", "usable"),
    [
        ("storing", "available", "released", 60.0),
        ("stocking", "sellable_accessible", "released", 60.0),
        ("holding", "unavailable", "quarantine", 0.0),
        ("holding", "in_progress", "on_hold", 0.0),
        ("inspecting", "non_conformant", "on_hold", 0.0),
        ("inspecting", "damaged", "rejected", 0.0),
        ("storing", "recalled", "rejected", 0.0),
        ("storing", "expired", "on_hold", 0.0),
        ("inspecting", "conformant", "quarantine", 0.0),
    ],
)
def test_a_disposition_says_what_a_lot_may_be_used_for(
    partition: Partition, step: str, disposition: str, status: str, usable: float
) -> None:
    told(
        partition,
        received(),
        happened("ObjectEvent", step, 50, disposition=disposition, quantityList=[amount(API, "L-7", 60)]),
    )
    assert row(partition, lot, "API-1/L-7", "qty", "status") == (60.0, status)
    assert row(partition, material, "API-1", "usable_qty") == (usable,)


def test_a_persistent_recall_goes_before_a_disposition_that_says_better(partition: Partition) -> None:
    kept = {"disposition": "available", "persistentDisposition": {"set": ["recalled"]}}
    told(partition, received(), happened("ObjectEvent", "storing", 50, quantityList=[amount(API, "L-7", 60)], **kept))
    assert row(partition, lot, "API-1/L-7", "status") == ("rejected",)


def test_a_pallet_is_booked_by_what_is_packed_on_it_and_then_travels_by_its_number(partition: Partition) -> None:
    at_dock = {"bizLocation": None, "readPoint": {"id": DOCK}, "destinationList": shipped()["destinationList"]}
    packed = happened(
        "AggregationEvent", "packing", 0, parentID=SSCC, childQuantityList=[amount(API, "L-7", 60)], **(at_dock | {"action": "ADD"})
    )  # fmt: skip
    told(partition, packed)
    assert row(partition, shipment, SSCC_18, "status") == ("booked",)
    left = happened("ObjectEvent", "departing", 4, epcList=[f"https://x.example/00/{SSCC_18}"], **at_dock)
    told(partition, left)
    assert row(partition, shipment, SSCC_18, "status", "lines") == ("in_transit", [["API-1", "L-7", 60.0, "KGM", None]])


def test_a_logger_on_a_pallet_tells_how_warm_it_got(partition: Partition) -> None:
    sensed = [
        {
            "sensorMetadata": {"startTime": iso(0), "endTime": iso(10), "deviceID": "urn:epc:id:giai:4000001.111"},
            "sensorReport": [{"type": "Temperature", "minValue": 3.5, "maxValue": 9.25, "uom": "CEL"}],
        },
        {"sensorReport": [{"type": "Temperature", "value": 41.0, "time": iso(12), "uom": "FAH"}]},
    ]
    tied = {
        "parentID": SSCC,
        "childEPCs": ["urn:epc:id:giai:4000001.111"],
        "action": "ADD",
        "sensorElementList": sensed,
    }
    told(partition, happened("AssociationEvent", "installing", 12, **tied))
    known = row(partition, shipment, SSCC_18, "milestone", "readings", "min_celsius", "max_celsius")
    assert known == ("installing", 3, 3.5, 9.25)


def transformed(**said: Any) -> Json:
    """30 kg of one lot and 5 of another became 20 kg of substance."""
    usual = {
        "action": None,
        "inputQuantityList": [amount(API, "L-7", 30), amount(EXC, "E-1", 5, "KGM")],
        "outputQuantityList": [amount(DS, "DS-100", 20)],
        "ilmd": {"cbvmda:itemExpirationDate": "2028-01-31"},
    }
    return happened("TransformationEvent", "commissioning", 60, **(usual | said))


def test_a_transformation_draws_its_inputs_and_gives_a_lot_in_quarantine_with_its_genealogy(
    partition: Partition,
) -> None:
    told(partition, received(), transformed())
    assert row(partition, lot, "API-1/L-7", "qty") == (30.0,)
    assert row(partition, lot, "DS-4/DS-100", "qty", "status", "expiry_on") == (20.0, "quarantine", "2028-01-31")
    made = row(partition, batch, "DS-100", "status", "yield_actual", "output_lot", "input_lots")
    drawn = [["API-1", "L-7", 30.0, "KGM"], ["EXC-2", "E-1", 5.0, "KGM"]]
    assert made == ("completed", 20.0, "DS-100", drawn)


@pytest.mark.parametrize("plan_first", [True, False])
def test_a_batch_that_was_planned_gives_its_lot_once_and_goes_on_to_its_release(
    partition: Partition, plan_first: bool
) -> None:
    plan = planned("p", batch="DS-100", size=20)
    if plan_first:
        partition.send(plan)
    told(partition, transformed())
    if not plan_first:
        partition.send(plan)
    assert row(partition, lot, "DS-4/DS-100", "qty", "status", "batch") == (20.0, "quarantine", "DS-100")
    partition.send(dispositioned("d", "released", batch="DS-100", hours=70))
    assert row(partition, lot, "DS-4/DS-100", "qty", "status") == (20.0, "released")


def test_inputs_and_outputs_that_come_apart_are_one_batch_by_their_transformation(partition: Partition) -> None:
    one = {"transformationID": "urn:epc:id:gdti:4012345.55555.B-9"}
    told(
        partition,
        transformed(outputQuantityList=None, **one),
        transformed(inputQuantityList=None, eventTime=iso(90), **one),
    )
    known = row(partition, batch, "4012345.55555.B-9", "status", "started_at", "completed_at", "output_lot")
    assert known[0] == "completed"
    assert (known[2] - known[1]).total_seconds() == 30 * 3600
    assert known[3] == "DS-100"


def test_a_lot_that_is_commissioned_is_the_output_of_a_batch(partition: Partition) -> None:
    made = happened("ObjectEvent", "commissioning", 5, action="ADD", quantityList=[amount(DS, "DS-7", 12)])
    told(partition, made)
    assert row(partition, batch, "DS-7", "status", "yield_actual") == ("completed", 12.0)
    assert row(partition, lot, "DS-4/DS-7", "qty", "status") == (12.0, "quarantine")


def test_packs_are_counted_into_the_lot_that_they_are_commissioned_with(partition: Partition) -> None:
    for first in (1, 4):
        packs = [f"urn:epc:id:sgtin:4012345.055555.{serial}" for serial in range(first, first + 3)]
        made = {"action": "ADD", "epcList": packs, "ilmd": {"cbvmda:lotNumber": "P-1"}}
        told(partition, happened("ObjectEvent", "commissioning", 5 + first, **made))
    assert row(partition, lot, "DP-5/P-1", "qty", "unit", "status") == (6.0, "C62", "quarantine")


def test_an_error_declaration_undoes_all_that_the_event_did_and_its_correction_counts(partition: Partition) -> None:
    wrong = received(eventID="urn:uuid:1")
    right = received(qty=50, eventID="urn:uuid:2")
    declared = {"declarationTime": iso(60), "reason": "incorrect_data", "correctiveEventIDs": ["urn:uuid:2"]}
    told(partition, wrong)
    told(partition, wrong | {"errorDeclaration": declared, "recordTime": iso(60)}, right)
    assert row(partition, lot, "API-1/L-7", "qty", "status") == (50.0, "quarantine")


def test_an_error_declared_before_the_event_comes_leaves_nothing_of_it(partition: Partition) -> None:
    wrong = received()  # without an id of its own: it is known by what it says
    told(partition, wrong | {"errorDeclaration": {"declarationTime": iso(60), "reason": "did_not_occur"}})
    told(partition, wrong, received(hours=70, qty=5))
    assert row(partition, lot, "API-1/L-7", "qty") == (5.0,)


def test_a_declared_transformation_gives_its_inputs_back(partition: Partition) -> None:
    told(partition, received(), transformed())
    told(partition, transformed(errorDeclaration={"declarationTime": iso(80), "reason": "did_not_occur"}))
    assert row(partition, lot, "API-1/L-7", "qty") == (60.0,)
    left = partition.row(lot, "DS-4/DS-100")
    assert left is None or not left["qty"]


def test_what_leaves_basel_for_a_customer_is_no_longer_in_store_there(partition: Partition) -> None:
    partition.send(counted("c", lot="L-7", qty=60, hours=0))
    customer = [{"type": "owning_party", "destination": "https://id.gs1.org/417/9521321000010"}]
    gone = {"bizLocation": None, "readPoint": {"id": BASEL}, "destinationList": customer}
    told(partition, happened("ObjectEvent", "shipping", 5, quantityList=[amount(API, "L-7", 25)], **gone))
    assert row(partition, lot, "API-1/L-7", "qty") == (35.0,)


def test_stock_taken_dispensed_sampled_and_destroyed_moves_the_lot(partition: Partition) -> None:
    def moved(step: str, hours: float, qty: float, **said: Any) -> Json:
        return happened("ObjectEvent", step, hours, quantityList=[amount(API, "L-7", qty, "KGM")], **said)

    told(partition, received(), moved("stock_taking", 50, 58, disposition="available"))
    assert row(partition, lot, "API-1/L-7", "qty", "status") == (58.0, "released")
    told(
        partition, moved("dispensing", 51, 8), moved("sampling", 52, 0.5), moved("destroying", 53, 9.5, action="DELETE")
    )
    assert row(partition, lot, "API-1/L-7", "qty") == (40.0,)


def test_the_same_document_twice_counts_once(partition: Partition) -> None:
    told(partition, received())
    told(partition, received())
    assert row(partition, lot, "API-1/L-7", "qty") == (60.0,)


def test_a_shipment_that_another_feed_books_keeps_what_that_feed_knows(partition: Partition) -> None:
    partition.send(booked("b", shipment_id="1152", arrival=48))
    told(partition, shipped(hours=1), feed=EpcisFeed(source="/acme/epcis", books=False))
    status, arrival = row(partition, shipment, "1152", "status", "planned_arrival")
    assert (status, arrival.isoformat()) == ("in_transit", iso(48))


def test_a_void_pallet_will_not_come(partition: Partition) -> None:
    at_dock = {"bizLocation": None, "readPoint": {"id": DOCK}, "destinationList": shipped()["destinationList"]}
    for step, hours in (("shipping", 0), ("void_shipping", 1)):
        told(partition, happened("ObjectEvent", step, hours, epcList=[SSCC], **at_dock))
    assert row(partition, shipment, SSCC_18, "status") == ("cancelled",)


def test_urn_and_digital_link_come_to_the_same(partition: Partition) -> None:
    names = {
        API + "L-7": "https://acme.example/products/01/04012345111118/10/L-7",
        BASEL: "https://id.gs1.org/414/4012345000016",
    }
    event = json.dumps(received())
    for urn, link in names.items():
        event = event.replace(urn, link)
    told(partition, json.loads(event))
    assert row(partition, lot, "API-1/L-7", "qty", "status") == (60.0, "quarantine")
