"""A history that never was: the simulated network's feeds through the real intake, and what truly happened in it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from streams.backtest.courses import Episode
from streams.feeder import tick
from streams.intake import profile as profiles
from streams.intake.admission import Feed
from streams.intake.profile import Profile
from streams.intake.reading import canonical_records
from streams.intake.refusal import Refusal
from streams.network.load import load
from streams.network.model import Network
from streams.simulation import NETWORK_FILE, PROFILES
from streams.simulation.disruptions import Disruption
from streams.simulation.envelope import Record
from streams.simulation.state import Shortage
from streams.simulation.world import World

START: Final = date(2025, 1, 6)
"""A Monday in the past: the same seed gives the same bytes on any day."""

APART: Final = timedelta(days=7)
"""Shortages of one material at one site that are no further apart are one."""


class Inbound(NamedTuple):
    """A record on a partner's topic."""

    offset: int
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]


def world(seed: int, weeks: int, disruptions: Sequence[Disruption] = (), network: Path = NETWORK_FILE) -> World:
    """The simulated network, to be lived through by `days`."""
    return World(load(network), seed, START, weeks, disruptions)


def days(living: World) -> Iterator[list[bytes]]:
    """What the intake makes of each day's records, and the tick that ends the day. May be gone through once."""
    network = living.state.network
    known = profiles.load_all([PROFILES])
    feeds = {partner: Feed(partner, _sites(network, partner)) for partner in network.partners}
    for day in living.days():
        evening = datetime.combine(day.date + timedelta(days=1), time(), UTC)
        taken = [value for record in day.records for value in _canonical(record, feeds[record.partner], known, evening)]
        yield [*taken, tick(evening, 0)]


def shortages(living: World) -> list[Episode]:
    """When somebody truly went without something, as far as the world has lived."""
    by_place: dict[str, list[Shortage]] = {}
    for shortage in living.state.shortages:
        by_place.setdefault("/".join(shortage.place), []).append(shortage)
    found: list[Episode] = []
    for place, some in by_place.items():
        begin = last = None
        for day in sorted({living.state.calendar.at(one.day, 0) for one in some}):
            if begin is not None and last is not None and day - last > APART:
                found.append(Episode("shortage", f"material:{place}", begin, last + timedelta(days=1)))
                begin = None
            begin, last = begin or day, day
        if begin is not None and last is not None:
            found.append(Episode("shortage", f"material:{place}", begin, last + timedelta(days=1)))
    return sorted(found, key=lambda one: (one.began_at, one.subject))


def _sites(network: Network, partner: str) -> frozenset[str]:
    return frozenset(site.code for site in network.sites.values() if site.partner == partner)


def _canonical(record: Record, feed: Feed, known: Mapping[str, Profile], now: datetime) -> list[bytes]:
    """What the intake takes of a record; nothing of what it refuses."""
    try:
        inbound = Inbound(0, record.key, record.value, record.headers)
        return [canonical.value for canonical in canonical_records(inbound, feed, known, now)]
    except Refusal:
        return []
