"""What a dated plan says beyond its first day below zero: each day's balance, what is too near to be helped, what to pull in.

Companions of `projected_balance.project`, with the same meaning of flows: (day, amount), receipts above zero and
requirements below, amounts in fixed point, days as ordinals; what was due before today counts as of today. The alerts
"within the lead time" are those of SAP SNC, the least number of periods is that of SAP IBP.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

Flow = tuple[int, int]


class PullIn(NamedTuple):
    """A receipt of `amount` that is due on `from_day` and would be in time on `to_day`."""

    from_day: int
    to_day: int
    amount: int


def balances(opening: int, flows: Iterable[Flow], today: int, horizon_days: int) -> list[int]:
    """The projected available balance at the end of each day, from `today` to `today + horizon_days`, both included."""
    net = [0] * (horizon_days + 1)
    for day, amount in flows:
        ahead = max(day - today, 0)
        if ahead <= horizon_days:
            net[ahead] += amount
    net[0] += opening
    return list(accumulate(net))


def first_lasting(balance: Sequence[int], level: int, periods: int) -> int | None:
    """The index of the first of `periods` balances in a row that are all below `level`; None: there is no such run.

    Raises `ValueError` for less than one period.
    """
    if periods < 1:
        raise ValueError(f"a run has one period at least, not {periods}")
    run = 0
    for index, amount in enumerate(balance):
        run = run + 1 if amount < level else 0
        if run == periods:
            return index - periods + 1
    return None


def within_lead_time(day: int | None, today: int, lead_time_days: float) -> bool:
    """Whether goods that are ordered today, and can be used after `lead_time_days`, come too late for `day`.

    What comes on the day itself is in time. No day is never within it.
    """
    return day is not None and day < today + lead_time_days


def pull_in(opening: int, flows: Iterable[Flow], today: int, horizon_days: int) -> PullIn | None:
    """The next receipt after the first day below zero: brought forward to that day, it lifts the balance by its amount.

    It may not be enough: project again with it moved. None: the plan holds, or there is nothing to pull in within the horizon.
    """
    flows = list(flows)
    short = first_lasting(balances(opening, flows, today, horizon_days), 0, 1)
    if short is None:
        return None
    to_day = today + short
    later = (flow for flow in flows if flow[1] > 0 and to_day < flow[0] <= today + horizon_days)
    receipt = min(later, key=lambda flow: (flow[0], -flow[1]), default=None)
    return None if receipt is None else PullIn(receipt[0], to_day, receipt[1])
