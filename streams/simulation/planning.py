"""Material requirements planning: so much is made and ordered that stock stays over its safety, if nothing goes wrong.

Each need of a material at a site (planned batches, the market) is set against what is there and what will come. Where the
balance falls below the target, a batch is planned at the site that makes the material, or an order is placed.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from math import ceil

from streams.events.types import Stage
from streams.network.model import Network, Route
from streams.simulation import manufacture, purchasing, transport
from streams.simulation.manufacture import YIELD
from streams.simulation.market import FORECAST_WEEKS, Market
from streams.simulation.state import Phase, State
from streams.simulation.stock import Place

HORIZON_DAYS = 7 * FORECAST_WEEKS + 10
FROZEN_DAYS = {Stage.PACKAGING: 21, Stage.DRUG_PRODUCT: 28, Stage.DRUG_SUBSTANCE: 35}
"""No batch of a stage is planned to start sooner: people, papers and lines need notice."""

NEED_SLACK_DAYS = 3
"""Goods shall be usable so many days before they are needed."""

ORDER_AHEAD_DAYS = 21
"""Orders are placed so many days before the lead time would ask for them."""

ORDER_COVERS_DAYS = 28
FULLEST = 0.85
"""A week of a line is not planned fuller than this part of its hours."""

MARGIN_WEEKS = {Stage.PACKAGING: 1.5, Stage.DRUG_PRODUCT: 0.5, Stage.DRUG_SUBSTANCE: 0.25, None: 1.0}
"""What planners keep beyond the safety stock, in weeks of need, by the stage that makes the material (None: bought)."""


@dataclass(frozen=True, slots=True)
class Item:
    """A material that a site needs, who makes it (None: suppliers), and how much of it goes in a week."""

    place: Place
    maker: Route | None
    weekly: float
    safety: float

    @property
    def target(self) -> float:
        return self.safety + self.weekly * MARGIN_WEEKS[self.maker.stage if self.maker else None]


@dataclass(slots=True)
class Flows:
    """What a review knows: needs and supplies by place and day."""

    needs: defaultdict[Place, defaultdict[int, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )
    supplies: defaultdict[Place, defaultdict[int, float]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(float))
    )


class Planner:
    """Plans for all sites. Raises `ValueError` for a network in which a batch would feed a stage of its own site."""

    def __init__(self, network: Network, market: Market) -> None:
        self.network = network
        self.market = market
        self._item = {item.place: item for item in self.items}
        for item in self.items:
            if item.maker is not None and item.maker.site == item.place[0]:
                raise ValueError(
                    f"{item.place[1]} is made where it is used ({item.place[0]}): the simulation ships every batch"
                )

    @cached_property
    def items(self) -> list[Item]:
        """Every need of the network, the market's first, so that each plan finds the needs that it must meet."""
        makers = {route.output: route for route in self.network.routes.values()}
        weekly: defaultdict[Place, float] = defaultdict(float, self.market.weekly)
        order: dict[Place, None] = dict.fromkeys(self.market.weekly)
        for stage in (Stage.PACKAGING, Stage.DRUG_PRODUCT, Stage.DRUG_SUBSTANCE):
            for route in self.network.routes.values():
                if route.stage == stage:
                    batches = self._batches_a_week(route, weekly)
                    for item in route.inputs:
                        weekly[route.site, item.material] += batches * item.qty * route.batch_size
                        order[route.site, item.material] = None
        safety = self.network.safety_stock
        return [Item(place, makers.get(place[1]), weekly[place], safety.get(place, 0.0)) for place in order]

    def _batches_a_week(self, route: Route, weekly: defaultdict[Place, float]) -> float:
        wanted = sum(qty for place, qty in weekly.items() if place[1] == route.output)
        return wanted / (route.batch_size * YIELD[route.stage])

    def review(self, state: State, day: int) -> None:
        """The weekly review of all plans and orders."""
        flows = self._flows(state, day)
        for item in self.items:
            if item.maker is not None:
                self._plan(state, item, item.maker, flows, day)
        for item in self.items:
            if item.maker is None:
                self._order(state, item, flows, day)

    def _flows(self, state: State, day: int) -> Flows:
        flows = Flows()
        for place in self.market.weekly:
            for ahead in self.market.dispatch_days(place, day - 1, FORECAST_WEEKS + 2):
                flows.needs[place][ahead] += self.market.forecast(place, ahead)
        for batch in state.batches.values():
            if batch.phase == Phase.PLANNED:
                for item in batch.route.inputs:
                    flows.needs[batch.route.site, item.material][max(batch.planned_start, day)] += item.qty * batch.size
        for shipment in state.shipments.values():
            usable = max(shipment.eta, day + 1) + self._release_days(shipment.material)
            flows.supplies[shipment.site, shipment.material][usable] += shipment.qty
        for order in state.orders.values():
            usable = max(order.expected, day + 1) + self._release_days(order.material)
            flows.supplies[order.site, order.material][usable] += order.qty
        for item in self.items:
            for usable, qty in state.stock.coming(item.place, day):
                flows.supplies[item.place][usable] += qty
        return flows

    def _plan(self, state: State, item: Item, maker: Route, flows: Flows, day: int) -> None:
        needs, supplies = flows.needs[item.place], flows.supplies[item.place]
        lead = self.lead_days(maker)
        earliest = self._earliest(maker, flows, day)
        planned_to = max(supplies, default=day)
        in_the_end = _balance(needs, supplies, planned_to)
        balance = 0.0
        for ahead in range(day, day + HORIZON_DAYS):
            balance += supplies.get(ahead, 0.0) - needs.get(ahead, 0.0)
            # within the plan only what is lost for good is made again: what is late comes by itself
            limit = item.target if ahead >= planned_to else item.safety
            while balance < limit and ahead >= earliest + lead and (ahead >= planned_to or in_the_end < item.target):
                line, start = self._slot(state, maker, ahead - lead, earliest)
                batch = manufacture.plan(state, maker, line, start, item.place[0])
                for needed in maker.inputs:
                    flows.needs[maker.site, needed.material][start] += needed.qty * batch.size
                balance += batch.shipment.qty
                in_the_end += batch.shipment.qty

    def _earliest(self, maker: Route, flows: Flows, day: int) -> int:
        """The first day on which one more batch could start without taking the inputs of those already planned."""
        frozen = day + FROZEN_DAYS[maker.stage]
        return max(
            (
                self._free_from(
                    self._item[maker.site, needed.material], needed.qty * maker.batch_size, flows, day, frozen
                )
            )
            for needed in maker.inputs
        )

    def _free_from(self, item: Item, qty: float, flows: Flows, day: int, first: int) -> int:
        """The first day from `first` on which `qty` of an item stays free until more of it can be had."""
        needs, supplies = flows.needs[item.place], flows.supplies[item.place]
        more = day + self.replenishment_days(item)
        balances = list(
            accumulate(supplies.get(ahead, 0.0) - needs.get(ahead, 0.0) for ahead in range(day, max(more, first) + 1))
        )
        free = max(more, first)
        while free > first and balances[free - 1 - day] >= qty:
            free -= 1
        return free

    def replenishment_days(self, item: Item) -> int:
        """From the decision to make or order a material to the day on which it can be used."""
        if item.maker is not None:
            return FROZEN_DAYS[item.maker.stage] + self.lead_days(item.maker)
        lead = max(source.lead_time_days for source in self.network.sources[item.place])
        return ceil(lead) + self._release_days(item.place[1])

    def lead_days(self, maker: Route) -> int:
        """From the start of a batch to the day on which its goods can be used where they are needed."""
        way = transport.SLACK_DAYS + transport.transit_days(transport.mode_for(self.network, maker.output))
        made = round(maker.cycle_days) + round(maker.release_days)
        return made + way + self._release_days(maker.output) + NEED_SLACK_DAYS

    def _slot(self, state: State, maker: Route, wanted: int, earliest: int) -> tuple[str, int]:
        """A line with free hours and the day for it: the day wanted, else a week or two earlier, else later."""
        for shift in (0, -7, -14, 7, 14, 21, 28, 35, 42):
            start = max(wanted + shift, earliest)
            monday = state.calendar.monday(start)
            for line in maker.lines:
                hours = planned_hours(state, maker.site, line, monday) + maker.hours
                if hours <= FULLEST * state.available_hours(maker.site, line, monday):
                    return line, start
        return maker.lines[0], wanted

    def _order(self, state: State, item: Item, flows: Flows, day: int) -> None:
        sources = self.network.sources[item.place]
        lead = ceil(max(source.lead_time_days for source in sources)) + self._release_days(item.place[1])
        needs, supplies = flows.needs[item.place], flows.supplies[item.place]
        end = day + lead + ORDER_AHEAD_DAYS
        balance = _balance(needs, supplies, end)
        if balance < item.target:
            coming = sum(qty for ahead, qty in needs.items() if end < ahead <= end + ORDER_COVERS_DAYS)
            purchasing.place(state, sources, rounded_up(item.target - balance + coming))

    def _release_days(self, material: str) -> int:
        return ceil(self.network.materials[material].release_days)


def _balance(needs: Mapping[int, float], supplies: Mapping[int, float], end: int) -> float:
    """What is left at the end of a day, when all supplies have come and all needs are met."""
    supplied = sum(qty for ahead, qty in supplies.items() if ahead <= end)
    return supplied - sum(qty for ahead, qty in needs.items() if ahead <= end)


def planned_hours(state: State, site: str, line: str, monday: int) -> float:
    """The hours that planned batches will take of a line in the week of `monday`."""
    return sum(
        batch.route.hours
        for batch in state.batches.values()
        if batch.phase == Phase.PLANNED
        and batch.route.site == site
        and batch.line == line
        and monday <= batch.planned_start < monday + 7
    )


def rounded_up(qty: float) -> float:
    """The next quantity of two significant figures: nobody orders 1,234.56 kg."""
    step = 10.0 ** (len(str(int(qty))) - 2) if qty >= 10 else 10.0 ** -(2 if qty < 1 else 1)
    return round(ceil(round(qty / step, 6)) * step, 3)
