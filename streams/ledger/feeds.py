"""The feeds of a partition's sites: when each last said something, by family, and whether it can still be relied on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, select

from risk_rules.methods.rhythm import over_at
from risk_rules.working_days import EVERY_WEEKDAY, Calendar
from streams.events import EVENT_TYPES, family
from streams.ledger.entity import Surroundings, instant
from streams.ledger.facts import key, micros
from streams.ledger.reports import Origin, Reports
from streams.ledger.rows import Writer, since_2000
from streams.ledger.tables import feed as feed_table
from streams.ledger.trust.seen import Seen, hours_silent
from streams.ledger.trust.watches import Watches
from streams.network.model import Network, Partner

_writer = Writer(feed_table)
_FAMILIES: Final = {struct: family(name) for name, struct in EVENT_TYPES.items()}
EARLIEST: Final = -(1 << 62)
HOUR: Final = 3_600_000_000
_default = Partner(code="", name="")
_ELSEWHERE: Final = (
    "site {site} was counted in partition {before} and now comes in partition {here}: the number of partitions has changed, "
    "or somebody writes events under keys of their own. Go back to the former number, or start with an empty database "
    "and count the topic anew"
)


class SiteElsewhereError(RuntimeError):
    """A site came in another partition before: whoever counted on would part its stock and its alerts in two."""


class Feed(msgspec.Struct):
    """One partner's feed from one site. Times in microseconds since 1970; `families` by name, when each last recorded."""

    partner: str
    site: str
    last_event: int
    last_recorded: int
    families: dict[str, int]
    score: float | None = None


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
        self.watches = Watches(partition, ticks=ticks)
        self.feeds: dict[str, Feed] = {}
        self._touched: dict[str, Feed] = {}
        self._news: set[str] = set()
        self._stored: set[str] = set()

    def load(self, connection: Connection) -> None:
        """Learn what the sites of the partition last said."""
        for row in connection.execute(select(feed_table).where(feed_table.c.partition == self._partition)).mappings():
            self.feeds[row["key"]] = Feed(
                row["partner"], row["site"], micros(row["last_event_at"]), micros(row["last_recorded_at"]),
                dict(row["families"]), row["score"],
            )  # fmt: skip
        self._stored = set(self.feeds)
        self.watches.load(connection)

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
        self._news.add(feed_key)

    def touch(self, feed_key: str) -> None:
        """It must be written again."""
        self._touched[feed_key] = self.feeds[feed_key]

    def news(self) -> list[str]:
        """Those that said something since this was asked last."""
        heard, self._news = self._news, set()
        return sorted(heard)

    def silent_from(self, feed_key: str, network: Network) -> datetime:
        """When the feed counts as silent, if nothing more comes. Days on which it rests do not count."""
        feed = self.feeds[feed_key]
        allowed = network.partners.get(feed.partner, _default).silent_after_hours
        return over_at(_last_word(feed), allowed, _calendar(feed, network), self.watches.days_off(feed_key))

    def silent(self, now: datetime, network: Network) -> frozenset[tuple[str, str]]:
        """The feeds (partner, site) of which nothing can be known any more: silent, or broken."""
        return frozenset(
            (feed.partner, feed.site)
            for feed_key, feed in self.feeds.items()
            if self.watches.broken(feed_key) or self._silent(feed_key, feed, now, network)
        )

    def _silent(self, feed_key: str, feed: Feed, now: datetime, network: Network) -> bool:
        allowed = network.partners.get(feed.partner, _default).silent_after_hours
        if micros(now) - feed.last_recorded <= allowed * HOUR:
            return False  # most often, and the calendar need not be asked
        return now > self.silent_from(feed_key, network)

    def look(self, feed_key: str, around: Surroundings) -> Seen:
        """What the feed has shown of itself, as of now."""
        feed = self.feeds[feed_key]
        return self.watches.look(feed_key, feed.partner, _calendar(feed, around.network), around.now)

    def features(self, feed_key: str, around: Surroundings, seen: Seen | None = None) -> dict[str, Any]:
        """What rules may ask for. `seen`: where it was looked at already."""
        feed = self.feeds[feed_key]
        partner = around.network.partners.get(feed.partner, _default)
        calendar, off = _calendar(feed, around.network), self.watches.days_off(feed_key)
        return {
            "site": feed.site,
            "partner": feed.partner,
            "silent": around.silent(feed.partner, feed.site),
            "hours_since_last": hours_silent(_last_word(feed), around.now, partner.silent_after_hours, calendar, off),
            "silent_after_hours": partner.silent_after_hours,
            "last_word_at": _last_word(feed),
            **(seen or self.look(feed_key, around)).features,
        }

    def write(self, connection: Connection) -> None:
        """Write what was heard. Raises `SiteElsewhereError`."""
        self._refuse_strangers(connection)
        _writer.upsert(
            connection,
            [
                (
                    feed_key, feed.partner, feed.site, self._partition, since_2000(feed.last_event),
                    since_2000(feed.last_recorded), feed.families, feed.score,
                )
                for feed_key, feed in self._touched.items()
            ],
        )  # fmt: skip
        self.watches.write(connection)

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
        self._touched = {}
        self.watches.accept()


def _last_word(feed: Feed) -> datetime:
    last = instant(feed.last_recorded)
    assert last is not None
    return last


def _calendar(feed: Feed, network: Network) -> Calendar:
    return network.calendars.get(feed.site, EVERY_WEEKDAY)
