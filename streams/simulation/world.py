"""The living network: what truly happens day by day, and what its partners send about it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from streams.events.types import Disposition
from streams.network.model import Network
from streams.simulation import capacity, cold_chain, manufacture, market, purchasing, stores, transport
from streams.simulation.chance import dice
from streams.simulation.days import Calendar
from streams.simulation.deliveries import Delivery, on_the_topic
from streams.simulation.disruptions import Disruption
from streams.simulation.envelope import Record
from streams.simulation.feed import PLAIN, Feed, Speech
from streams.simulation.journal import Journal, Told
from streams.simulation.planning import Planner
from streams.simulation.quality import Quality
from streams.simulation.state import State
from streams.simulation.stock import Lot, Place
from streams.simulation.truth import Truth, truths

WARM_UP_DAYS = 210
"""So long it takes until what the world was stocked up with is used, and each stage lives on the one before it."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day and what is sent on it, in the order sent."""

    date: date
    sent: Sequence[Delivery]

    @property
    def records(self) -> list[Record]:
        """What of it comes to lie on the partners' topics."""
        return [record for delivery in self.sent for record in on_the_topic(delivery)]


class World:
    """A network that lives for `weeks` from `start`. The same arguments give the same bytes.

    `disruptions` happen as they say; without any the network is calm: nothing that is needed is ever missing.
    `speech` is in which formats the partners tell of it; what happens is the same in each.
    """

    def __init__(
        self,
        network: Network,
        seed: int,
        start: date,
        weeks: int = 26,
        disruptions: Sequence[Disruption] = (),
        speech: Speech = PLAIN,
    ) -> None:
        calendar = Calendar(start)
        self.state = State(network, seed, calendar, Journal(calendar))
        self.market = market.market_of(network)
        self.planner = Planner(network, self.market)
        self.quality = Quality()
        self.feed = Feed(network, calendar, seed, speech)
        self.disruptions = disruptions
        self.last_day = 7 * weeks
        self.opening: dict[Place, float] = {}
        """What each place held at the beginning of the warm-up."""

    def days(self) -> Iterator[Day]:
        """Each day with its records. May be gone through once."""
        for day, told in enumerate(self.lived()):
            yield Day(self.state.calendar.date(day), self.feed.send(day, told))

    def lived(self) -> Iterator[Sequence[Told]]:
        """What the partners wrote down on each day, before any of it is sent. In place of `days`, and quicker."""
        self._warm_up()
        for day in range(self.last_day):
            self._live(day)
            yield self.state.journal.take()

    def truth(self) -> list[Truth]:
        """What each disruption truly did, as far as the days have gone; costs another life, one without disruptions."""
        if not self.disruptions:
            return []
        return truths(self.state, self._undisturbed(), self.disruptions)

    def _undisturbed(self) -> State:
        """How it would stand if nothing had gone wrong: the dice fall the same way for the same things."""
        state = self.state
        twin = World(state.network, state.seed, state.calendar.start)
        twin._warm_up()
        for day in range(state.today + 1):
            twin._live(day)
            twin.state.journal.take()
        return twin.state

    def _warm_up(self) -> None:
        self._stock_up()
        for day in range(-WARM_UP_DAYS, 0):
            self._live(day)
            self.state.journal.put_away()
        state = self.state
        self.state.journal.open_with(
            [f"order {code}" for code in state.orders]
            + [f"batch {code}" for code in state.batches]
            + [f"shipment {code}" for code in state.shipments]
            + [f"order {shipment.po_no}" for shipment in state.shipments.values() if shipment.po_no is not None]
            + [f"deviation {code}" for code in self.quality.open]
        )

    def _stock_up(self) -> None:
        """Gives every place enough to live on until the first goods can come."""
        for item in self.planner.items:
            days = self.planner.replenishment_days(item)
            luck = dice(self.state.seed, "opening", item.place)
            qty = item.target + item.weekly * (days / 7 + luck.uniform(0, 2))
            qty = round(qty, 0 if qty > 3000 else 3)
            self.opening[item.place] = qty
            site, material = item.place
            expiry = -WARM_UP_DAYS + transport.RAW_SHELF_DAYS
            self.state.stock.put(Lot(f"OPEN-{material}", site, material, qty, Disposition.RELEASED, expiry))

    def _live(self, day: int) -> None:
        state = self.state
        state.today = day
        if day >= 0:
            for site in state.network.sites:
                stores.count(state, site, day)
        for disruption in self.disruptions:
            disruption.act(self, day)
        transport.travel(state, day)
        cold_chain.report(state, day)
        stores.judge(state, day)
        self.quality.watch(state, day)
        manufacture.work(state, day)
        purchasing.follow(state, day)
        market.serve(state, self.market, day)
        if day % 7 == 0:
            self.planner.review(state, day)
        if day == 0:
            for place in self.market.weekly:
                market.announce(state, self.market, place, day, 6)
        if day == 0 or state.calendar.monday(day) == day:
            for site in state.network.sites:
                capacity.report(state, site, day)
