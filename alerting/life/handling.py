"""What becomes of an alert when the rules, time or a person have their say. Pure: times and circumstances are arguments.

An alert begins with the rules' news that it opened. Each happening makes one step: another handling, lines in the
history, and decisions about who is told. Nothing here waits: the next thing to do is `Handling.next_action_at`.
"""

from dataclasses import dataclass
from datetime import datetime

from alerting.alerts import Transition
from alerting.life.course import Cause, Handling, Occasion, State, Step, Writing
from alerting.life.escalation import Circumstances, begin, escalate, follow, notify
from alerting.life.people import Acknowledge, Act, Judge, NotPossibleError, Person, Resolve, Snooze, Wake
from risk_rules.findings import Severity

RULES = "rules"
TIME = "time"

_ENDED = {State.ACKNOWLEDGED: "acknowledgement_ended", State.SNOOZED: "snooze_ended"}


@dataclass(frozen=True, slots=True)
class News:
    """A transition that the rules made, at their own time `at`. `severity` is that after it."""

    number: int
    transition: Transition
    severity: Severity
    at: datetime


def hear(handling: Handling | None, news: News, around: Circumstances) -> Step:
    """Take a transition of the rules. One that was taken before changes nothing."""
    if handling is None:
        handling = Handling(state=State.RESOLVED, firing=False, severity=news.severity, seen=0)
    writing = Writing(handling, around.now, Cause.EVENT, RULES)
    if news.number <= handling.seen:
        return writing.made()
    firing = news.transition is not Transition.RESOLVED
    writing.note(news.transition.value, number=news.number, severity=news.severity.name.lower(), at=news.at.isoformat())
    writing.change(seen=news.number, severity=news.severity, firing=firing)
    told = not _count(writing, news.at, around)
    match news.transition:
        case Transition.OPENED:
            _open(writing, around, Occasion.OPENED, told=told)
        case Transition.REOPENED:
            _open(writing, around, Occasion.REOPENED, told=told)
        case Transition.WORSE:
            _worsen(writing, around, told=told)
        case Transition.BETTER:
            _look_again(writing, around)
        case Transition.RESOLVED:
            _end(writing)
    if not told:
        _tell_of_flapping(writing, around)
    return writing.made()


def pass_time(handling: Handling, around: Circumstances) -> Step:
    """Do what is due at `around.now`; nothing when nothing is."""
    writing = Writing(handling, around.now, Cause.TIME, TIME)
    if handling.flaps_until is not None and handling.flaps_until <= around.now:
        _calm(writing, around)
    handling = writing.handling
    if handling.state in (State.ACKNOWLEDGED, State.SNOOZED):
        if handling.until is not None and handling.until <= around.now:
            writing.note(_ENDED[handling.state], person=handling.person)
            _wake(writing, around)
    elif handling.state is State.OPEN:
        _look_again(writing, around)
    return writing.made()


def act(handling: Handling, act: Act, person: Person, around: Circumstances) -> Step:
    """Do what a person says. Raises `NotPossibleError` when the alert does not allow it as it is."""
    writing = Writing(handling, around.now, Cause.PERSON, person.name)
    if not act.reason.strip():
        raise NotPossibleError("say why: the reason is empty")
    if isinstance(act, Judge):
        writing.note("judge", act.reason, was_true=act.was_true, **person.described())
        return writing.made()
    if handling.state is State.RESOLVED:
        raise NotPossibleError("the alert is resolved already")
    match act:
        case Acknowledge():
            _take(writing, State.ACKNOWLEDGED, act, person)
        case Snooze():
            _take(writing, State.SNOOZED, act, person)
        case Wake():
            if handling.state is State.OPEN:
                raise NotPossibleError("the alert is open: nobody has acknowledged or snoozed it")
            writing.note("wake", act.reason, **person.described())
            _wake(writing, around)
        case Resolve():
            writing.note("resolve", act.reason, **person.described())
            _end(writing)
    return writing.made()


def _open(writing: Writing, around: Circumstances, occasion: Occasion, *, told: bool) -> None:
    """Open, or open again: whoever is on duty is told, unless that is the flapping that they were told of."""
    handling = writing.handling
    flapping = handling.flaps_until is not None
    writing.change(state=State.OPEN, person=None, until=None, heard=handling.heard if flapping else None)
    if flapping and handling.step_at is not None:
        follow(writing, around)
    else:
        begin(writing, around)
    if told and (not flapping or not handling.knows or _is_new_height(handling)):
        notify(writing, around, occasion)


def _worsen(writing: Writing, around: Circumstances, *, told: bool) -> None:
    """A rise wakes whatever rests, and is told also to those who had been told; while flapping, a new height only."""
    handling = writing.handling
    if handling.state is State.OPEN:
        follow(writing, around)
    else:
        writing.change(state=State.OPEN, person=None, until=None)
        begin(writing, around)
    if told and (handling.flaps_until is None or _is_new_height(handling)):
        notify(writing, around, Occasion.WORSE, also=handling.knows)


