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

    `shortage_day`: the first day of the horizon with a balance below zero, or None. `deficit`: how far below zero it
    falls at the most from then to 28 days later (0: no shortage). `below_safety_day`: the first day with a balance
    below safety stock. `days_of_supply`: days from today to the first requirement that the opening stock alone does not
    wholly cover; None when it covers all of the horizon. `lowest`: the least balance of the horizon.
    """

    shortage_day: int | None
    deficit: int
    below_safety_day: int | None
    days_of_supply: float | None
    lowest: int


def project(opening: int, flows: Iterable[tuple[int, int]], today: int, horizon_days: int, safety: int) -> Projection:
    """The projection from `today` to `today + horizon_days`, both included.

    `flows` are (day, amount) in any order, receipts above zero and requirements below; those before today count as of
    today, those beyond the horizon do not count. The balance of a day holds all flows of that day.
    """
    end = today + horizon_days
    dated = sorted([(day if day > today else today, amount) for day, amount in flows if day <= end])
    dated.append((end + 1, 0))
    shortage_day = below_safety_day = supply_day = None
    balance = left = opening
    lowest, deficit, current = None, 0, today
    for day, amount in dated:
        if day != current:
            if lowest is None or balance < lowest:
                lowest = balance
            if balance < safety and below_safety_day is None:
                below_safety_day = current
            if balance < 0:
                if shortage_day is None:
                    shortage_day = current
                if -balance > deficit and current <= shortage_day + WINDOW_DAYS:
                    deficit = -balance
            current = day
        balance += amount
        if amount < 0 and supply_day is None:
            left += amount
            if left < 0:
                supply_day = day
    days_of_supply = None if supply_day is None else float(supply_day - today)
    return Projection(shortage_day, deficit, below_safety_day, days_of_supply, opening if lowest is None else lowest)
