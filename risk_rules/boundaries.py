"""How far one value must move before something stops being so.

The condition is asked, not read: from the value in hand outwards in growing steps until the condition is over, then by
halves back to the very place where it ends. So it does not matter in what arithmetic the value stands, and what is found
has been tried. Where a condition ends, begins and ends again, the end that is found is one of them.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from risk_rules.expressions.types import Type

STEPS: Final = 64
"""Doublings of the first step; no number of days, pieces or degrees lies beyond."""
DIGITS: Final = 3
"""A value to be told to people has so many figures, if it serves as well."""
NOTHING: Final = 1e-9
"""Nobody tells less from zero."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Holds = Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """The condition is over at `value`, which has as few figures as can be, and still holds at `last`, right before."""

    value: Any
    last: Any
    upwards: bool

    @property
    def strict(self) -> bool:
        """Whether `last` is what people would name: below 5, and not at most 4.9999."""
        return isinstance(self.last, float) and not _is_short(self.value) and _is_round(self.last)


def boundaries(value: Any, type: Type, holds: Holds, *, signed: bool) -> Iterator[Boundary]:
    """Where `holds`, which is true of `value`, is over: at most one place below and one above.

    `type` is INT, DOUBLE, DATE or TIMESTAMP (the latter by the minute). What is not `signed` is never taken below zero.
    """
    scale = _SCALES[type]
    start = scale.out(value)
    for upwards in (False, True):
        ended = _first_end(start, scale, holds, upwards=upwards, least=0 if type in _PLAIN and not signed else None)
        if ended is not None:
            last, first = _narrow(*ended, scale, holds)
            yield Boundary(value=_shortest(first, last, scale, holds), last=scale.back(last), upwards=upwards)


@dataclass(frozen=True, slots=True)
class _Scale:
    """A type as numbers: `out` to a number, `back` to a value; `least` and `greatest` number; `whole` numbers only."""

    out: Callable[[Any], float]
    back: Callable[[float], Any]
    least: float
    greatest: float
    whole: bool = True


def _minutes(at: datetime) -> int:
    return (at - EPOCH) // timedelta(minutes=1)


_SCALES: Final = {
    Type.INT: _Scale(int, int, -(2**62), 2**62),
    Type.DOUBLE: _Scale(float, float, -1e15, 1e15, whole=False),
    Type.DATE: _Scale(date.toordinal, lambda n: date.fromordinal(int(n)), 1, date.max.toordinal()),
    Type.TIMESTAMP: _Scale(_minutes, lambda n: EPOCH + timedelta(minutes=n), 0, _minutes(datetime.max.replace(tzinfo=UTC))),
}  # fmt: skip
_PLAIN: Final = (Type.INT, Type.DOUBLE)

SEARCHABLE: Final = frozenset(_SCALES)


def _first_end(
    start: float, scale: _Scale, holds: Holds, *, upwards: bool, least: float | None
) -> tuple[float, float] | None:
    """The last number tried at which the condition holds, and the next, at which it does not."""
    low = scale.least if least is None else min(least, start)
    edge = scale.greatest if upwards else low
    step: float = 1 if scale.whole else max(abs(start), 1.0) * 2.0**-20
    last = start
    for _ in range(STEPS):
        reached = min(start + step, edge) if upwards else max(start - step, edge)
        if reached == last:
            return None
        if not holds(scale.back(reached)):
            return last, reached
        last, step = reached, step * 2
    return None


def _narrow(last: float, first: float, scale: _Scale, holds: Holds) -> tuple[float, float]:
    """The same, as near to one another as numbers can be."""
    while first != 0 or abs(last) > NOTHING:
        middle = (last + first) // 2 if scale.whole else last + (first - last) / 2
        if middle in (last, first):
            # Between neighbours the whole middle is the lower one, whichever way the search went.
            break
        if holds(scale.back(middle)):
            last = middle
        else:
            first = middle
    return last, first


def _shortest(first: float, last: float, scale: _Scale, holds: Holds) -> Any:
    """The number with the fewest figures at or right beyond `first` at which the condition is over."""
    if not scale.whole and not _is_short(first) and not _is_round(last):
        for digits in range(DIGITS, 17):
            near = _figures(first, digits, away_from=last)
            if not holds(scale.back(near)):
                return scale.back(near)
    return scale.back(first)


def _is_short(number: float) -> bool:
    """Whether it has few figures."""
    return number == _figures(number, DIGITS)


def _is_round(number: float) -> bool:
    """Whether it has few figures, but for what arithmetic leaves over."""
    return _figures(number, 12) == _figures(number, DIGITS)


def _figures(number: float, digits: int, away_from: float | None = None) -> float:
    """Rounded to so many figures, if need be outwards: never to the side of `away_from`."""
    if number == 0 or not math.isfinite(number):
        return number
    places = digits - 1 - math.floor(math.log10(abs(number)))
    near = round(number, places)
    if away_from is None or (near - number) * (number - away_from) >= 0:
        return near
    step = math.copysign(10.0**-places, number - away_from)
    return round(near + step, places)


def others(value: Any, candidates: Sequence[Any], holds: Holds) -> tuple[Any, ...]:
    """Of some values those, other than `value`, at which the condition is over."""
    return tuple(other for other in candidates if other != value and not holds(other))
