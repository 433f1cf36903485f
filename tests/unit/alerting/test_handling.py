"""What becomes of an alert in people's hands, step by step, with no clock and no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerting.alerts import Transition
from alerting.configuration.model import Duty, Flapping, Policy, PolicyStep, Route
from alerting.life.course import Handling, Held, Occasion, Outcome, State, Step
from alerting.life.escalation import Circumstances
from alerting.life.handling import News, act, hear, pass_time
from alerting.life.people import Acknowledge, Act, Judge, NotPossibleError, Person, Resolve, Snooze, Wake
from risk_rules.findings import Severity

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ADA = Person(name="ada", authenticated="cli", zone="Europe/Zurich", source="console")

POLICY = Policy(
    name="urgent", steps=(PolicyStep(15 * MINUTE, ("manager",)), PolicyStep(30 * MINUTE, ("director",))), repeat=1,
    every=HOUR, last="owner",
)  # fmt: skip


def route(*targets: str, policy: Policy | None = POLICY) -> Route:
    return Route(
        path=("all",), targets=targets, policy=policy, group_by=(), group_wait=timedelta(), group_interval=timedelta(),
        digest=False,
    )  # fmt: skip


class Life:
    """An alert with its circumstances. Whoever is told has the message at once."""

    def __init__(self, *absent: str, to: Route | None = None) -> None:
        self.absent = frozenset(absent)
        self.now = NINE
        self.route = to or route("planners")
        self.held: Held | None = None
        self.handling: Handling | None = None
        self.number = 0
        self.told: list[tuple[str, str]] = []
        self.actions: list[str] = []

    def news(self, transition: Transition, severity: Severity = Severity.WARNING) -> Step:
        self.number += 1
        return self._made(hear(self.handling, News(self.number, transition, severity, self.now), self.around()))

    def wait(self, span: timedelta) -> Step:
        assert self.handling is not None
        self.now += span
        return self._made(pass_time(self.handling, self.around()))

    def act(self, what: Act) -> Step:
        assert self.handling is not None
        return self._made(act(self.handling, what, ADA, self.around()))

    def around(self) -> Circumstances:
        return Circumstances(
            now=self.now, route=self.route, duty=self._duty, flapping=Flapping(6, 24 * HOUR, 12 * HOUR), held=self.held
        )

    def _duty(self, target: str) -> Duty:
        return Duty((), "nobody there") if target in self.absent else Duty((target,), target)

    def _made(self, step: Step) -> Step:
        told = [one for one in step.tellings if one.outcome is Outcome.TOLD]
        self.told += [(one.receiver, one.occasion.value) for one in told]
        self.actions += [entry.action for entry in step.entries]
        over = {one.receiver for one in told if one.occasion is Occasion.RESOLVED}
        knows = (step.handling.knows | {one.receiver for one in told}) - over
        self.handling = replace(step.handling, knows=knows)
        return step

    @property
    def next_in(self) -> timedelta | None:
        assert self.handling is not None
        due = self.handling.next_action_at
        return None if due is None else due - self.now


def opened(*absent: str, to: Route | None = None) -> Life:
    life = Life(*absent, to=to)
    life.news(Transition.OPENED)
    return life


def test_a_policy_tells_the_next_while_nobody_takes_it_then_repeats_then_reminds_the_last():
    life = opened()
    for _ in range(8):
        assert life.next_in is not None
        life.wait(life.next_in)
    steps = [("manager", "step"), ("director", "step")]
    assert life.told == [("planners", "opened"), *steps, *steps, ("owner", "step"), *[("owner", "reminder")] * 3]


def test_the_waits_are_those_of_the_policy():
    life, waits = opened(), []
    for _ in range(6):
        assert life.next_in is not None
        waits.append(life.next_in)
        life.wait(life.next_in)
    assert waits == [15 * MINUTE, 30 * MINUTE, HOUR, 30 * MINUTE, HOUR, HOUR]


def test_nothing_happens_before_its_time():
    life = opened()
    step = life.wait(14 * MINUTE)
    assert (step.entries, step.tellings) == ((), ())


def test_a_step_that_reaches_nobody_goes_on_at_once():
    life = opened("planners", "manager")
    assert life.told == [("director", "step")]
    assert life.actions == ["opened", "step", "step"]


def test_a_policy_of_which_nobody_is_there_goes_to_the_last_owner_at_once():
    life = opened("planners", "manager", "director")
    assert life.told == [("owner", "step")]
    assert life.next_in == HOUR


def test_without_a_policy_a_duty_that_nobody_has_is_tried_again():
    life = opened("planners", to=route("planners", policy=None))
    assert (life.told, life.next_in) == ([], HOUR)
    life.absent = frozenset()
    life.wait(HOUR)
    assert life.told == [("planners", "opened")]
    assert life.next_in is None


@pytest.mark.parametrize(
    ("taken", "ended"), [(Acknowledge, "acknowledgement_ended"), (Snooze, "snooze_ended")]
)  # fmt: skip
def test_what_somebody_takes_rests_until_its_time_and_then_wakes_whoever_is_on_duty(taken, ended):
    life = opened()
    life.act(taken(NINE + 5 * HOUR, "ordered"))
    assert life.next_in == 5 * HOUR
    life.wait(5 * HOUR)
    assert life.told == [("planners", "opened"), ("planners", "woken")]
    assert life.actions[-1] == ended
    assert life.next_in == 15 * MINUTE


def test_a_rise_wakes_what_rests_and_a_fall_does_not():
    life = opened()
    life.act(Acknowledge(NINE + 5 * HOUR, "ordered"))
    life.news(Transition.BETTER, Severity.WATCH)
    assert life.handling is not None
    assert life.handling.state is State.ACKNOWLEDGED
    life.news(Transition.WORSE, Severity.CRITICAL)
    assert life.handling.state is State.OPEN
    assert life.told == [("planners", "opened"), ("planners", "worse")]


def test_a_rise_is_told_to_all_who_had_heard():
    life = opened()
    life.wait(15 * MINUTE)
    life.news(Transition.WORSE, Severity.CRITICAL)
    assert life.told[2:] == [("planners", "worse"), ("manager", "worse")]


def test_the_end_goes_to_all_who_had_heard_and_to_nobody_else_though_it_is_held_back():
    life = opened()
    life.wait(15 * MINUTE)
    life.held = Held("silence/1", "stock count", NINE + 9 * HOUR)
    life.news(Transition.RESOLVED)
    assert life.told[2:] == [("manager", "resolved"), ("planners", "resolved")]
    assert life.next_in is None


def test_what_is_held_back_says_by_what_and_is_told_when_it_is_free():
    life = Life()
    life.held = Held("alert/7", "silent feed", NINE + HOUR)
    step = life.news(Transition.OPENED)
    assert [(one.outcome, one.because) for one in step.tellings] == [(Outcome.HELD, "silent feed")]
    assert (life.told, life.next_in) == ([], HOUR)
    life.wait(HOUR)
    assert life.handling is not None
    assert life.handling.held == life.held
    life.held = None
    life.wait(HOUR)
    assert life.told == [("planners", "released"), ("manager", "step")]


def test_what_somebody_took_while_it_was_held_back_is_not_told_afterwards():
    life = Life()
    life.held = Held("silence/1", "stock count", NINE + HOUR)
    life.news(Transition.OPENED)
    life.act(Acknowledge(NINE + 3 * HOUR, "I know"))
    life.held = None
    life.wait(HOUR)
    assert life.told == []


def test_an_alert_resolved_by_hand_comes_back_when_it_gets_worse():
    life = opened()
    life.act(Resolve("ordered"))
    life.news(Transition.WORSE, Severity.CRITICAL)
    assert life.told == [("planners", "opened"), ("planners", "resolved"), ("planners", "worse")]


def test_an_alert_resolved_by_hand_is_not_told_again_when_the_rules_agree():
    life = opened()
    life.act(Resolve("ordered"))
    step = life.news(Transition.RESOLVED)
    assert step.tellings == ()
    assert [entry.action for entry in step.entries] == ["resolved"]


def test_the_same_news_twice_is_taken_once():
    life = opened()
    life.number -= 1
    step = life.news(Transition.OPENED)
    assert (step.entries, step.tellings) == ((), ())


@pytest.mark.parametrize("what", [Acknowledge(NINE + HOUR, "x"), Snooze(NINE + HOUR, "x"), Wake("x"), Resolve("x")])
def test_a_resolved_alert_can_only_be_judged(what):
    life = opened()
    life.news(Transition.RESOLVED)
    with pytest.raises(NotPossibleError, match="resolved already"):
        life.act(what)
    life.act(Judge(False, "the count was wrong"))
    assert life.actions[-1] == "judge"


@pytest.mark.parametrize(
    "what", [Acknowledge(NINE + HOUR, " "), Acknowledge(NINE, "late"), Snooze(NINE - HOUR, "late"), Wake("nobody has it")]
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(what):
    with pytest.raises(NotPossibleError):
        opened().act(what)


def test_while_it_flaps_only_a_new_height_is_told_and_then_where_it_came_to_rest():
    life = Life()
    for number in range(3):
        life.news(Transition.REOPENED if number else Transition.OPENED)
        life.news(Transition.RESOLVED)
    assert [occasion for _, occasion in life.told] == [
        "opened",
        "resolved",
        "reopened",
        "resolved",
        "reopened",
        "flapping",
    ]
    before = len(life.told)
    life.news(Transition.REOPENED)
    assert life.told[before:] == []
    life.news(Transition.WORSE, Severity.CRITICAL)
    assert [occasion for _, occasion in life.told[before:]] == ["worse"]
    life.news(Transition.RESOLVED, Severity.CRITICAL)
    assert life.next_in == 12 * HOUR
    life.wait(12 * HOUR)
    assert life.told[-1] == ("planners", "resolved")
    assert life.next_in is None


def test_another_policy_starts_from_its_beginning():
    life = opened()
    life.wait(15 * MINUTE)
    slow = Policy(name="slow", steps=(PolicyStep(24 * HOUR, ("boss",)),), repeat=0, every=HOUR, last="owner")
    life.route = route("planners", policy=slow)
    life.wait(30 * MINUTE)
    assert (life.told[2:], life.next_in) == ([], 24 * HOUR)
