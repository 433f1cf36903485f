"""The course of an alert in the hands of people: what it is, what is written of it, and who is to be told."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from risk_rules.findings import Severity


class State(StrEnum):
    """What people have made of an alert. Whether the rules find it is another matter (`Handling.firing`)."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Occasion(StrEnum):
    """Why somebody is told of an alert."""

    OPENED = "opened"
    REOPENED = "reopened"
    WORSE = "worse"
    STEP = "step"  # of its policy: nobody has taken it
    REMINDER = "reminder"  # to the owner of last resort
    WOKEN = "woken"  # an acknowledgement or a snooze is over
    RELEASED = "released"  # what held it back is over
    FLAPPING = "flapping"  # it comes and goes; no more of that
    CALM = "calm"  # it has stopped to, and is open
    RESOLVED = "resolved"


class Cause(StrEnum):
    """What an entry in a history came from."""

    EVENT = "event"
    TIME = "time"
    PERSON = "person"


class Outcome(StrEnum):
    """What became of a decision about telling somebody."""

    TOLD = "told"
    WAITING = "waiting"  # in a bundle
    HELD = "held"  # by a silence or by an alert about the cause
    CANCELLED = "cancelled"  # no longer needed when its bundle was due
    UNREACHABLE = "unreachable"  # nobody is behind the name


@dataclass(frozen=True, slots=True)
class Held:
    """What holds messages back: `by` is `silence/ID` or `alert/ID`; `because` says it in words, `until` when to look again."""

    by: str
    because: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """An alert as people and time have left it.

    `seen`: the number of the last transition of the rules that was taken. `step`: of the policy, told last; `round`: which
    repetition of the policy it is; `step_at`: when the next is due. `owed`: what was held back and is to be told
    afterwards. `knows`: receivers who were told that it is open, and not yet of its end. `heard`: the greatest severity
    that was told since it opened. `changes`: when it changed lately; `flaps_until`: when it will have been calm for long
    enough. `entries` and `messages` count what was written of it.
    """

    state: State
    firing: bool
    severity: Severity
    seen: int
    person: str | None = None
    until: datetime | None = None
    policy: str | None = None
    step: int = 0
    round: int = 0
    step_at: datetime | None = None
    held: Held | None = None
    owed: Occasion | None = None
    knows: frozenset[str] = frozenset()
    heard: Severity | None = None
    changes: tuple[datetime, ...] = ()
    flaps_until: datetime | None = None
    entries: int = 0
    messages: int = 0

    @property
    def next_action_at(self) -> datetime | None:
        """When time is the next to act; None: only an event or a person can."""
        due = [self.flaps_until]
        if self.state in (State.ACKNOWLEDGED, State.SNOOZED):
            due.append(self.until)
        elif self.state is State.OPEN:
            due.append(self.held.until if self.held is not None else self.step_at)
        return min((at for at in due if at is not None), default=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line in the history of an alert. Numbers begin at 1 and have no gap."""

    number: int
    at: datetime
    cause: Cause
    actor: str
    action: str
    reason: str | None
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Telling:
    """A decision to tell a receiver, or not. `entry`: the number of the line in the history that it belongs to."""

    entry: int
    occasion: Occasion
    receiver: str
    step: int
    outcome: Outcome
    because: str


@dataclass(frozen=True, slots=True)
class Step:
    """What a happening made of a handling."""

    handling: Handling
    entries: tuple[Entry, ...]
    tellings: tuple[Telling, ...]


@dataclass(slots=True)
class Writing:
    """A step while it is being made. `cause` and `actor` are of the happening behind it."""

    handling: Handling
    at: datetime
    cause: Cause
    actor: str
    entries: list[Entry] = field(default_factory=list[Entry])
    tellings: list[Telling] = field(default_factory=list[Telling])

    def change(self, **fields: Any) -> None:
        """Set fields of the handling."""
        self.handling = replace(self.handling, **fields)

    def note(self, action: str, reason: str | None = None, **detail: Any) -> None:
        """A line in the history."""
        number = self.handling.entries + 1
        self.change(entries=number)
        self.entries.append(Entry(number, self.at, self.cause, self.actor, action, reason, detail))

    def tell(
        self, receiver: str, occasion: Occasion, because: str, outcome: Outcome = Outcome.TOLD, step: int = 0
    ) -> None:
        """A decision about a receiver, once for each occasion of a line."""
        number = self.handling.entries
        if not any((one.entry, one.receiver, one.occasion) == (number, receiver, occasion) for one in self.tellings):
            self.tellings.append(Telling(number, occasion, receiver, step, outcome, because))

    def made(self) -> Step:
        return Step(self.handling, tuple(self.entries), tuple(self.tellings))
