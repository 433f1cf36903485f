"""Worlds whose feeds go wrong: lived through the ledger hour by hour, on the wall clock, with the rules that ship."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import msgspec
import yaml
from sqlalchemy import select

import risk_rules
from alerting.database import reading
from alerting.tables import alert
from risk_rules import rulebook
from risk_rules.methods.rhythm import working_hours
from risk_rules.rulebook import Rulebook
from streams.intake.admission import Feed
from streams.intake.reading import canonical_records
from streams.intake.refusal import Refusal
from streams.ledger.feed_trust import Trustees
from streams.ledger.feed_watch import Watch
from streams.ledger.tables import feed
from streams.network.model import Network
from streams.simulation.envelope import NUMBERED
from streams.simulation.feed_faults import FeedFault, Sent, in_office_hours
from streams.simulation.world import World
from tests.acceptance.worlds import Inbound, reference
from tests.oracle.stream import Partition, Record, database

START: Final = date(2025, 3, 3)
"""A Monday; the weeks that follow have Saint Patrick's day, Easter, 25 April, the first days of May, and so on."""

WEEKS: Final = 12
FAULTS_FROM: Final = 42
FAULTS_UNTIL: Final = 70
"""Days: six weeks to learn the rhythms, and two at the least to find the faults."""

HOUR: Final = timedelta(hours=1)
SKEWS: Final = (2.0, 5.0, -12.0)


def _rules_of_feeds() -> Rulebook:
    """Those of the rulebook that ships: the others would take hours of these worlds and say nothing of feeds."""
    said = yaml.safe_load((Path(risk_rules.__file__).parent / "rulebooks" / "default.yaml").read_text(encoding="utf-8"))
    said["rules"] = [rule for rule in said["rules"] if rule["subject"] == "feed"]
    used = yaml.safe_dump(said["rules"])
    parameters = {name: told for name, told in said["parameters"].items() if name in used}
    kept = {"rulebook": said["rulebook"], "parameters": parameters, "rules": said["rules"]}
    return rulebook.parse(yaml.safe_dump(kept, allow_unicode=True))


RULES: Final = _rules_of_feeds()


class Opened(NamedTuple):
    """An alert on a feed."""

    site: str
    kind: str
    at: datetime
    summary: str


class Found(NamedTuple):
    """What became of a fault. In working hours of the feed: its `rhythm` before (None: none), and `after` how many it was found."""

    fault: FeedFault
    rhythm: float | None
    after: float | None

    @property
    def in_time(self) -> bool:
        """Within twice the rhythm; an hour is the grain of the clock here."""
        return self.rhythm is not None and self.after is not None and self.after <= 2 * self.rhythm + 1


class Lived(NamedTuple):
    found: Sequence[Found]
    false_alarms: Sequence[Opened]
    events: int


def faults(seed: int, network: Network) -> list[FeedFault]:
    """One of each kind, each at a site of its own and at a time of its own."""
    luck = Random(f"feed faults {seed}")
    sites = sorted(network.sites)
    numbered = [site for site in sites if network.sites[site].partner in NUMBERED]
    gappy = luck.choice(numbered)
    silent, late, skewed = luck.sample([site for site in sites if site != gappy], 3)

    def begin() -> datetime:
        hours = 24 * luck.randrange(FAULTS_FROM, FAULTS_UNTIL) + luck.uniform(0, 24)
        return datetime.combine(START, datetime.min.time(), UTC) + timedelta(hours=hours)

    return [
        FeedFault("silent", silent, begin()),
        FeedFault("late", late, begin(), family="raw_material"),
        FeedFault("gappy", gappy, begin()),
        FeedFault("skewed", skewed, begin(), hours=luck.choice(SKEWS)),
    ]


def sent(seed: int, weeks: int = WEEKS) -> list[Sent]:
    """All that the sites of a calm world send, as the intake takes it, in office hours."""
    network, profiles = reference()
    world = World(network, seed, START, weeks)
    sites = {
        partner: frozenset(site.code for site in network.sites.values() if site.partner == partner)
        for partner in network.partners
    }
    told: list[Sent] = []
    for day, happened in enumerate(world.lived()):
        for hour, record in world.feed.timed(day, happened):
            at = world.state.calendar.at(0, max(0.0, hour))  # what was before the world began is told of as it begins
            inbound = Inbound(0, record.key, record.value, record.headers)
            try:
                taken = canonical_records(inbound, Feed(record.partner, sites[record.partner]), profiles, at)
            except Refusal:
                continue
            told += [Sent(at, one.key.decode(), msgspec.json.decode(one.value)) for one in taken]
    return list(in_office_hours(told, network.calendars))


def lived(folder: Path, seed: int, said: Sequence[Sent], befallen: Sequence[FeedFault]) -> Lived:
    """Live through it; `folder` takes the database."""
    network, _ = reference()
    stream: Iterator[Sent] = iter(said)
    for fault in befallen:
        stream = fault.befall(stream, Random(f"{fault.kind} {seed}"))
    engine = database(f"sqlite:///{folder / f'feeds-{seed}.db'}")
    partition = Partition(engine, rules=RULES, network=network)
    rhythms = _live(partition, sorted(stream, key=lambda one: one.at), befallen)
    with reading(engine) as connection:
        rows = connection.execute(select(alert).where(alert.c.subject_kind == "feed").order_by(alert.c.opened_at))
        opened = [Opened(row.site, row.kind, row.opened_at, row.summary) for row in rows]
    engine.dispose()
    begun = {fault.site: fault.begin for fault in befallen}
    false = [one for one in opened if one.site not in begun or one.at < begun[one.site]]
    return Lived([_found(fault, opened, rhythms, network) for fault in befallen], false, partition.next_offset)


Rhythms = Mapping[str, tuple[Watch, Mapping[str, float]]]
"""By site, as they were when its fault began."""


def _live(partition: Partition, stream: Sequence[Sent], befallen: Sequence[FeedFault]) -> Rhythms:
    hour = stream[0].at.replace(minute=0, second=0)
    ends, place, rhythms = stream[0].at + timedelta(days=7 * WEEKS), 0, dict[str, tuple[Watch, Mapping[str, float]]]()
    while hour < ends:
        for fault in befallen:
            if hour <= fault.begin < hour + HOUR:
                rhythms[fault.site] = _rhythms(partition, fault.site)
        hour += HOUR
        begin = place
        while place < len(stream) and stream[place].at < hour:
            place += 1
        if place > begin:
            records = [
                Record(partition.next_offset + n, msgspec.json.encode(one.event), int(one.at.timestamp() * 1000))
                for n, one in enumerate(stream[begin:place])
            ]
            partition.next_offset = partition.ledger.apply(partition.next_offset, records, hour).next_offset
        partition.ledger.pass_time(hour)
    return rhythms


def _rhythms(partition: Partition, site: str) -> tuple[Watch, Mapping[str, float]]:
    [row] = [row for row in partition.rows(feed) if row["site"] == site]
    watch = msgspec.msgpack.decode(row["watch"], type=Watch)
    return watch, Trustees().rhythms(row["key"], watch, partition.network.calendars[site])


def _found(fault: FeedFault, opened: Sequence[Opened], rhythms: Rhythms, network: Network) -> Found:
    watch, known = rhythms[fault.site]
    kind = "silent" if fault.kind in ("silent", "late") else "untrusted"
    at = next((one.at for one in opened if (one.site, one.kind) == (fault.site, kind) and one.at >= fault.begin), None)
    after = None if at is None else working_hours(fault.begin, at, network.calendars[fault.site], watch.rest)
    return Found(fault, known.get(fault.family), after)
