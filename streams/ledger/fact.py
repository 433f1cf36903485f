"""One fact: what an event says of an entity, and how a state is carried over it."""

from collections.abc import Sequence
from typing import Any

import msgspec

State = dict[str, Any]


class Fact(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What one event says of one entity.

    `recorded` (microseconds since 1970) and `sequence` (-1: none, given by `source`) order the facts; `identity` is the
    hash of the event's source and id, and breaks ties. `first` holds only where nothing was said before, `set` replaces,
    `add` adds (an amount that a later `set` counts anew starts from there), `put` enters keys into maps.
    """

    recorded: int
    sequence: int
    identity: int
    source: str
    id: str
    set: dict[str, Any]
    add: dict[str, float] | None = None
    first: dict[str, Any] | None = None
    put: dict[str, dict[str, Any]] | None = None


def step(state: State, fact: Fact) -> State:
    """`state` carried over `fact`, in place. Amounts are rounded to the millionth of their unit."""
    if fact.first:
        for name, value in fact.first.items():
            state.setdefault(name, value)
    state.update(fact.set)
    if fact.add:
        for name, amount in fact.add.items():
            state[name] = round((state.get(name) or 0.0) + amount, 6)
    if fact.put:
        for name, entries in fact.put.items():
            state[name] = {**state.get(name, {}), **entries}
    return state


def lasting(facts: Sequence[Fact]) -> list[Fact]:
    """Those of facts in order that make a difference: not what only sets names that later ones all set again."""
    lasting: list[Fact] = []
    replaced: State = {}
    again = replaced.keys()
    for fact in reversed(facts):
        if not (fact.set.keys() <= again) or fact.add or fact.first or fact.put:
            lasting.append(fact)
            replaced.update(fact.set)
    lasting.reverse()
    return lasting
