"""How full a line is, week by week: planned hours over available hours.

A week that has more planned than available is a shortage of capacity; the first such week is when it bites.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Load(NamedTuple):
    """`first_week`: the first overloaded week, or None; `overload_hours`: planned beyond available in it (0: none).

    `peak_utilisation`: the greatest planned / available hours of a week, 1 is full; a week with plans and no hours at
    all has no ratio and is left out of the peak, though not of the overload. `planned_hours`, `available_hours`: of all
    weeks.
    """

    first_week: str | None
    overload_hours: float
    peak_utilisation: float
    planned_hours: float
    available_hours: float


def load_by_week(planned: Mapping[str, float], available: Mapping[str, float], usual_hours: float) -> Load:
    """The load of a line. Weeks are ISO 8601 (`2026-W14`); `usual_hours` is what a week gives unless it is reported."""
    first_week, overload, peak = None, 0.0, 0.0
    hours = {week: available.get(week, usual_hours) for week in planned.keys() | available.keys()}
    for week in sorted(planned):
        peak = max(peak, planned[week] / hours[week] if hours[week] else 0.0)
        if first_week is None and planned[week] > hours[week]:
            first_week, overload = week, planned[week] - hours[week]
    return Load(first_week, overload, peak, sum(planned.values()), sum(hours.values()))
