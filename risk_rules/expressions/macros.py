"""What the macros of CEL do with the items of a list or the keys of a map.

Each gets a function from an item to what the body says of it, None when that is unknown, and pays `weight` steps for
each item. None where there is no value: of what is no list or map, or where a body is unknown and cannot be absorbed.
"""

from collections.abc import Callable, Collection
from typing import Any

from risk_rules.expressions.cost import Meter

Body = Callable[[Any], Any]


def exists(meter: Meter, weight: int, source: Any, holds: Body) -> bool | None:
    """True as soon as one item holds; else unknown when one is unknown."""
    items = _items(source)
    if items is None:
        return None
    unknown = False
    for item in items:
        meter.spend(weight)
        found = holds(item)
        if found is True:
            return True
        unknown = unknown or found is None
    return None if unknown else False


def every(meter: Meter, weight: int, source: Any, holds: Body) -> bool | None:
    """False as soon as one item does not hold; else unknown when one is unknown."""
    items = _items(source)
    if items is None:
        return None
    unknown = False
    for item in items:
        meter.spend(weight)
        found = holds(item)
        if found is False:
            return False
        unknown = unknown or found is None
    return None if unknown else True


def exists_one(meter: Meter, weight: int, source: Any, holds: Body) -> bool | None:
    kept = kept_items(meter, weight, source, holds)
    return None if kept is None else len(kept) == 1


def kept_items(meter: Meter, weight: int, source: Any, holds: Body) -> list[Any] | None:
    """`filter`."""
    return mapped(meter, weight, source, holds, lambda item: item)


def mapped(meter: Meter, weight: int, source: Any, holds: Body | None, gives: Body) -> list[Any] | None:
    """`map`, of the items that hold."""
    items = _items(source)
    if items is None:
        return None
    made: list[Any] = []
    for item in items:
        meter.spend(weight)
        if holds is not None:
            kept = holds(item)
            if kept is None:
                return None
            if not kept:
                continue
        given = gives(item)
        if given is None:
            return None
        made.append(given)
    return made


def _items(source: Any) -> Collection[Any] | None:
    return source if isinstance(source, list | tuple | dict) else None  # pyright: ignore[reportUnknownVariableType]
