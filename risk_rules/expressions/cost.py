"""What an evaluation may cost: a rule that somebody wrote must not hold up the events of everybody."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

Made = TypeVar("Made")

MOST_STEPS = 100_000
"""Steps of one evaluation: a part of a macro's body evaluated once, or sixteen items or characters made or compared."""
LONGEST_TEXT = 10_000
"""Characters or bytes that an expression with macros may put together."""
AT_ONCE = 16


class CostExceeded(Exception):
    """The evaluation would take more than its steps."""


class Meter:
    """The steps that are left to one evaluation."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def spend(self, steps: int) -> None:
        """Raises `CostExceeded`."""
        self.left -= steps
        if self.left < 0:
            raise CostExceeded

    def made(self, value: Made) -> Made:
        """The value, paid for by its length."""
        if isinstance(value, str | bytes):
            if len(value) > LONGEST_TEXT:
                raise CostExceeded
            self.spend(1 + len(value) // AT_ONCE)
        elif isinstance(value, list | tuple):
            self.spend(1 + len(cast("list[Any]", value)) // AT_ONCE)
        return cast("Made", value)

    def weigh(self, value: Made) -> Made:
        """The value, paid for by all that is in it: the same part may be in it a great many times."""
        if isinstance(value, dict):
            for key, inner in cast("dict[Any, Any]", value).items():
                self.weigh(key)
                self.weigh(inner)
        elif isinstance(value, list | tuple):
            for inner in cast("list[Any]", value):
                self.weigh(inner)
        self.spend(1 + (len(value) // AT_ONCE if isinstance(value, str | bytes) else 0))
        return cast("Made", value)


def bounded(evaluate: Callable[[Meter], Any]) -> Any:
    """What `evaluate` gives, None (unknown) when it would take more than its steps."""
    try:
        return evaluate(Meter())
    except CostExceeded:
        return None
