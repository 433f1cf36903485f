"""Worlds that were lived through once, for many tests to look at, and their records as the intake reads them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

from streams.events import Event, decode
from streams.intake.admission import Feed
from streams.intake.profile import load_all
from streams.intake.reading import canonical_records
from streams.intake.refusal import Reason, Refusal
from streams.network.load import load
from streams.simulation import NETWORK_FILE, PROFILES
from streams.simulation.disruptions import Disruption, all_seven
from streams.simulation.envelope import Record
from streams.simulation.truth import Truth
from streams.simulation.world import Day, World

START = date(2026, 1, 5)
network = load(NETWORK_FILE)
profiles = load_all([PROFILES])
feeds = {
    code: Feed(code, frozenset(site.code for site in network.sites.values() if site.partner == code))
    for code in network.partners
}


class Life(NamedTuple):
    world: World
    days: list[Day]
    disruptions: list[Disruption]
    truths: list[Truth]


class Inbound(NamedTuple):
    offset: int
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@cache
def calm(seed: int) -> Life:
    world = World(network, seed, START)
    return Life(world, list(world.days()), [], [])


@cache
def disturbed(seed: int) -> Life:
    disruptions = all_seven()
    world = World(network, seed, START, disruptions=disruptions)
    days = list(world.days())
    return Life(world, days, disruptions, world.truth())


def read(record: Record, day: date) -> Event | Reason:
    """What the intake makes of a record on the evening of a day."""
    now = datetime.combine(day + timedelta(days=1), time(), UTC)
    try:
        inbound = Inbound(0, record.key, record.value, record.headers)
        (canonical,) = canonical_records(inbound, feeds[record.partner], profiles, now)
    except Refusal as refusal:
        return refusal.reason
    return decode(canonical.value)


_outcomes: dict[int, list[tuple[date, Event | Reason]]] = {}


def outcomes(life: Life) -> list[tuple[date, Event | Reason]]:
    """What the intake makes of each record of a life, in the order sent, with the day on which it was sent."""
    if id(life) not in _outcomes:
        _outcomes[id(life)] = [(day.date, read(record, day.date)) for day in life.days for record in day.records]
    return _outcomes[id(life)]


def events(life: Life) -> Iterator[tuple[date, Event]]:
    """All that the intake takes, in the order sent, with the day on which it was sent."""
    for day, outcome in outcomes(life):
        if not isinstance(outcome, Reason):
            yield day, outcome
