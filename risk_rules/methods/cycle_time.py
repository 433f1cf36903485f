"""How long a step takes, counting those that are still in it: production, QC testing, QA release, closing a deviation.

A mean of finished cases alone is too short, for the slow ones are still open. The share still open after t days is the
product over all finishing times t_i <= t of 1 - finished at t_i / open before t_i (Kaplan and Meier 1958;
NIST/SEMATECH e-Handbook 8.2.1.5). Times are in days.
"""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from risk_rules.methods.bounds import checked


class OpenShare(NamedTuple):
    """From `days` on, until the next one, `share` of all cases (0 to 1) are still open."""

    days: float
    share: float


class CycleTime(NamedTuple):
    """`curve` begins with a share of 1 at day 0 and falls. `finished`, `waiting`: the cases that it rests on."""

    curve: tuple[OpenShare, ...]
    finished: int
    waiting: int

    def open_after(self, days: float) -> float:
        """The share of cases that take longer than so many days. After the last known day it stays as it is."""
        return next((share for at, share in reversed(self.curve) if at <= days), 1.0)

    def quantile(self, part: float) -> float | None:
        """The days within which `part` of the cases are done; None where not so many are known to be done ever.

        Raises `ValueError` unless 0 < part <= 1.
        """
        checked("part", part, 0.0, 1.0, above=True)
        return next((days for days, share in self.curve if share <= 1 - part + 1e-12), None)

    def chance_within(self, days: float, age: float = 0.0) -> float | None:
        """The chance that a case, open for `age` days, is done within `days` more. None where none was known that old."""
        still = self.open_after(age)
        return 1 - self.open_after(age + days) / still if still else None


def cycle_time(finished: Iterable[float], waiting: Iterable[float] = ()) -> CycleTime | None:
    """From the days that finished cases took and the ages of those still open. None without any.

    A case that finished at the age at which another is still open counts as before it. Raises `ValueError` below 0.
    """
    done, ages = Counter(finished), Counter(waiting)
    for days in (*done, *ages):
        checked("days", days, 0.0)
    number, open_number = done.total(), ages.total()
    at_risk, share = number + open_number, 1.0
    if not at_risk:
        return None
    curve = [OpenShare(0.0, 1.0)]
    for days in sorted(done.keys() | ages.keys()):
        if done[days]:
            share *= 1 - done[days] / at_risk
            curve.append(OpenShare(days, share))
        at_risk -= done[days] + ages[days]
    return CycleTime(tuple(curve), number, open_number)
