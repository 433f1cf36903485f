"""What in a network is none of a partner's business: other partners, their sites, and goods that it has nothing to do with."""

import re
from collections.abc import Iterator
from functools import lru_cache

from alerting.wording.partners import any_of
from streams.network.model import Network


def names_of_others(network: Network, partner: str) -> frozenset[str]:
    """Codes and names that a text for the partner must not hold.

    Its own are the goods that its sites make, use, buy or keep, their products, and those who supply its sites. A supplier
    that is a site of another partner is not: who else works for us is no matter of theirs.
    """
    sites = {code for code, site in network.sites.items() if site.partner == partner}
    goods = set(_goods(network, sites))
    products = {route.product for route in network.routes.values() if route.site in sites}
    products |= {one.product for code in goods if (one := network.materials.get(code)) and one.product}
    suppliers = {one.supplier for (site, _), sources in network.sources.items() if site in sites for one in sources}
    everybody = {one.supplier for sources in network.sources.values() for one in sources}
    found: set[str] = everybody - suppliers - sites
    for code, other in network.partners.items():
        found |= set() if code == partner else {code, other.name}
    for code, site in network.sites.items():
        found |= set() if code in sites else {code, site.name}
    for code, material in network.materials.items():
        found |= set() if code in goods else {code, material.name}
    for code, product in network.products.items():
        found |= set() if code in products else {code, product.name}
    own = {network.partners[partner].name} if partner in network.partners else set[str]()
    own |= {name for code in sites for name in (code, network.sites[code].name)}
    own |= {name for code in goods if (one := network.materials.get(code)) for name in (code, one.name)}
    return frozenset(found - own)


def foreign(network: Network, partner: str) -> re.Pattern[str] | None:
    """Finds such a name in a text."""
    return _patterns(network.version, partner, _Same(network))


class _Same:
    """A network beside its version: looked up by that, since a network is slow to compare."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same)


@lru_cache(maxsize=256)
def _patterns(_version: str, partner: str, same: _Same) -> re.Pattern[str] | None:
    return any_of(names_of_others(same.network, partner))


def _goods(network: Network, sites: set[str]) -> Iterator[str]:
    for route in network.routes.values():
        if route.site in sites:
            yield route.output
            yield from (one.material for one in route.inputs)
    for places in (network.sources, network.demand, network.safety_stock):
        yield from (material for site, material in places if site in sites)
