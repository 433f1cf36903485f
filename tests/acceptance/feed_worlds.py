"""Worlds whose feeds go wrong. The watch sees what the simulator's feeds send, hour by hour, and the rules that ship judge it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any, Final, NamedTuple

import msgspec

from risk_rules.catalogue import FEATURES
from risk_rules.methods.rhythm import UNKNOWN_REST, Rest, working_hours
from risk_rules.working_days import Calendar
from streams import agreements
from streams.intake.admission import Feed
from streams.intake.profile_file import Limits
from streams.intake.reading import canonical_records
from streams.intake.refusal import Refusal
from streams.intake.rejects import Rejects
from streams.ledger.trust.lags import HOUR
from streams.ledger.trust.refusals import counted
from streams.ledger.trust.seen import Surrounding, hours_silent, seen
from streams.ledger.trust.watch import Watch, Word
from streams.simulation.deliveries import on_the_topic
from streams.simulation.envelope import NUMBERED
from streams.simulation.feed_faults import FeedFault, Sent, in_office_hours, on_working_days, written
from streams.simulation.world import World
from tests.acceptance.worlds import Inbound, reference
from tests.oracle.stream import DEFAULT_RULES

STARTS: Final = (date(2025, 3, 3), date(2025, 10, 20), date(2026, 3, 2))
"""Mondays, by turns: the weeks that follow have Easter and May, or All Saints and Christmas."""

WEEKS: Final = 12
FAULTS_FROM: Final = 42
FAULTS_UNTIL: Final = 70
"""Days: six weeks to learn the rhythms, and two at the least to find the faults."""

STEPS_A_DAY: Final = 96
SKEWS: Final = (1.0, 2.0, 5.0, -6.0, -12.0)
LIMITS: Final = Limits()
_judge = DEFAULT_RULES.judge("feed")
assert _judge is not None
JUDGE: Final = _judge

DELAYS: Final = (8.0, 24.0, 48.0)
PART_LOST: Final = 0.5

Opening = Callable[[datetime, Calendar], datetime]
OPENINGS: Final[Sequence[Opening]] = (lambda at, _: at, on_working_days, in_office_hours)


class Alarm(NamedTuple):
    """An alert on a feed begins, by the quality that a person would look at first."""

    site: str
    rule: str
    at: datetime
    summary: str


class Found(NamedTuple):
    """What became of a fault: the `rhythm` before (hours; None: the feed had none), and how many hours `after` it was found,
    both without those in which the feed rests."""

    fault: FeedFault
    rhythm: float | None
    after: float | None
    alarm: Alarm | None

    @property
    def in_time(self) -> bool:
        """Within twice the rhythm; an hour is the grain of the clock here."""
        return self.rhythm is not None and self.after is not None and self.after <= 2 * self.rhythm + 1


class Lived(NamedTuple):
    found: Sequence[Found]
    false_alarms: Sequence[Alarm]
    events: int


def start(seed: int) -> datetime:
    """When the world of a seed begins."""
    return datetime.combine(STARTS[seed % len(STARTS)], datetime.min.time(), UTC)


def faults(seed: int, part: float = PART_LOST, until: int = FAULTS_UNTIL) -> list[FeedFault]:
    """One of each kind, each at a site of its own and at a time of its own, before day `until`. `part`: of the records that
    the gappy one loses."""
    luck, (network, _) = Random(f"feed faults {seed}"), reference()
    sites = sorted(network.sites)
    gappy = luck.choice([site for site in sites if network.sites[site].partner in NUMBERED])
    silent, held, late, skewed = luck.sample([site for site in sites if site != gappy], 4)

    def begin() -> datetime:
        return start(seed) + timedelta(hours=24 * luck.randrange(FAULTS_FROM, until) + luck.uniform(0, 24))

    return [
        FeedFault("silent", silent, begin()),
        FeedFault("held", held, begin(), family="raw_material"),
        FeedFault("late", late, begin(), hours=luck.choice(DELAYS)),
        FeedFault("gappy", gappy, begin(), part=part),
        FeedFault("skewed", skewed, begin(), hours=luck.choice(SKEWS)),
    ]


def openings(seed: int) -> dict[str, Opening]:
    """When each site's system sends: at any time, on working days, or in office hours."""
    luck, (network, _) = Random(f"openings {seed}"), reference()
    return {site: luck.choice(OPENINGS) for site in sorted(network.sites)}


