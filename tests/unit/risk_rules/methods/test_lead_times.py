"""Lead times learned from orders and receipts: few pairs, dirty dates, drift, and orders that are under way."""

from itertools import product

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.control_chart import Side
from risk_rules.methods.lead_times import (
    LONGEST_DAYS,
    LeadTimes,
    drift,
    expected,
    expected_after,
    learn,
    take_back,
)
from risk_rules.methods.spread import Spread


class Book:
    """All levels of many suppliers on some lanes."""

    def __init__(self) -> None:
        self.levels: dict[tuple[str, ...], LeadTimes] = {}

    def of(self, lane: str, supplier: str) -> list[LeadTimes]:
        return [self.levels.setdefault(key, LeadTimes()) for key in ((), (lane,), (lane, supplier))]

    def learn(self, lane: str, supplier: str, *days: int) -> None:
        for day in days:
            learn(self.of(lane, supplier), day)

    def expected(self, lane: str, supplier: str) -> Spread:
        spread = expected(self.of(lane, supplier))
        assert spread is not None
        return spread


def test_a_supplier_of_many_pairs_is_what_it_was() -> None:
    luck = np.random.default_rng(1)
    book = Book()
    book.learn("BSL-PRM road", "steady", *luck.normal(42, 3, 400).round().astype(int).tolist())
    book.learn("BSL-PRM road", "slow", *luck.normal(80, 5, 400).round().astype(int).tolist())
    spread = book.expected("BSL-PRM road", "steady")
    assert spread.mean == pytest.approx(42, abs=0.5)
    assert spread.sd == pytest.approx(3, abs=0.5)
    assert spread.quantile(0.05) == pytest.approx(42 - 1.645 * 3, abs=1)
    assert spread.quantile(0.95) == pytest.approx(42 + 1.645 * 3, abs=1)


def test_a_new_supplier_is_what_its_lane_is_and_a_new_lane_what_all_are() -> None:
    book = Book()
    for supplier in ("one", "two", "three"):
        book.learn("air", supplier, *[5, 6, 7] * 10)
        book.learn("sea", supplier, *[50, 60, 70] * 10)
    assert book.expected("air", "newcomer").mean == pytest.approx(6, abs=0.5)
    assert book.expected("sea", "newcomer").mean == pytest.approx(60, abs=2)
    assert 6 < book.expected("rail", "newcomer").mean < 60


def test_nothing_is_known_before_the_first_pair() -> None:
    assert expected([LeadTimes(), LeadTimes()]) is None
    assert expected_after([LeadTimes()], 3) is None


def test_shrunk_means_are_nearer_the_truth_than_own_means_or_the_lanes() -> None:
    luck = np.random.default_rng(2)
    true = {f"supplier {index}": float(np.exp(luck.normal(3.5, 0.25))) for index in range(300)}
    book, own = Book(), {}
    for supplier, typical in true.items():
        days = (typical * np.exp(luck.normal(0, 0.4, luck.integers(1, 6)))).round().astype(int).tolist()
        own[supplier] = float(np.mean(days))
        book.learn("road", supplier, *days)
    means = {supplier: typical * float(np.exp(0.4**2 / 2)) for supplier, typical in true.items()}
    lane = float(np.mean(list(own.values())))

    def error(guess: dict[str, float]) -> float:
        return sum((guess[supplier] - mean) ** 2 for supplier, mean in means.items())

    learned = {supplier: book.expected("road", supplier).mean for supplier in true}
    assert error(learned) < 0.8 * error(own)
    assert error(learned) < 0.8 * error(dict.fromkeys(true, lane))


def test_impossible_dates_are_counted_and_not_learned() -> None:
    level = LeadTimes()
    for days in (-1, -365, LONGEST_DAYS + 1, 36_500):
        assert not learn([level], days)
    assert learn([level], 30)
    assert (level.refused, level.counts) == (4, {30: 1})


def test_one_date_in_twenty_wrong_by_a_year_hardly_moves_the_mean() -> None:
    luck = np.random.default_rng(3)
    clean = luck.normal(42, 3, 400).round().astype(int)
    dirty = np.where(np.arange(400) % 20 == 0, clean + 365, clean)
    level, spoilt = [LeadTimes()], [LeadTimes()]
    for days, wrong in zip(clean.tolist(), dirty.tolist(), strict=True):
        learn(level, days)
        learn(spoilt, wrong)
    right, robust = expected(level), expected(spoilt)
    assert right is not None
    assert robust is not None
    assert robust.mean == pytest.approx(right.mean, abs=1.5)
    assert robust.quantile(0.5) == right.quantile(0.5)
    assert np.mean(dirty) > right.mean + 15


