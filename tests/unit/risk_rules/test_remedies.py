"""What a buyer is told to do about a shortage: how much, by when, from whom, and what else is at stake."""

import math
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.dated_cover import balances, first_lasting
from risk_rules.remedies import Expected, Plan, Supply, remedy, rounded_up
from risk_rules.working_days import Calendar

MONDAY = date(2026, 1, 5).toordinal()
WEEKDAYS = Calendar()


def plan(
    opening: int,
    needs: list[tuple[int, int]],
    receipts: list[tuple[int, int]] | None = None,
    safety: int = 0,
    release_days: int = 0,
) -> Plan:
    """Amounts in kg, days from Monday on."""
    return Plan(
        material="API-7", name="Amlodipine", unit="KGM", today=MONDAY, horizon_days=182, opening=opening * 10,
        safety=safety * 10, receipts=[Expected(MONDAY + day, qty * 10, "suppliers") for day, qty in receipts or ()],
        outflows=[(MONDAY + day, -qty * 10) for day, qty in needs], release_days=release_days, scale=10,
    )  # fmt: skip


def day(ahead: int) -> date:
    return date.fromordinal(MONDAY + ahead)


def test_what_is_missing_and_the_safety_stock_are_ordered_of_the_supplier():
    found = remedy(plan(100, [(40, 150)], safety=20), [Supply("Lonza", 21, 1.0, 0)], WEEKDAYS)
    assert found is not None
    assert (found.short_on, found.missing) == (day(40), 50)
    (order,) = found.orders
    assert (order.supplier, order.quantity, order.in_time) == ("Lonza", 70, True)


def test_it_is_ordered_on_the_last_working_day_that_leaves_the_lead_time_and_the_release():
    found = remedy(plan(0, [(40, 10)], release_days=7), [Supply("Lonza", 21, 1.0, 0)], WEEKDAYS)
    assert found is not None
    (order,) = found.orders
    assert day(40 - 28) == date(2026, 1, 17)  # a Saturday
    assert order.order_by == date(2026, 1, 16)
    assert order.usable_on <= found.short_on


def test_the_shares_of_the_contracts_divide_an_order_among_those_who_can_be_in_time():
    supplies = [Supply("Slow", 90, 0.5, 0), Supply("Near", 10, 0.1, 0), Supply("Main", 20, 0.4, 0)]
    found = remedy(plan(0, [(40, 100)]), supplies, WEEKDAYS)
    assert found is not None
    assert {order.supplier: order.quantity for order in found.orders} == {"Main": 80, "Near": 20}


def test_nobody_is_asked_for_less_than_it_sells_and_what_that_covers_nobody_else_is_asked_for():
    supplies = [Supply("Main", 20, 0.6, 200), Supply("Near", 10, 0.4, 0)]
    found = remedy(plan(0, [(40, 100)]), supplies, WEEKDAYS)
    assert found is not None
    assert {order.supplier: order.quantity for order in found.orders} == {"Main": 200}


def test_where_nobody_can_be_in_time_the_fastest_is_asked_today_and_it_says_so():
    found = remedy(plan(0, [(5, 10)]), [Supply("Slow", 60, 0.9, 0), Supply("Near", 14, 0.1, 0)], WEEKDAYS)
    assert found is not None
    (order,) = found.orders
    assert (order.supplier, order.order_by, order.usable_on, order.in_time) == ("Near", day(0), day(14), False)


def test_receipts_that_come_too_late_are_named_until_they_cover_what_is_missing():
    found = remedy(plan(0, [(10, 50)], receipts=[(30, 20), (12, 30), (13, 25), (60, 99)]), [], WEEKDAYS)
    assert found is not None
    assert [(one.due_on, one.quantity) for one in found.pull_ins] == [(day(12), 30), (day(13), 25)]
    assert {one.needed_on for one in found.pull_ins} == {day(10)}


def test_what_is_at_stake_is_told_by_the_week_that_needs_it():
    found = remedy(plan(30, [(1, 20), (8, 20), (9, 5), (16, 40)], receipts=[(14, 15)]), [], WEEKDAYS)
    assert found is not None
    assert [(week.begins_on, week.quantity) for week in found.at_stake] == [
        (date(2026, 1, 12), 15),
        (date(2026, 1, 19), 40),
    ]


def test_a_plan_that_holds_needs_nothing():
    assert remedy(plan(100, [(40, 100)]), [Supply("Lonza", 21, 1.0, 0)], WEEKDAYS) is None


@given(st.floats(1e-6, 1e12))
def test_a_rounded_quantity_covers_what_was_wanted_with_three_figures(quantity: float):
    rounded = rounded_up(quantity)
    assert rounded >= quantity * (1 - 1e-6)
    assert rounded <= quantity * 1.01 + 1e-6
    assert math.isclose(float(f"{rounded:.2e}"), rounded, rel_tol=1e-9)


days = st.integers(0, 120)
amounts = st.integers(1, 500)
flows = st.lists(st.tuples(days, amounts), max_size=8)
suppliers = st.lists(
    st.builds(Supply, st.sampled_from("ABC"), st.floats(0, 60), st.floats(0.1, 1), st.sampled_from([0.0, 25.0])),
    min_size=1,
    max_size=3,
)


@given(st.integers(0, 300), flows, flows, st.integers(0, 50), suppliers)
def test_who_orders_as_told_and_in_time_has_no_shortage_in_the_four_weeks(opening, needs, receipts, safety, supplies):
    told = plan(opening, needs, receipts, safety)
    found = remedy(told, supplies, WEEKDAYS)
    if found is None or not all(order.in_time for order in found.orders):
        return
    more = [Expected(order.usable_on.toordinal(), round(order.quantity * 10), "suppliers") for order in found.orders]
    mended = told._replace(receipts=[*told.receipts, *more])
    dated = [(one.day, one.amount) for one in mended.receipts] + list(mended.outflows)
    left = balances(mended.opening, dated, MONDAY, 182)
    short = first_lasting(left, 0, 1)
    assert short is None or short > found.short_on.toordinal() - MONDAY + 28