class Stream(NamedTuple):
    """`sent` in order of time, for so many `weeks`; `refused`: when a record of a partner was refused (True) or taken."""

    sent: list[Sent]
    refused: dict[str, list[tuple[datetime, bool]]]
    weeks: int


def sent(seed: int, weeks: int = WEEKS) -> Stream:
    """All that the sites of a calm world send, as the intake takes it."""
    network, profiles = reference()
    world, opening = World(network, seed, start(seed).date(), weeks), openings(seed)
    sites = defaultdict[str, set[str]](set)
    for site in network.sites.values():
        sites[site.partner].add(site.code)
    told, refused = list[Sent](), defaultdict[str, list[tuple[datetime, bool]]](list)
    for at, partner, record in _timed(world):
        taken = list[Sent]()
        try:
            for one in canonical_records(record, Feed(partner, frozenset(sites[partner])), profiles, at):
                site = one.key.decode()
                taken.append(Sent(opening[site](at, network.calendars[site]), site, msgspec.json.decode(one.value)))
        except Refusal:
            refused[partner].append((at, True))
            continue
        refused[partner].append((at, False))
        told += taken
    return Stream(sorted(told, key=lambda one: one.at), refused, weeks)


def _timed(world: World) -> Iterator[tuple[datetime, str, Inbound]]:
    """Each record, with when it was sent to some minutes."""
    for day, happened in enumerate(world.lived()):
        for step in range(1, STEPS_A_DAY + 1):
            until: Any = day - 1 + step / STEPS_A_DAY  # the feed sends up to the end of that part of the day
            for delivery in world.feed.send(until, happened if step == 1 else ()):
                at = world.state.calendar.at(0, max(0.0, 24 * (until + 1)))
                for record in on_the_topic(delivery):
                    yield at, record.partner, Inbound(0, record.key, record.value, record.headers)


def lived(seed: int, stream: Stream, befallen: Sequence[FeedFault]) -> Lived:
    """Live through it with these faults."""
    network, _ = reference()
    of: Iterator[Sent] = iter(stream.sent)
    for fault in befallen:
        of = fault.befall(of, Random(f"{fault.kind} {seed}"))
    by_site = defaultdict[str, list[Sent]](list)
    for one in sorted(of, key=lambda one: one.at):
        by_site[one.site].append(one)
    by_fault, found, false = {fault.site: fault for fault in befallen}, list[Found](), list[Alarm]()
    hours = [start(seed) + timedelta(hours=number) for number in range(stream.weeks * 7 * 24)]
    for site, said in by_site.items():
        lookout = Lookout(site, network.sites[site].partner, network.calendars[site])
        fault = by_fault.get(site)
        alarms = list(lookout.alarms(hours, said, stream.refused[lookout.partner], fault))
        false += [alarm for alarm in alarms if fault is None or alarm.at < fault.begin]
        if fault is not None:
            found.append(lookout.found(fault, alarms))
    return Lived(found, false, len(stream.sent))


FOUND_BY: Final[Mapping[str, frozenset[str]]] = {
    "silent": frozenset({"feed-late", "feed-silent"}),
    "held": frozenset({"feed-late", "feed-silent"}),
    "late": frozenset({"feed-late", "feed-silent", "feed-skewed"}),
    "gappy": frozenset({"feed-incomplete"}),
    "skewed": frozenset({"feed-skewed"}),
}
"""The rules that tell of a fault by what is wrong."""


