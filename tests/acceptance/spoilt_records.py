"""Partners' records of all types and formats to be spoiled, and where they would go."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import streams.simulation
from streams.intake import profile
from streams.intake.admission import Feed
from streams.intake.reading import canonical_records
from streams.intake.refusal import Refusal
from streams.network.model import Network
from streams.simulation.world import World
from streams.topics import EVENTS_TOPIC, inbound
from tests.acceptance.mutations import Hand, Said

NETWORK = Path(streams.simulation.__file__).with_name("network.yaml")
START = date(2025, 1, 6)
WEEKS = 3
NOW = datetime(2026, 1, 5, tzinfo=UTC)
PAST_THE_INTAKE = 0.25
"""Part of the records that somebody writes to the event stream itself."""

UNSPOILT = 0.15
"""Part of the records that stay as they are: the bad must not harm the good beside them."""

REPEATED = 0.05
"""Part of the records that keep the id that they had."""

SELDOM: Mapping[str, Mapping[str, Any]] = {
    "cdmo.shipment.milestone": {"shipment_id": "S-1", "milestone": "customs", "location": "VNL"},
    "cdmo.shipment.cancelled": {"shipment_id": "S-2", "reason": "not needed"},
    "cdmo.shipment.condition": {
        "shipment_id": "S-1", "logger_id": "T-1", "excursion_minutes": 12.5,
        "readings": [{"at": "2025-01-07T08:00:00Z", "celsius": 4.5}, {"at": "2025-01-07T08:15:00Z", "celsius": 9.0}],
    },
    "cdmo.shipment.booked": {
        "shipment_id": "S-1", "po_no": "PO-1", "mode": "air", "temp_min": 2.0, "temp_max": 8.0,
        "planned_departure": "2025-01-06T08:00:00Z", "planned_arrival": "2025-01-09T08:00:00Z",
        "lines": [{"material_code": "RM-CARBON", "qty": 100.0, "uom": "KGM", "lot": "L-1", "po_no": "PO-1"}],
    },
    "cdmo.batch.planned": {
        "batch_id": "B-1", "product_code": "VEL", "stage": "DS", "line": "S1", "size": 100.0, "uom": "KGM",
        "planned_start": "2025-02-03T08:00:00Z", "planned_finish": "2025-02-10T08:00:00Z", "yield_planned": 0.9,
    },
    "cdmo.batch.completed": {
        "batch_id": "B-1", "actual_finish": "2025-02-11T08:00:00Z", "yield_actual": 88.0, "uom": "KGM",
        "output_lot": "B-1-L", "expiry": "2027-02-11",
    },
    "cdmo.batch.cancelled": {"batch_id": "B-2", "reason": "no demand"},
    "cdmo.batch.capacity_reported": {"line": "S1", "period": "2026-W14", "available_hours": 120.0, "committed_hours": 90.0},
    "cdmo.raw_material.requirement_reported": {
        "material_code": "RM-CARBON", "uom": "KGM", "safety_stock": 50.0,
        "forecast": [{"date": "2026-02-02", "qty": 40.0}, {"date": "2026-03-02", "qty": 45.0}],
    },
    "cdmo.deviation.opened": {
        "deviation_id": "D-1", "class": "major", "type": "OOS", "opened_at": "2025-01-07T08:00:00Z",
        "due_date": "2025-02-06T08:00:00Z", "batch_ids": ["B-1", "B-2"], "line": "S1", "title": "assay low",
    },
    "cdmo.deviation.classified": {"deviation_id": "D-1", "class": "critical", "batch_impact": "possible", "batch_ids": ["B-1"]},
    "cdmo.deviation.extended": {"deviation_id": "D-1", "extended_to": "2025-03-06T08:00:00Z", "reason": "laboratory"},
    "cdmo.deviation.closed": {"deviation_id": "D-1", "closed_at": "2025-03-05T08:00:00Z", "batch_impact": "none"},
    "cdmo.deviation.capa_opened": {"deviation_id": "D-1", "capa_id": "C-1", "capa_due": "2025-06-05T08:00:00Z"},
    "cdmo.deviation.capa_closed": {"deviation_id": "D-1", "capa_id": "C-1", "closed_at": "2025-06-01T08:00:00Z"},
    "cdmo.event.withdrawn": {"event_id": "BSL-000001", "reason": "booked by mistake"},
}  # fmt: skip
"""Data of types that a short history has seldom or never."""


class Sent(NamedTuple):
    """A record and its topic."""

    topic: str
    key: bytes
    said: Said


class Base(NamedTuple):
    """A record that is taken."""

    partner: str
    site: str
    said: Said


class _Record(NamedTuple):
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


class Partners:
    """The partners' valid records, by what they are: a type in structured or in binary mode, or rows."""

    def __init__(self, network: Network, seed: int) -> None:
        self._profiles = profile.load_all(())
        self._feeds = {
            partner: Feed(partner, frozenset(site.code for site in network.sites.values() if site.partner == partner))
            for partner in network.partners
        }
        self._known: dict[str, list[Base]] = {}
        for day in World(network, seed, START, WEEKS).days():
            for record in day.records:
                self._add(Base(record.partner, record.key.decode(), Said(record.headers, record.value)))
        headers = (("content-type", b"application/cloudevents+json"),)
        for number, (kind, data) in enumerate(SELDOM.items()):
            event = {
                "specversion": "1.0", "id": f"seldom-{number}", "source": "//alpenbio/erp", "type": kind, "siteid": "BSL",
                "time": "2025-01-07T08:00:00Z", "recordedtime": "2025-01-07T09:00:00+01:00", "data": data,
            }  # fmt: skip
            self._add(Base("alpenbio", "BSL", Said(headers, json.dumps(event).encode())))

    def _add(self, base: Base) -> None:
        try:
            value = self.canonical(base)
        except Refusal:
            return  # the world has dirt of its own
        mode = next(iter(dict(base.said.headers)))
        self._known.setdefault(f"{mode} {json.loads(value)['type']}", []).append(base)

    def canonical(self, base: Base) -> bytes:
        """What the intake makes of the record. Raises `Refusal`."""
        record = _Record(0, None, base.said.value, base.said.headers)
        return canonical_records(record, self._feeds[base.partner], self._profiles, NOW)[0].value

    def any(self, luck: Random) -> Base:
        """A record; each type comes as often as any other."""
        return luck.choice(luck.choice(list(self._known.values())))


