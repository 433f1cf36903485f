"""Two rulebooks beside each other, alert by alert."""

from streams.backtest.comparing import Comparison, compare
from streams.backtest.courses import Course
from streams.backtest.judging import judge
from tests.unit.backtest.told import OUTCOMES, WINDOW, alert, happened


def compared(this: list[Course], other: list[Course]) -> Comparison:
    facts = [happened(40, 50)]
    both = (judge(alerts, facts, OUTCOMES, WINDOW, "warning") for alerts in (this, other))
    return compare(*both, OUTCOMES)


def test_a_rulebook_is_at_one_with_itself() -> None:
    alerts = [alert(10, 60), alert(70, 80), alert(20, kind="silent", subject="feed:acme/BSL")]
    comparison = compared(alerts, alerts)
    assert len(comparison.both) == 3
    assert (comparison.only_this, comparison.only_other, comparison.days_earlier_median) == ((), (), 0)


def test_the_same_risk_told_of_earlier_is_one_alert_of_both() -> None:
    comparison = compared([alert(10, 60)], [alert(25, 60)])
    assert [pair.days_earlier for pair in comparison.both] == [15]
    assert (comparison.earlier, comparison.later) == (1, 0)


def test_alerts_that_never_stood_together_are_two() -> None:
    comparison = compared([alert(10, 20)], [alert(60, 70)])
    assert len(comparison.only_this) == len(comparison.only_other) == 1


def test_what_cannot_be_judged_is_compared_by_its_kind() -> None:
    comparison = compared([alert(10, 20, kind="silent")], [alert(10, 20, kind="ageing")])
    assert comparison.both == ()


def test_a_warning_that_flaps_is_paired_once_and_the_rest_is_noise() -> None:
    comparison = compared([alert(10, 12), alert(13, 60)], [alert(10, 60)])
    assert (len(comparison.both), len(comparison.only_this), len(comparison.only_other)) == (1, 1, 0)
