"""What people said of an alert goes before what history seems to tell."""

import pytest

from streams.backtest.courses import Course, Episode
from streams.backtest.judgements import Said
from streams.backtest.judging import Fate, Judgement, judge
from tests.unit.backtest.told import OUTCOMES, WINDOW, alert, day, happened


def said(
    was_true: bool, opened: float = 10, resolved: float | None = 60, *, kind: str = "shortage",
    subject: str = "material:BSL/RM-1",
) -> Said:  # fmt: skip
    return Said(
        subject=subject, kind=kind, opened_at=day(opened), resolved_at=None if resolved is None else day(resolved),
        was_true=was_true, person="ada", reason="counted", at=day(70),
    )  # fmt: skip


def judged(course: Course, *words: Said, episodes: tuple[Episode, ...] = ()) -> Judgement:
    return judge([course], episodes, OUTCOMES, WINDOW, "warning", words)


@pytest.mark.parametrize("episodes", [(), (happened(40, 50),), (happened(5, 50),)])
def test_what_people_called_not_true_is_a_false_alarm_whatever_happened(episodes: tuple[Episode, ...]) -> None:
    found = judged(alert(10, 60), said(False), episodes=episodes)
    assert found.warnings[0].fate is Fate.NOT_TRUE
    assert (found.by_rule["shortage-rule"].precision, found.total.judged) == (0.0, 1)


def test_what_people_called_true_is_a_hit_though_nothing_happened() -> None:
    """They saw to it that it did not come true: history alone would call it a false alarm."""
    assert judged(alert(10, 60)).by_rule["shortage-rule"].precision == 0.0
    found = judged(alert(10, 60), said(True))
    assert (found.warnings[0].fate, found.by_rule["shortage-rule"].precision) == (Fate.CAME_TRUE, 1.0)
    assert found.warnings[0].said == said(True)


def test_true_and_too_late_stays_too_late() -> None:
    found = judged(alert(42, 60), said(True, 42), episodes=(happened(40, 50),))
    assert found.warnings[0].fate is Fate.TOO_LATE


def test_an_alert_that_still_stands_is_decided_by_people() -> None:
    assert judged(alert(95)).warnings[0].fate is Fate.UNDECIDED
    assert judged(alert(95), said(False, 95, None)).warnings[0].fate is Fate.NOT_TRUE


def test_a_kind_that_foretells_no_outcome_is_judged_by_people_alone() -> None:
    silent = alert(10, 12, kind="silent")
    assert judged(silent).by_kind["silent"].precision is None
    assert judged(silent, said(True, 10, 12, kind="silent")).by_kind["silent"].precision == 1.0


@pytest.mark.parametrize(
    "other",
    [
        said(False, kind="late"),
        said(False, subject="material:BSL/RM-2"),
        said(False, 1, 6.9),  # over more than three days before
        said(False, 64, 70),  # and begun more than three days after
    ],
)
def test_what_was_said_of_another_alert_says_nothing_of_this_one(other: Said) -> None:
    assert judged(alert(10, 60), other).warnings[0].said is None


def test_of_two_alerts_that_stood_at_that_time_the_one_that_opened_nearest_counts() -> None:
    earlier, same = said(False, 2, 9), said(True, 11, 60)
    assert judged(alert(10, 60), earlier, same).warnings[0].said is same
