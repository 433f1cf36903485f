"""Where a rule applies and where a parameter has another value: by partner, site, product and class of material."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from operator import itemgetter
from typing import Any, Final, Generic, TypeVar, cast

import msgspec

from risk_rules.expressions.types import Value
from risk_rules.rule_text import ScopeText

T = TypeVar("T")

DIMENSIONS: Final = ("partner", "site", "product", "material_class")
MOST_PLACES: Final = 10_000
"""Places that are known by heart; codes come from partners, and there may be any number."""

Place = Mapping[str, str | None]
"""By dimension, the code there."""


class Scope(msgspec.Struct, frozen=True):
    """For each dimension that is limited, the codes within."""

    within: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def dimensions(self) -> frozenset[str]:
        return frozenset(dimension for dimension, _ in self.within)

    def includes(self, place: Place) -> bool:
        """Whether the place lies within; what is not known does not."""
        return all(place.get(dimension) in codes for dimension, codes in self.within)


def scope_of(text: ScopeText) -> Scope:
    """The scope that was written."""
    named = {dimension: getattr(text, dimension) for dimension in DIMENSIONS}
    return Scope(
        tuple(
            (dimension, frozenset((codes,) if isinstance(codes, str) else codes))
            for dimension, codes in named.items()
            if codes is not None
        )
    )


class Override(msgspec.Struct, frozen=True):
    """Another value of a parameter, where its scope includes the place."""

    parameter: str
    scope: Scope
    value: Value


def parameters_at(place: Place, defaults: Mapping[str, Value], overrides: Iterable[Override]) -> dict[str, Value]:
    """The parameters of a place: of several overrides that which names most dimensions counts, of those the last."""
    found: dict[str, tuple[int, Value]] = {}
    for override in overrides:
        named = len(override.scope.within)
        if override.scope.includes(place) and named >= found.get(override.parameter, (0, None))[0]:
            found[override.parameter] = (named, override.value)
    return {**defaults, **{name: value for name, (_, value) in found.items()}}


class ByPlace(dict[Hashable, T], Generic[T]):
    """What is made for a place, once for all places that no scope tells apart. Keys are the codes, by `key`."""

    def __init__(self, scopes: Iterable[Scope], make: Callable[[Place], T]) -> None:
        super().__init__()
        named: dict[str, set[str]] = {}
        for scope in scopes:
            for dimension, codes in scope.within:
                named.setdefault(dimension, set()).update(codes)
        self._named = {dimension: named[dimension] for dimension in DIMENSIONS if dimension in named}
        self._make = make
        self._made: dict[tuple[str | None, ...], T] = {}

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions that count at all."""
        return tuple(self._named)

    def key(self) -> Callable[[Mapping[str, Any]], Hashable]:
        """The function from the features of a subject to its key here."""
        return itemgetter(*self._named)

    def __missing__(self, key: Hashable) -> T:
        codes = cast("tuple[Any, ...]", key if isinstance(key, tuple) else (key,))
        told_apart = tuple(
            code if code in named else None for code, named in zip(codes, self._named.values(), strict=True)
        )
        made = self._made.get(told_apart)
        if made is None:
            made = self._made[told_apart] = self._make(dict(zip(self._named, told_apart, strict=True)))
        if len(self) >= MOST_PLACES:
            self.clear()
        self[key] = made
        return made
