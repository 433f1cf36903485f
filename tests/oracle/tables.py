"""All tables of a partition as its events would have them, and how they differ from those of the database."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from streams.events import family
from streams.events.control import Tick
from streams.events.envelope import Event
from streams.ledger.tables import ENTITIES, feed
from streams.network.model import Network
from tests.oracle import freight, partners, production, quality, stock
from tests.oracle.reports import State, Tables, Units, recorded, that_count
from tests.oracle.stream import Partition

OF_THE_LEDGER = frozenset({"key", "partner", "site", "partition", "journal", "score"})
"""Columns that are keys, or that events do not speak of."""

OF_THE_HOUR = {
    "material": frozenset({"unit", "inbound_qty", "required_qty", "days_of_supply", "shortage_on", "shortage_qty",
                           "below_safety_in_days", "events"}),
    "line": frozenset({"overload_week", "peak_utilisation"}),
}  # fmt: skip
"""Columns that hold what was seen when rules last looked."""


def expected(events: Iterable[Event], network: Network) -> Tables:
    """The rows of each table by key, from all events of a partition in any order, with any repeats."""
    heard = list(events)
    events, units = that_count(heard), Units(network)
    deviations = quality.deviations(events)
    shipments = freight.shipments(events, units)
    batches = production.batches(events, quality.against(deviations), network)
    lots = stock.lots(events, production.made(batches), units)
    orders = stock.orders(events, freight.shipped(shipments), partners.arrived(shipments), units)
    tables: Tables = {
        "deviation": deviations, "capa": quality.capas(events), "shipment": shipments, "batch": batches, "lot": lots,
        "purchase_order": orders, "supplier": partners.suppliers(orders, lots), "lane": partners.lanes(shipments),
        "requirement": stock.requirements(events, units), "material": stock.materials(lots),
        "line": production.lines(events, batches, network), "feed": _feeds(heard),
    }  # fmt: skip
    return tables


def _feeds(heard: Iterable[Event]) -> dict[str, State]:
    """When each feed last spoke. A repeat and a withdrawn event are signs of life too; the clock is none."""
    feeds: dict[str, State] = {}
    for event in heard:
        if isinstance(event, Tick):
            continue
        one = feeds.setdefault(
            f"{event.partnerid}/{event.siteid}",
            {"last_event_at": event.time, "last_recorded_at": recorded(event), "families": {}},
        )
        one["last_event_at"] = max(one["last_event_at"], event.time)
        one["last_recorded_at"] = max(one["last_recorded_at"], recorded(event))
        name = family(str(event.__struct_config__.tag))
        micros = round(recorded(event).timestamp() * 1e6)
        one["families"][name] = max(one["families"].get(name, micros), micros)
    return feeds


def stored(partition: Partition) -> Tables:
    """The same tables of the database."""
    tables = {name: {row["key"]: row for row in partition.rows(table)} for name, table in ENTITIES.items()}
    return tables | {"feed": {row["key"]: row for row in partition.rows(feed)}}


def differences(told: Tables, found: Tables) -> list[str]:
    """Where the database says something else, in words."""
    differing: list[str] = []
    for name, rows in told.items():
        for key in sorted(rows.keys() | found[name].keys()):
            here, there = rows.get(key), found[name].get(key)
            if here is None or there is None:
                if here is not None or not _says_nothing(name, there or {}):
                    differing.append(f"{name} {key}: {'should not be' if here is None else 'is missing'}")
                continue
            differing += [
                f"{name} {key} {column}: {there[column]!r}, should be {here[column]!r}"
                for column in sorted(there.keys() - OF_THE_LEDGER - OF_THE_HOUR.get(name, frozenset()))
                if not _same(here[column], there[column])
            ]
    return differing


def _says_nothing(table: str, row: Mapping[str, Any]) -> bool:
    """What others keep a tally with keeps its row, though nothing be left of it."""
    if table == "material":
        return math.isclose(row["usable_qty"], 0, abs_tol=1e-5) and math.isclose(row["quarantine_qty"], 0, abs_tol=1e-5)
    if table in ("supplier", "lane"):
        return not any(row[name] for name in ("orders", "lots_accepted", "lots_rejected", "shipments") if name in row)
    return table == "line" and not row["capacity"] and not row["planned_hours"]


def _same(one: Any, other: Any) -> bool:
    """Equal; numbers within some millionths, temperatures as well."""
    if isinstance(one, float) and isinstance(other, float | int):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-4)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
