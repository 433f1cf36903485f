"""A world lived through intake, ledger and rules as the demo does it, without broker and messages, so that it is quick."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from alerting.database import reading
from risk_rules.rulebook import Rulebook
from streams.demo.evidence import courses
from streams.demo.run import START
from streams.demo.summary import Course
from streams.feeder import tick
from streams.intake.admission import Feed
from streams.intake.profile import Profile, load_all
from streams.intake.reading import canonical_records
from streams.intake.refusal import Refusal
from streams.ledger.standing import Clock
from streams.network.load import load
from streams.network.model import Network
from streams.simulation import NETWORK_FILE, PROFILES
from streams.simulation.disruptions import Disruption
from streams.simulation.speech import mixed
from streams.simulation.world import Day, World
from tests.oracle.stream import DEFAULT_RULES, Partition, database

DAYS_AT_A_TIME = 7


class Inbound(NamedTuple):
    """A record on a partner's topic."""

    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class Lived(NamedTuple):
    """A world after its last day, and all alerts there ever were in it."""

    world: World
    courses: list[Course]


@cache
def reference() -> tuple[Network, dict[str, Profile]]:
    """The reference network and the profiles of its partners."""
    return load(NETWORK_FILE), load_all([PROFILES])


def lived(
    folder: Path,
    seed: int,
    disruptions: Sequence[Disruption] = (),
    weeks: int = 26,
    rules: Rulebook = DEFAULT_RULES,
) -> Lived:
    """Live through a world; `folder` takes the database. All sites share one partition."""
    network, profiles = reference()
    world = World(network, seed, START, weeks, disruptions, mixed)
    engine = database(f"sqlite:///{folder / 'world.db'}")
    partition = Partition(engine, rules=rules, network=network, clock=Clock.STREAM)
    waiting: list[bytes] = []
    for number, day in enumerate(world.days(), 1):
        waiting += _canonical(day, network, profiles)
        waiting.append(tick(evening(day), 0))
        if number % DAYS_AT_A_TIME == 0:
            partition.now = evening(day)
            partition.send(*waiting)
            waiting.clear()
    with reading(engine) as connection:
        seen = courses(connection)
    engine.dispose()
    return Lived(world, seen)


def evening(day: Day) -> datetime:
    """The end of a day, at which all that is sent on it has come in."""
    return datetime.combine(day.date + timedelta(days=1), time(), UTC)


def _canonical(day: Day, network: Network, profiles: dict[str, Profile]) -> Iterator[bytes]:
    """What the intake takes of a day's records."""
    for record in day.records:
        sites = frozenset(site.code for site in network.sites.values() if site.partner == record.partner)
        inbound = Inbound(0, record.key, record.value, record.headers)
        try:
            told = canonical_records(inbound, Feed(record.partner, sites), profiles, evening(day))
        except Refusal:
            continue
        yield from (canonical.value for canonical in told)
