"""How much depends on few: the Herfindahl index of sourcing shares, and single sources.

H = sum of squared shares (Herfindahl 1950, Hirschman 1945); 1 is a single source, 1/n are n equal ones. 1/H is the number
of equal sources that would be as concentrated. Competition authorities write H times 10,000.
"""

from collections.abc import Mapping
from typing import NamedTuple

from risk_rules.methods.bounds import checked


class Concentration(NamedTuple):
    """`herfindahl`: 0 to 1. `effective`: its inverse. `sources`: those that give anything. `greatest`: the one that gives most,
    the first by name of equal ones, with its share. `single`: there is no other.
    """

    herfindahl: float
    effective: float
    sources: int
    greatest: str
    greatest_share: float
    single: bool


def concentration(amounts: Mapping[str, float]) -> Concentration | None:
    """The concentration of what each source gives, in any one unit (shares, volume, money). None if none gives anything.

    Raises `ValueError` for an amount below 0.
    """
    for source, amount in amounts.items():
        checked(f"the amount of {source}", amount, 0.0)
    largest = max(amounts.values(), default=0.0)
    if not largest:
        return None
    scaled = {source: amount / largest for source, amount in amounts.items()}  # so that no sum can overflow
    total = sum(scaled.values())
    index = sum((amount / total) ** 2 for amount in scaled.values())
    sources = sum(amount > 0 for amount in amounts.values())
    greatest = min(amounts, key=lambda source: (-amounts[source], source))
    return Concentration(index, 1 / index, sources, greatest, scaled[greatest] / total, sources == 1)
