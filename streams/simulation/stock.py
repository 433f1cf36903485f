"""What truly lies on the shelves, lot by lot. Nothing comes from nowhere and nothing gets lost."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from streams.events.types import Disposition

PLACES = 6
"""Quantities are kept to this many decimal places, so that what is drawn adds up to what was there."""

Place = tuple[str, str]
"""A material at a site: (site, material)."""


@dataclass(slots=True)
class Lot:
    """`qty` in the material's unit; `expiry` is a day number; `usable_on` and `condemned_on` what quality will decide."""

    code: str
    site: str
    material: str
    qty: float
    status: Disposition
    expiry: int
    usable_on: int | None = None
    condemned_on: int | None = None


@dataclass(slots=True)
class Flow:
    """What went in and out of the stock of a material at a site since the beginning, in its unit."""

    incoming: float = 0.0
    outgoing: float = 0.0


@dataclass(slots=True)
class Stock:
    lots: defaultdict[Place, list[Lot]] = field(default_factory=lambda: defaultdict(list))
    flows: defaultdict[Place, Flow] = field(default_factory=lambda: defaultdict(Flow))

    def put(self, lot: Lot) -> None:
        self.lots[lot.site, lot.material].append(lot)
        self.flows[lot.site, lot.material].incoming += lot.qty

    def at_site(self, site: str) -> Iterator[Lot]:
        for (place, _), lots in self.lots.items():
            if place == site:
                yield from lots

    def on_hand(self, place: Place) -> float:
        """All that is there, whatever its status."""
        return sum(lot.qty for lot in self.lots[place])

    def usable(self, place: Place, day: int) -> float:
        """What may be used on `day`: released and not expired."""
        return sum(lot.qty for lot in self._usable_lots(place, day))

    def coming(self, place: Place, day: int) -> Iterator[tuple[int, float]]:
        """What is usable or will be, as a planner expects it: (day from which, quantity)."""
        for lot in self.lots[place]:
            if lot.status == Disposition.RELEASED:
                yield day, lot.qty
            elif lot.status == Disposition.QUARANTINE and lot.usable_on is not None:
                yield max(lot.usable_on, day), lot.qty

    def draw(self, place: Place, qty: float, day: int) -> list[tuple[Lot, float]]:
        """Takes up to `qty` from the usable lots, first expired first out. Returns what was taken from which."""
        taken: list[tuple[Lot, float]] = []
        for lot in self._usable_lots(place, day):
            part = round(min(lot.qty, qty), PLACES)
            if part <= 0:
                break
            qty -= part
            self.take(lot, part)
            taken.append((lot, part))
        return taken

    def take(self, lot: Lot, qty: float) -> None:
        """Takes `qty` from one lot, usable or not."""
        lot.qty = round(lot.qty - qty, PLACES)
        place = (lot.site, lot.material)
        self.flows[place].outgoing += qty
        if lot.qty <= 0:
            self.lots[place].remove(lot)

    def _usable_lots(self, place: Place, day: int) -> list[Lot]:
        usable = (lot for lot in self.lots[place] if lot.status == Disposition.RELEASED and lot.expiry > day)
        return sorted(usable, key=lambda lot: (lot.expiry, lot.code))
