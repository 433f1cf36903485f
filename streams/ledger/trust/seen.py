"""What can be said of a feed from what it has shown: how late it is by its own rhythm, what is missing, how far to trust it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from risk_rules.methods.feed_trust import (
    WORTHLESS_AFTER,
    Trust,
    clock_quality,
    freshness,
    share_quality,
    sure_share,
    trust,
)
from risk_rules.methods.rhythm import Rest, working_hours
from risk_rules.working_days import Calendar
from streams.ledger.trust.habits import Habits, moment
from streams.ledger.trust.lags import HOUR
from streams.ledger.trust.marks import Marks
from streams.ledger.trust.watch import Watch

FAMILIES: Final = ("", "shipment", "raw_material", "batch", "deviation")
"""Whose rhythm is looked at; "" is the feed as a whole."""

ALLOWED: Final = 1.75
"""Rhythms of quiet that are allowed, so that a feed is found late before twice its rhythm is over."""

WORST: Final = {"completeness": 0.5, "order": 0.5, "corrections": 0.5, "refusals": 0.5}
"""The share of what is missing, out of order, corrected or refused at which nothing can be trusted any more."""

LEAST_EVENTS: Final = 20
BROKEN_BELOW: Final = 50.0
"""A feed that is trusted less counts as broken: nothing is known of what rests on it."""

LOOK_EVERY: Final = timedelta(hours=1)

Counted = tuple[int, int]
"""So many bad ones, of so many."""


class Quiet(NamedTuple):
    """For how many hours nothing has come of a family, against the learned `rhythm` and what was `agreed`."""

    family: str
    since: datetime
    hours: float
    rhythm: float | None
    agreed: float | None

    @property
    def allowed(self) -> float:
        """What was agreed goes before what was learned."""
        return self.agreed or ALLOWED * (self.rhythm or 0.0)

    @property
    def overdue(self) -> float:
        """The quiet in parts of what is allowed."""
        return self.hours / self.allowed


class Seen(NamedTuple):
    """What is known of a feed as of now. `trust`: None where nothing can be said yet; `lost`: points by quality; `since`: the
    hour since which each of those is poor."""

    features: Mapping[str, Any]
    trust: float | None
    lost: Mapping[str, float]
    since: Mapping[str, int]
    look_again: datetime | None


class Surrounding(NamedTuple):
    """What a feed is judged by besides what it sent: its calendar, what the partner agreed to (hours by family), and how many
    of the partner's last records the intake refused."""

    calendar: Calendar
    agreed: Mapping[str, float]
    refused: Sequence[Counted]


def hours_silent(last: datetime, now: datetime, allowed: float, calendar: Calendar, rest: Rest) -> float:
    """Since the last word. Days on which the feed rests are left out, where that matters."""
    since = max(0.0, (now - last).total_seconds() / 3600)
    return since if since <= allowed else working_hours(last, now, calendar, rest._replace(night=None))


def quiets(habits: Habits, around: Surrounding, now: datetime) -> Iterator[Quiet]:
    """Of each family of which something is expected."""
    rest = habits.rest
    for family in FAMILIES:
        if family not in habits.words:
            continue
        agreed, usual = around.agreed.get(family), habits.rhythms.get(family)
        if agreed is None and usual is None:
            continue
        counted = rest if agreed is None and not family else rest._replace(night=None)
        since = moment(habits.words[family].last)
        yield Quiet(family, since, working_hours(since, now, around.calendar, counted), usual, agreed)


def seen(watch: Watch, around: Surrounding, now: datetime, hour: int) -> Seen:
    """The feed as of `now`, which lies in that hour since 1970."""
    quiet = list(quiets(watch.habits, around, now))
    worst = max(quiet, key=lambda one: one.overdue, default=None)
    missing = _worst([pair for numbering in watch.numberings.values() for pair in numbering.lost(hour)])
    refused = _worst(around.refused)
    ahead = watch.lags.ahead()
    shares = {
        "completeness": None if missing is None else sure_share(*missing),
        "order": _share(watch.disorder),
        "corrections": _share(watch.corrected),
        "refusals": None if refused is None else sure_share(*refused),
    }
    qualities = {name: share_quality(share, WORST[name]) for name, share in shares.items() if share is not None}
    if worst is not None:
        qualities["freshness"] = freshness(worst.overdue)
    if ahead is not None:
        qualities["clock"] = clock_quality(ahead / HOUR)
    made = trust(qualities) if qualities else None
    lost = dict[str, float]() if made is None else made.lost
    last_word = hour if worst is None else int(worst.since.timestamp() // 3600)
    since = {name: watch.since.get(name, last_word if name == "freshness" else hour) for name in lost}
    features = {
        **_late(worst),
        "missing": None if missing is None else missing[0],
        "missing_share": shares["completeness"],
        "clock_ahead_hours": None if ahead is None else ahead / HOUR,
        "disorder_share": shares["order"],
        "corrected_share": shares["corrections"],
        "refused_share": shares["refusals"],
        "trust": None if made is None else made.score,
        "wrong_since": {name: moment(at) for name, at in since.items()},
        "wrong": _in_words(made),
    }
    again = _again(quiet, now, pending=any(one.missing for one in watch.numberings.values()))
    return Seen(features, None if made is None else made.score, lost, since, again)


def _late(worst: Quiet | None) -> dict[str, Any]:
    if worst is None:
        return dict.fromkeys(("quiet_of", "hours_quiet", "rhythm_hours", "agreed_hours", "overdue"))
    return {
        "quiet_of": worst.family or "all",
        "hours_quiet": worst.hours,
        "rhythm_hours": worst.rhythm,
        "agreed_hours": worst.agreed,
        "overdue": worst.overdue,
    }


def _worst(counted: Iterable[Counted]) -> Counted | None:
    return max((pair for pair in counted if pair[1] >= LEAST_EVENTS), key=lambda pair: sure_share(*pair), default=None)


def _share(marks: Marks) -> float | None:
    return sure_share(marks.bad, marks.all) if marks.all >= LEAST_EVENTS else None


def _in_words(made: Trust | None) -> str | None:
    if made is None or not made.lost:
        return None
    return ", ".join(f"{name} -{points:.0f}" for name, points in sorted(made.lost.items(), key=lambda one: -one[1]))


def _again(quiet: Sequence[Quiet], now: datetime, *, pending: bool) -> datetime | None:
    """When time alone may say more: no quicker than the clock does what is allowed run out."""
    again = [
        now + max(LOOK_EVERY, timedelta(hours=one.allowed - one.hours))
        for one in quiet
        if one.overdue < WORTHLESS_AFTER
    ]
    return min([*again, *([now + LOOK_EVERY] if pending else [])], default=None)
