"""On time in full, by a rule that says whose date, what window, which days and what is full."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.otif import Delivery, OrderLine, Rule, Whose, otif, outcome, window
from risk_rules.working_days import Calendar

DUE = date(2026, 3, 6)
"""A Friday."""
LATER = date(2026, 5, 1)
WEEKDAYS = Calendar()


def day(after: int) -> date:
    return DUE + timedelta(days=after)


def line(*deliveries: tuple[int, float], qty: float = 100) -> OrderLine:
    came = [Delivery(day(after), amount) for after, amount in deliveries]
    return OrderLine(qty, came, first_promised=DUE)


def is_otif(delivered: OrderLine, rule: Rule, today: date = LATER) -> bool | None:
    found = outcome(delivered, rule, today)
    return None if found is None else found.otif


def test_the_date_is_the_one_that_the_rule_names() -> None:
    slipped = OrderLine(100, [Delivery(day(5), 100)], requested=day(-7), first_promised=DUE, last_promised=day(5))
    judged = {whose: is_otif(slipped, Rule(whose=whose)) for whose in Whose}
    assert judged == {Whose.REQUESTED: False, Whose.FIRST_PROMISED: False, Whose.LAST_PROMISED: True}


def test_partial_deliveries_make_it_up_only_where_the_rule_lets_them_and_within_the_window() -> None:
    halves = line((-1, 50), (0, 50))
    assert is_otif(halves, Rule()) is True
    assert is_otif(halves, Rule(split=False)) is False
    assert is_otif(line((0, 50), (1, 50)), Rule()) is False
    assert is_otif(line((0, 50), (1, 50)), Rule(late_days=1)) is True


def test_a_shortfall_within_the_tolerance_is_full() -> None:
    assert is_otif(line((0, 95)), Rule()) is False
    assert is_otif(line((0, 95)), Rule(short_share=0.05)) is True


def test_too_early_is_wrong_only_where_the_rule_says_so() -> None:
    assert is_otif(line((-10, 100)), Rule()) is True
    assert is_otif(line((-10, 100)), Rule(early_days=5)) is False


def test_working_days_bridge_the_weekend() -> None:
    monday = line((3, 100))
    assert is_otif(monday, Rule(late_days=1)) is False
    assert is_otif(monday, Rule(late_days=1, calendar=WEEKDAYS)) is True
    holiday = Calendar(closed=frozenset({day(3)}))
    assert is_otif(line((4, 100)), Rule(late_days=1, calendar=holiday)) is True
    assert window(DUE, Rule(early_days=5, late_days=1, calendar=WEEKDAYS)) == (day(-7), day(3))


def test_a_due_date_on_a_sunday_moves_to_monday_for_a_site_that_rests() -> None:
    assert window(day(2), Rule(calendar=WEEKDAYS))[1] == day(3)
    assert window(day(2), Rule())[1] == day(2)


def test_a_line_counts_when_its_window_is_over_and_not_before() -> None:
    assert outcome(line((0, 100)), Rule(), today=DUE) is None
    assert is_otif(line((0, 100)), Rule(), today=day(1)) is True
    assert is_otif(line(), Rule(late_days=2), today=day(2)) is None
    assert is_otif(line(), Rule(late_days=2), today=day(3)) is False
    assert outcome(OrderLine(5, []), Rule(), LATER) is None


def test_late_and_short_are_told_apart() -> None:
    late, short = outcome(line((9, 100)), Rule(), LATER), outcome(line((0, 60)), Rule(), LATER)
    assert late is not None
    assert short is not None
    assert (late.on_time, late.in_full) == (False, True)
    assert (short.on_time, short.in_full) == (True, False)


def test_the_rate_is_that_of_the_lines_that_are_due() -> None:
    found = otif([line((0, 100)), line((3, 100)), line((0, 50)), line()], Rule(), LATER)
    assert found is not None
    assert (found.otif.good, found.on_time.good, found.in_full.good, found.otif.all) == (1, 2, 2, 4)
    assert otif([line()], Rule(), DUE) is None


deliveries = st.lists(st.tuples(st.integers(-20, 20), st.floats(0.1, 100)), max_size=5)
rules = st.builds(
    Rule,
    early_days=st.none() | st.integers(0, 10),
    late_days=st.integers(0, 10),
    calendar=st.none() | st.just(WEEKDAYS),
    short_share=st.floats(0, 0.2),
    split=st.booleans(),
)


@given(deliveries, rules)
def test_what_is_on_time_and_in_full_is_otif_and_otif_is_in_full(came: list[tuple[int, float]], rule: Rule) -> None:
    found = outcome(line(*came), rule, LATER)
    assert found is not None
    assert not (found.on_time and found.in_full) or found.otif
    assert not found.otif or found.in_full


@given(deliveries, rules, st.integers(1, 10))
def test_a_milder_rule_fails_nothing_that_a_stricter_one_passes(
    came: list[tuple[int, float]], rule: Rule, days: int
) -> None:
    milder = Rule(
        early_days=None if rule.early_days is None else rule.early_days + days,
        late_days=rule.late_days + days,
        calendar=rule.calendar,
        short_share=rule.short_share + 0.01,
        split=True,
    )
    assert not is_otif(line(*came), rule) or is_otif(line(*came), milder)


def test_a_calendar_that_never_works_ends_the_search() -> None:
    never = Rule(late_days=2, calendar=Calendar(weekend=frozenset(range(7))))
    assert window(DUE, never)[1] > DUE


def test_a_rule_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="late_days is -1"):
        Rule(late_days=-1)
    with pytest.raises(ValueError, match="short_share is 2: it must be at least 0 and at most 1"):
        Rule(short_share=2)
