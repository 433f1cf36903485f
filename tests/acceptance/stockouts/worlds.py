"""Small worlds in which anything may go wrong at any time: one product of the reference network, its sites and materials."""

from collections.abc import Callable, Iterator
from datetime import date
from random import Random

import msgspec

from streams.network.model import Network
from streams.simulation.chance import dice
from streams.simulation.disruptions import (
    ColdChainBreak,
    CriticalDeviation,
    DemandSurge,
    Disruption,
    LineDown,
    RejectedBatch,
    SupplierLate,
)
from streams.simulation.world import World

START = date(2026, 1, 5)
WEEKS = 26
FIRST_DAY, LAST_DAY = -60, 175
"""Between these a disruption begins; the first ones are in full swing when the partners begin to report."""

MOST_DISRUPTIONS = 8


def part_of(network: Network, product: str) -> Network:
    """The network as if it made one product only: batch sizes, lead times, safety stocks and suppliers are as they are."""
    routes = {key: route for key, route in network.routes.items() if route.product == product}
    outputs = {route.output for route in routes.values()}
    used = {(route.site, item.material) for route in routes.values() for item in route.inputs}
    lines = {(route.site, line) for route in routes.values() for line in route.lines}
    places = used | {place for place in network.safety_stock if place[1] in outputs}
    sites = {site for site, _ in places} | {route.site for route in routes.values()}
    return msgspec.structs.replace(
        network,
        routes=routes,
        products={product: network.products[product]},
        sites={code: site for code, site in network.sites.items() if code in sites},
        lines={key: line for key, line in network.lines.items() if key in lines},
        sources={place: sources for place, sources in network.sources.items() if place in places},
        safety_stock={place: qty for place, qty in network.safety_stock.items() if place in places},
    )


def worlds(network: Network, seeds: range) -> Iterator[World]:
    """A world for each seed, the products taking turns."""
    products = sorted(network.products)
    parts = {product: part_of(network, product) for product in products}
    for seed in seeds:
        part = parts[products[seed % len(products)]]
        yield World(part, seed, START, WEEKS, list(misfortunes(part, dice(seed, "misfortunes"))))


def misfortunes(network: Network, luck: Random) -> Iterator[Disruption]:
    """None to eight disruptions of random kind, place, day and size."""
    raw = [place for place in network.sources if network.materials[place[1]].product is None]
    routes = list(network.routes)
    cold = [place for place in network.sources if network.materials[place[1]].temp_max is not None]
    market = [place for place in network.safety_stock if place[1].startswith("FG-")]
    kinds: list[Callable[[int], Disruption]] = [
        lambda day: SupplierLate(day, luck.choice(raw), luck.randint(14, 84)),
        lambda day: SupplierLate(day, luck.choice(raw), luck.randint(14, 84)),
        lambda day: _line_down(network, luck, day),
        lambda day: CriticalDeviation(day, luck.choice(routes), luck.randint(20, 75)),
        lambda day: RejectedBatch(day, luck.choice(routes)),
        lambda day: DemandSurge(day, luck.choice(market), luck.uniform(1.2, 2.4), luck.randint(21, 63)),
    ]
    if cold:
        kinds.append(lambda day: ColdChainBreak(day, luck.choice(cold)))
    for _ in range(luck.randint(0, MOST_DISRUPTIONS)):
        yield luck.choice(kinds)(luck.randint(FIRST_DAY, LAST_DAY))


def _line_down(network: Network, luck: Random, day: int) -> Disruption:
    site, line = luck.choice(list(network.lines))
    return LineDown(day, site, line, luck.randint(10, 49))
