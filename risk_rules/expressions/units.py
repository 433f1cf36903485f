"""Units that may stand behind a number: `5 d`, `36 h`, `85 %`.

No text that is CEL changes its meaning: there a name never follows a number, and `%` is the percent sign only where no
value follows it. A time is a duration, except beside a number whose unit is known: there it is that number in its unit.
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

SECONDS: Mapping[str, float] = MappingProxyType(
    {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "wk": 604_800.0}
)
"""Unit of time -> seconds."""

PERCENT = "%"

NAMES: Mapping[str, str] = MappingProxyType(
    {"days": "d", "day": "d", "hours": "h", "hour": "h", "minutes": "min", "seconds": "s", "weeks": "wk"}
)
"""What the catalogue and people call them."""


def unit_named(name: str) -> str | None:
    """The unit of time of that name, None for any other."""
    unit = NAMES.get(name, name)
    return unit if unit in SECONDS else None


def as_duration(number: float, unit: str) -> timedelta | None:
    """`5 d` as a duration; None where it is beyond the 10,000 years of CEL."""
    seconds = number * SECONDS[unit]
    return timedelta(seconds=seconds) if abs(seconds) <= 315_576_000_000 else None


def in_unit(number: float, unit: str, other: str) -> int | float:
    """`number` of one unit of time in another, whole where it comes out whole: 2 wk are 14 d."""
    found = number * SECONDS[unit] / SECONDS[other]
    return int(found) if isinstance(number, int) and found.is_integer() and abs(found) < 1e15 else found
