"""Sequence: moments that follow one another as they should not, "an excursion, then received without inspection"."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import msgspec

from risk_rules.expressions.types import Type
from risk_rules.spans import Span
from risk_rules.structures.told import Told, moment
from risk_rules.working_days import Calendar

NOTHING: Final = {"lasted_days": None}


class Sequence(msgspec.Struct, frozen=True, kw_only=True):
    """`steps`: two features with moments or more, each at or after the one before.

    `without`: a moment that would have to lie from the first to the last of them to make it good. `within`: the last
    counts only if it came within that span of the first. `lasted_days`: from the first to the last.
    """

    steps: tuple[str, ...]
    without: str | None = None
    within: Span | None = None

    @property
    def gives(self) -> Mapping[str, Type]:
        return {"lasted_days": Type.DOUBLE}

    @property
    def features(self) -> tuple[str, ...]:
        return self.steps if self.without is None else (*self.steps, self.without)

    @property
    def possible(self) -> str:
        known = [f"has({step})" for step in self.steps]
        return " && ".join([*known, *(f"{before} <= {after}" for before, after in pairwise(self.steps))])

    def told(self, features: Mapping[str, Any], now: datetime, calendar: Calendar) -> Told:
        moments = [moment(features[step], calendar) for step in self.steps]
        known = [at for at in moments if at is not None]
        if len(known) < len(moments) or any(after < before for before, after in pairwise(known)):
            return Told(False, None, NOTHING)
        first, last = known[0], known[-1]
        between = None if self.without is None else moment(features[self.without], calendar)
        made_good = between is not None and first <= between <= last
        in_time = self.within is None or last <= self.within.over_at(first, calendar)
        return Told(in_time and not made_good, None, {"lasted_days": (last - first) / timedelta(days=1)})
