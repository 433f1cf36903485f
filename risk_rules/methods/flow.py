"""Queue and flow of a stage: how much is in it, how fast it comes through, how long it takes, and whether these agree.

Little's law L = X W: the mean number in process is throughput times cycle time (Little 1961; for a window of real time:
Little 2011, Operations Research 59(3)). Times are days since any fixed moment. A stage may be making, QC testing or QA
release as well as the queue before one of them.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from risk_rules.methods.bounds import checked

TOLERANCE: Final = 0.4
LEAST_LEAVING: Final = 30
"""A steady queue that is 80 % full (M/M/1) stays within the tolerance in more than 95 of 100 windows in which 30 leave it."""


class Stay(NamedTuple):
    """One batch in the stage, from `entered` to `left`; None: it is still there."""

    entered: float
    left: float | None


class Flow(NamedTuple):
    """The flow through a stage in a window.

    `in_process`: mean number inside. `per_day`: how many left, a day. `cycle_days`: mean days inside of those that left in
    the window, None if none did. `left`: how many did. `standing`: number inside at the end; `oldest_days`: since when
    the oldest of them, 0 without any. `ageing`: days by which the ages of all inside grew together, a day.
    Always: in_process = per_day * cycle_days + ageing.
    """

    in_process: float
    per_day: float
    cycle_days: float | None
    left: int
    standing: int
    oldest_days: float
    ageing: float


class Agreement(NamedTuple):
    """`expected_in_process`: throughput times cycle time. `gap`: -1 to 1, what the greater of it and the measured number
    exceeds the other by, as a share of the greater; above 0 more is inside than the flow explains: work piles up or
    completions were not reported; below 0 the stage empties or entries were not. `agrees`: |gap| is within the tolerance.
    """

    expected_in_process: float
    gap: float
    agrees: bool


def flow(stays: Iterable[Stay], start: float, end: float) -> Flow:
    """The flow from `start` to `end`. Raises `ValueError` for an empty window, or for one that left before it entered."""
    checked("end of the window", end, start, above=True)
    inside = cycle_total = age_start = age_end = 0.0
    left = standing = 0
    oldest = end
    for entered, gone in stays:
        if gone is not None and gone < entered:
            raise ValueError(f"a batch left on day {gone}, before it entered on day {entered}")
        if entered >= end or (gone is not None and gone < start):
            continue
        inside += (end if gone is None else min(gone, end)) - max(entered, start)
        age_start += max(start - entered, 0.0)
        if gone is None or gone >= end:
            standing += 1
            age_end += end - entered
            oldest = min(oldest, entered)
        else:
            left += 1
            cycle_total += gone - entered
    days = end - start
    cycle = cycle_total / left if left else None
    return Flow(inside / days, left / days, cycle, left, standing, end - oldest, (age_end - age_start) / days)


def little(in_process: float, per_day: float, cycle_days: float, tolerance: float = TOLERANCE) -> Agreement:
    """Whether three figures of one window agree; they may come from three reports.

    The law holds exactly only over a window that begins and ends empty; `tolerance` is for what stands at the ends. With
    fewer than `LEAST_LEAVING` that left, the default tells little. Raises `ValueError` below 0.
    """
    for name, value in (("in_process", in_process), ("per_day", per_day), ("cycle_days", cycle_days)):
        checked(name, value, 0.0)
    expected = per_day * cycle_days
    greater = max(in_process, expected)
    gap = (in_process - expected) / greater if greater else 0.0
    return Agreement(expected, gap, abs(gap) <= tolerance)
