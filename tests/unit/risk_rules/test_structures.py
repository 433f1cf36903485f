"""What did not happen, what happened in a bad order, too often, or ever more."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from risk_rules.methods.control_chart import Side
from risk_rules.spans import Span, Unit
from risk_rules.structures import GIVEN, Absence, CountWithin, Sequence, Structure, Trend
from risk_rules.structures.trend import ChartKind
from risk_rules.working_days import EVERY_WEEKDAY

MONDAY = datetime(2026, 1, 5, 8, tzinfo=UTC)

NO_RESULT = Absence(of="qc_result_at", after="completed_at", within=Span(Unit.WORKING_DAYS, 10))
UNCHECKED = Sequence(steps=("excursion_at", "received_at"), without="inspected_at", within=Span(Unit.DAYS, 30))
REJECTED = CountWithin(of="rejected", days=90, at_least=3)


def trend(**changed: Any) -> Trend:
    usual: dict[str, Any] = {
        "of": "days", "chart": ChartKind.CUSUM, "sides": frozenset((Side.ABOVE,)), "baseline": 20, "least_sigma": 0.0,
        "target": None, "sigma": None, "weight": 0.3, "width": 3.0, "slack": 0.5, "threshold": 5.0,
    }  # fmt: skip
    return Trend(**usual | changed)


def holds(structure: Structure, now: datetime = MONDAY, **features: Any) -> bool:
    return structure.told(features, now, EVERY_WEEKDAY).holds


def after(**time: float) -> datetime:
    return MONDAY + timedelta(**time)


def test_no_result_within_ten_working_days_is_found_at_their_end_and_not_before() -> None:
    batch = {"completed_at": MONDAY, "qc_result_at": None}
    due = datetime(2026, 1, 20, tzinfo=UTC)
    for now, is_due in ((MONDAY, False), (due - timedelta(minutes=1), False), (due, True), (after(days=40), True)):
        told = NO_RESULT.told(batch, now, EVERY_WEEKDAY)
        assert told.holds is is_due
        assert told.look_again is not None
        assert now < told.look_again <= (due if not is_due else now + timedelta(days=1))
        assert told.values["due_on"] == date(2026, 1, 19)
    assert NO_RESULT.told(batch, due + timedelta(hours=36), EVERY_WEEKDAY).values["missing_days"] == 1.5


def test_a_result_ends_an_absence_unless_it_is_older_than_what_it_should_follow() -> None:
    late = after(days=30)
    assert not holds(NO_RESULT, late, completed_at=MONDAY, qc_result_at=after(days=20))
    assert holds(NO_RESULT, late, completed_at=MONDAY, qc_result_at=after(days=-3))
    assert not holds(NO_RESULT, late, completed_at=None, qc_result_at=None)


def test_days_count_from_their_beginning_at_the_site() -> None:
    overdue = Absence(of="eta_on", after="shortage_on", within=Span(Unit.HOURS, 12))
    day = date(2026, 1, 5)
    assert not holds(overdue, MONDAY, shortage_on=day, eta_on=None)
    assert holds(overdue, after(hours=4), shortage_on=day, eta_on=None)


@pytest.mark.parametrize(
    ("inspected", "received", "found"),
    [
        (None, 2, True),
        (1, 2, False),
        (3, 2, True),
        (-1, 2, True),
        (None, None, False),
        (None, -1, False),
        (None, 31, False),
    ],
)
def test_goods_that_were_warm_and_came_in_without_inspection(
    inspected: float | None, received: float | None, found: bool
) -> None:
    moments = {"inspected_at": inspected, "received_at": received}
    features = {name: None if days is None else after(days=days) for name, days in moments.items()}
    assert holds(UNCHECKED, after(days=60), excursion_at=MONDAY, **features) is found
    assert not holds(UNCHECKED, after(days=60), excursion_at=None, **features)


def test_three_rejected_lots_in_ninety_days_are_too_many_until_the_first_is_ninety_days_old() -> None:
    lots = {date(2025, 11, 1): 1, date(2025, 12, 1): 1, date(2026, 1, 5): 1}
    told = REJECTED.told({"rejected": lots}, MONDAY, EVERY_WEEKDAY)
    assert told == (True, datetime(2026, 1, 30, tzinfo=UTC), {"counted": 3})
    few = REJECTED.told({"rejected": lots}, datetime(2026, 1, 30, tzinfo=UTC), EVERY_WEEKDAY)
    assert few == (False, datetime(2026, 3, 1, tzinfo=UTC), {"counted": 2})
    last = datetime(2026, 1, 29, 23, 59, tzinfo=UTC)
    assert [holds(REJECTED, now, rejected=lots) for now in (last, last + timedelta(minutes=1))] == [True, False]
    assert not holds(REJECTED, MONDAY, rejected=None)


def test_a_count_dated_in_the_future_counts_from_its_day_on() -> None:
    told = REJECTED.told({"rejected": {"2026-01-05": 2, "2026-01-09": 1}}, MONDAY, EVERY_WEEKDAY)
    assert told == (False, datetime(2026, 1, 9, tzinfo=UTC), {"counted": 2})


def series(*values: float) -> list[tuple[str, float]]:
    return [((date(2025, 1, 1) + timedelta(days=n)).isoformat(), value) for n, value in enumerate(values)]


STEADY = [20.0, 21.0, 19.0, 20.5, 19.5] * 4


@pytest.mark.parametrize("chart", ChartKind)
def test_a_cycle_time_that_stays_longer_is_a_trend_and_one_bad_batch_is_none(chart: ChartKind) -> None:
    longer = trend(chart=chart)
    assert not holds(longer, days=series(*STEADY, *STEADY))
    assert not holds(longer, days=series(*STEADY, 20, 24, 20, 19, 20, 20))
    assert holds(longer, days=series(*STEADY, *[22.5] * 8))
    assert not holds(trend(chart=chart, sides=frozenset((Side.BELOW,))), days=series(*STEADY, *[22.5] * 8))


def test_a_trend_says_what_was_usual_and_where_it_went() -> None:
    told = trend().told({"days": series(*STEADY, *[23.0] * 8)}, MONDAY, EVERY_WEEKDAY)
    assert told.values["usual"] == 20.0
    assert told.values["drifted_to"] == pytest.approx(23.0)


def test_a_series_too_short_to_know_what_is_usual_has_no_trend_unless_that_is_given() -> None:
    assert not holds(trend(), days=series(*STEADY[:18], 90, 90))
    assert holds(trend(target=20.0, sigma=1.0), days=series(*[23.0] * 3))
    assert not holds(trend(), days=None)
    assert not holds(trend(), days=series(*[5.0] * 20, 9.0))


def test_nist_worked_example_of_cusum_alarms_at_the_fourteenth_value() -> None:
    values = [
        324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600, 324.625, 325.150,
        328.325, 327.250,
    ]  # fmt: skip
    chart = trend(target=325.0, sigma=1.0, slack=0.3175, threshold=4.1959)
    assert [holds(chart, days=series(*values[:count])) for count in (13, 14)] == [False, True]


def test_all_that_structures_give_is_reserved() -> None:
    every: list[Structure] = [NO_RESULT, UNCHECKED, REJECTED, trend()]
    assert {name for one in every for name in one.gives} == GIVEN
    for one in every:
        assert one.told(dict.fromkeys(one.features), MONDAY, EVERY_WEEKDAY).values.keys() == one.gives.keys()
