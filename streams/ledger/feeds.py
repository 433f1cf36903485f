"""The feeds of a partition's sites: when each last said something, by family, and how far it can be trusted."""

from collections import defaultdict
from collections.abc import Container, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from risk_rules.working_days import EVERY_WEEKDAY, Calendar
from streams.events import EVENT_TYPES, family
from streams.ledger.entity import Surroundings, instant
from streams.ledger.facts import key, micros
from streams.ledger.feed_tables import feed_day
from streams.ledger.feed_trust import BROKEN_BELOW, Seen, Trustees
from streams.ledger.feed_watch import HOUR, Watch
from streams.ledger.reports import Origin, Reports, number_of
from streams.ledger.rows import Row, Writer, since_2000
from streams.ledger.tables import feed as feed_table
from streams.network.model import Network, Partner

_writer, _days = Writer(feed_table), Writer(feed_day)
_pack, _unpack = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder(Watch).decode
_FAMILIES: Final = {struct: family(name) for name, struct in EVENT_TYPES.items()}
EARLIEST: Final = -(1 << 62)
_default = Partner(code="", name="")
_ELSEWHERE: Final = (
    "site {site} was counted in partition {before} and now comes in partition {here}: the number of partitions has changed, "
    "or somebody writes events under keys of their own. Go back to the former number, or start with an empty database "
    "and count the topic anew"
)


class SiteElsewhereError(RuntimeError):
    """A site came in another partition before: whoever counted on would part its stock and its alerts in two."""


class Feed(msgspec.Struct):
    """One partner's feed from one site. Times in microseconds since 1970; `families` by name, when each last recorded.

    `watch`: what it has shown of itself; `trust`: how far it could be trusted when last looked at, 0 to 100, and
    `noted` on which day (ordinal; 0: not since it was loaded).
    """

    partner: str
    site: str
    last_event: int
    last_recorded: int
    families: dict[str, int]
    score: float | None = None
    trust: float | None = None
    noted: int = 0
    watch: Watch = msgspec.field(default_factory=Watch)


def _newest(origins: Sequence[Origin], times: Sequence[int]) -> dict[Origin, int]:
    newest: dict[Origin, int] = {}
    for origin, time in zip(origins, times, strict=True):
        if time > newest.get(origin, EARLIEST):
            newest[origin] = time
    return newest


