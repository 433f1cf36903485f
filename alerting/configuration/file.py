"""How `alerting.yaml` is written: the shape of each entry, and so its JSON Schema."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from alerting.configuration import notation
from alerting.configuration.model import Audience, Language, Units


def _written(pattern: str, description: str) -> Any:
    """A text whose form `notation` checks, in its own words."""
    return Meta(description=description, extra_json_schema={"pattern": pattern})


# No `pattern` of msgspec 0.22 here: in a union with a list of limited length it breaks the collector of garbage.
Name = Annotated[str, Meta(min_length=1, max_length=120, extra_json_schema={"pattern": notation.NAME})]
Code = Annotated[str, Meta(min_length=1, max_length=200)]
Names = Name | Annotated[tuple[Name, ...], Meta(min_length=1, max_length=100)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Weekdays = Annotated[tuple[Weekday, ...], Meta(min_length=1, max_length=7)]
Duration = Annotated[str, _written(notation.DURATION, "30s, 15m, 2h, 1d, 1w or 1h30m")]
Clock = Annotated[str, _written(notation.CLOCK, "A local time, 08:00")]
Hours = Annotated[str, _written(notation.HOURS, "Local times, 08:00-18:00; past midnight 22:00-06:00")]
Day = Annotated[str, _written(notation.DAY, "2026-03-31")]
Moment = Annotated[str, _written(notation.MOMENT, "2026-12-24 or 2026-12-24 09:00, local")]
Period = Annotated[str, _written(notation.PERIOD, "day, week, 2 weeks or 10 days")]
Country = Annotated[str, _written(notation.COUNTRY, "A country or its region by ISO 3166: CH or CH-BS")]
Zone = Annotated[str, Meta(description="An IANA time zone, Europe/Zurich")]
Address = Annotated[str, Meta(min_length=1, max_length=2_000, description="env:NAME, file:PATH or an Apprise URL")]
MatcherText = Annotated[str, Meta(min_length=1, description='kind="x", site!="x", site=~"B.*", severity>=warning')]
Matchers = MatcherText | Annotated[tuple[MatcherText, ...], Meta(min_length=1, max_length=50)]
LabelName = Literal["kind", "subject_kind", "partner", "site", "material", "product", "region", "owner", "severity"]
PerSecond = Annotated[float, Meta(gt=0, le=1000, description="Messages that the service takes")]


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the file. A field that it does not know is refused: it is a slip of the pen."""


class ContactEntry(Entry, frozen=True, kw_only=True):
    """A way to reach somebody, for `fallbacks`."""

    address: Address
    per_second: PerSecond | None = None


class QuietEntry(Entry, frozen=True, kw_only=True):
    """Quiet in these hours of each day, and all day on these days and public holidays."""

    hours: Hours | None = None
    days: Weekdays | None = None
    holidays: Country | None = None


class DigestEntry(Entry, frozen=True, kw_only=True):
    """When collected messages go out."""

    at: Clock | Annotated[tuple[Clock, ...], Meta(min_length=1, max_length=24)] = "08:00"
    days: Weekdays | None = None


class ReceiverEntry(Entry, frozen=True, kw_only=True):
    """A person or a shared channel: its address, tried first, and the contacts that are tried when that one is dead.

    `partner`: it is that partner's, and hears of its own alerts alone.
    """

    address: Address
    partner: Code | None = None
    per_second: PerSecond | None = None
    fallbacks: Names | None = None
    audience: Audience = Audience.PLANNER
    language: Language = Language.EN
    units: Units = Units.METRIC
    zone: Zone | None = None
    quiet: QuietEntry | None = None
    digest: DigestEntry | None = None
    most_per_hour: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class TeamEntry(Entry, frozen=True, kw_only=True):
    """People and receivers that are told together. `zone`: in which its rotas hand over."""

    members: Names
    zone: Zone | None = None


class ShiftEntry(Entry, frozen=True, kw_only=True):
    """Who is on duty in turn, at which hours of which days. The first of `people` begins on the day `starts`."""

    people: Annotated[tuple[Names, ...], Meta(min_length=1, max_length=100)]
    starts: Day | None = None
    handover: Clock | None = None
    every: Period = "week"
    hours: Hours | None = None
    days: Weekdays | None = None
    holidays: Literal["work", "off", "only"] = "work"
    first_day: Day | None = None
    last_day: Day | None = None


