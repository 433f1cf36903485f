"""Archived records through the intake's own reading and the ledger, into another database.

Nothing is written to Kafka and nobody is told. Each record is read at its own time (what a partner's clock may say hangs on
it), by whatever profiles are given: so a mended map shows what the state would be, had it been right from the start.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from heapq import merge
from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, func, select

from alerting.database import reading as read_only
from risk_rules.rulebook import Rulebook
from streams.archive.place import Archive
from streams.archive.reading import partners as archived_partners
from streams.archive.reading import raw_records
from streams.archive.record import EPOCH, StoredRecord
from streams.backtest.history import DAY, steps
from streams.backtest.living import Progress, live
from streams.intake.admission import Feed
from streams.intake.inbound import TICK
from streams.intake.profile import Profile
from streams.intake.reading import canonical_records
from streams.intake.refusal import Refusal
from streams.ledger.tables import stream_position
from streams.network.model import Network


class Stretch(NamedTuple):
    """Which records: of a partner (None: of all) from `begin` on and before `end` (None: without bound)."""

    begin: datetime | None = None
    end: datetime | None = None
    partner: str | None = None


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a replay. `refused`: records by reason; `events`: canonical events that the ledger was given."""

    records: int
    refused: Mapping[str, int]
    events: int
    refused_by_ledger: int
    first: datetime | None
    last: datetime | None


class NotEmpty(ValueError):
    """The database has counted events already: a replay goes into one of its own."""


def replay(
    archive: Archive,
    stretch: Stretch,
    profiles: Mapping[str, Profile],
    network: Network,
    rulebook: Rulebook,
    engine: Engine,
    *,
    every: timedelta = DAY,
    progress: Progress | None = None,
) -> Replayed:
    """Live through the stretch on the stream's clock, which looks `every` so often. Raises `NotEmpty`, `Damaged`, OSError."""
    with read_only(engine) as connection:
        if connection.execute(select(func.count()).select_from(stream_position)).scalar_one():
            raise NotEmpty("the database has counted events already; name a new one")
    told = _Told()
    events = told.canonical(in_order(archive, stretch), profiles, network)
    lived = live(steps(events, own_ticks=False, every=every), network, rulebook, engine, progress=progress)
    return Replayed(
        records=told.records, refused=dict(told.refused.most_common()), events=lived.events,
        refused_by_ledger=lived.refused, first=told.first, last=told.last,
    )  # fmt: skip


def in_order(archive: Archive, stretch: Stretch) -> Iterator[StoredRecord]:
    """The records of a stretch: each partition in its order, between them by the greatest time so far."""
    partners = archived_partners(archive) if stretch.partner is None else [stretch.partner]
    lanes = [lane for one in partners for lane in raw_records(archive, one, stretch.begin, stretch.end)]
    return (record for _, _, record in merge(*(_timed(n, lane) for n, lane in enumerate(lanes)), key=_when))


Timed = tuple[datetime, int, StoredRecord]


def _when(one: Timed) -> tuple[datetime, int]:
    return one[0], one[1]


def _timed(number: int, lane: Iterable[StoredRecord]) -> Iterator[Timed]:
    clock = EPOCH
    for record in lane:
        clock = max(clock, record.at)
        yield clock, number, record


class _Told:
    """Counts what goes by."""

    def __init__(self) -> None:
        self.records = 0
        self.refused: Counter[str] = Counter()
        self.first: datetime | None = None
        self.last: datetime | None = None

    def canonical(
        self, records: Iterable[StoredRecord], profiles: Mapping[str, Profile], network: Network
    ) -> Iterator[bytes]:
        """The canonical events of the records; what a replay of the service moved its clock with is passed over."""
        feeds: dict[str, Feed] = {}
        for record in records:
            if ("content-type", TICK.encode()) in record.headers:
                continue
            self.records += 1
            self.first, self.last = self.first or record.at, record.at
            feed = feeds.get(record.partner) or feeds.setdefault(record.partner, feed_of(network, record.partner))
            try:
                for canonical in canonical_records(record, feed, profiles, record.at):
                    yield canonical.value
            except Refusal as refusal:
                self.refused[str(refusal.reason)] += 1


def feed_of(network: Network, partner: str) -> Feed:
    """Who may say what on the partner's topic."""
    return Feed(partner, frozenset(site.code for site in network.sites.values() if site.partner == partner))
