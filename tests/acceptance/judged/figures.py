"""What the lives of several worlds say of a rulebook: recall, days of warning, precision, alerts a day by owner. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, median, quantiles
from typing import NamedTuple

import msgspec

from streams.backtest.courses import Episode
from streams.backtest.judging import Fate, Happened, Warned, judge
from streams.backtest.outcomes import Outcomes
from streams.demo.summary import Truth
from tests.acceptance.judged.lives import SHORTAGE, Life

ABOVE_WATCH = "warning"
BELOW_MINIMUM = "below_safety"
"""The outcome that a stock is below its minimum."""

HELD_AGAINST = (SHORTAGE, BELOW_MINIMUM)
"""Outcomes that are counted in units of a material, so that it is known whether they came. The rest goes by the twin."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts above watch: how many were true, were not, or still stood at the end without either (`undecided`)."""

    raised: int
    true: int
    false: int
    undecided: int
    precision: float | None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All worlds together. Days are days of warning before the shortage, of the shortages that were foretold.

    `first_days_median`: of the first shortage of each material at each site only, since an alert that stands through
    several shortages makes the later ones look long foretold. `alert_days_median`: from each alert that came true to the
    first shortage that it foretold. `least_days`: the least days of warning that nine of ten shortages had at the least;
    one that nobody foretold had none.
    """

    shortages: int
    foretold: int
    recall: float | None
    days_median: float | None
    days_quartiles: tuple[float, float] | None
    least_days: float
    first_days_median: float | None
    alert_days_median: float | None
    of_shortages: Share
    of_all: Share
    by_kind: Mapping[str, Share]
    alerts_a_day: float
    alerts_a_day_by_owner: Mapping[str, float]
    opened_a_day_by_owner: Mapping[str, float]
    missed: tuple[str, ...]


class _Seen(NamedTuple):
    """One world as a rulebook fared in it."""

    life: Life
    warned: Sequence[Warned]
    happened: Sequence[Happened]
    opened: Sequence[str]


def figures(lives: Sequence[Life], name: str, outcomes: Outcomes) -> Figures:
    """How the rulebook of that name fared in all lives."""
    seen = [_seen(life, name, outcomes) for life in lives]
    happened = [one for world in seen for one in world.happened]
    days = [one.days for one in happened if one.foretold and one.days is not None]
    judged = [(one, _fate(one, world.life.truths, outcomes)) for world in seen for one in world.warned]
    of_shortages = [(one, fate) for one, fate in judged if SHORTAGE in _foretold(one, outcomes)]
    first = [one for world in seen for one in _firsts(world.happened)]
    lived_days = sum(world.life.window.days for world in seen)
    return Figures(
        shortages=len(happened),
        foretold=len(days),
        recall=len(days) / len(happened) if happened else None,
        days_median=median(days) if days else None,
        days_quartiles=_quartiles(days),
        least_days=sorted(one.days if one.foretold and one.days else 0.0 for one in happened)[len(happened) // 10],
        first_days_median=_median(one.days for one in first if one.foretold),
        alert_days_median=_median(one.days for one, fate in of_shortages if fate is Fate.CAME_TRUE),
        of_shortages=_share(fate for _, fate in of_shortages),
        of_all=_share(fate for _, fate in judged),
        by_kind={
            kind: _share(fate for one, fate in judged if one.kind == kind)
            for kind in sorted({one.kind for one, _ in judged})
        },
        alerts_a_day=len(judged) / lived_days,
        alerts_a_day_by_owner=_a_day(Counter(one.owner for one, _ in judged), lived_days),
        opened_a_day_by_owner=_a_day(Counter(owner for world in seen for owner in world.opened), lived_days),
        missed=tuple(
            f"seed {world.life.seed}: {one.subject} on {one.began_at:%Y-%m-%d}"
            for world in seen
            for one in world.happened
            if not one.foretold
        ),
    )


def earlier(lives: Sequence[Life], this: str, other: str, outcomes: Outcomes) -> float | None:
    """The mean of how many days sooner one rulebook told of a shortage than the other; not foretold is no day."""
    pairs = [
        (_days(one), _days(its))
        for life in lives
        for one, its in zip(_seen(life, this, outcomes).happened, _seen(life, other, outcomes).happened, strict=True)
    ]
    return mean(one - its for one, its in pairs) if pairs else None


def generous(outcomes: Outcomes) -> Outcomes:
    """The same, where an alert of stock below its minimum is a warning of a shortage too."""
    named = dict(outcomes.by_name)
    kinds = (*named[SHORTAGE].foretold_by, *named[BELOW_MINIMUM].foretold_by)
    named[SHORTAGE] = msgspec.structs.replace(named[SHORTAGE], foretold_by=kinds)
    return Outcomes(named)


def _seen(life: Life, name: str, outcomes: Outcomes) -> _Seen:
    episodes: Sequence[Episode] = life.episodes
    courses = life.courses[name]
    judgement = judge(courses, episodes, outcomes, life.window, ABOVE_WATCH)
    happened = [one for one in judgement.outcomes if one.outcome == SHORTAGE]
    return _Seen(life, judgement.warnings, happened, [course.owner for course in courses])


def _fate(one: Warned, truths: Iterable[Truth], outcomes: Outcomes) -> Fate:
    """What became of an alert: by what it foretells, else by the twin of the world in which nothing went wrong."""
    if set(_foretold(one, outcomes)) & set(HELD_AGAINST):
        return one.fate
    harmed = any(one.subject in truth.subjects and one.warned_at >= truth.began_at for truth in truths)
    return Fate.CAME_TRUE if harmed else Fate.NOT_TRUE


def _foretold(one: Warned, outcomes: Outcomes) -> tuple[str, ...]:
    return outcomes.foretold(one.subject.partition(":")[0], one.kind)


def _share(fates: Iterable[Fate]) -> Share:
    counted = Counter(fates)
    true = counted[Fate.CAME_TRUE] + counted[Fate.TOO_LATE]
    decided = true + counted[Fate.NOT_TRUE]
    return Share(
        raised=counted.total(),
        true=true,
        false=counted[Fate.NOT_TRUE],
        undecided=counted[Fate.UNDECIDED],
        precision=true / decided if decided else None,
    )


def _firsts(happened: Iterable[Happened]) -> list[Happened]:
    """The first of each subject."""
    first: dict[str, Happened] = {}
    for one in sorted(happened, key=lambda one: one.began_at):
        first.setdefault(one.subject, one)
    return list(first.values())


def _days(one: Happened) -> float:
    return one.days if one.foretold and one.days is not None else 0.0


def _median(days: Iterable[float | None]) -> float | None:
    known = [day for day in days if day is not None]
    return median(known) if known else None


def _quartiles(days: Sequence[float]) -> tuple[float, float] | None:
    if len(days) < 2:
        return None
    lower, _, upper = quantiles(days, method="inclusive")
    return lower, upper


def _a_day(counted: Counter[str], days: float) -> dict[str, float]:
    return {owner: number / days for owner, number in sorted(counted.items())}