def test_the_longer_an_order_is_under_way_the_later_it_is_expected() -> None:
    level = [LeadTimes()]
    for days, times in ((20, 60), (30, 30), (40, 10)):
        for _ in range(times):
            learn(level, days)
    spreads = [expected_after(level, days) for days in (0, 20, 25, 30, 39.5)]
    assert [spread.mean for spread in spreads if spread] == pytest.approx([25, 32.5, 32.5, 40, 40])
    late = expected_after(level, 50)
    assert late is not None
    assert late.values == (55,)


def test_the_time_left_is_that_of_those_drawn_that_took_as_long() -> None:
    luck = np.random.default_rng(4)
    drawn = luck.gamma(16, 2, 100_000).round().astype(int)
    level = LeadTimes(
        {int(days): int(count) for days, count in zip(*np.unique(drawn, return_counts=True), strict=True)}
    )
    for age in (0, 20, 35, 50):
        spread = expected_after([level], age)
        assert spread is not None
        longer = drawn[drawn > age]
        assert spread.mean == pytest.approx(longer.mean(), rel=0.005)
        assert spread.quantile(0.9) == pytest.approx(np.quantile(longer, 0.9), abs=1)


def test_a_supplier_that_becomes_slower_drifts_and_a_steady_one_does_not() -> None:
    luck = np.random.default_rng(5)
    level = LeadTimes()
    for days in luck.normal(40, 4, 60).round().astype(int).tolist():
        learn([level], days)
        assert drift(level) is None
    for days in luck.normal(52, 4, 8).round().astype(int).tolist():
        learn([level], days)
    assert drift(level) is Side.ABOVE
    for days in luck.normal(28, 4, 20).round().astype(int).tolist():
        learn([level], days)
    assert drift(level) is Side.BELOW


def test_one_wrong_date_is_no_drift() -> None:
    level = LeadTimes()
    for days in [39, 40, 41] * 10 + [405]:
        learn([level], days)
    assert drift(level) is None


def test_what_was_never_learned_cannot_be_taken_back() -> None:
    with pytest.raises(ValueError, match="was learned at every level"):
        take_back([LeadTimes()], 3)


PAIRS = st.lists(st.tuples(st.sampled_from(["air", "sea"]), st.sampled_from("abc"), st.integers(0, 120)), max_size=25)


@given(PAIRS, PAIRS, st.randoms(use_true_random=False))
def test_neither_order_nor_what_was_taken_back_matters_but_for_the_drift(
    pairs: list[tuple[str, str, int]], wrong: list[tuple[str, str, int]], luck: object
) -> None:
    straight, crooked = Book(), Book()
    for lane, supplier, days in pairs:
        straight.learn(lane, supplier, days)
    other = [*pairs, *wrong]
    luck.shuffle(other)  # pyright: ignore[reportAttributeAccessIssue]
    for lane, supplier, days in other:
        crooked.learn(lane, supplier, days)
    for lane, supplier, days in wrong:
        take_back(crooked.of(lane, supplier), days)
    for lane, supplier in product(("air", "sea"), "abc"):
        own, same = straight.of(lane, supplier), crooked.of(lane, supplier)
        assert [_without_drift(level) for level in own] == [_without_drift(level) for level in same]
        assert expected(own) == expected(same)


def _without_drift(level: LeadTimes) -> LeadTimes:
    return msgspec.structs.replace(level, drift=LeadTimes().drift, counts=dict(sorted(level.counts.items())))


@given(PAIRS, st.integers(0, 200))
def test_it_survives_a_restart_and_always_says_something_possible(pairs: list[tuple[str, str, int]], age: int) -> None:
    book = Book()
    for lane, supplier, days in pairs:
        book.learn(lane, supplier, days)
    for lane, supplier, _ in pairs:
        levels = book.of(lane, supplier)
        kept = [msgspec.msgpack.decode(msgspec.msgpack.encode(level), type=LeadTimes) for level in levels]
        assert kept == levels
        assert expected(kept) == expected(levels)
        spread, after = expected(levels), expected_after(levels, age)
        assert spread is not None
        assert after is not None
        assert -1e-9 <= spread.values[0] <= spread.mean <= spread.values[-1] + 1e-9
        assert after.values[0] > age
