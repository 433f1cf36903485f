"""EPCIS 2.0 documents of one site: what moved, was counted, went into batches and came out of them, and how warm it was."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any, Final
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from zlib import crc32
from zoneinfo import ZoneInfo

import msgspec

from streams.intake.profile import Profile
from streams.simulation.deliveries import Delivery
from streams.simulation.envelope import Notice, Record
from streams.simulation.journal import Told
from streams.simulation.wire.form import theirs, told_of

CONTEXT: Final = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
HEADERS: Final = (("content-type", b"application/ld+json"),)
STEPS: Final[Mapping[str, str]] = {
    "cdmo.shipment.departed": "departing",
    "cdmo.shipment.arrived": "arriving",
    "cdmo.shipment.condition": "sensor_reporting",
}
"""The business steps of a shipment's course, by type of event."""

DISPOSITIONS: Final[Mapping[str, str]] = {
    "released": "available",
    "quarantine": "unavailable",
    "rejected": "non_conformant",
}
OBSERVED: Final[Mapping[str, Any]] = {"type": "ObjectEvent", "action": "OBSERVE"}

Event = dict[str, Any]


class Epcis:
    """The documents of one site. Codes and the company prefix are those of the partner's profile."""

    is_final = False

    def __init__(self, partner: str, site: str, zone: str, profile: Profile) -> None:
        self._partner = partner
        self._site = site
        self._zone = ZoneInfo(zone)
        self._items = theirs(profile, "materials")
        self._place = theirs(profile, "sites")[site]
        self._prefix = self._place.split(":")[-1].split(".")[0]

    def key(self, told: Told) -> Hashable:
        """A count is one document, and so is what goes into a batch, or what a shipment brought."""
        match told.type:
            case "cdmo.shipment.departed" | "cdmo.shipment.arrived" | "cdmo.shipment.condition":
                return told.type, told.data["shipment_id"], told.at
            case "cdmo.shipment.received" | "cdmo.raw_material.received":
                return "received", told.data["shipment_id"]
            case "cdmo.raw_material.stock_reported":
                return "counted", told.at.date()
            case "cdmo.raw_material.status_changed":
                return "decided", told.data["internal_lot"], told.at
            case "cdmo.batch.started" | "cdmo.batch.completed":
                return told.type, told.data["batch_id"]
            case "cdmo.raw_material.consumed" if "batch_id" in told.data:
                return "cdmo.batch.started", told.data["batch_id"]
            case _:
                return None

    def write(self, name: str, notice: Notice, written: datetime) -> tuple[str, Delivery]:
        """See `Form`. A correction declares the wrong event an error and says it anew, as EPCIS has it."""
        events = self._named(name, self._events(told_of(notice)))
        if notice.wrong is not None and notice.corrects is not None:
            wrong = self._named(notice.corrects, self._events(told_of(notice.wrong)))
            events = [one for pair in zip(wrong, events, strict=True) for one in _declared(*pair, written)]
        return name, self._record(msgspec.json.encode(self._document(events, written)))

    def spoil(self, name: str, notice: Notice, written: datetime, luck: Random) -> Delivery:
        """See `Form`: cut off, a step that nobody knows, a time without offset, an item without a code, no event at all."""
        events = self._named(name, self._events(told_of(notice)))
        first = events[0]
        match luck.randrange(5):
            case 0:
                return self._record(msgspec.json.encode(self._document(events, written))[:-17])
            case 1:
                first["bizStep"] = "teleporting"
            case 2:
                first["eventTime"] = str(first["eventTime"])[:19]
            case 3:
                strange = [{"epcClass": f"urn:epc:class:lgtin:{self._prefix}.099999.X", "quantity": 1}]
                first |= {"bizStep": "cycle_counting", "quantityList": strange} | self._here() | OBSERVED
            case _:
                events = []
        return self._record(msgspec.json.encode(self._document(events, written)))

    def _record(self, value: bytes) -> Record:
        return Record(self._partner, HEADERS, self._site.encode(), value)

    def _named(self, name: str, events: Sequence[Event]) -> list[Event]:
        ids = (
            uuid5(NAMESPACE_URL, f"https://{self._partner}.example/{name}/{number}") for number in range(len(events))
        )
        return [{"eventID": f"urn:uuid:{one}"} | event for one, event in zip(ids, events, strict=True)]

    def _document(self, events: Sequence[Event], written: datetime) -> Event:
        at = _time(written)
        return {
            "@context": [CONTEXT],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": at,
            "epcisBody": {"eventList": [{"recordTime": at} | event for event in events]},
        }

    def _events(self, told: Sequence[Told]) -> list[Event]:
        first = told[0]
        match first.type:
            case "cdmo.shipment.departed" | "cdmo.shipment.arrived" | "cdmo.shipment.condition":
                return [self._course(first)]
            case "cdmo.raw_material.stock_reported":
                return list(self._counts(told))
            case "cdmo.raw_material.status_changed":
                return [self._decision(first)]
            case "cdmo.batch.completed":
                return [self._output(first)]
            case "cdmo.batch.started":
                return [self._inputs(told)]
            case _:
                return [self._receipt(told)]

    def _when(self, at: datetime) -> Event:
        offset = at.astimezone(self._zone).strftime("%z")
        return {"eventTime": _time(at), "eventTimeZoneOffset": f"{offset[:3]}:{offset[3:]}"}

    def _course(self, told: Told) -> Event:
        number = str(told.data["shipment_id"])
        happened = told.data.get("actual_departure") or told.data.get("actual_arrival") or told.at
        assert isinstance(happened, datetime)
        event = OBSERVED | self._when(happened) | {"bizStep": STEPS[told.type]}
        event |= {
            "epcList": [f"urn:epc:id:sscc:{self._prefix}.{crc32(number.encode()):010}"],
            "bizTransactionList": [self._paper("desadv", number)],
            "destinationList": [{"type": "location", "destination": self._place}],
        }
        if told.type == "cdmo.shipment.condition":
            event["sensorElementList"] = [self._measured(told.data)]
        return event

    def _measured(self, data: Mapping[str, Any]) -> Event:
        reports = [
            {"type": "Temperature", "value": one["celsius"], "uom": "CEL", "time": _time(one["at"])}
            for one in data["readings"]
        ]
        logger = f"urn:epc:id:giai:{self._prefix}.{data['logger_id']}"
        return {"sensorMetadata": {"deviceID": logger}, "sensorReport": reports}

    def _receipt(self, told: Sequence[Told]) -> Event:
        """Told by the shipment and by the lot that it brought, which is one thing here."""
        lot = next(one.data for one in told if one.type == "cdmo.raw_material.received")
        papers = [self._paper("desadv", str(lot["shipment_id"]))]
        if "po_no" in lot:
            papers.append(self._paper("po", str(lot["po_no"])))
        received = next((one.data["received_at"] for one in told if "received_at" in one.data), told[0].at)
        assert isinstance(received, datetime)
        event = OBSERVED | self._when(received) | self._here() | {
            "bizStep": "receiving",
            "disposition": DISPOSITIONS[str(lot["status"])],
            "quantityList": [self._amount(lot["material_code"], lot["internal_lot"], lot["qty"], lot["uom"])],
            "bizTransactionList": papers,
        }  # fmt: skip
        if "supplier" in lot:
            supplier = f"https://{self._partner}.example/suppliers/{lot['supplier']}"
            event["sourceList"] = [{"type": "owning_party", "source": supplier}]
        return event

    def _counts(self, told: Sequence[Told]) -> Iterator[Event]:
        """One event for all lots of a status: an event has but one disposition."""
        for status, disposition in DISPOSITIONS.items():
            lots = [one.data for one in told if one.data["status"] == status]
            if lots:
                yield OBSERVED | self._when(told[0].at) | self._here() | {
                    "bizStep": "cycle_counting",
                    "disposition": disposition,
                    "quantityList": [
                        self._amount(one["material_code"], one["internal_lot"], one["qty_on_hand"], one["uom"])
                        for one in lots
                    ],
                }  # fmt: skip

    def _decision(self, told: Told) -> Event:
        lot = {"epcClass": self._lot(told.data["material_code"], told.data["internal_lot"])}
        return OBSERVED | self._when(told.at) | self._here() | {
            "bizStep": "inspecting",
            "disposition": DISPOSITIONS[str(told.data["status"])],
            "quantityList": [lot],
        }  # fmt: skip

    def _inputs(self, told: Sequence[Told]) -> Event:
        """Without amounts where nothing was drawn: the batch began before the site told of its stock."""
        data: Mapping[str, Any] = told[0].data
        lots = [self._amount(one["material_code"], one["lot"], one["qty"], one["uom"]) for one in data["input_lots"]]
        if len(told) == 1:
            lots = [{"epcClass": one["epcClass"]} for one in lots]
        return self._transformation(data["batch_id"], data["actual_start"]) | {"inputQuantityList": lots}

    def _output(self, told: Told) -> Event:
        """Lots are named by the product and the stage that gave them."""
        data, made, finished = told.data, str(told.data["output_lot"]), told.data["actual_finish"]
        assert isinstance(finished, datetime)
        product, stage, _ = made.split("-", 2)
        return self._transformation(str(data["batch_id"]), finished) | {
            "outputQuantityList": [self._amount(f"{stage}-{product}", made, data["yield_actual"], data["uom"])],
            "ilmd": {"cbvmda:lotNumber": made, "cbvmda:itemExpirationDate": data["expiry"]},
        }

    def _transformation(self, batch: str, at: datetime) -> Event:
        return {"type": "TransformationEvent"} | self._when(at) | self._here() | {
            "bizStep": "commissioning",
            "transformationID": f"https://{self._partner}.example/batches/{quote(batch)}",
        }  # fmt: skip

    def _here(self) -> Event:
        return {"readPoint": {"id": self._place}, "bizLocation": {"id": self._place}}

    def _paper(self, kind: str, number: str) -> Event:
        return {"type": kind, "bizTransaction": f"https://{self._partner}.example/{kind}/{quote(number)}"}

    def _amount(self, material: object, lot: object, qty: object, uom: object) -> Event:
        amount: Event = {"epcClass": self._lot(material, lot), "quantity": qty}
        return amount if uom == "C62" else amount | {"uom": uom}

    def _lot(self, material: object, lot: object) -> str:
        return f"urn:epc:class:lgtin:{self._items[str(material)]}.{quote(str(lot))}"


def _declared(wrong: Event, right: Event, written: datetime) -> list[Event]:
    """Both where they differ: the wrong one as an error, and what is right."""
    if {**wrong, "eventID": ""} == {**right, "eventID": ""}:
        return []
    declaration = {
        "declarationTime": _time(written),
        "reason": "incorrect_data",
        "correctiveEventIDs": [right["eventID"]],
    }
    return [wrong | {"errorDeclaration": declaration}, right]


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
