"""How far a feed can be trusted: wholly while nothing is wrong, less by each fault, and not at all where one is bad enough."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.feed_trust import clock_quality, freshness, share_quality, sure_share, trust

qualities = st.dictionaries(st.sampled_from(["freshness", "clock", "order", "refusals"]), st.floats(0, 1))


def test_a_sound_feed_has_all_trust() -> None:
    assert trust({"freshness": 1.0, "clock": 1.0}) == (100.0, {})
    assert trust({}) == (100.0, {})


def test_each_fault_costs_trust_and_is_named_with_its_points() -> None:
    late = trust({"freshness": 0.8, "clock": 1.0})
    assert late == (80.0, {"freshness": 20.0})
    late_and_wrong = trust({"freshness": 0.8, "clock": 0.5})
    assert late_and_wrong.score == 40
    assert late_and_wrong.lost == {"freshness": 15.0, "clock": 45.0}  # a mean of first and last: 20 and 10, 50 and 40


def test_one_fault_alone_can_make_a_feed_worthless() -> None:
    assert trust({"completeness": 0.0, "clock": 1.0, "order": 0.9}).score == 0


@given(qualities)
def test_points_lost_add_up_to_what_is_lacking(some: dict[str, float]) -> None:
    found = trust(some)
    assert 0 <= found.score <= 100
    assert sum(found.lost.values()) == pytest.approx(100 - found.score, abs=1e-4)
    assert found.lost.keys() == {name for name, quality in some.items() if quality < 1}


@given(qualities, st.floats(0, 1))
def test_one_more_fault_never_gives_trust_back(some: dict[str, float], more: float) -> None:
    assert trust(some | {"corrections": more}).score <= trust(some).score


def test_quiet_costs_nothing_up_to_what_is_allowed_and_all_at_three_times_that() -> None:
    assert [freshness(overdue) for overdue in (0.0, 1.0, 2.0, 3.0, 9.0)] == [1, 1, 0.5, 0, 0]
    with pytest.raises(ValueError, match="overdue"):
        freshness(-1.0)


def test_a_clock_two_hours_off_either_way_halves_trust() -> None:
    assert (clock_quality(0.0), clock_quality(2.0), clock_quality(-2.0)) == (1, 0.5, 0.5)


def test_a_share_costs_in_proportion_and_all_from_the_worst_on() -> None:
    assert [share_quality(share, 0.5) for share in (0.0, 0.25, 0.5, 1.0)] == [1, 0.5, 0, 0]


def test_two_bad_ones_of_ten_are_no_habit_and_two_hundred_of_a_thousand_are() -> None:
    assert sure_share(0, 1000) == sure_share(0, 0) == 0
    assert sure_share(2, 10) < 0.05
    assert sure_share(200, 1000) > 0.17


def test_the_sure_share_is_the_lower_end_of_wilsons_interval() -> None:
    # By hand for 8 of 10, z = 2.3263: (0.8 + 0.2706 - sqrt(0.0866 + 0.0732)) / 1.5412
    assert sure_share(8, 10) == pytest.approx(0.4353, abs=1e-4)


@given(st.integers(1, 500), st.integers(0, 500))
def test_what_is_sure_is_less_than_what_was_seen_and_grows_with_what_was_seen(bad: int, good: int) -> None:
    assert 0 <= sure_share(bad, bad + good) < bad / (bad + good)
    assert sure_share(2 * bad, 2 * (bad + good)) > sure_share(bad, bad + good)
