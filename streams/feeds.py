"""The feeds as the database has them: for people and for gauges."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, select

from streams.ledger.tables import feed
from streams.ledger.trust.seen import BROKEN_BELOW
from streams.ledger.trust.tables import feed_day, feed_watch


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """How far a feed could be trusted on a day (UTC), 0 to 100, and the points that each quality cost."""

    day: date
    trust: float
    lost: Mapping[str, float]


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """`rhythms`: by family the longest usual quiet in hours (`all`: of the feed); `trust` 0 to 100, None: not known yet;
    `broken`: nothing is known of what rests on it; `lost`: the points that each quality costs, the most first; `history`:
    the oldest day first."""

    partner: str
    site: str
    last_event_at: datetime
    rhythms: Mapping[str, float]
    trust: float | None
    broken: bool
    lost: Mapping[str, float]
    history: Sequence[Day]


def told_of(connection: Connection, days: int) -> list[Feed]:
    """All feeds, with so many days of history, by partner and site."""
    past = defaultdict[str, list[Day]](list)
    for row in connection.execute(select(feed_day).order_by(feed_day.c.key, feed_day.c.day)):
        past[row.key].append(Day(day=row.day, trust=row.trust, lost=row.lost))
    columns = (feed_watch.c.trust, feed_watch.c.lost, feed_watch.c.rhythms)
    rows = select(feed.c.key, feed.c.partner, feed.c.site, feed.c.last_event_at, *columns)
    joined = rows.join_from(feed, feed_watch, feed.c.key == feed_watch.c.key, isouter=True)
    return [
        Feed(
            partner=row.partner,
            site=row.site,
            last_event_at=row.last_event_at,
            rhythms={name or "all": hours for name, hours in _points(row.rhythms).items()},
            trust=row.trust,
            broken=row.trust is not None and row.trust < BROKEN_BELOW,
            lost=dict(sorted(_points(row.lost).items(), key=lambda pair: -pair[1])),
            history=past[row.key][-days:],
        )
        for row in connection.execute(joined.order_by(feed.c.partner, feed.c.site))
    ]


def _points(stored: dict[str, float] | None) -> dict[str, float]:
    """A feed has no watch before it is counted by a version that watches."""
    return stored or {}


def least_trust(connection: Connection) -> dict[str, float]:
    """By partner, how far the least of its feeds can be trusted, 0 to 1."""
    least: dict[str, float] = {}
    rows = select(feed.c.partner, feed_watch.c.trust).join_from(feed, feed_watch, feed.c.key == feed_watch.c.key)
    for partner, trust in connection.execute(rows.where(feed_watch.c.trust.is_not(None))):
        least[partner] = min(least.get(partner, 1.0), trust / 100)
    return least
