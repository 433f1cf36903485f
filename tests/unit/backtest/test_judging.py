"""What a warning is worth is decided by what happened after it."""

import pytest

from streams.backtest.courses import episodes
from streams.backtest.judging import Fate, Judgement, judge
from tests.unit.backtest.told import OUTCOMES, WINDOW, alert, day, happened


def judged(*parts: object, least: str = "warning") -> Judgement:
    alerts = [part for part in parts if hasattr(part, "kind")]
    return judge(alerts, [part for part in parts if part not in alerts], OUTCOMES, WINDOW, least)


def fates(judgement: Judgement) -> list[Fate]:
    return [one.fate for one in judgement.warnings]


def test_a_warning_before_a_shortage_came_true_and_its_days_are_counted() -> None:
    judgement = judged(alert(10, 60), happened(40, 50))
    assert fates(judgement) == [Fate.CAME_TRUE]
    assert judgement.outcomes[0].days == 30
    recall = judgement.by_outcome["shortage"]
    assert (recall.happened, recall.foretold, recall.recall, recall.days_median) == (1, 1, 1.0, 30)


def test_a_warning_dates_from_the_day_on_which_it_was_more_than_watch() -> None:
    judgement = judged(alert(10, 60, warned=35), happened(40, 50))
    assert judgement.outcomes[0].days == 5
    assert judged(alert(10, 60, warned=35), happened(40, 50), least="watch").outcomes[0].days == 30


def test_a_warning_during_a_shortage_is_too_late_and_no_false_alarm() -> None:
    judgement = judged(alert(42, 60), happened(40, 50))
    assert fates(judgement) == [Fate.TOO_LATE]
    assert judgement.total.precision == 1.0
    assert judgement.by_outcome["shortage"].recall == 0.0


def test_a_warning_on_the_very_day_is_too_late() -> None:
    assert fates(judged(alert(40, 60), happened(40, 50))) == [Fate.TOO_LATE]


def test_a_warning_that_ended_long_before_the_shortage_did_not_foretell_it() -> None:
    judgement = judged(alert(10, 20), happened(40, 50))
    assert fates(judgement) == [Fate.NOT_TRUE]
    assert not judgement.outcomes[0].foretold


def test_a_warning_that_a_booking_ended_just_before_the_shortage_came_true() -> None:
    judgement = judged(alert(10, 38), happened(40, 50))
    assert fates(judgement) == [Fate.CAME_TRUE]
    assert judgement.outcomes[0].days == 30


def test_a_warning_that_still_stands_at_the_end_is_undecided() -> None:
    judgement = judged(alert(90))
    assert fates(judgement) == [Fate.UNDECIDED]
    assert judgement.total.precision is None


def test_a_warning_of_a_kind_that_foretells_nothing_is_counted_but_not_judged() -> None:
    judgement = judged(alert(10, 20, kind="silent"))
    assert fates(judgement) == [Fate.NOT_JUDGED]
    assert (judgement.total.warnings, judgement.total.precision) == (1, None)


def test_a_shortage_of_another_material_proves_nothing() -> None:
    judgement = judged(alert(10, 60), happened(40, 50, subject="material:BSL/RM-2"))
    assert fates(judgement) == [Fate.NOT_TRUE]
    assert judgement.by_outcome["shortage"].recall == 0.0


def test_one_warning_that_outlives_two_shortages_foretold_both() -> None:
    judgement = judged(alert(10, 80), happened(40, 50), happened(70, 75))
    assert [one.days for one in judgement.outcomes] == [30, 60]
    assert fates(judgement) == [Fate.CAME_TRUE]


def test_what_was_before_the_window_is_neither_counted_nor_missed() -> None:
    judgement = judged(alert(-10, -1), happened(-5, -1))
    assert (judgement.warnings, judgement.outcomes, judgement.total.warnings) == ((), (), 0)


def test_a_shortage_in_the_window_may_have_been_foretold_before_it() -> None:
    assert judged(alert(-10, 20), happened(10, 15)).by_outcome["shortage"].recall == 1.0


def test_alerts_a_day_are_told_by_day_and_owner() -> None:
    judgement = judged(
        alert(1, 2),
        alert(1.5, 3, subject="material:BSL/RM-2"),
        alert(2, 3, kind="in_doubt", subject="batch:BSL/B", owner="quality"),
    )
    assert len(judgement.by_day) == WINDOW.days
    assert judgement.by_day["2026-01-06"] == {"buyer": 2}
    assert judgement.by_day["2026-01-07"] == {"quality": 1}
    assert judgement.by_day["2026-01-08"] == {}
    assert judgement.by_owner["buyer"].per_day == pytest.approx(0.02)


def test_spells_of_one_shortage_are_one_and_a_late_booking_is_none() -> None:
    spells = [happened(10, 12), happened(15, 17), happened(40, 41), happened(99.5)]
    found = episodes(spells, OUTCOMES, day(100))
    assert [(one.began_at, one.ended_at) for one in found] == [(day(10), day(17))]


def test_a_shortage_that_goes_on_at_the_end_counts_once_it_has_lasted() -> None:
    assert episodes([happened(98)], OUTCOMES, day(100)) == [happened(98)]
