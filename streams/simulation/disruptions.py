"""What goes wrong on request. Each one changes the true world, and lets the partners tell of it as they would in life."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from streams.network.model import Route
from streams.simulation import capacity, manufacture
from streams.simulation.feed import Feed
from streams.simulation.market import Market, Surge, announce
from streams.simulation.quality import DUE_DAYS, Deviation, Quality
from streams.simulation.state import Batch, Phase, State
from streams.simulation.stock import Place

QUIET_DAYS = 4
REPLAN_DAYS = 2
"""So long a site takes to make a new plan."""


class Live(Protocol):
    """The parts of a world that a disruption can take hold of."""

    state: State
    market: Market
    quality: Quality
    feed: Feed


class Disruption(Protocol):
    """Something that goes wrong on or after day `begin`. `act` is called every morning and must be told every day."""

    kind: ClassVar[str]
    subject_kind: ClassVar[str]
    begin: int
    began: int | None
    """The day on which it truly began; None: not yet."""
    subject: str | None
    """The ledger's key of what it is about, once that is known."""

    def act(self, world: Live, day: int) -> None: ...

    def products(self, state: State) -> Sequence[str]:
        """The products whose goods it touches."""
        ...


@dataclass(slots=True)
class SupplierLate:
    """The suppliers of a raw material to a site send nothing new for `days`; they own up three days later."""

    kind: ClassVar[str] = "supplier_late"
    subject_kind: ClassVar[str] = "material"
    begin: int
    place: Place
    days: int = 84
    began: int | None = None
    subject: str | None = None

    def act(self, world: Live, day: int) -> None:
        if not self.begin <= day < self.begin + self.days:
            return
        self.began, self.subject = self.begin, "/".join(self.place)
        for order in world.state.orders.values():
            if (order.site, order.material) == self.place and order.expected < self.begin + self.days:
                known = order.confirm_on < day
                order.expected = max(order.due, self.begin) + self.days
                order.confirm_on = day + 3 if known else max(order.confirm_on, day + 1)

    def products(self, state: State) -> Sequence[str]:
        site, material = self.place
        routes = (route for route in state.network.routes.values() if route.site == site)
        return [route.product for route in routes if any(item.material == material for item in route.inputs)]


@dataclass(slots=True)
class LineDown:
    """A line stands still for `days`: its hours are reported as lost, and two days later its batches are put off."""

    kind: ClassVar[str] = "line_down"
    subject_kind: ClassVar[str] = "line"
    begin: int
    site: str
    line: str
    days: int = 49
    began: int | None = None
    subject: str | None = None

    def act(self, world: Live, day: int) -> None:
        if day == self.begin:
            self.began, self.subject = day, f"{self.site}/{self.line}"
            world.state.down[self.site, self.line] = (day, day + self.days)
            capacity.report_line(world.state, self.site, self.line, day, 9)
        elif day == self.begin + REPLAN_DAYS:
            self._put_off(world.state)

    def _put_off(self, state: State) -> None:
        """Queues what was to start in the meantime behind the end, as fast as the line can take it."""
        waiting = sorted(
            (batch for batch in state.batches.values() if self._stops(batch)), key=lambda batch: batch.planned_start
        )
        per_week = state.network.lines[self.site, self.line].hours_per_week
        free = float(self.begin + self.days)
        for batch in waiting:
            if batch.planned_start < free:
                manufacture.reschedule(state, batch, int(free), "line down", hour=8)
                free += 7 * batch.route.hours / per_week

    def _stops(self, batch: Batch) -> bool:
        return batch.phase == Phase.PLANNED and batch.route.site == self.site and batch.line == self.line

    def products(self, state: State) -> Sequence[str]:
        routes = (route for route in state.network.routes.values() if route.site == self.site)
        return [route.product for route in routes if self.line in route.lines]


@dataclass(slots=True)
class CriticalDeviation:
    """A batch in work or in release gets a deviation that turns out critical; its release waits for `days`."""

    kind: ClassVar[str] = "critical_deviation"
    subject_kind: ClassVar[str] = "deviation"
    begin: int
    route: tuple[str, str, str]
    days: int = 75
    began: int | None = None
    subject: str | None = None
    deviation: Deviation | None = None

    def act(self, world: Live, day: int) -> None:
        if self.began is None and day >= self.begin:
            self._open(world, day)
        elif self.deviation is not None and self.began is not None:
            if day == self.began + 1:
                told: dict[str, object] = {"class": "critical", "batch_impact": "possible"}
                world.quality.tell(world.state, self.deviation, "classified", day, 10, told)
            elif day == self.began + DUE_DAYS - 2:
                extended: dict[str, object] = {"extended_to": world.state.calendar.at(self.began + self.days, 16)}
                told = extended | {"reason": "investigation goes on"}
                world.quality.tell(world.state, self.deviation, "extended", day, 10, told)

    def _open(self, world: Live, day: int) -> None:
        batch = next_batch(world.state, self.route, (Phase.STARTED,))
        if batch is None:
            return
        self.began, batch.held_until = day, day + self.days
        title = "Breach of the dryer filter"
        close = day + self.days - 1
        self.deviation = world.quality.raise_one(world.state, batch, day, "major", title, close)
        self.subject = f"{self.deviation.site}/{self.deviation.code}"

    def products(self, state: State) -> Sequence[str]:
        return [self.route[1]]