class OverrideEntry(Entry, frozen=True, kw_only=True):
    """Others are on duty for a time: instead of one of those on duty, or of all."""

    begin: Moment = msgspec.field(name="from")
    until: Moment
    people: Names
    instead_of: Name | None = None
    reason: Annotated[str, Meta(max_length=300)] = ""


class RotaEntry(Entry, frozen=True, kw_only=True):
    """Who of a team is on duty when. `otherwise`: who is when nobody else is."""

    team: Name | None = None
    zone: Zone | None = None
    holidays: Country | None = None
    shifts: Annotated[tuple[ShiftEntry, ...], Meta(min_length=1, max_length=50)]
    overrides: Annotated[tuple[OverrideEntry, ...], Meta(max_length=1_000)] = ()
    otherwise: Names | None = None


class OwnersEntry(Entry, frozen=True, kw_only=True):
    """Whom the target `owner` means, by code. `roles`: by the owner that a rule names."""

    materials: dict[Code, Name] = {}
    products: dict[Code, Name] = {}
    sites: dict[Code, Name] = {}
    partners: dict[Code, Name] = {}
    roles: dict[Code, Name] = {}


class StepEntry(Entry, frozen=True, kw_only=True):
    """After `wait` without anybody who took the alert, `to` is told."""

    wait: Duration
    to: Names


class PolicyEntry(Entry, frozen=True, kw_only=True):
    """What happens until somebody takes the alert: the steps, again `repeat` times, then `last`, again and again.

    `every` lies before each repetition, and before each time that `last` is told.
    """

    steps: Annotated[tuple[StepEntry, ...], Meta(max_length=50)] = ()
    repeat: Annotated[int, Meta(ge=0, le=1_000)] = 0
    every: Duration = "1h"
    last: Name


class BranchEntry(Entry, frozen=True, kw_only=True):
    """A branch of the tree. What it does not say it takes over from the one above."""

    match: Matchers | None = None
    name: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    to: Names | None = None
    policy: Name | None = None
    group_by: tuple[LabelName, ...] | None = None
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    digest: tuple[Literal["watch", "warning"], ...] | None = None
    goes_on: Annotated[bool, Meta(description="Its siblings are asked, too")] = msgspec.field(
        default=False, name="continue"
    )
    routes: tuple["BranchEntry", ...] = ()


class RouteEntry(Entry, frozen=True, kw_only=True):
    """The top of the tree: who is told when no branch says otherwise."""

    to: Names
    policy: Name | None = None
    group_by: tuple[LabelName, ...] = ("site",)
    group_wait: Duration = "30s"
    group_interval: Duration = "5m"
    digest: tuple[Literal["watch", "warning"], ...] = ("watch",)
    routes: tuple[BranchEntry, ...] = ()


class InhibitionEntry(Entry, frozen=True, kw_only=True):
    """While an alert that `source` matches is open, those of `target` with the same labels `equal` are held back."""

    name: Name
    source: Matchers
    target: Matchers
    equal: Annotated[tuple[LabelName, ...], Meta(min_length=1)]


class FlappingEntry(Entry, frozen=True, kw_only=True):
    """An alert that changes so often within so long flaps, until it has been calm for so long."""

    changes: Annotated[int, Meta(ge=3, le=1_000)] = 6
    within: Duration = "1d"
    calm: Duration = "12h"


class HeartbeatEntry(Entry, frozen=True, kw_only=True):
    """A message that proves that messages arrive."""

    to: Name
    every: Duration = "5m"


class AlertingFile(Entry, frozen=True, kw_only=True):
    """Who is told of what. People and receivers differ only in what they are; contacts are for their fallbacks."""

    zone: Zone = "UTC"
    contacts: dict[Name, ContactEntry] = {}
    people: dict[Name, ReceiverEntry] = {}
    receivers: dict[Name, ReceiverEntry] = {}
    teams: dict[Name, TeamEntry] = {}
    rotas: dict[Name, RotaEntry] = {}
    owners: OwnersEntry = OwnersEntry()
    policies: dict[Name, PolicyEntry] = {}
    route: RouteEntry
    inhibitions: tuple[InhibitionEntry, ...] = ()
    flapping: FlappingEntry = FlappingEntry()
    reopen_within: Duration = "2h"
    heartbeat: HeartbeatEntry | None = None
