"""A line is overloaded in the first week that has more planned than it can give."""

from risk_rules.methods.utilisation import load_by_week


def test_the_first_overloaded_week_is_named_with_the_hours_too_many() -> None:
    load = load_by_week({"2026-W10": 100, "2026-W12": 150, "2026-W11": 130}, {"2026-W12": 100}, 120)
    assert (load.first_week, load.overload_hours, load.peak_utilisation) == ("2026-W11", 10, 1.5)


def test_a_full_week_is_not_an_overloaded_one() -> None:
    assert load_by_week({"2026-W10": 120}, {}, 120).first_week is None


def test_weeks_are_ordered_over_the_turn_of_the_year() -> None:
    assert load_by_week({"2027-W01": 200, "2026-W53": 130}, {}, 120).first_week == "2026-W53"


def test_a_week_without_hours_is_overloaded_by_any_plan() -> None:
    load = load_by_week({"2026-W10": 8}, {"2026-W10": 0}, 120)
    assert (load.first_week, load.overload_hours, load.peak_utilisation) == ("2026-W10", 8, 0)
    assert (load.planned_hours, load.available_hours) == (8, 0)