class Feeds:
    """All feeds of a partition, in memory and in the table `feed`. `ticks`: the stream tells the time, not the wall."""

    def __init__(self, partition: int, *, ticks: bool = False) -> None:
        self._partition = partition
        self._ticks = ticks
        self._trustees = Trustees()
        self._ended: dict[tuple[str, str], Row] = {}
        self.feeds: dict[str, Feed] = {}
        self._touched: dict[str, Feed] = {}
        self._stored: set[str] = set()

    def load(self, connection: Connection) -> None:
        """Learn what the sites of the partition last said."""
        for row in connection.execute(select(feed_table).where(feed_table.c.partition == self._partition)).mappings():
            self.feeds[row["key"]] = Feed(
                row["partner"], row["site"], micros(row["last_event_at"]), micros(row["last_recorded_at"]),
                dict(row["families"]), row["score"], row["trust"], 0, Watch() if row["watch"] is None else _unpack(row["watch"]),
            )  # fmt: skip
        self._stored = set(self.feeds)

    @property
    def sites(self) -> set[str]:
        """The sites that have spoken, as their keys begin."""
        return {key(feed.site) for feed in self.feeds.values()}

    def heard(self, reports: Reports) -> None:
        """Note what came in, counted or repeated."""
        happened = _newest(reports.origins, reports.happened)
        recorded = happened if reports.recorded is reports.happened else _newest(reports.origins, reports.recorded)
        for origin, at in happened.items():
            partner, site, struct = origin
            self._heard(partner, site, _FAMILIES[struct], at, recorded[origin])

    def _heard(self, partner: str, site: str, family: str, happened: int, recorded: int) -> None:
        feed_key = key(partner, site)
        feed = self.feeds.get(feed_key)
        if feed is None:
            feed = self.feeds[feed_key] = Feed(partner, site, happened, recorded, {})
        elif happened <= feed.last_event and recorded <= feed.families.get(family, EARLIEST):
            return
        feed.last_event = max(feed.last_event, happened)
        feed.last_recorded = max(feed.last_recorded, recorded)
        feed.families[family] = max(feed.families.get(family, EARLIEST), recorded)
        self._touched[feed_key] = feed

    def counted(
        self, reports: Reports, repeated: Container[int], stream_time: datetime | None, network: Network
    ) -> None:
        """Watch what was counted for the first time. Where ticks tell the time, all that follows one came at its time."""
        arrived = reports.arrived
        if self._ticks:
            if stream_time is None:
                return
            arrived = [micros(stream_time)] * len(reports.events)
        of: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, (partner, site, _) in enumerate(reports.origins):
            if place not in repeated:
                of[partner, site].append(place)
        for (partner, site), places in of.items():
            feed_key = key(partner, site)
            feed = self._touched[feed_key] = self.feeds[feed_key]
            calendar = network.calendars.get(site, EVERY_WEEKDAY)
            for hour, run in groupby(places, lambda place: arrived[place] // HOUR):
                _watch(feed.watch, hour, list(run), reports, arrived, calendar)

    def ordered(self, partner: str, site: str, many: int, older: int) -> None:
        """So many reports of things came; `older` has a bit for each that was older than one known, the last one lowest."""
        self.feeds[key(partner, site)].watch.disorder.note(many, older)

    def touch(self, feed_key: str) -> None:
        """It must be written again."""
        self._touched[feed_key] = self.feeds[feed_key]

    @property
    def touched(self) -> dict[str, Feed]:
        """What was heard since the last batch."""
        return self._touched

    def silent_from(self, feed_key: str, network: Network) -> datetime:
        """When the feed counts as silent, if nothing more comes."""
        feed = self.feeds[feed_key]
        allowed = network.partners.get(feed.partner, _default).silent_after_hours
        last = instant(feed.last_recorded)
        assert last is not None
        return last + timedelta(hours=allowed)

    def silent(self, now: datetime, network: Network) -> frozenset[tuple[str, str]]:
        """The feeds (partner, site) of which nothing can be known any more: silent, or broken."""
        return frozenset(
            (feed.partner, feed.site)
            for feed_key, feed in self.feeds.items()
            if (feed.trust is not None and feed.trust < BROKEN_BELOW) or now > self.silent_from(feed_key, network)
        )

    def seen(self, feed_key: str, around: Surroundings) -> Seen:
        """What is known of its trust now."""
        feed = self.feeds[feed_key]
        now, network = around.now, around.network
        return self._trustees.seen(feed_key, feed.watch, feed.partner, feed.site, now, network, self._ticks)

    def note(self, feed_key: str, seen: Seen, now: datetime) -> None:
        """Keep how far it can be trusted now, also as what its day came to."""
        feed, day = self.feeds[feed_key], now.astimezone(UTC).date()
        if seen.trust == feed.trust and (seen.trust is None or feed.noted == day.toordinal()):
            return
        feed.trust, feed.noted = seen.trust, day.toordinal()
        self._touched[feed_key] = feed
        if seen.trust is not None:
            row = (feed_key, day, self._partition, feed.partner, feed.site, seen.trust, dict(seen.lost))
            self._ended[feed_key, day.isoformat()] = row

    def features(self, feed_key: str, around: Surroundings, seen: Seen | None = None) -> dict[str, Any]:
        """What rules see of it. `seen`: where it was looked at already."""
        feed = self.feeds[feed_key]
        partner = around.network.partners.get(feed.partner, _default)
        since = max(0.0, (micros(around.now) - feed.last_recorded) / 3_600_000_000)
        return {
            "site": feed.site,
            "partner": feed.partner,
            "silent": around.silent(feed.partner, feed.site),
            "hours_since_last": since,
            "silent_after_hours": partner.silent_after_hours,
            **(seen or self.seen(feed_key, around)).features,
        }

    def write(self, connection: Connection) -> None:
        """Write what was heard. Raises `SiteElsewhereError`."""
        self._refuse_strangers(connection)
        _writer.upsert(
            connection,
            [
                (
                    feed_key, feed.partner, feed.site, self._partition, since_2000(feed.last_event),
                    since_2000(feed.last_recorded), feed.families, feed.score, feed.trust,
                    _pack(feed.watch),
                )
                for feed_key, feed in self._touched.items()
            ],
        )  # fmt: skip
        _days.upsert(connection, list(self._ended.values()))

    def _refuse_strangers(self, connection: Connection) -> None:
        """A site belongs to one partition for good: its entities and alerts are kept by keys that begin with it."""
        fresh = {key(feed.site) for name, feed in self._touched.items() if name not in self._stored}
        if not fresh:
            return
        of = feed_table.c
        others = select(of.site, of.partition).where(of.partition != self._partition)
        for site, partition in connection.execute(others):
            if key(site) in fresh:
                raise SiteElsewhereError(_ELSEWHERE.format(site=site, before=partition, here=self._partition))

    def accept(self) -> None:
        """What was heard is stored now."""
        self._stored.update(self._touched)
        self._touched, self._ended = {}, {}


def _watch(
    watch: Watch, hour: int, places: Sequence[int], reports: Reports, arrived: Sequence[int], calendar: Calendar
) -> None:
    """Take in what one feed said in one hour, in order."""
    events, origins, recorded = reports.events, reports.origins, reports.recorded
    for name in dict.fromkeys([_FAMILIES[origins[place][2]] for place in places]):
        watch.spoke(name, hour, calendar)
    watch.lags.note(hour, min([arrived[place] - recorded[place] for place in places]))
    bad = 0
    if reports.withdraws:
        for place in places:
            bad = bad << 1 | (place in reports.withdraws)
    watch.corrected.note(len(places), bad)
    numbers: dict[str, list[int]] = {}
    for place in places:
        event = events[place]
        if event.sequence is not None and (number := number_of(event.sequence)) >= 0:
            numbers.setdefault(event.source, []).append(number)
    for source, given in numbers.items():
        watch.numbered(source, given, hour)