@dataclass(slots=True)
class RejectedBatch:
    """A batch fails a test, and quality rejects it some days later."""

    kind: ClassVar[str] = "rejected_batch"
    subject_kind: ClassVar[str] = "batch"
    begin: int
    route: tuple[str, str, str]
    began: int | None = None
    subject: str | None = None
    batch: Batch | None = None

    def act(self, world: Live, day: int) -> None:
        if self.batch is None and day >= self.begin:
            self.batch = next_batch(world.state, self.route, (Phase.STARTED,))
            if self.batch is not None:
                self.batch.spoilt = True
                self.subject = f"{self.batch.route.site}/{self.batch.code}"
        if self.batch is not None and self.began is None and manufacture.fails_on(self.batch) == day:
            self.began = day
            title = "Assay out of specification"
            world.quality.raise_one(world.state, self.batch, day, "major", title, day + 20, kind="OOS")

    def products(self, state: State) -> Sequence[str]:
        return [self.route[1]]


@dataclass(slots=True)
class ColdChainBreak:
    """The cooling of a shipment of a material to a site fails on the way; the goods are condemned when they come."""

    kind: ClassVar[str] = "cold_chain_break"
    subject_kind: ClassVar[str] = "shipment"
    begin: int
    place: Place
    began: int | None = None
    subject: str | None = None

    def act(self, world: Live, day: int) -> None:
        if self.began is not None or day < self.begin:
            return
        for shipment in world.state.shipments.values():
            if (shipment.site, shipment.material) == self.place and shipment.departed == day - 1:
                shipment.warm_from = 10.0
                self.began, self.subject = day, f"{shipment.site}/{shipment.code}"
                return

    def products(self, state: State) -> Sequence[str]:
        product = state.network.materials[self.place[1]].product
        return [] if product is None else [product]


@dataclass(slots=True)
class DemandSurge:
    """Demand is `times` as great for `days`, from a week after it is first forecast."""

    kind: ClassVar[str] = "demand_surge"
    subject_kind: ClassVar[str] = "material"
    begin: int
    place: Place
    times: float = 2.2
    days: int = 63
    began: int | None = None
    subject: str | None = None

    def act(self, world: Live, day: int) -> None:
        if day != self.begin:
            return
        self.began, self.subject = day, "/".join(self.place)
        world.market.surges.append(Surge(self.place, self.times, day + 7, day + 7 + self.days))
        announce(world.state, world.market, self.place, day, 9)

    def products(self, state: State) -> Sequence[str]:
        product = state.network.materials[self.place[1]].product
        return [] if product is None else [product]


@dataclass(slots=True)
class FeedSilent:
    """Nothing comes from a site for `days`, while life there goes on; then all of it comes at once.

    It begins when no batch is to start there for some days. `blind_on` is the first day on which more than the
    safety stock of a material has been used unseen.
    """

    kind: ClassVar[str] = "feed_silent"
    subject_kind: ClassVar[str] = "feed"
    begin: int
    site: str
    days: int = 14
    began: int | None = None
    subject: str | None = None
    blind_on: int | None = None
    last_seen: dict[Place, float] | None = None

    def act(self, world: Live, day: int) -> None:
        if self.began is None and (day < self.begin or self._busy(world.state, day)):
            return
        stock = world.state.stock
        safety = {place: qty for place, qty in world.state.network.safety_stock.items() if place[0] == self.site}
        if self.last_seen is None:
            self.began, self.subject = day, f"{world.state.network.sites[self.site].partner}/{self.site}"
            world.feed.silence(self.site, day, day + self.days)
            self.last_seen = {place: stock.flows[place].outgoing for place in safety}
        seen = self.last_seen
        used = any(stock.flows[place].outgoing - seen[place] > qty for place, qty in safety.items())
        if self.blind_on is None and used and day < (self.began or day) + self.days:
            self.blind_on = day

    def _busy(self, state: State, day: int) -> bool:
        """Whether a batch is to start there at once, or none before the silence is over."""
        there = (batch for batch in state.batches.values() if batch.route.site == self.site)
        starts = [batch.planned_start for batch in there if batch.phase == Phase.PLANNED]
        return not day + QUIET_DAYS <= min(starts, default=day) < day + self.days - 2

    def products(self, state: State) -> Sequence[str]:
        return [route.product for route in state.network.routes.values() if route.site == self.site]


def next_batch(state: State, route: tuple[str, str, str], phases: Sequence[Phase]) -> Batch | None:
    """The batch of a route (site, product, stage) in one of the phases that is the next to finish."""
    wanted: Route = state.network.routes[route]
    batches = (batch for batch in state.batches.values() if batch.route is wanted and batch.phase in phases)
    return min(batches, key=lambda batch: batch.planned_finish, default=None)


def all_seven() -> list[Disruption]:
    """One of each kind for the reference network over 26 weeks, each on a product or a site of its own."""
    return [
        FeedSilent(begin=16, site="TAR"),
        SupplierLate(begin=24, place=("BSL", "RM-VEL-KSM")),
        RejectedBatch(begin=30, route=("CRK", "DOR", "DS")),
        ColdChainBreak(begin=38, place=("LYN", "DS-OST")),
        LineDown(begin=52, site="MAL", line="B1"),
        CriticalDeviation(begin=45, route=("BSL", "BEX", "DS")),
        DemandSurge(begin=70, place=("VNL", "FG-GLU")),
    ]
