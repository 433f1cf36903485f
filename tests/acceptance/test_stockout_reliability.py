"""Chances of a stock-out come true as often as they say: a few worlds here, 10,000 futures by the command."""

import pytest

from tests.acceptance.stockout_reliability import Tenth, brier, measure, report, tenths
from tests.acceptance.stockouts.forecasts import Case

WORLDS, PAST = 24, 10


@pytest.fixture(scope="module")
def found() -> list[Case]:
    return measure(WORLDS, PAST)


def test_about_as_many_run_out_as_was_predicted(found: list[Case]) -> None:
    predicted = sum(case.chance for case in found)
    spread = sum(case.chance * (1 - case.chance) for case in found) ** 0.5
    came_true = sum(case.out for case in found)
    assert came_true > 10
    assert abs(predicted - came_true) < 5 * spread + 0.3 * came_true


def test_a_chance_tells_far_more_than_how_often_it_happens(found: list[Case]) -> None:
    error, of_the_rate = brier(found)
    assert error < 0.5 * of_the_rate


def test_whoever_is_nearly_sure_is_nearly_always_right(found: list[Case]) -> None:
    low, high = tenths(found)[0], tenths(found)[9]
    assert low.came_true < 0.05
    assert high.came_true > 0.85


def test_the_report_counts_futures_and_cases(found: list[Case]) -> None:
    told = report(found, WORLDS)
    assert told["futures"] == 4 * WORLDS
    assert sum(one["cases"] for one in told["tenths"]) == told["cases"] == len(found)


def test_a_tenth_is_reliable_within_five_points_and_not_judged_on_few_cases() -> None:
    assert Tenth(100, 0.35, 0.30).reliable
    assert not Tenth(100, 0.35, 0.29).reliable
    assert Tenth(99, 0.35, 0.9).reliable
