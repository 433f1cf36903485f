"""The world as it is on a day, which nobody in it sees whole."""

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from streams.events.types import Mode
from streams.network.model import Network, Route
from streams.simulation.days import Calendar
from streams.simulation.journal import Journal
from streams.simulation.stock import Lot, Place, Stock


class Phase(StrEnum):
    """Where a batch stands."""

    PLANNED = "planned"
    STARTED = "started"
    IN_RELEASE = "in release"
    RELEASED = "released"
    REJECTED = "rejected"


@dataclass(slots=True)
class Shipment:
    """Goods on the way, or to be sent, to `site`. Days are day numbers; `qty` in the material's unit."""

    code: str
    origin: str
    site: str
    material: str
    qty: float
    mode: Mode
    planned_departure: int
    planned_arrival: int
    eta: int
    po_no: str | None = None
    lot: str | None = None
    expiry: int | None = None
    departed: int | None = None
    arrives: int | None = None
    cancelled: bool = False
    warm_from: float | None = None
    """Hours after departure from which the cooling fails; None: it does not."""


@dataclass(slots=True)
class Batch:
    """A batch of a route. `size` in the output's unit; days are day numbers; `delay` is how late its line will be."""

    code: str
    route: Route
    line: str
    size: float
    planned_start: int
    planned_finish: int
    cycle: int
    share_made: float
    release_after: int
    delay: int
    shipment: Shipment
    first_start: int
    """When it was to start by its first plan."""
    phase: Phase = Phase.PLANNED
    started: int | None = None
    completed: int | None = None
    release_on: int | None = None
    lot: Lot | None = None
    spoilt: bool = False
    held_until: int | None = None


@dataclass(slots=True)
class Order:
    """A purchase of `qty` of a raw material. Days are day numbers; `expected` is when the supplier will truly bring it."""

    code: str
    site: str
    material: str
    supplier: str
    qty: float
    placed: int
    due: int
    expected: int
    confirm_on: int
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class Shortage:
    """On `day` there was less of a material at a site than somebody needed: a batch (by its code) or the market."""

    day: int
    place: Place
    needed_by: str
    missing: float


@dataclass(slots=True)
class State:
    network: Network
    seed: int
    calendar: Calendar
    journal: Journal
    today: int = 0
    stock: Stock = field(default_factory=Stock)
    batches: dict[str, Batch] = field(default_factory=dict)
    """Batches that are planned, in work or in release."""
    shipments: dict[str, Shipment] = field(default_factory=dict)
    """Shipments that have not come."""
    orders: dict[str, Order] = field(default_factory=dict)
    """Orders that nothing was sent for."""
    shortages: list[Shortage] = field(default_factory=list)
    line_hours: defaultdict[tuple[str, str, int], float] = field(default_factory=lambda: defaultdict(float))
    """Hours that batches took of a line, by (site, line, Monday)."""
    down: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    """Lines that stand still: from day, to day (exclusive)."""
    counters: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    every_batch: dict[str, Batch] = field(default_factory=dict)
    """Every batch there ever was, by 'SITE/BATCH'."""
    every_shipment: dict[str, Shipment] = field(default_factory=dict)
    """Every shipment there ever was, by 'SITE/SHIPMENT'."""

    def number(self, series: str) -> int:
        """The next number of a series, from 1."""
        self.counters[series] += 1
        return self.counters[series]

    def stands_still(self, site: str, line: str, day: int) -> bool:
        begin, end = self.down.get((site, line), (0, 0))
        return begin <= day < end

    def available_hours(self, site: str, line: str, monday: int) -> float:
        """What a line gives in the week of `monday`, less the days it stands still."""
        begin, end = self.down.get((site, line), (0, 0))
        lost = max(0, min(end, monday + 7) - max(begin, monday))
        return round(self.network.lines[site, line].hours_per_week * (7 - lost) / 7, 1)

    def uom(self, material: str) -> str:
        return self.network.materials[material].uom