def named_anew(said: Said, name: str) -> Said:
    """The same under another id: it would pass as a repeat otherwise. A row has no id of its own."""
    headers = dict(said.headers)
    if "ce_id" in headers:
        return said._replace(
            headers=tuple((one, name.encode() if one == "ce_id" else text) for one, text in said.headers)
        )
    if not headers["content-type"].startswith(b"application/cloudevents"):
        return said
    return said._replace(value=json.dumps(json.loads(said.value or b"") | {"id": name}).encode())


def spoilt(seed: int, records: int, network: Network) -> Iterator[Sent]:
    """So many records, most of them spoiled."""
    luck = Random(seed)
    partners = Partners(network, seed)
    hand, hand_of_values = Hand(seed + 1, in_headers=True), Hand(seed + 2, in_headers=False)
    for number in range(records):
        base = partners.any(luck)
        if luck.random() > REPEATED:
            base = base._replace(said=named_anew(base.said, f"spoilt-{number}"))
        as_it_is = luck.random() < UNSPOILT
        if luck.random() < PAST_THE_INTAKE:
            said = Said((), partners.canonical(base))
            yield Sent(EVENTS_TOPIC, base.site.encode(), said if as_it_is else hand_of_values.spoil(said))
        else:
            yield Sent(inbound(base.partner), base.site.encode(), base.said if as_it_is else hand.spoil(base.said))
