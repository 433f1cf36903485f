"""How batches go through a line: how long they take, how many are in it, and how many come through without a deviation.

Each batch gives its line one entry, which the same entry takes back, so that it does not matter in what order things become known.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple, Self

from risk_rules.methods.cycle_time import CycleTime, cycle_time
from risk_rules.methods.lot_quality import Lot, right_first_time
from risk_rules.methods.proportion import Proportion
from streams.ledger.entity import Entity, Surroundings, ordinal
from streams.ledger.fact import State
from streams.ledger.kinds import rates
from streams.ledger.kinds.past_orders import UNKNOWN

WINDOW: Final = timedelta(days=180)
LONGEST: Final = 365
"""Days in a line; more is a slip of a date."""

PAST: Final = "C"
"""How the buckets of a line begin that tell of passages; the others are weeks."""


class PassedThrough(NamedTuple):
    """Days as proleptic ordinals, `finished` None while the batch is in the line. `deviated`: a deviation ever named it."""

    started: int
    finished: int | None
    deviated: bool

    def bucket(self) -> str:
        """The bucket of a tally in which the like are counted."""
        finished = UNKNOWN if self.finished is None else self.finished
        return f"{PAST} {self.started} {finished} {int(self.deviated)}"

    @classmethod
    def read(cls, bucket: str) -> Self:
        """From its bucket."""
        _, started, finished, deviated = bucket.split(" ")
        return cls(int(started), None if finished == UNKNOWN else int(finished), deviated == "1")

    @property
    def days(self) -> int | None:
        """From start to finish; None while it is in the line, or where the dates cannot be."""
        if self.finished is None or not 0 <= self.finished - self.started <= LONGEST:
            return None
        return self.finished - self.started


def passed_through(state: State) -> PassedThrough | None:
    """How far a batch is through its line; None before its start. A deviation counts whatever came of it."""
    started, finished = state.get("started_at"), state.get("completed_at")
    if started is None:
        return None
    return PassedThrough(
        ordinal(started), None if finished is None else ordinal(finished), bool(state.get("deviations"))
    )


def _passages(entity: Entity) -> list[tuple[PassedThrough, int]]:
    """In order of time."""
    buckets = ((bucket, n) for bucket, n in entity.tallies.items() if bucket.startswith(PAST))
    return sorted(
        ((PassedThrough.read(bucket), n) for bucket, n in buckets), key=lambda one: (one[0].finished or 0, one[0])
    )


def _cycle_time(entity: Entity, around: Surroundings) -> CycleTime | None:
    since, done, waiting = around.today - WINDOW.days, list[float](), list[float]()
    for one, n in _passages(entity):
        if one.days is not None and (one.finished or 0) >= since:
            done += [float(one.days)] * n
        elif one.finished is None and 0 <= around.today - one.started <= LONGEST:
            waiting += [float(around.today - one.started)] * n
    return cycle_time(done, waiting)


def _quantile(part: float) -> Callable[[Entity, Surroundings], float | None]:
    def quantile(entity: Entity, around: Surroundings) -> float | None:
        curve = _cycle_time(entity, around)
        return None if curve is None else curve.quantile(part)

    return quantile


def _series(entity: Entity, around: Surroundings) -> list[list[Any]]:
    return [[one.finished, one.days] for one, n in _passages(entity) if one.days is not None for _ in range(n)]


def _right_first_time(entity: Entity, around: Surroundings) -> Proportion | None:
    since = around.today - WINDOW.days
    return right_first_time(
        Lot(int(one.deviated), 0, reworked=False, accepted=None)
        for one, n in _passages(entity)
        if one.finished is not None and one.finished >= since
        for _ in range(n)
    )


def _right_series(entity: Entity, around: Surroundings) -> list[list[Any]]:
    return [
        [one.finished, 1 - int(one.deviated)]
        for one, n in _passages(entity)
        if one.finished is not None
        for _ in range(n)
    ]


LINE_FLOW: Final[Mapping[str, Callable[[Entity, Surroundings], Any]]] = {
    "in_process": lambda line, around: sum(n for one, n in _passages(line) if one.finished is None),
    "cycle_days_median": _quantile(0.5),
    "cycle_days_p90": _quantile(0.9),
    "cycle_times": _series,
    "right_first_time": lambda line, around: rates.share(_right_first_time(line, around)),
    "right_first_time_lower": lambda line, around: rates.lower(_right_first_time(line, around)),
    "batches_finished": lambda line, around: rates.cases(_right_first_time(line, around)),
    "first_times": _right_series,
}
"""Feature -> how it is worked out."""