def _is_new_height(handling: Handling) -> bool:
    return handling.heard is None or handling.severity > handling.heard


def _look_again(writing: Writing, around: Circumstances) -> None:
    """What holds an open alert back may be another or over, and a step may be due."""
    handling = writing.handling
    if handling.state is not State.OPEN:
        return
    follow(writing, around)
    if handling.held is not None:
        if around.held is None:
            _release(writing, around)
        elif around.held.by != handling.held.by:
            writing.change(held=around.held)
            writing.note("held", around.held.because, by=around.held.by)
        else:
            writing.change(held=around.held)
        return
    due = writing.handling.step_at
    if due is None or due > around.now:
        return
    if around.held is not None:
        writing.change(held=around.held)
        writing.note("held", around.held.because, by=around.held.by)
    elif writing.handling.owed is not None:
        writing.note("tried_again")
        notify(writing, around, writing.handling.owed)
    else:
        escalate(writing, around)


def _release(writing: Writing, around: Circumstances) -> None:
    """What held it back is over: tell what is owed, and go on with the policy."""
    handling = writing.handling
    writing.note("released", None if handling.held is None else f"no longer: {handling.held.because}")
    writing.change(held=None, owed=None)
    if handling.owed is not None:
        notify(writing, around, Occasion.RELEASED, also=handling.knows)
    due = writing.handling.step_at
    if due is not None and due <= around.now:
        escalate(writing, around)


def _take(writing: Writing, state: State, act: Acknowledge | Snooze, person: Person) -> None:
    """Acknowledge or snooze: the policy rests, and what was held back is no longer owed."""
    if act.until <= writing.at:
        raise NotPossibleError(f"{act.until.isoformat()} is past: say a time to come")
    action = "acknowledge" if state is State.ACKNOWLEDGED else "snooze"
    writing.note(action, act.reason, until=act.until.isoformat(), **person.described())
    rest = {"step": 0, "round": 0, "step_at": None, "held": None, "owed": None}
    writing.change(state=state, person=person.name, until=act.until, **rest)


def _wake(writing: Writing, around: Circumstances) -> None:
    """Open and in nobody's hands: whoever is on duty now is told, and the policy starts from its beginning."""
    writing.change(state=State.OPEN, person=None, until=None)
    begin(writing, around)
    notify(writing, around, Occasion.WOKEN)


def _end(writing: Writing) -> None:
    """Over: whoever was told of it hears so, whatever holds messages back; of a flapping one when it is calm."""
    handling = writing.handling
    if handling.state is State.RESOLVED:
        return
    writing.change(state=State.RESOLVED, person=None, until=None, held=None, owed=None)
    if handling.flaps_until is None or writing.cause is Cause.PERSON:
        _tell_the_end(writing)


def _tell_the_end(writing: Writing) -> None:
    for receiver in sorted(writing.handling.knows):
        writing.tell(receiver, Occasion.RESOLVED, "was told of this alert")


# --- flap control ---


def _count(writing: Writing, at: datetime, around: Circumstances) -> bool:
    """Count a change. True: with this one the alert flaps. One that flaps has to be calm for long from now on."""
    limits, handling = around.flapping, writing.handling
    recent = tuple(one for one in handling.changes if one > at - limits.within)
    writing.change(changes=(*recent, at)[-limits.changes :])
    if handling.flaps_until is not None:
        writing.change(flaps_until=around.now + limits.calm)
        return False
    if len(recent) + 1 < limits.changes:
        return False
    writing.change(flaps_until=around.now + limits.calm)
    return True


def _tell_of_flapping(writing: Writing, around: Circumstances) -> None:
    """Say once that it comes and goes; those who are told then hear when it is calm, also that it is over."""
    limits, handling = around.flapping, writing.handling
    words = f"{limits.changes} changes within {limits.within}: no more of them until it was calm for {limits.calm}"
    writing.note("flapping", words)
    if handling.state is State.OPEN:
        notify(writing, around, Occasion.FLAPPING, also=handling.knows)
    elif handling.state is State.RESOLVED:
        for receiver in sorted(handling.knows):
            writing.tell(receiver, Occasion.FLAPPING, words)


def _calm(writing: Writing, around: Circumstances) -> None:
    """It has been calm for long enough: say where it has come to rest."""
    writing.note("calm", f"no change for {around.flapping.calm}")
    writing.change(flaps_until=None, changes=())
    handling = writing.handling
    if handling.state is State.RESOLVED:
        _tell_the_end(writing)
    elif handling.state is State.OPEN:
        notify(writing, around, Occasion.CALM, also=handling.knows)
