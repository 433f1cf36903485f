"""The feeds as the database has them: for people and for gauges."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, select

from risk_rules.working_days import EVERY_WEEKDAY
from streams.ledger.feed_tables import feed_day
from streams.ledger.feed_trust import Trustees
from streams.ledger.feed_watch import Watch
from streams.ledger.tables import feed
from streams.network.model import Network


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """`rhythms`: by family the longest usual quiet in working hours (`all`: of the feed); `trust` 0 to 100, None: not
    known; `lost`: the points that each quality costs, the most first; `history`: the trust of each day, the oldest first."""

    partner: str
    site: str
    last_event_at: datetime
    rhythms: Mapping[str, float]
    trust: float | None
    lost: Mapping[str, float]
    history: Sequence[tuple[date, float]]


def told_of(connection: Connection, network: Network, days: int) -> list[Feed]:
    """All feeds, with so many days of history."""
    found: list[Feed] = []
    trustees, of = Trustees(), feed_day.c
    for row in connection.execute(select(feed).order_by(feed.c.partner, feed.c.site)):
        past = select(of.day, of.trust, of.lost).where(of.key == row.key).order_by(of.day.desc()).limit(days)
        history = list(connection.execute(past))
        watch = Watch() if row.watch is None else msgspec.msgpack.decode(row.watch, type=Watch)
        rhythms = trustees.rhythms(row.key, watch, network.calendars.get(row.site, EVERY_WEEKDAY))
        lost: dict[str, float] = dict(history[0].lost) if history else {}
        found.append(
            Feed(
                partner=row.partner,
                site=row.site,
                last_event_at=row.last_event_at,
                rhythms={name or "all": hours for name, hours in rhythms.items()},
                trust=row.trust,
                lost=dict(sorted(lost.items(), key=lambda pair: -pair[1])),
                history=[(past.day, past.trust) for past in reversed(history)],
            )
        )
    return found
