"""Until when what rules decide by stays as it is, if no event comes: until then nobody needs to be asked.

A feature's turn is the first instant at which it may differ from what it is now, in microseconds since 1970; None where
time alone never changes it. A feature without a turn here may change at any time. Turns may be told too early, not too late.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from streams.ledger.entity import EPOCH, Entity, Surroundings
from streams.ledger.kinds import freight, production
from streams.ledger.kinds.line_flow import LINE_FLOW
from streams.ledger.kinds.outlook import OUTLOOK
from streams.network.reach import next_turn

Turn = Callable[[Entity, Surroundings], int | None]

EVERY: Final = timedelta(hours=6)
"""How often time alone may change what is said of an open subject."""

SELDOM: Final = timedelta(days=28)
"""After so long it is asked about anyway."""

AT_ANY_TIME: Final = 0
ROUNDING: Final = 1_000
"""Microseconds: features in days are rounded to the millisecond."""

DAY: Final = 86_400_000_000
DAYS_TO_1970: Final = 719_163
_STEP: Final = EVERY // timedelta(microseconds=1)


def never(entity: Entity, around: Surroundings) -> int | None:
    """For what an entity's own events say."""
    return None


def midnight(entity: Entity, around: Surroundings) -> int | None:
    """For what hangs on the day, in UTC."""
    return (around.today + 1 - DAYS_TO_1970) * DAY


def other_demand(entity: Entity, around: Surroundings) -> int | None:
    """For what hangs on the demand in force."""
    day = next_turn(around.network, around.today)
    return None if day is None else (day - DAYS_TO_1970) * DAY


def _shipment_due(entity: Entity, around: Surroundings) -> int | None:
    state = entity.state
    expected = freight.expected(state)
    if expected is None or freight.status(state) not in ("booked", "in_transit"):
        return None
    return expected - ROUNDING


def _still_to_come(actual: str, planned: str, first: str) -> Turn:
    """A delay grows from when the last plan is missed."""

    def turn(entity: Entity, around: Surroundings) -> int | None:
        get = entity.state.get
        begins = get(first)
        if begins is None or get(actual) is not None or not production.batch_is_open(entity):
            return None
        return (get(planned) or begins) - ROUNDING

    return turn


def _release_due(entity: Entity, around: Surroundings) -> int | None:
    completed = entity.state.get("completed_at")
    if completed is None or not production.batch_is_open(entity):
        return None
    return completed + int(production.release_days(entity, around.network) * DAY) - ROUNDING


def _in_release(entity: Entity, around: Surroundings) -> int | None:
    completed = entity.state.get("completed_at")
    return None if completed is None or not production.batch_is_open(entity) else AT_ANY_TIME


def _finish_ahead(entity: Entity, around: Surroundings) -> int | None:
    get = entity.state.get
    return None if get("planned_finish") is None or get("completed_at") is not None else AT_ANY_TIME


_REACHED: Final = dict.fromkeys(("products_touched", "products_share", "demand_days"), other_demand)

TURNS: Final[Mapping[str, Mapping[str, Turn]]] = {
    "shipment": {
        **dict.fromkeys(
            (
                "site", "partner", "shipment_id", "status", "mode", "carrier", "po_no", "origin", "materials", "eta_slip_days",
                "eta_on", "temp_min", "temp_max", "mkt_celsius", "max_celsius", "min_celsius", "excursion_minutes", "readings",
                "departed_at", "arrived_at", "received_at", "excursion_at", "inspected_at",
            ),
            never,
        ),
        **_REACHED,
        "days_overdue": _shipment_due,
    },
    "batch": {
        **dict.fromkeys(
            (
                "site", "partner", "batch_id", "product", "stage", "line", "material", "status", "size", "unit", "qc_failed",
                "open_critical", "open_major", "open_minor", "cdmo_disposition", "sponsor_disposition", "planned_release_on",
                "material_class", "started_at", "completed_at", "qc_result_at", "dispositioned_at",
            ),
            never,
        ),
        **_REACHED,
        "start_delay_days": _still_to_come("started_at", "planned_start", "first_planned_start"),
        "finish_delay_days": _still_to_come("completed_at", "planned_finish", "first_planned_finish"),
        "release_overdue_days": _release_due,
        "days_in_release": _in_release,
        "days_to_planned_finish": _finish_ahead,
    },
    "material": dict.fromkeys(
        (
            "site", "partner", "material", "name", "unit", "usable_qty", "quarantine_qty", "inbound_qty", "required_qty",
            "days_of_supply", "shortage_in_days", "shortage_on", "shortage_qty", "below_safety_in_days", "safety_stock",
            "lead_time_days", "supplier", "moq", "order_by", "order_in_days", "next_receipt_on", "next_receipt_qty",
            "overdue_receipt_qty", "lateness_days", "doubtful_qty", "shortage_without_doubtful_in_days",
            "shortage_without_doubtful_on", "days_at_risk", "days_in_doubt", "products_touched", "products_share",
            "demand_per_week", "product", "material_class", *OUTLOOK,
        ),
        midnight,
    ),
    "line": dict.fromkeys(
        (
            "site", "partner", "line", "overload_week", "overload_on", "days_to_overload", "overload_hours", "peak_utilisation",
            "planned_hours_4w", "available_hours_4w", *LINE_FLOW,
        ),
        midnight,
    ),
}  # fmt: skip
"""Kind -> feature -> its turn. Columns of materials and lines hang on the day as their features do."""


def turns_of(kind: str, features: Iterable[str]) -> tuple[Turn, ...] | None:
    """The turns of these features, each once; None where one may change at any time."""
    known, found = TURNS.get(kind, {}), dict[Turn, None]()
    for feature in features:
        turn = known.get(feature)
        if turn is None:
            return None
        found[turn] = None
    found.pop(never, None)
    return tuple(found)


def boundary(now: datetime) -> datetime:
    """The next whole multiple of `EVERY` after `now`, in UTC."""
    return EPOCH + EVERY * ((now - EPOCH) // EVERY + 1)


def look_again(turns: Iterable[Turn], entity: Entity, around: Surroundings, next_boundary: datetime) -> datetime:
    """The last whole multiple of `EVERY` up to the first of these turns, but not before the next one.

    Whoever asks at each multiple hears the same: up to there nothing turns.
    """
    latest = next_boundary + SELDOM
    first = [at for turn in turns if (at := turn(entity, around)) is not None]
    if not first:
        return latest
    return max(next_boundary, min(latest, EPOCH + timedelta(microseconds=min(first) // _STEP * _STEP)))
