"""What is worked out of a text once for all records that have it, with a bound on what partners can fill the memory with."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, TypeVar

T = TypeVar("T")

USUAL_LENGTH: Final = 300
"""Characters of a text that is remembered; what is longer is worked out anew each time."""


def remembered(most: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Let a function of a text remember what it gave for the last `most` texts of usual length."""

    def remembering(function: Callable[[str], T]) -> Callable[[str], T]:
        known = lru_cache(maxsize=most)(function)

        @wraps(function)
        def give(text: str) -> T:
            return known(text) if len(text) <= USUAL_LENGTH else function(text)

        return give

    return remembering
