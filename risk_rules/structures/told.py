"""What all structures have in common: what they need, what they tell, and moments."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from risk_rules.expressions.types import Type
from risk_rules.working_days import Calendar


class Told(NamedTuple):
    """Whether the structure is there now, when time alone may change that, and the values that it gives to the rule."""

    holds: bool
    look_again: datetime | None
    values: Mapping[str, Any]


class Structure(Protocol):
    """A condition that is more than an expression. `gives` are the names that the rule may use beside the features."""

    @property
    def gives(self) -> Mapping[str, Type]: ...

    @property
    def features(self) -> tuple[str, ...]:
        """The features that it reads."""
        ...

    @property
    def possible(self) -> str:
        """An expression that is true at least of every subject of which it holds, or will hold by time alone."""
        ...

    def told(self, features: Mapping[str, Any], now: datetime, calendar: Calendar) -> Told:
        """What it says of a subject at a time. `features` has all that it reads, None where not known."""
        ...


def moment(value: datetime | date | None, calendar: Calendar) -> datetime | None:
    """The instant that a feature stands for: a day is its beginning at the site."""
    if value is None or isinstance(value, datetime):
        return value
    return calendar.begin(value)
