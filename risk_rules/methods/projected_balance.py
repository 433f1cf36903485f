"""When a stock runs out: the projected available balance on dated flows.

PAB(t) = PAB(t-1) + receipts(t) - requirements(t), from usable stock (the balance of material requirements planning; see
e.g. Vollmann et al., Manufacturing Planning and Control). Days of supply is counted on the dated requirements, not on
stock over mean use. Amounts are whole numbers in fixed point, so that no rounding can move a day.
"""

from collections.abc import Iterable
from typing import NamedTuple

WINDOW_DAYS = 28


class Projection(NamedTuple):
    """Days are ordinals (`date.toordinal`), amounts in the fixed point of the input.

    `shortage_day`: the first day of the horizon with a balance below zero, or None. `deficit`: how far below zero it falls
    at the most within 28 days from then (0: no shortage). `below_safety_day`: the first day with a balance below safety
    stock. `days_of_supply`: how long the opening stock alone covers the requirements; None when it covers all of
    them. `lowest`: the least balance in the horizon.
    """

    shortage_day: int | None
    deficit: int
    below_safety_day: int | None
    days_of_supply: float | None
    lowest: int


def project(opening: int, flows: Iterable[tuple[int, int]], today: int, horizon_days: int, safety: int) -> Projection:
    """The projection from `today` over `horizon_days`, both days included.

    `flows` are (day, amount) in any order, receipts above zero and requirements below; those before today count as of
    today, those beyond the horizon do not count. The balance of a day has all flows of the day in it. The window of
    the deficit may reach beyond the horizon by nothing: it ends with it.
    """
    end = today + horizon_days
    dated = sorted((day if day > today else today, amount) for day, amount in flows if day <= end)
    balance = lowest = supply = opening
    shortage_day: int | None = today if opening < 0 else None
    below_safety_day: int | None = today if opening < safety else None
    supply_day: float | None = 0.0 if opening < 0 else None
    deficit = 0
    last = len(dated) - 1
    for number, (day, amount) in enumerate(dated):
        balance += amount
        if amount < 0 and supply_day is None:
            supply += amount
            if supply < 0:
                supply_day = float(day - today)
        if number < last and dated[number + 1][0] == day:
            continue
        lowest = min(lowest, balance)
    return Projection(shortage_day, deficit, below_safety_day, supply_day, lowest)
