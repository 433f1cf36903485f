"""What can be said of a feed from what it has shown: how late it is by its own rhythm, what is missing, how far to trust it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from risk_rules.methods.feed_trust import (
    WORST_CORRECTED,
    WORST_DISORDER,
    WORST_MISSING,
    WORTHLESS_AFTER,
    clock_quality,
    freshness,
    share_quality,
    sure_share,
    trust,
)
from risk_rules.methods.rhythm import Rest, rhythm, working_hours
from risk_rules.working_days import EVERY_WEEKDAY, Calendar
from streams.ledger.feed_watch import HOUR, Beat, Marks, Watch, moment
from streams.network.model import Network, Partner

FAMILIES: Final = ("", "shipment", "raw_material", "batch", "deviation")
"""Whose rhythm is looked at; "" is the feed as a whole."""

BROKEN_BELOW: Final = 50.0
"""A feed that is trusted less counts as broken: nothing is known of what rests on it."""

DAILY: Final = 36.0
"""Hours. A family is late by what was learned only if it comes daily: orders, batches and shipments come as business goes."""

LEAST_EVENTS: Final = 20
ALLOWED_SKEW: Final = HOUR // 4
A_DAY: Final = 24 * HOUR
LOOK_EVERY: Final = timedelta(hours=1)

_unknown = Partner(code="", name="")


class Quiet(NamedTuple):
    """How long nothing has come (`hours`), against the learned `rhythm` and what was `agreed`. Working hours of the feed."""

    family: str
    hours: float
    rhythm: float | None
    agreed: float | None

    @property
    def usual(self) -> float:
        """What it is measured by: what was agreed goes before what was learned."""
        return self.agreed or self.rhythm or 0.0


class Seen(NamedTuple):
    """What is known of a feed as of now. `trust`: None where nothing can be said yet; `lost`: points by quality."""

    features: Mapping[str, Any]
    trust: float | None
    lost: Mapping[str, float]
    look_again: datetime | None


class Trustees:
    """Looks at feeds; remembers the rhythms, which change by the hour at most."""

    def __init__(self) -> None:
        self._rhythms: dict[tuple[str, str], tuple[tuple[object, ...], float | None]] = {}

    def seen(
        self, key: str, watch: Watch, partner: str, site: str, now: datetime, network: Network, ticks: bool
    ) -> Seen:
        """The feed now. `ticks`: time comes from the stream, so that an arrival is known to the day only."""
        calendar = network.calendars.get(site, EVERY_WEEKDAY)
        agreed = network.partners.get(partner, _unknown).expected_hours
        quiets = list(self._quiets(key, watch, calendar, agreed, now))
        worst = max(quiets, key=lambda quiet: quiet.hours / quiet.usual, default=None)
        losses = [loss for numbering in watch.numberings.values() for loss in numbering.lost()]
        lost = max(losses, key=lambda pair: sure_share(*pair), default=(0, 0))
        skew = watch.lags.skew(A_DAY if ticks else ALLOWED_SKEW)
        ahead = None if skew is None else skew / HOUR
        missing = sure_share(*lost) if lost[1] else None
        disorder, corrected = _share(watch.disorder), _share(watch.corrected)
        made = {
            "freshness": None if worst is None else freshness(worst.hours, worst.usual),
            "completeness": None if missing is None else share_quality(missing, WORST_MISSING),
            "clock": None if ahead is None else clock_quality(ahead),
            "order": None if disorder is None else share_quality(disorder, WORST_DISORDER),
            "correctness": None if corrected is None else share_quality(corrected, WORST_CORRECTED),
        }
        known = {name: quality for name, quality in made.items() if quality is not None}
        score = trust(known) if known else None
        features = {
            "quiet_of": None if worst is None else worst.family or "all",
            "hours_quiet": None if worst is None else worst.hours,
            "rhythm_hours": None if worst is None else worst.rhythm,
            "agreed_hours": None if worst is None else worst.agreed,
            "missing": lost[0] if lost[1] else None,
            "missing_share": missing,
            "clock_ahead_hours": ahead,
            "disorder_share": disorder,
            "corrected_share": corrected,
            "trust": None if score is None else score.score,
        }  # fmt: skip
        return Seen(
            features, None if score is None else score.score, {} if score is None else score.lost, _again(quiets, now)
        )

    def rhythms(self, key: str, watch: Watch, calendar: Calendar) -> dict[str, float]:
        """By family ("" is the feed as a whole), where it has one."""
        rest = watch.rest
        found = {
            name: self._rhythm((key, name), watch.beats[name], calendar, rest)
            for name in FAMILIES
            if name in watch.beats
        }
        return {name: hours for name, hours in found.items() if hours is not None}

    def _quiets(
        self, key: str, watch: Watch, calendar: Calendar, agreed: Mapping[str, float], now: datetime
    ) -> Iterator[Quiet]:
        rest = watch.rest
        for family in FAMILIES:
            beat, limit = watch.beats.get(family), agreed.get(family)
            if beat is None:
                continue
            usual = self._rhythm((key, family), beat, calendar, rest)
            if usual is not None or limit is not None:
                yield Quiet(family, working_hours(moment(beat.hour), now, calendar, rest), usual, limit)

    def _rhythm(self, name: tuple[str, str], beat: Beat, calendar: Calendar, rest: Rest) -> float | None:
        basis = (beat.hour, len(beat.gaps), calendar, rest)
        known = self._rhythms.get(name)
        if known is None or known[0] != basis:
            gaps = [working_hours(moment(begin), moment(end), calendar, rest) for begin, end in beat.gaps]
            found = rhythm(gaps, shortest=DAILY, regular=1.0) if name[1] else rhythm(gaps)
            known = self._rhythms[name] = (basis, found)
        return known[1]


def _share(marks: Marks) -> float | None:
    return sure_share(marks.bad, marks.all) if marks.all >= LEAST_EVENTS else None


def _again(quiets: list[Quiet], now: datetime) -> datetime | None:
    """When time alone may say more: working time passes no quicker than the clock."""
    again = [
        now + max(LOOK_EVERY, timedelta(hours=quiet.usual - quiet.hours))
        for quiet in quiets
        if quiet.hours < WORTHLESS_AFTER * quiet.usual
    ]
    return min(again, default=None)
