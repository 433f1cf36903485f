from datetime import date, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from alerting.alerts import Alert, State, Transition, advance, identity
from risk_rules.findings import Severity
from tests.unit.alerting.findings import MONDAY, shortage


def opened(severity: Severity = Severity.WARNING) -> Alert:
    step = advance(None, shortage(severity), MONDAY, "a1")
    assert step is not None
    return step.alert


def test_a_first_finding_opens_an_alert():
    step = advance(None, shortage(), MONDAY, "a1")
    assert step is not None
    assert step.transition is Transition.OPENED
    assert (step.alert.id, step.alert.state, step.alert.opened_at, step.alert.transitions) == (
        "a1",
        State.OPEN,
        MONDAY,
        1,
    )


def test_a_score_without_severity_opens_nothing():
    assert advance(None, shortage(None), MONDAY, "a1") is None


def test_the_same_finding_again_changes_nothing():
    assert advance(opened(), shortage(), MONDAY + timedelta(days=1), "a2") is None


@pytest.mark.parametrize(
    ("before", "now", "transition"),
    [
        (Severity.WATCH, Severity.WARNING, Transition.WORSE),
        (Severity.WATCH, Severity.CRITICAL, Transition.WORSE),
        (Severity.CRITICAL, Severity.WARNING, Transition.BETTER),
    ],
)
def test_a_change_of_severity_is_a_transition_of_the_same_alert(before, now, transition):
    step = advance(opened(before), shortage(now), MONDAY, "a2")
    assert step is not None
    assert (step.transition, step.alert.id, step.alert.severity, step.alert.transitions) == (transition, "a1", now, 2)


@pytest.mark.parametrize("finding", [None, shortage(None, score=12.0)])
def test_an_alert_is_resolved_when_its_finding_is_gone_or_a_mere_score(finding):
    step = advance(opened(), finding, MONDAY, "a2")
    assert step is not None
    assert (step.transition, step.alert.state) == (Transition.RESOLVED, State.RESOLVED)
    assert step.alert.score == (12.0 if finding else 0.0)


@pytest.mark.parametrize(
    "moved", [{"impact_on": date(2026, 1, 20)}, {"score": 80.0}, {"likelihood": None}, {"quantity": 130.0}]
)
def test_figures_that_moved_far_are_written_down_and_told_to_nobody(moved):
    step = advance(opened(), shortage(**moved), MONDAY, "a2")
    assert step is not None
    assert (step.transition, step.alert.transitions) == (None, 1)


@pytest.mark.parametrize("moved", [{"score": 76.0}, {"likelihood": 0.82}, {"quantity": 121.0}, {"summary": "other"}])
def test_figures_that_hardly_moved_leave_the_row_as_it_is(moved):
    assert advance(opened(), shortage(**moved), MONDAY, "a2") is None


def test_a_resolved_alert_that_is_found_again_opens_with_its_history():
    ended = advance(opened(), None, MONDAY + timedelta(hours=1), "a2")
    assert ended is not None
    assert ended.alert.resolved_at == MONDAY + timedelta(hours=1)
    assert advance(ended.alert, None, MONDAY + timedelta(hours=2), "a2") is None
    back = advance(ended.alert, shortage(Severity.CRITICAL), MONDAY + timedelta(hours=2), "a2")
    assert back is not None
    assert (back.transition, back.alert.id, back.alert.transitions) == (Transition.REOPENED, "a1", 3)
    assert (back.alert.opened_at, back.alert.resolved_at, back.alert.severity) == (MONDAY, None, Severity.CRITICAL)


def test_a_name_made_of_other_parts_is_another_name():
    assert identity("a", "bc") != identity("ab", "c")
    assert identity("a", "bc") == identity("a", "bc")


class LifeOfAnAlert(RuleBasedStateMachine):
    """Any findings in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.alert: Alert | None = None
        self.last: Severity | None = None
        self.told: list[Transition] = []
        self.opened = 0

    @rule(
        severity=st.none() | st.sampled_from(Severity),
        score=st.floats(0, 100),
        quantity=st.none() | st.floats(0, 1e6),
        likelihood=st.none() | st.floats(0, 1),
    )
    def find(self, severity, score, quantity, likelihood):
        self.step(shortage(severity, score=score, quantity=quantity, likelihood=likelihood))

    @rule()
    def find_nothing(self):
        self.step(None)

    def step(self, finding):
        self.opened += self.alert is None
        step = advance(self.alert, finding, MONDAY, f"a{self.opened}")
        before, self.last = self.last, finding.severity if finding else None
        if step is None:
            assert self.last == before
            return
        assert (step.transition is None) == (before == self.last)
        if step.transition is not None:
            self.told.append(step.transition)
        self.alert = step.alert if step.alert.state is State.OPEN else None

    @invariant()
    def an_alert_is_open_exactly_while_something_is_found(self):
        assert (self.alert is not None) == (self.last is not None)
        assert self.alert is None or self.alert.severity == self.last

    @invariant()
    def every_opening_is_followed_by_one_end(self):
        ends = [told for told in self.told if told in (Transition.OPENED, Transition.RESOLVED)]
        assert ends[::2] == [Transition.OPENED] * len(ends[::2])
        assert ends[1::2] == [Transition.RESOLVED] * len(ends[1::2])

    @invariant()
    def transitions_are_numbered_without_a_gap(self):
        if self.alert is not None:
            since = len(self.told) - 1 - self.told[::-1].index(Transition.OPENED)
            assert self.alert.transitions == len(self.told) - since


TestLifeOfAnAlert = LifeOfAnAlert.TestCase
