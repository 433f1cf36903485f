"""Who is told of an open alert now, and who next while nobody takes it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerting.configuration.model import Duty, Flapping, Policy, Route
from alerting.life.course import Held, Occasion, Outcome, Writing

SOONEST_REMINDER = timedelta(minutes=1)
"""However short a policy's `every` is."""

TRY_AGAIN = timedelta(hours=1)
"""When nobody was on duty and there is no policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What holds for an alert at the time `now`: its route, who is on duty, and what holds its messages back."""

    now: datetime
    route: Route
    duty: Callable[[str], Duty]
    flapping: Flapping
    held: Held | None = None


def begin(writing: Writing, around: Circumstances) -> None:
    """Start the policy from its beginning."""
    policy = around.route.policy
    first = None if policy is None else around.now + (policy.steps[0].wait if policy.steps else policy.every)
    writing.change(policy=None if policy is None else policy.name, step=0, round=0, step_at=first)


def follow(writing: Writing, around: Circumstances) -> None:
    """Go by the policy of the route as it is now; another than before starts from its beginning."""
    policy = around.route.policy
    if (None if policy is None else policy.name) != writing.handling.policy:
        begin(writing, around)


def notify(writing: Writing, around: Circumstances, occasion: Occasion, also: Iterable[str] = ()) -> None:
    """Tell the targets of the route, and `also` these receivers; when nobody is there, the policy goes on at once."""
    route = around.route
    if around.held is not None:
        _hold(writing, around, around.held, occasion, also)
        return
    path = " > ".join(route.path)
    reached = _tell_targets(writing, around, route.targets, occasion, f"route {path}")
    for receiver in sorted(also):
        writing.tell(receiver, occasion, "was told of this alert before")
        reached = True
    if reached:
        _was_heard(writing)
        writing.change(owed=None, step_at=None if route.policy is None else writing.handling.step_at)
    elif route.policy is not None:
        escalate(writing, around)
    elif route.targets:
        writing.change(owed=occasion, step_at=around.now + TRY_AGAIN)


def escalate(writing: Writing, around: Circumstances) -> None:
    """The next step of the policy; one that reaches nobody is passed over at once. The last owner is reminded for ever."""
    policy = around.route.policy
    if policy is None:
        writing.change(step_at=None)
        return
    passed_over = False
    while (number := writing.handling.step + 1) <= len(policy.steps):
        targets = policy.steps[number - 1].targets
        writing.note("step", step=number, round=writing.handling.round, policy=policy.name, targets=list(targets))
        because = f"step {number} of policy {policy.name}: nobody has taken it"
        reached = _tell_targets(writing, around, targets, Occasion.STEP, because, number)
        _after_step(writing, policy, number, around.now, again=reached and not passed_over)
        if reached:
            _was_heard(writing)
            return
        passed_over = True
    _last(writing, around, policy)


def _after_step(writing: Writing, policy: Policy, number: int, now: datetime, *, again: bool) -> None:
    """When the next step is due. A policy of which not every step reaches somebody is not repeated but left to its last."""
    handling = writing.handling
    if number < len(policy.steps):
        writing.change(step=number, step_at=now + policy.steps[number].wait)
    elif handling.round < policy.repeat and again:
        writing.change(step=0, round=handling.round + 1, step_at=now + policy.every)
    else:
        writing.change(step=number, step_at=now + policy.every)


def _last(writing: Writing, around: Circumstances, policy: Policy) -> None:
    number = len(policy.steps) + 1
    occasion = Occasion.REMINDER if writing.handling.step == number else Occasion.STEP
    writing.note("last", step=number, policy=policy.name, targets=[policy.last])
    because = f"last owner of policy {policy.name}: nobody has taken it"
    writing.change(step=number, step_at=around.now + max(policy.every, SOONEST_REMINDER))
    if _tell_targets(writing, around, (policy.last,), occasion, because, number):
        _was_heard(writing)


def _was_heard(writing: Writing) -> None:
    handling = writing.handling
    writing.change(heard=max(handling.severity, handling.heard or handling.severity))


def _tell_targets(
    writing: Writing, around: Circumstances, targets: Iterable[str], occasion: Occasion, because: str, step: int = 0
) -> bool:
    """Tell whoever is on duty behind each name; whether that is anybody."""
    reached = False
    for target in targets:
        duty = around.duty(target)
        for receiver in duty.receivers:
            writing.tell(receiver, occasion, f"{because}: {duty.because}", step=step)
            reached = True
        if not duty.receivers:
            writing.tell(target, occasion, f"{because}: {duty.because}", Outcome.UNREACHABLE, step)
    return reached


def _hold(writing: Writing, around: Circumstances, held: Held, occasion: Occasion, also: Iterable[str]) -> None:
    """Tell nobody for now, and say whom."""
    writing.change(held=held, owed=writing.handling.owed or occasion)
    writing.note("held", held.because, by=held.by)
    for target in around.route.targets:
        for receiver in around.duty(target).receivers:
            writing.tell(receiver, occasion, held.because, Outcome.HELD)
    for receiver in sorted(also):
        writing.tell(receiver, occasion, held.because, Outcome.HELD)
