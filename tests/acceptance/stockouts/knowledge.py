"""What the partners of a world have told of receipts and needs: all that a forecast may rest on.

Counts of stock, plans, expected arrivals and dispositions are told on the day they change, so these are read off the world
itself; what the world knows before anybody says it (when a supplier will truly deliver, what will be rejected or is spoilt,
when an investigation ends) is taken from the words alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from streams.events.types import Disposition
from streams.simulation.journal import Told
from streams.simulation.state import Batch, Phase, Shipment
from streams.simulation.stock import Place
from streams.simulation.transport import transit_days
from streams.simulation.world import World

WARM = 12.0
"""Degrees that no cold shipment has by chance."""

REACHES = (-7, -1, 0, 2, 4, 7, 10, 14, 21, 28, 35)
"""How far ahead a promise is, in days: up to so many."""

Kind = tuple[str, ...]
"""What kind of promise it is, the more general first: phase, and how far ahead it is."""


class Promise(NamedTuple):
    """A receipt or need of a place as told: `day` on which goods can be used or will be, `qty` above zero.

    `thing` names it: an order, a shipment, a lot, a batch; `driver` is who keeps it or not.
    """

    thing: str
    kind: Kind
    day: int
    qty: float
    driver: str


@dataclass(slots=True)
class Knowledge:
    """Grows with what is told each day."""

    world: World
    confirmed: dict[str, int] = field(default_factory=dict)
    critical: dict[str, int | None] = field(default_factory=dict)
    """Batches with a critical deviation, and until when its investigation was said to take."""
    failed: set[str] = field(default_factory=set)
    warm: set[str] = field(default_factory=set)
    """Shipments that were."""
    warm_lots: set[str] = field(default_factory=set)
    received: dict[tuple[str, str], int] = field(default_factory=dict)
    sold: dict[tuple[str, str, int], float] = field(default_factory=dict)
    released: dict[tuple[str, str], int] = field(default_factory=dict)
    _batches_of: dict[str, list[str]] = field(default_factory=dict)

    def hear(self, told: Iterable[Told], day: int) -> None:
        for event in told:
            reader = getattr(self, f"_{event.type.removeprefix('cdmo.').replace('.', '_')}", None)
            if reader is not None:
                reader(event, event.data, day)

    def _raw_material_order_confirmed(self, event: Told, data: dict[str, str], day: int) -> None:
        self.confirmed[data["po_no"]] = self._day(date.fromisoformat(data["confirmed_date"]))

    def _raw_material_received(self, event: Told, data: dict[str, str], day: int) -> None:
        self.received[event.site, data["internal_lot"]] = day
        if data["shipment_id"] in self.warm:
            self.warm_lots.add(data["internal_lot"])

    def _raw_material_status_changed(self, event: Told, data: dict[str, str], day: int) -> None:
        if data["status"] == Disposition.RELEASED:
            self.released[event.site, data["internal_lot"]] = day

    def _raw_material_consumed(self, event: Told, data: dict[str, object], day: int) -> None:
        if str(data.get("order_no", "")).startswith("SO-"):
            key = (event.site, str(data["material_code"]), day)
            self.sold[key] = self.sold.get(key, 0.0) + float(str(data["qty"]))

    def _shipment_condition(self, event: Told, data: dict[str, object], day: int) -> None:
        readings: list[dict[str, float]] = data["readings"]  # type: ignore[assignment]
        if max(reading["celsius"] for reading in readings) > WARM:
            self.warm.add(str(data["shipment_id"]))

    def _batch_qc_result(self, event: Told, data: dict[str, str], day: int) -> None:
        if data["result"] == "fail":
            self.failed.add(data["batch_id"])

    def _deviation_opened(self, event: Told, data: dict[str, list[str]], day: int) -> None:
        self._batches_of[event.about] = data["batch_ids"]

    def _deviation_classified(self, event: Told, data: dict[str, str], day: int) -> None:
        if data["class"] == "critical":
            self.critical |= dict.fromkeys(self._batches_of.get(event.about, ()))

    def _deviation_extended(self, event: Told, data: dict[str, datetime], day: int) -> None:
        self.critical |= dict.fromkeys(self._batches_of.get(event.about, ()), self._day(data["extended_to"].date()))

    def _day(self, day: date) -> int:
        return (day - self.world.state.calendar.start).days

    def receipts(self, place: Place, today: int, short: Mapping[Place, int]) -> Iterator[Promise]:
        """All that is to come to a place, by the day from which it can be used. `short`: see `needs`."""
        state, (site, material) = self.world.state, place
        wait = round(state.network.materials[material].release_days)
        for order in state.orders.values():
            if (order.site, order.material) == place:
                told = self.confirmed.get(order.code, order.due)
                how = "asked" if order.code not in self.confirmed else "late" if told > order.due + 3 else "confirmed"
                lot = f"{order.supplier[:4].upper()}{order.code[3:]}"
                yield _promise(lot, f"order {how}", told + wait, order.qty, today, "suppliers")
        batches = {batch.shipment.code: batch for batch in state.every_batch.values() if batch.route.output == material}
        for shipment in state.shipments.values():
            if (shipment.site, shipment.material) == place:
                yield self._shipped(shipment, batches.get(shipment.code), wait, today, short)
        for lot in state.stock.lots[place]:
            if lot.status == Disposition.QUARANTINE:
                phase = "condemned" if lot.code in self.warm_lots else f"quarantine {wait}"
                day = self.received.get((site, lot.code), today) + wait
                yield _promise(lot.code, phase, day, lot.qty, today, "quality")

    def _shipped(
        self, shipment: Shipment, batch: Batch | None, wait: int, today: int, short: Mapping[Place, int]
    ) -> Promise:
        """A shipment; which batch it is to carry is known, though nobody says so before it leaves."""
        day, phase = shipment.eta, "on the way"
        if shipment.code in self.warm:
            phase = "warm"
        elif batch is not None and shipment.departed is None:
            phase = f"{batch.route.stage} {batch.phase}"
            if batch.phase == Phase.PLANNED and _lacks(batch, short, None):
                phase += " blocked"
            elif batch.code in self.failed:
                phase = "failed"
            elif batch.code in self.critical and batch.phase in (Phase.STARTED, Phase.IN_RELEASE):
                until = self.critical[batch.code]
                day = day if until is None else max(day, until + transit_days(shipment.mode) + 1)
                phase = f"critical {until is not None}"
        lot = f"{batch.code}-L" if batch is not None else shipment.lot
        return _promise(str(lot), phase, day + wait, shipment.qty, today, "suppliers" if batch is None else "makers")

    def needs(self, place: Place, today: int, short: Mapping[Place, int]) -> Iterator[Promise]:
        """All batches that are planned to draw on a place. `short`: the first day on which the plan lacks something, by place."""
        for batch in self.world.state.batches.values():
            if batch.phase == Phase.PLANNED and batch.route.site == place[0]:
                for item in batch.route.inputs:
                    if item.material == place[1]:
                        phase = "start blocked" if _lacks(batch, short, place) else "start"
                        day = max(batch.planned_start, today + 1)
                        yield _promise(batch.code, phase, day, item.qty * batch.size, today, "starts")

    def forecast(self, place: Place, today: int, until: int) -> Iterator[tuple[int, float]]:
        """(day, quantity) of what the market is forecast to take from a place."""
        market = self.world.market
        if place in market.weekly:
            for day in market.dispatch_days(place, today, 9):
                if day <= until:
                    yield day, market.forecast(place, day)


def _lacks(batch: Batch, short: Mapping[Place, int], but: Place | None) -> bool:
    """Whether the plan lacks an input, other than `but`, by the day on which the batch is to start."""
    inputs = ((batch.route.site, item.material) for item in batch.route.inputs)
    return any(place in short and short[place] <= batch.planned_start for place in inputs if place != but)


def _promise(thing: str, phase: str, day: int, qty: float, today: int, driver: str) -> Promise:
    reach = next((str(limit) for limit in REACHES if day - today <= limit), "later")
    return Promise(thing, (phase, reach), day, qty, driver)
