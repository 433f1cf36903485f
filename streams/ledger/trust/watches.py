"""The watches over the feeds of a partition: in memory, and in the tables `feed_watch` and `feed_day`."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, select

from risk_rules.methods.rhythm import UNKNOWN_REST, Rest
from risk_rules.working_days import EVERY_WEEKDAY, Calendar
from streams.events import EVENT_TYPES, family
from streams.ledger.facts import key, micros
from streams.ledger.reports import Reports
from streams.ledger.rows import Row, Writer
from streams.ledger.trust.lags import HOUR
from streams.ledger.trust.refusals import Refusals
from streams.ledger.trust.seen import BROKEN_BELOW, Seen, Surrounding, seen
from streams.ledger.trust.tables import feed_day, feed_watch
from streams.ledger.trust.watch import Watch, Word

Agreed = Mapping[str, Mapping[str, float]]
"""By partner and family, how many hours old the newest word may become, as the partner's profile says."""

NOTHING_AGREED: Final[Agreed] = {}

_writer, _days = Writer(feed_watch), Writer(feed_day)
_FAMILIES: Final = {struct: family(name) for name, struct in EVENT_TYPES.items()}


class _Watched:
    """One feed: its watch, and what was seen when it was last looked at."""

    __slots__ = ("lost", "noted", "trust", "watch")

    def __init__(self, watch: Watch, trust: float | None = None, lost: Mapping[str, float] | None = None) -> None:
        self.watch = watch
        self.trust = trust
        self.lost = lost or {}
        self.noted = ""
        """The day for which that is stored."""


class Watches:
    """`ticks`: the stream tells the time, not the wall. What follows a tick came at its time, or when it was written down,
    if that was later. `agreed` and `refusals` may change between two batches."""

    def __init__(self, partition: int, *, ticks: bool) -> None:
        self._partition = partition
        self._ticks = ticks
        self._of: dict[str, _Watched] = {}
        self._words: defaultdict[tuple[str, str], list[Word]] = defaultdict(list)
        self._touched: set[str] = set()
        self._ended: dict[tuple[str, str], Row] = {}
        self.agreed: Agreed = {}
        self.refusals = Refusals()
        self.reached: datetime | None = None
        """When the last record that was looked at arrived, while others may wait behind it: later, nobody is late yet."""

    def load(self, connection: Connection) -> None:
        """Take over what was learned."""
        of = feed_watch.c
        rows = select(of.key, of.trust, of.lost, of.watch).where(of.partition == self._partition)
        for name, trust, lost, watch in connection.execute(rows):
            self._of[name] = _Watched(Watch.of(watch), trust, lost)

    def hear(self, reports: Reports, again: Container[int], stream_time: datetime | None) -> None:
        """Put by what was counted, but for the places in `again`, which had come before."""
        words, withdraws, arrived, recorded = self._words, reports.withdraws, reports.arrived, reports.recorded
        if self._ticks:
            tick = 0 if stream_time is None else micros(stream_time)
            arrived = [at if at > tick else tick for at in recorded]
        said = zip(reports.origins, arrived, recorded, reports.events, reports.sequences, strict=True)
        for place, ((partner, site, struct), at, written, event, number) in enumerate(said):
            if place not in again:
                words[partner, site].append(
                    (at, written, _FAMILIES[struct], event.source, number, place in withdraws)
                )  # fmt: skip

    def take_in(self, calendars: Mapping[str, Calendar]) -> None:
        """Let each watch see what its feed said. `calendars` by site."""
        for (partner, site), words in self._words.items():
            name = key(partner, site)
            watched = self._of.get(name)
            if watched is None:
                watched = self._of[name] = _Watched(Watch())
            watched.watch.take(words, calendars.get(site, EVERY_WEEKDAY))
            self._touched.add(name)
        self._words.clear()

    def look(self, name: str, partner: str, calendar: Calendar, now: datetime) -> Seen:
        """The feed as of `now`."""
        watched = self._of.get(name)
        if watched is None:
            watched = self._of[name] = _Watched(Watch())
        if self.reached is not None and not self._ticks:
            now = min(now, self.reached)
        around = Surrounding(calendar, self.agreed.get(partner, {}), self.refusals.of(partner))
        return seen(watched.watch, around, now, micros(now) // HOUR)

    def note(self, name: str, found: Seen, now: datetime) -> None:
        """Keep how far it can be trusted now, also as what its day came to."""
        watched, day = self._of[name], now.astimezone(UTC).date()
        same = (found.trust, found.lost) == (watched.trust, watched.lost)  # what is worthless can still become worse
        if same and (found.trust is None or watched.noted == day.isoformat()):
            return
        watched.trust, watched.lost, watched.noted = found.trust, found.lost, day.isoformat()
        watched.watch.since = dict(found.since)
        self._touched.add(name)
        if found.trust is not None:
            self._ended[name, watched.noted] = (name, day, self._partition, found.trust, dict(found.lost))

    def days_off(self, name: str) -> Rest:
        """On which days the feed rests."""
        watched = self._of.get(name)
        return UNKNOWN_REST if watched is None else watched.watch.habits.rest._replace(night=None)

    def broken(self, name: str) -> bool:
        """Whether nothing that the feed says can be relied on."""
        watched = self._of.get(name)
        return watched is not None and watched.trust is not None and watched.trust < BROKEN_BELOW

    def write(self, connection: Connection) -> None:
        """Write what was learned, and what the days came to."""
        _writer.upsert(connection, list(self._rows()))
        _days.upsert(connection, list(self._ended.values()))

    def _rows(self) -> Iterable[Row]:
        for name in self._touched:
            watched = self._of[name]
            yield (
                name, self._partition, watched.trust, dict(watched.lost),
                dict(watched.watch.habits.rhythms), watched.watch.packed(),
            )  # fmt: skip

    def accept(self) -> None:
        """What was learned is stored now."""
        self._touched, self._ended = set(), {}
