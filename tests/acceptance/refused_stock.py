"""A partner's stock lists by a map that is wrong at first, and what it says of the same lots meanwhile by another way."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from streams.intake import feed_record

COLUMNS = b"Werk;Material;Charge;Bestand;Stand\r\n"
ROUNDS = 10
"""Reports of each lot. What comes late is kept exactly while fewer than 32 newer facts of the lot are known."""

LOTS_OF_A_MATERIAL = 8
CLOUDEVENTS = ("content-type", b"application/cloudevents+json")

NETWORK = """\
partners:
  acme: {name: Acme, sites: {BSL: {name: Basel}, VIS: {name: Visp}}}
  rival: {name: Rival, sites: {LYN: {name: Lyon}}}
"""

PROFILE = """\
partner: acme
feeds:
  lager:
    format: csv
    source: /acme/lager
    delimiter: ";"
    dates: ["%d.%m.%Y %H:%M"]
    site: "{plant}"
    fields:
      plant: {column: Werk, required: true, table: plants}
      material: {column: Material, required: true}
      lot: {column: Charge, required: true}
      on_hand: {column: Bestand, type: number, required: true}
      counted: {column: Stand, type: time, required: true}
    events:
      - name: stock
        type: cdmo.raw_material.stock_reported
        id: "{lot}/{counted}"
        time: "{counted}"
        data: {material_code: "{material}", internal_lot: "{lot}", qty_on_hand: "{on_hand}", uom: KGM, status: released}
tables:
  plants: TABLE
"""
MENDED = PROFILE.replace("TABLE", "{Basel: BSL, Visp: VIS}")
BAD = PROFILE.replace("TABLE", "{Basle: BSL, Viege: VIS}")


class Sent(NamedTuple):
    """A record on a partner's inbound topic."""

    partner: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def written(folder: Path, profile: str) -> None:
    """Put the profile where the worker looks for it."""
    folder.mkdir(exist_ok=True)
    (folder / "acme.yaml").write_text(profile, encoding="utf-8")


def records(rows: int, begin: datetime) -> Iterator[Sent]:
    """So many rows, which the bad map refuses; after every second one something is taken from its lot, which no map reads.

    The lots are reported hour by hour from `begin` on.
    """
    lots = rows // ROUNDS
    for number in range(rows):
        lot, at = number % lots, begin + timedelta(hours=number // lots)
        yield _row(number, lot, at)
        if number % 2:
            yield _taken(number, lot, at + timedelta(minutes=30))


def of_another(events: int, begin: datetime) -> Iterator[Sent]:
    """What another partner sends meanwhile."""
    for number in range(events):
        data = {
            "material_code": "RM-9",
            "internal_lot": f"R-{number}",
            "qty_on_hand": 1,
            "uom": "KGM",
            "status": "released",
        }
        yield _event("rival", "LYN", f"r-{number}", "stock_reported", begin, data)


def _row(number: int, lot: int, at: datetime) -> Sent:
    plant = ("Basel", "Visp")[lot % 2]
    text = (
        f"{plant};RM-{lot // LOTS_OF_A_MATERIAL};L-{lot};{1000 - number % 97};{at.astimezone(UTC):%d.%m.%Y %H:%M}\r\n"
    )
    record = feed_record.row(text.encode(), COLUMNS, number + 2, feed="lager", media_type="text/csv", file="lager.csv")
    return Sent("acme", record.key, record.value, record.headers)


def _taken(number: int, lot: int, at: datetime) -> Sent:
    data = {
        "material_code": f"RM-{lot // LOTS_OF_A_MATERIAL}",
        "internal_lot": f"L-{lot}",
        "qty": 1 + number % 5,
        "uom": "KGM",
    }
    return _event("acme", ("BSL", "VIS")[lot % 2], f"c-{number}", "consumed", at, data)


def _event(partner: str, site: str, identifier: str, what: str, at: datetime, data: dict[str, Any]) -> Sent:
    event = {
        "specversion": "1.0", "id": identifier, "source": f"/{partner}/erp", "type": f"cdmo.raw_material.{what}",
        "time": at.isoformat(), "siteid": site, "data": data,
    }  # fmt: skip
    return Sent(partner, site.encode(), json.dumps(event).encode(), [CLOUDEVENTS])
