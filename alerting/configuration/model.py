"""Who is told of what, when, and who comes next: what `alerting.yaml` says, once it is checked. Immutable."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from alerting.configuration.quiet import DigestTimes, QuietHours
from alerting.labels import Labels
from alerting.matchers import Matcher


class Audience(StrEnum):
    """For whom a message is worded."""

    BUYER = "buyer"
    PLANNER = "planner"
    QUALITY = "quality"
    SRE = "sre"


class Language(StrEnum):
    EN = "en"
    DE = "de"


class Units(StrEnum):
    METRIC = "metric"
    US = "us"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One way to reach somebody. `address` is an Apprise URL or says where one is kept (`env:NAME`, `file:PATH`).

    It may hold a secret and is never shown. `per_second`: messages that the service takes; None: what Apprise knows.
    """

    name: str
    address: str = field(repr=False)
    per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """A person, or a channel that people share. `contacts`: names; the first is tried first, the others are fallbacks.

    `digest` says when collected messages go out. `most_per_hour`: beyond it messages are put together; None: no limit.
    `partner`: it belongs to that partner and hears of nothing else, in words that name nobody else; None: to us.
    """

    name: str
    contacts: tuple[str, ...]
    audience: Audience = Audience.PLANNER
    language: Language = Language.EN
    zone: ZoneInfo
    quiet: QuietHours | None = None
    digest: DigestTimes
    units: Units = Units.METRIC
    most_per_hour: int | None = None
    partner: str | None = None

    def may_hear_of(self, partner: str) -> bool:
        """Whether an alert about this partner is any of its business."""
        return self.partner in (None, partner)


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """Who is told when nobody has taken the alert `wait` after the step before (or after it opened)."""

    wait: timedelta
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What happens while nobody takes the alert: the steps, again `repeat` times, then `last`, again and again.

    `every` lies before each repetition, and before each time that `last` is told. `last` always reaches somebody.
    """

    name: str
    steps: tuple[PolicyStep, ...]
    repeat: int
    every: timedelta
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What the tree says of one alert. `path`: the nodes that matched, from the top, for people.

    `targets` are told at once. `group_by` names labels. `digest`: alerts of this severity are collected.
    """

    path: tuple[str, ...]
    targets: tuple[str, ...]
    policy: Policy | None
    group_by: tuple[str, ...]
    group_wait: timedelta
    group_interval: timedelta
    digest: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """Who stands behind a name at a time: receivers, nobody being (). `because` says how they were found.

    `until`: when that changes next; None: it does not, or not within the next month.
    """

    receivers: tuple[str, ...]
    because: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inhibition:
    """While an alert that `source` matches is open, those that `target` matches are held back.

    Both must have each label of `equal`, with the same value. No alert holds itself back.
    """

    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...]

    def holds(self, source: Labels, target: Labels) -> bool:
        """Whether an open alert with the labels `source` holds back one with the labels `target`."""
        return (
            all(matcher.matches(source) for matcher in self.source)
            and all(matcher.matches(target) for matcher in self.target)
            and all(source.get(name) is not None and source.get(name) == target.get(name) for name in self.equal)
        )


@dataclass(frozen=True, slots=True)
class Flapping:
    """An alert that changes `changes` times within `within` is flapping until it has been calm for `calm`."""

    changes: int = 6
    within: timedelta = timedelta(days=1)
    calm: timedelta = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A message that goes to a receiver every so often, as the proof that messages arrive."""

    receiver: str
    every: timedelta
