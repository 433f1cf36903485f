"""The momentary and the shifting bottleneck by the worked example, by its definition, and on a simulated plant."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_rules.methods.bottleneck import Active, Part, Spell, bottlenecks, busy, momentary, parts
from risk_rules.methods.flow import Stay

WORKED = [Active("M1", 0, 5), Active("M1", 6, 9), Active("M2", 2, 12), Active("M3", 10, 22)]
periods = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.integers(0, 40), st.integers(1, 20)).map(
        lambda drawn: Active(drawn[0], drawn[1], drawn[1] + drawn[2])
    ),
    max_size=12,
)


def test_the_worked_example_of_three_machines() -> None:
    assert bottlenecks(WORKED, 22) == [
        Spell(0, 2, ("M1",)),
        Spell(2, 5, ("M1", "M2")),
        Spell(5, 10, ("M2",)),
        Spell(10, 12, ("M2", "M3")),
        Spell(12, 22, ("M3",)),
    ]


def test_the_time_of_each_machine_as_sole_and_as_shifting_bottleneck() -> None:
    shares = parts(bottlenecks(WORKED, 22), 0, 22)
    assert shares == {
        "M1": Part(pytest.approx(2 / 22), pytest.approx(3 / 22)),
        "M2": Part(pytest.approx(5 / 22), pytest.approx(5 / 22)),
        "M3": Part(pytest.approx(10 / 22), pytest.approx(2 / 22)),
    }


def test_only_the_past_can_be_known_of_the_bottleneck_of_now() -> None:
    assert momentary(WORKED, 4) == Active("M1", 0, 4)
    assert momentary(WORKED, 7) == Active("M2", 2, 7)
    assert momentary(WORKED, 23) is None
    assert momentary([*WORKED, Active("QA", 21, float("inf"))], 400) == Active("QA", 21, 400)


def test_periods_that_touch_are_one_uninterrupted_period() -> None:
    assert bottlenecks([Active("A", 0, 5), Active("A", 5, 9), Active("B", 1, 8)], 9) == [Spell(0, 9, ("A",))]


def test_while_nothing_is_active_there_is_no_bottleneck() -> None:
    assert bottlenecks([Active("A", 0, 2), Active("B", 5, 6)], 9) == [Spell(0, 2, ("A",)), Spell(5, 6, ("B",))]
    assert bottlenecks([], 9) == []
    assert bottlenecks([Active("A", 10, 12)], 9) == []


def test_a_laboratory_is_busy_when_it_has_as_many_batches_as_it_can_test() -> None:
    stays = [Stay(0, 10), Stay(2, 6), Stay(6, 8), Stay(9, None)]
    assert busy("QC", stays) == [Active("QC", 0, float("inf"))]
    assert busy("QC", stays, 2) == [Active("QC", 2, 8), Active("QC", 9, 10)]
    assert busy("QC", [], 1) == []


def test_a_slow_release_is_found_to_be_the_bottleneck_of_a_simulated_plant() -> None:
    numbers = np.random.default_rng(11)
    came = np.cumsum(numbers.exponential(1.0, 2000))
    active: list[Active] = []
    for station, mean in (("line", 0.6), ("QC", 0.5), ("QA", 0.9)):
        work = np.cumsum(numbers.exponential(mean, came.size))
        left = work + np.maximum.accumulate(came - np.concatenate(([0.0], work[:-1])))
        active += busy(station, [Stay(*pair) for pair in zip(came.tolist(), left.tolist(), strict=True)])
        came = left
    shares = parts(bottlenecks(active, float(came[-1])), 0, float(came[-1]))
    assert shares["QA"].sole > 0.6
    assert max(shares["line"].sole, shares["QC"].sole) < 0.15


def longest_at(active: list[Active], moment: float) -> set[str]:
    """The stations with the longest period at a moment, by a plain look at all of them."""
    joined: list[Active] = []
    for period in sorted(active):
        if joined and joined[-1].station == period.station and joined[-1].end >= period.start:
            joined[-1] = joined[-1]._replace(end=max(joined[-1].end, period.end))
        else:
            joined.append(period)
    running = [period for period in joined if period.start <= moment < period.end]
    longest = max((period.end - period.start for period in running), default=0)
    return {period.station for period in running if period.end - period.start == longest}


@given(periods)
def test_at_any_time_the_longest_active_period_is_a_bottleneck_and_none_without_one(active: list[Active]) -> None:
    spells = bottlenecks(active, 100)
    for tenth in range(0, 620, 5):
        moment = tenth / 10 + 0.25
        stations = [set(spell.stations) for spell in spells if spell.start <= moment < spell.end]
        longest = longest_at(active, moment)
        assert len(stations) == (1 if longest else 0)
        assert not longest or stations[0] & longest
    for earlier, later in pairwise(spells):
        assert earlier.end <= later.start
        assert earlier.end < later.start or earlier.stations != later.stations


@given(periods)
def test_every_bottleneck_is_the_longest_at_some_time(active: list[Active]) -> None:
    found = {station for spell in bottlenecks(active, 100) for station in spell.stations}
    assert found <= {station for moment in range(61) for station in longest_at(active, moment)}


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="A is active until day 3, before its start on day 5"):
        bottlenecks([Active("A", 5, 3)], 9)
    with pytest.raises(ValueError, match="capacity of QC is 0"):
        busy("QC", [], 0)
    with pytest.raises(ValueError, match="end is 4"):
        parts([], 4, 4)
