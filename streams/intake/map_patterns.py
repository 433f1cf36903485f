"""Regular expressions in maps: those of RE2, matched in linear time whatever they are."""

from typing import Any, cast

import re2
from jsonata.regex_engine import RegexFlags


class PatternError(ValueError):
    """The pattern is none of RE2, which knows neither lookahead nor references back."""


def linear(pattern: str, flags: RegexFlags) -> Any:
    """The pattern, compiled. Raises `PatternError`."""
    options: Any = re2.Options()
    options.log_errors = False
    options.case_sensitive = not flags.case_insensitive
    if flags.multiline:
        pattern = f"(?m){pattern}"
    try:
        return cast("Any", re2).compile(pattern, options)
    except cast("Any", re2).error as fault:
        told = fault.args[0] if fault.args else fault
        raise PatternError(told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)) from None
