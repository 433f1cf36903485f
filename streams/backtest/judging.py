"""Holds warnings against what happened. Pure.

A warning is an alert that reached a stated severity; it dates from then. It came true if an outcome that its kind foretells
began on its subject while it stood or within `GRACE` after (a booking may end the alert a little before the facts
show); it came too late if the outcome was there already. One that still stands at the end and has seen nothing is
undecided. All others did not come true, or somebody saw to it that they did not: history does not tell the two apart.

What people said of an alert (`judgements`) goes before all that: one that they called not true is a false alarm, and one that
they called true came true, or too late.

An outcome is foretold if a warning of it dates from before its beginning, and the days of warning count from the earliest
such warning that still stood.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from statistics import median, quantiles
from typing import Final, NamedTuple

import msgspec

from streams.backtest.courses import Course, Episode
from streams.backtest.judgements import Judged, Said
from streams.backtest.outcomes import Outcomes

GRACE: Final = timedelta(days=3)
DAY: Final = timedelta(days=1)


class Fate(StrEnum):
    """What became of a warning."""

    CAME_TRUE = "came true"
    TOO_LATE = "too late"
    NOT_TRUE = "not true"
    UNDECIDED = "undecided"
    NOT_JUDGED = "not judged"


class Warned(msgspec.Struct, frozen=True, kw_only=True):
    """A warning and what became of it. `days`: from the warning to the first outcome that it foretold.

    `said`: what people said of the alert; None: nothing, or nobody was asked.
    """

    subject: str
    site: str
    kind: str
    rule: str
    owner: str
    severity: str
    warned_at: datetime
    resolved_at: datetime | None
    impact_on: date | None
    likelihood: float | None
    summary: str
    fate: Fate
    days: float | None
    said: Said | None = None


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome and the first warning of it: when, by which rule, how many days before; None: nobody was warned."""

    outcome: str
    subject: str
    began_at: datetime
    ended_at: datetime | None
    warned_at: datetime | None
    rule: str | None
    days: float | None

    @property
    def foretold(self) -> bool:
        return self.days is not None and self.days > 0


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Warnings and what became of them. `precision`: came true or too late, over all that were decided; None: none were.

    A warning that came too late is no false alarm; it costs recall. `judged`: of how many people decided.
    """

    warnings: int
    per_day: float
    came_true: int
    too_late: int
    not_true: int
    undecided: int
    judged: int
    precision: float | None


class Recall(msgspec.Struct, frozen=True, kw_only=True):
    """Outcomes of one name, and how many were foretold. Days of warning are of those: median, quartiles, least, most."""

    happened: int
    foretold: int
    recall: float | None
    days_median: float | None
    days_quartiles: tuple[float, float] | None
    days_range: tuple[float, float] | None


class Window(NamedTuple):
    """The time that is judged: what began or was warned of from `begin` on and before `end`."""

    begin: datetime
    end: datetime

    @property
    def days(self) -> float:
        return (self.end - self.begin) / DAY

    def holds(self, at: datetime) -> bool:
        return self.begin <= at < self.end


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """All that can be said of the alerts of a rulebook over a history."""

    warnings: tuple[Warned, ...]
    outcomes: tuple[Happened, ...]
    by_owner: Mapping[str, Score]
    by_kind: Mapping[str, Score]
    by_rule: Mapping[str, Score]
    by_outcome: Mapping[str, Recall]
    by_day: Mapping[str, Mapping[str, int]]
    total: Score


def judge(
    courses: Iterable[Course], episodes: Sequence[Episode], outcomes: Outcomes, window: Window, least: str,
    said: Iterable[Said] = (),
) -> Judgement:  # fmt: skip
    """The warnings of severity `least` or more against the episodes, both within the window, and what people `said`."""
    happened, judged = _Past(episodes), Judged(said)
    calls = [(course, at) for course in courses if (at := course.reached.get(least)) is not None]
    calls.sort(key=lambda call: (call[1], call[0].subject, call[0].kind))
    warned = tuple(_warned(course, at, happened, outcomes, window, judged) for course, at in calls if window.holds(at))
    told = _Told(calls, outcomes)
    seen = tuple(told.of(one) for one in episodes if window.holds(one.began_at))
    return Judgement(
        warnings=warned,
        outcomes=seen,
        by_owner={owner: _score(some, window.days) for owner, some in _by(warned, "owner")},
        by_kind={kind: _score(some, window.days) for kind, some in _by(warned, "kind")},
        by_rule={rule: _score(some, window.days) for rule, some in _by(warned, "rule")},
        by_outcome={name: _recall(some) for name, some in _outcomes_by_name(seen, outcomes)},
        by_day=_by_day(warned, window),
        total=_score(warned, window.days),
    )


class _Past:
    """Episodes by outcome and subject, in the order of their beginning."""

    def __init__(self, episodes: Iterable[Episode]) -> None:
        self._episodes: defaultdict[tuple[str, str], list[Episode]] = defaultdict(list)
        for one in sorted(episodes, key=lambda one: one.began_at):
            self._episodes[one.outcome, one.subject].append(one)

    def next(self, outcome: str, subject: str, since: datetime) -> Episode | None:
        """What was going on at an instant, or else began first after it."""
        of_subject = self._episodes.get((outcome, subject), [])
        at = bisect_left(of_subject, since, key=lambda one: one.began_at)
        if at and ((ended := of_subject[at - 1].ended_at) is None or ended > since):
            return of_subject[at - 1]
        return of_subject[at] if at < len(of_subject) else None


def _warned(
    course: Course, at: datetime, happened: _Past, outcomes: Outcomes, window: Window, judged: Judged
) -> Warned:
    names = outcomes.foretold(course.subject_kind, course.kind)
    stood_until = window.end if course.resolved_at is None else course.resolved_at + GRACE
    met = [one for name in names if (one := happened.next(name, course.subject, at)) and one.began_at <= stood_until]
    first = min((one.began_at for one in met), default=None)
    said = judged.of(course.subject, course.kind, at - GRACE, stood_until)
    if said is not None and not said.was_true:
        fate = Fate.NOT_TRUE
    elif first is not None:
        fate = Fate.CAME_TRUE if first > at else Fate.TOO_LATE
    elif said is not None:
        fate = Fate.CAME_TRUE
    elif not names:
        fate = Fate.NOT_JUDGED
    else:
        fate = Fate.UNDECIDED if stood_until >= window.end else Fate.NOT_TRUE
    return Warned(
        subject=course.subject, site=course.site, kind=course.kind, rule=course.rule, owner=course.owner,
        severity=course.greatest, warned_at=at, resolved_at=course.resolved_at, impact_on=course.impact_on,
        likelihood=course.likelihood, summary=course.summary, fate=fate,
        days=None if first is None else (first - at) / DAY, said=said,
    )  # fmt: skip


class _Told:
    """Warnings by what they foretell."""

    def __init__(self, calls: Iterable[tuple[Course, datetime]], outcomes: Outcomes) -> None:
        self._calls: defaultdict[tuple[str, str], list[tuple[Course, datetime]]] = defaultdict(list)
        for course, at in calls:
            for name in outcomes.foretold(course.subject_kind, course.kind):
                self._calls[name, course.subject].append((course, at))

    def of(self, one: Episode) -> Happened:
        """The episode with the earliest warning that stood when it began; else with the first that came during it."""
        standing = [
            (at, course.rule)
            for course, at in self._calls.get((one.outcome, one.subject), ())
            if (one.ended_at is None or at < one.ended_at)
            and (course.resolved_at is None or course.resolved_at + GRACE >= one.began_at)
        ]
        at, rule = min(standing, default=(None, None))
        return Happened(
            outcome=one.outcome, subject=one.subject, began_at=one.began_at, ended_at=one.ended_at, warned_at=at,
            rule=rule, days=None if at is None else (one.began_at - at) / DAY,
        )  # fmt: skip


def _by(warned: Iterable[Warned], name: str) -> Iterable[tuple[str, list[Warned]]]:
    ordered = sorted(warned, key=lambda one: str(getattr(one, name)))
    return [(key, list(some)) for key, some in groupby(ordered, key=lambda one: str(getattr(one, name)))]


def _outcomes_by_name(seen: Sequence[Happened], outcomes: Outcomes) -> Iterable[tuple[str, list[Happened]]]:
    return [(name, [one for one in seen if one.outcome == name]) for name in outcomes.by_name]


def _score(warned: Sequence[Warned], days: float) -> Score:
    fates = Counter(one.fate for one in warned)
    true = fates[Fate.CAME_TRUE] + fates[Fate.TOO_LATE]
    decided = true + fates[Fate.NOT_TRUE]
    return Score(
        warnings=len(warned),
        per_day=len(warned) / days if days > 0 else 0.0,
        came_true=fates[Fate.CAME_TRUE],
        too_late=fates[Fate.TOO_LATE],
        not_true=fates[Fate.NOT_TRUE],
        undecided=fates[Fate.UNDECIDED],
        judged=sum(one.said is not None for one in warned),
        precision=true / decided if decided else None,
    )


def _recall(happened: Sequence[Happened]) -> Recall:
    days = sorted(one.days for one in happened if one.days is not None and one.foretold)
    lower, _, upper = quantiles(days, method="inclusive") if len(days) > 1 else (days * 3 or (0.0, 0.0, 0.0))
    return Recall(
        happened=len(happened),
        foretold=len(days),
        recall=len(days) / len(happened) if happened else None,
        days_median=median(days) if days else None,
        days_quartiles=(lower, upper) if days else None,
        days_range=(days[0], days[-1]) if days else None,
    )


def _by_day(warned: Iterable[Warned], window: Window) -> dict[str, dict[str, int]]:
    """Warnings by day and owner; every day of the window is there."""
    counted: dict[str, Counter[str]] = {}
    day = window.begin.date()
    while day < window.end.date() or not counted:
        counted[day.isoformat()] = Counter()
        day += DAY
    for one in warned:
        counted.setdefault(one.warned_at.date().isoformat(), Counter())[one.owner] += 1
    return {day: dict(sorted(owners.items())) for day, owners in counted.items()}