class Lookout:
    """Watches one site's feed and asks the rules about it each hour."""

    def __init__(self, site: str, partner: str, calendar: Calendar) -> None:
        self.site = site
        self.partner = partner
        self.calendar = calendar
        self.watch = Watch()
        self.rejects = Rejects()
        self.known: set[tuple[str, str]] = set()
        self.last = datetime.min.replace(tzinfo=UTC)
        self.before: tuple[Rest, Mapping[str, float]] | None = None
        """When the feed rested, and its rhythms, as its fault began."""

    def alarms(
        self,
        hours: Iterable[datetime],
        said: Sequence[Sent],
        refused: Sequence[tuple[datetime, bool]],
        fault: FeedFault | None,
    ) -> Iterator[Alarm]:
        """Each hour's news of rules that tell of something. `said`, `refused`: in order of time."""
        by_hour = {hour: list(some) for hour, some in groupby(said, lambda one: _hour(one.at))}
        told, place = frozenset[str](), 0
        for hour in hours:
            if fault is not None and self.before is None and fault.begin < hour + timedelta(hours=1):
                self.before = (self.watch.habits.rest, dict(self.watch.habits.rhythms))
            self.watch.take(list(self._words(by_hour.get(hour, ()))), self.calendar)
            now = hour + timedelta(hours=1)
            while place < len(refused) and refused[place][0] <= now:
                if refused[place][1]:
                    self.rejects.refused(LIMITS)
                else:
                    self.rejects.accepted(1, LIMITS)
                place += 1
            findings = self._findings(now)
            yield from (Alarm(self.site, rule, now, summary) for rule, summary in findings.items() if rule not in told)
            told = frozenset(findings)

    def _words(self, said: Sequence[Sent]) -> Iterator[Word]:
        for at, _, event in said:
            if (identity := (event["source"], event["id"])) in self.known:
                continue
            self.known.add(identity)
            recorded, number = written(event), event.get("sequence")
            self.last = max(self.last, recorded)
            corrects = "corrects" in event or event["type"] == "cdmo.event.withdrawn"
            yield (
                _micros(at), _micros(recorded), event["type"].split(".")[1], event["source"],
                -1 if number is None else int(number), corrects,
            )  # fmt: skip

    def _findings(self, now: datetime) -> dict[str, str]:
        """By rule, what it says now."""
        if self.last.year == 1:
            return {}
        allowed = reference()[0].partners[self.partner].silent_after_hours
        around = Surrounding(self.calendar, agreed(self.partner), counted(self.rejects.packed()))
        found = seen(self.watch, around, now, _micros(now) // HOUR)
        self.watch.since = dict(found.since)
        features = dict.fromkeys(FEATURES["feed"]) | {
            "site": self.site, "partner": self.partner, "silent": False, "silent_after_hours": allowed,
            "last_word_at": self.last,
            "hours_since_last": hours_silent(self.last, now, allowed, self.calendar, self.watch.habits.rest),
            **found.features,
        }  # fmt: skip
        findings, _, _ = JUDGE(features, None, now, self.calendar)
        return {finding.rule: finding.summary for finding in findings if finding.severity is not None}

    def found(self, fault: FeedFault, alarms: Sequence[Alarm]) -> Found:
        """What became of the fault."""
        rest, rhythms = self.before or (UNKNOWN_REST, {})
        rhythm = rhythms.get(fault.family)
        if fault.family:
            rest = rest._replace(night=None)
        for alarm in alarms:
            if alarm.at >= fault.begin and alarm.rule in FOUND_BY[fault.kind]:
                return Found(fault, rhythm, working_hours(fault.begin, alarm.at, self.calendar, rest), alarm)
        return Found(fault, rhythm, None, None)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def agreed(partner: str) -> Mapping[str, float]:
    """By family, how many hours old the partner's newest word may become, as its profile says."""
    return agreements.agreed(reference()[1]).get(partner, {})
