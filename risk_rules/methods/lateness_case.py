"""What the chance of a late delivery may rest on: facts and numbers that are known on the promised day, or before."""

from dataclasses import dataclass
from functools import cached_property

import msgspec

JOIN = "\x1f"
"""Between the facts of a cross: a character that no identifier has."""


class Delivery(msgspec.Struct, frozen=True):
    """One delivery that was promised for a day.

    `facts`: text by name, such as the supplier or the country; what is not known is left out. `numbers`: by name, best with a
    mean near 0 and a spread near 1. `together`: how many deliveries of one order, this one among them, are promised for that day:
    they mostly share their fate, so that n of them are counted as the square root of n.
    """

    facts: dict[str, str]
    numbers: dict[str, float] = {}
    together: int = 1

    def __post_init__(self) -> None:
        if self.together < 1:
            raise ValueError(f"{self.together} deliveries are promised together: this one counts, so it is at least 1")


@dataclass(frozen=True)
class Design:
    """What a model looks at: single facts, crosses of facts, and numbers, by name. It belongs to a state for all its life.

    A fact that a delivery does not have takes no part in its prediction; a number that it does not have counts as 0.
    """

    factors: tuple[str, ...]
    crosses: tuple[tuple[str, ...], ...] = ()
    numbers: tuple[str, ...] = ()

    @cached_property
    def families(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The name of each family of keys, and the facts that make it: the factors, then the crosses."""
        made = (*((factor,) for factor in self.factors), *self.crosses)
        return tuple(("*".join(facts), facts) for facts in made)

    def keys(self, delivery: Delivery) -> list[str | None]:
        """The delivery's key in each family, in their order. None where a fact is missing."""
        facts = delivery.facts
        found: list[str | None] = []
        for name, parts in self.families:
            values = [facts[part] for part in parts if part in facts]
            found.append(f"{name}={JOIN.join(values)}" if len(values) == len(parts) else None)
        return found
