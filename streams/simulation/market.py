"""Patients: the finished goods that leave the network each week, and what the depot says that it will need."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streams.events.types import Stage
from streams.network.model import Network, Route
from streams.simulation.chance import dice
from streams.simulation.manufacture import YIELD
from streams.simulation.state import Shortage, State
from streams.simulation.stock import PLACES, Place

FORECAST_WEEKS = 26
NOISE = 0.06
"""Standard deviation of a week's demand, as a part of it."""

PART_OF_A_BATCH = 0.97
"""The market takes each week what one packaging batch gives, less a little."""


@dataclass(slots=True)
class Surge:
    """Demand for a product is `times` as great from one day to another (exclusive)."""

    place: Place
    times: float
    begin: int
    end: int


@dataclass(slots=True)
class Market:
    """Weekly demand by place, each on a weekday of its own; unmet demand is lost."""

    weekly: Mapping[Place, float]
    surges: list[Surge] = field(default_factory=list)

    def forecast(self, place: Place, day: int) -> float:
        """What is expected to be needed on a day of dispatch."""
        qty = self.weekly[place]
        for surge in self.surges:
            if surge.place == place and surge.begin <= day < surge.end:
                qty *= surge.times
        return round(qty)

    def dispatch_days(self, place: Place, after: int, weeks: int) -> range:
        """The days after `after` on which the place sends goods out, so many weeks ahead."""
        weekday = sorted(self.weekly).index(place) % 5
        first = after + 1 + (weekday - after - 1) % 7
        return range(first, first + 7 * weeks, 7)


def market_of(network: Network) -> Market:
    """The market for what is packed and then stored at a site that has a safety stock of it."""
    packed = {route.output: route for route in network.routes.values() if route.stage == Stage.PACKAGING}
    places = [place for place in network.safety_stock if place[1] in packed and place[0] != packed[place[1]].site]
    return Market({place: _weekly(packed[place[1]]) for place in places})


def _weekly(route: Route) -> float:
    return round(route.batch_size * YIELD[route.stage] * PART_OF_A_BATCH)


def serve(state: State, market: Market, day: int) -> None:
    """The depot sends out what is wanted, as far as it has it, and says what comes next."""
    for place in market.weekly:
        if market.dispatch_days(place, day - 1, 1)[0] != day:
            continue
        luck = dice(state.seed, "market", place, day)
        wanted = round(market.forecast(place, day) * min(1.15, max(0.85, luck.gauss(1, NOISE))))
        sent = 0.0
        for lot, qty in state.stock.draw(place, wanted, day):
            sent += qty
            told = {"material_code": lot.material, "internal_lot": lot.code, "qty": qty, "uom": state.uom(lot.material)}
            told["order_no"] = f"SO-{place[1]}-{state.calendar.week(day)}"
            state.journal.tell(place[0], "raw_material.consumed", day, 16, told, f"lot {place[0]} {lot.code}")
        if wanted - sent > 10**-PLACES:
            state.shortages.append(Shortage(day, place, "the market", wanted - sent))
        announce(state, market, place, day, 16.75)


def announce(state: State, market: Market, place: Place, day: int, hour: float) -> None:
    """The depot reports what it will need, for each coming day of dispatch."""
    days = market.dispatch_days(place, day, FORECAST_WEEKS)
    told = {
        "material_code": place[1],
        "uom": state.uom(place[1]),
        "forecast": [{"date": state.calendar.iso(ahead), "qty": market.forecast(place, ahead)} for ahead in days],
    }
    state.journal.tell(place[0], "raw_material.requirement_reported", day, hour, told, f"need {place[0]} {place[1]}")
