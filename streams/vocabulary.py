"""What the labels of alerts can be, by the network and the rulebooks: for warnings about an alerting file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import risk_rules
from risk_rules import rulebook
from risk_rules.catalogue import FEATURES
from risk_rules.rulebook import Rulebook
from streams.network.load import load
from streams.network.model import EMPTY, Network
from streams.rulebooks.refusal import KIND as REFUSED
from streams.settings import Settings


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


def known_of(settings: Settings) -> Mapping[str, frozenset[str]]:
    """What the network and the rulebooks that the settings name know of labels. Raises `DocumentError`."""
    books = [rulebook.load(settings.rulebooks or (_SHIPPED,))]
    if settings.shadow_rulebooks:
        books.append(rulebook.load(settings.shadow_rulebooks))
    return vocabulary(EMPTY if settings.network is None else load(settings.network), books)


_SHIPPED: Final = Path(risk_rules.__file__).parent / "rulebooks" / "default.yaml"
