"""Two rulebooks over one history, alert by alert: what both told of and who was earlier, and what only one did. Pure.

Two warnings are the same if they are of one subject and foretell the same outcome (or are of one kind, where none can be
judged), and one stood, or ended at most `GRACE` before, when the other was raised.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Final, TypeAlias

import msgspec

from streams.backtest.judging import DAY, GRACE, Judgement, Warned
from streams.backtest.outcomes import Outcomes

OPEN: Final = datetime.max.replace(tzinfo=UTC)

Matter: TypeAlias = tuple[str, tuple[str, ...]]
"""A subject and what is foretold of it."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A warning of both. `days_earlier`: how much sooner this rulebook told of it than the other; below zero: later."""

    this: Warned
    other: Warned
    days_earlier: float


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Warnings of both rulebooks, and those of only one."""

    both: tuple[Pair, ...]
    only_this: tuple[Warned, ...]
    only_other: tuple[Warned, ...]
    earlier: int
    later: int
    days_earlier_median: float | None


def compare(this: Judgement, other: Judgement, outcomes: Outcomes) -> Comparison:
    """Each warning is paired at most once, in the order of time."""
    candidates: defaultdict[Matter, list[Warned]] = defaultdict(list)
    for one in other.warnings:
        candidates[_matter(one, outcomes)].append(one)
    both: list[Pair] = []
    alone: list[Warned] = []
    for one in this.warnings:
        waiting = candidates[_matter(one, outcomes)]
        met = next((its for its in waiting if _together(one, its)), None)
        if met is None:
            alone.append(one)
        else:
            waiting.remove(met)
            both.append(Pair(this=one, other=met, days_earlier=(met.warned_at - one.warned_at) / DAY))
    days = [pair.days_earlier for pair in both]
    return Comparison(
        both=tuple(both),
        only_this=tuple(alone),
        only_other=_left(candidates, other.warnings),
        earlier=sum(one > 0 for one in days),
        later=sum(one < 0 for one in days),
        days_earlier_median=median(days) if days else None,
    )


def _matter(one: Warned, outcomes: Outcomes) -> Matter:
    return one.subject, outcomes.foretold(one.subject.partition(":")[0], one.kind) or (one.kind,)


def _together(one: Warned, other: Warned) -> bool:
    return (
        one.warned_at <= (other.resolved_at or OPEN - GRACE) + GRACE
        and other.warned_at <= (one.resolved_at or OPEN - GRACE) + GRACE
    )


def _left(candidates: Mapping[Matter, Sequence[Warned]], order: Sequence[Warned]) -> tuple[Warned, ...]:
    left = {id(one) for some in candidates.values() for one in some}
    return tuple(one for one in order if id(one) in left)
