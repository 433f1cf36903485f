"""The chance that a place is out of stock before anything decided now can help, and what then was."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from risk_rules.methods.slips import Slips, expected
from risk_rules.methods.spread import Spread
from risk_rules.methods.stockout_simulation import UncertainFlow, simulate, surely_enough
from streams.simulation.planning import Item
from streams.simulation.stock import Place
from streams.simulation.world import World
from tests.acceptance.stockouts.knowledge import Kind, Knowledge, Promise

SAMPLE_DAYS = (0, 45, 90, 135)
"""The evenings on which chances are predicted: so far apart that no two futures of a world share a day."""

HORIZON = 42
HISTORY_DAYS = range(3, 95, 7)
"""The evenings whose promises are learned from; by the end of the world it is known what came of them."""

UNKNOWN = Spread.of({0: 1.0})
RECENT_DAYS = 7
TOGETHER = {"suppliers": 0.9, "makers": 0.5, "starts": 0.5, "quality": 0.0, "market": 0.0}
"""How much the promises of one driver go together (`stockout_simulation.simulate`)."""


class Case(NamedTuple):
    """One prediction, and what the world then did."""

    product: str
    place: Place
    day: int
    horizon: int
    chance: float
    out: bool


class Prospect(NamedTuple):
    """What is told of a place on an evening."""

    stock: float
    receipts: list[Promise]
    needs: list[Promise]
    forecast: list[tuple[int, float]]


@dataclass(slots=True)
class History:
    """What came of promises in worlds of the past."""

    slips: defaultdict[Kind, Slips] = field(default_factory=lambda: defaultdict(Slips))
    sold: list[float] = field(default_factory=list)
    """Of what the market was forecast to take, week by week."""


class Outlook:
    """What is to be expected after a history: how late promises come true, and what the market takes of its forecast."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._slips: dict[Kind, Spread] = {}
        mean = sum(history.sold) / len(history.sold)
        variance = sum((part - mean) ** 2 for part in history.sold) / len(history.sold)
        self.market = Spread.normal(mean, variance**0.5)

    def slips(self, kind: Kind) -> Spread:
        if kind not in self._slips:
            levels = [self._history.slips[kind[:depth]] for depth in range(1, len(kind) + 1)]
            self._slips[kind] = expected(levels) or UNKNOWN
        return self._slips[kind]


def prospects(known: Knowledge, today: int) -> dict[Place, Prospect]:
    """All that is told on the evening of `today`, by place; batches that the plan cannot feed are told apart."""
    until = today + HORIZON
    without = {item.place: _prospect(known, item.place, today, until, {}) for item in known.world.planner.items}
    days = {place: _short_day(prospect) for place, prospect in without.items()}
    short = {place: day for place, day in days.items() if day is not None}
    return {place: _prospect(known, place, today, until, short) for place in without}


def _prospect(known: Knowledge, place: Place, today: int, until: int, short: Mapping[Place, int]) -> Prospect:
    stock = known.world.state.stock.usable(place, today + 1)
    receipts = list(known.receipts(place, today, short))
    needs = list(known.needs(place, today, short))
    return Prospect(stock, receipts, needs, list(known.forecast(place, today, until)))


def _short_day(prospect: Prospect) -> int | None:
    """The first day on which the plan has less than nothing."""
    dated = [(one.day, one.qty) for one in prospect.receipts] + [(one.day, -one.qty) for one in prospect.needs]
    dated += [(day, -qty) for day, qty in prospect.forecast]
    balance = prospect.stock
    for day, qty in sorted(dated, key=lambda one: (one[0], -one[1])):
        balance += qty
        if balance < 0:
            return day
    return None


def chance(prospect: Prospect, outlook: Outlook, today: int, horizon: int) -> float:
    """The chance that the stock of a place is out within `horizon` days after `today`."""
    flows = [
        UncertainFlow(max(one.day - today, 1), one.qty, one.driver, outlook.slips(one.kind))
        for one in prospect.receipts
    ]
    flows += [UncertainFlow(one.day - today, -one.qty, one.driver, outlook.slips(one.kind)) for one in prospect.needs]
    flows += [UncertainFlow(day - today, -qty, "market", part=outlook.market) for day, qty in prospect.forecast]
    flows = [flow for flow in flows if flow.day <= horizon + 60]
    if surely_enough(prospect.stock, flows, horizon):
        return 0.0
    return simulate(prospect.stock, flows, horizon, seed=today, together=TOGETHER).chance()


def learn(worlds: Iterable[World]) -> Outlook:
    """Lives through worlds of the past, and compares what was told with what then was."""
    history = History()
    for world in worlds:
        known = Knowledge(world)
        promised: list[tuple[int, Place, Prospect]] = []
        for day, told in enumerate(world.lived()):
            known.hear(told, day)
            if day in HISTORY_DAYS:
                promised += [(day, place, prospect) for place, prospect in prospects(known, day).items()]
        for today, place, prospect in promised:
            _learn_promises(history, known, today, place, prospect)
        _learn_market(history, known)
    return Outlook(history)


def _learn_promises(history: History, known: Knowledge, today: int, place: Place, prospect: Prospect) -> None:
    state = known.world.state
    for one in prospect.receipts:
        if one.day <= today + HORIZON:
            came = known.released.get((place[0], one.thing))
            _learn(history, one, None if came is None else came - max(one.day, today + 1))
    lacked = {(lack.needed_by, lack.place): lack.day for lack in reversed(state.shortages) if lack.day > today}
    for one in prospect.needs:
        if one.day <= today + HORIZON:
            started = state.every_batch[f"{place[0]}/{one.thing}"].started
            wanted = lacked.get((one.thing, place), started)
            _learn(history, one, None if wanted is None else wanted - one.day)


def _learn(history: History, promise: Promise, slip: int | None) -> None:
    for depth in range(1, len(promise.kind) + 1):
        history.slips[promise.kind[:depth]].learn(slip)


def _learn_market(history: History, known: Knowledge) -> None:
    world = known.world
    short = {(*lack.place, lack.day) for lack in world.state.shortages}
    for (site, material, day), qty in known.sold.items():
        if (site, material, day) not in short:
            history.sold.append(qty / world.market.forecast((site, material), day))


def cases(world: World, outlook: Outlook) -> Iterator[Case]:
    """Predicts on each sample day for each place that is not out already, and says what then was."""
    known = Knowledge(world)
    predicted: list[tuple[Place, int, int, float]] = []
    for day, told in enumerate(world.lived()):
        known.hear(told, day)
        if day in SAMPLE_DAYS:
            out = {lack.place for lack in world.state.shortages if lack.day > day - RECENT_DAYS}
            seen = prospects(known, day)
            for item in world.planner.items:
                if item.place not in out:
                    horizon = horizon_of(world, item)
                    predicted.append((item.place, day, horizon, chance(seen[item.place], outlook, day, horizon)))
    (product,) = world.state.network.products
    for place, day, horizon, likely in predicted:
        out_then = any(lack.place == place and day < lack.day <= day + horizon for lack in world.state.shortages)
        yield Case(product, place, day, horizon, likely, out_then)


def horizon_of(world: World, item: Item) -> int:
    """So long it takes until goods that are ordered now can be used, but six weeks at the most."""
    return min(HORIZON, world.planner.replenishment_days(item))
