"""What hangs on a material at a site: the products that need it, and what patients draw of it in a week.

Follows the network from the material to the patients: through the bills of material of the site's routes, and to the
sites that it supplies.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from streams.network.model import Demand, Network

Place = tuple[str, str]
"""A site and a material."""


class Reach(NamedTuple):
    """`products`: codes. `products_share`: the part of the network's products that they are, 0 to 1.

    `per_week`: what the network's stated demand draws of the material, in its own unit; None where none is stated
    downstream.
    """

    products: frozenset[str]
    products_share: float
    per_week: float | None


MOST_TOGETHER: Final = 50_000
"""Amounts whose reach is remembered: those of open shipments and batches, which are asked about again and again."""

NOWHERE: Final = Reach(frozenset(), 0.0, None)


def reach(network: Network, site: str, material: str, today: int) -> Reach:
    """What hangs on a material at a site, by the demand in force on a day (proleptic ordinal)."""
    return _reaches(network, today).of((site, material))


def next_turn(network: Network, today: int) -> int | None:
    """The first day after `today` (proleptic ordinals) on which other demand is in force; None: it stays as it is."""
    turns = _turns(_Same(network))
    at = bisect_right(turns, today)
    return turns[at] if at < len(turns) else None


class _Same:
    """A network as a key: itself and no other, however alike."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __hash__(self) -> int:
        return id(self.network)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.network is self.network


class _Stretch(NamedTuple):
    """Days from `first` to before `end` on which the same demand is in force, and what hangs on what in them."""

    network: Network
    first: int
    end: int
    reaches: "_Reaches"


_latest: list[_Stretch] = []
"""The one that was asked for last: most often the next question is about the same day."""


def _reaches(network: Network, today: int) -> "_Reaches":
    """Of the stretch of days on which the same demand is in force: what is known of one day holds on the others, too."""
    for stretch in _latest:
        if stretch.network is network and stretch.first <= today < stretch.end:
            return stretch.reaches
    turns = _turns(_Same(network))
    at = bisect_right(turns, today)
    first = turns[at - 1] if at else date.min.toordinal()
    reaches = _reaches_from(_Same(network), first)
    _latest[:] = [_Stretch(network, first, turns[at] if at < len(turns) else date.max.toordinal() + 1, reaches)]
    return reaches


@lru_cache(maxsize=8)
def _turns(same: _Same) -> list[int]:
    """The days, in order, on which some demand begins, or has ended the day before."""
    stated = [demand for demands in same.network.demand.values() for demand in demands]
    begins = {date.fromisoformat(demand.first_day).toordinal() for demand in stated if demand.first_day is not None}
    over = {date.fromisoformat(demand.last_day).toordinal() + 1 for demand in stated if demand.last_day is not None}
    return sorted(begins | over)


@lru_cache(maxsize=32)
def _reaches_from(same: _Same, day: int) -> "_Reaches":
    return _Reaches(same.network, day)


class _Reaches:
    """Works out each place once. Sites that supply each other do not go round in circles."""

    def __init__(self, network: Network, day: int) -> None:
        self._network = network
        self._today = date.fromordinal(day).isoformat()
        self._onward: dict[Place, list[tuple[Place, float]]] = {}
        for place, onward in _links(network):
            self._onward.setdefault(place, []).append(onward)
        self._found: dict[Place, Reach] = {}
        self._open: set[Place] = set()
        self._together: dict[tuple[tuple[Place, float], ...], tuple[Reach, float | None]] = {}

    def of(self, place: Place) -> Reach:
        found = self._found.get(place)
        if found is None:
            if place in self._open:
                return NOWHERE
            self._open.add(place)
            found = self._found[place] = self._follow(place)
            self._open.discard(place)
        return found

    def of_all(self, amounts: tuple[tuple[Place, float], ...]) -> tuple[Reach, float | None]:
        known = self._together.get(amounts)
        if known is None:
            if len(self._together) >= MOST_TOGETHER:
                self._together.clear()
            known = self._together[amounts] = self._join(amounts)
        return known

    def _join(self, amounts: tuple[tuple[Place, float], ...]) -> tuple[Reach, float | None]:
        reaches = [(self.of(place), qty) for place, qty in amounts]
        products = frozenset[str]().union(*(found.products for found, _ in reaches))
        share = len(products & self._network.products.keys()) / max(1, len(self._network.products))
        days = [7 * qty / found.per_week for found, qty in reaches if found.per_week]
        return Reach(products, share, None), max(days, default=None)

    def _follow(self, place: Place) -> Reach:
        material = self._network.materials.get(place[1])
        products = {material.product} if material is not None and material.product is not None else set[str]()
        stated = [demand.per_week for demand in self._network.demand.get(place, ()) if _in_force(demand, self._today)]
        for onward, qty in self._onward.get(place, ()):
            reached = self.of(onward)
            products |= reached.products
            if reached.per_week is not None:
                stated.append(qty * reached.per_week)
        share = len(products & self._network.products.keys()) / max(1, len(self._network.products))
        return Reach(frozenset(products), share, sum(stated) if stated else None)


def _links(network: Network) -> Iterator[tuple[Place, tuple[Place, float]]]:
    """From each place to the next: through a route, so much for one unit of output, or to another site, its share."""
    for route in network.routes.values():
        for part in route.inputs:
            yield (route.site, part.material), ((route.site, route.output), part.qty)
    for sources in network.sources.values():
        for source in sources:
            if source.supplier in network.sites:
                yield (source.supplier, source.material), ((source.site, source.material), source.share)


def _in_force(demand: Demand, today: str) -> bool:
    return (demand.first_day or today) <= today <= (demand.last_day or today)


def touched(network: Network, places: Mapping[Place, float], today: int) -> tuple[Reach, float | None]:
    """What hangs on some amounts together, and the longest time in days that one of them serves patients (None: unknown)."""
    return _reaches(network, today).of_all(tuple(places.items()))
