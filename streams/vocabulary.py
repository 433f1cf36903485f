"""What the labels of alerts can be, by the network and the rulebooks: for warnings about an alerting file."""

from collections.abc import Iterable, Mapping

from risk_rules.catalogue import FEATURES
from risk_rules.rulebook import Rulebook
from streams.network.model import Network
from streams.rulebooks.refusal import KIND as REFUSED


def vocabulary(network: Network, rulebooks: Iterable[Rulebook]) -> Mapping[str, frozenset[str]]:
    """The values that are known of each label. Without a network nothing is known of what it would name."""
    rules = [rule for book in rulebooks for rule in book.rules]
    known = {
        "kind": frozenset({rule.kind for rule in rules} | {REFUSED}),
        "subject_kind": frozenset({*FEATURES, "rulebook"}),
        "owner": frozenset(rule.owner for rule in rules if rule.owner is not None),
    }
    if network.partners:
        known |= {
            "partner": frozenset(network.partners),
            "site": frozenset(network.sites),
            "material": frozenset(network.materials),
            "product": frozenset(network.products),
            "region": frozenset(site.region for site in network.sites.values() if site.region is not None),
        }
    return known
