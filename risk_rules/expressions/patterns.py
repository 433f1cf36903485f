"""Regular expressions by RE2: the time grows with the length of the text, whatever the pattern."""

from functools import lru_cache
from typing import Any, Protocol, cast

import re2

MOST_MEMORY = 1 << 20
"""Bytes that one compiled pattern may take; RE2 refuses what needs more."""


class Pattern(Protocol):
    def search(self, text: str) -> object | None: ...


def _options() -> Any:
    options = cast("Any", re2).Options()
    options.max_mem = MOST_MEMORY
    options.log_errors = False
    return options


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Pattern | None:
    """The pattern, None when it is none."""
    try:
        return cast("Any", re2).compile(pattern, _options())
    except (cast("Any", re2).error, UnicodeEncodeError):
        return None


def matches(text: str, pattern: str) -> bool | None:
    """Whether the pattern is found in the text; `^` and `$` bind it to the ends."""
    found = compiled(pattern)
    try:
        return None if found is None else found.search(text) is not None
    except UnicodeEncodeError:
        return None
