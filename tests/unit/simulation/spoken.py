"""What the partners of a calm world wrote down, once in their own formats and once as CloudEvents, as the intake reads it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

import msgspec

from streams.events import decode
from streams.intake.reading import canonical_records
from streams.simulation.days import Calendar
from streams.simulation.deliveries import Delivery, on_the_topic, partners_profiles
from streams.simulation.envelope import Notice
from streams.simulation.feed import PLAIN, Speech
from streams.simulation.journal import Told
from streams.simulation.speech import mixed
from streams.simulation.world import World
from tests.unit.simulation.lived import START, Inbound, feeds, network

WEEKS = 5
NOW = datetime(2027, 1, 1, tzinfo=UTC)
WRITTEN_AFTER_HOURS = 0.1


class Paper(NamedTuple):
    """What was told of together, what was sent for it, and the canonical records that came of that."""

    told: tuple[Told, ...]
    sent: Delivery
    values: tuple[bytes, ...]

    @property
    def events(self) -> list[dict[str, Any]]:
        """As objects with their times as instants, all fields filled in."""
        return [msgspec.to_builtins(decode(value), builtin_types=(datetime,)) for value in self.values]


def canonical(delivery: Delivery) -> tuple[bytes, ...]:
    """The canonical records of a delivery. Raises `Refusal`."""
    return tuple(
        one.value
        for record in on_the_topic(delivery)
        for one in canonical_records(
            Inbound(0, record.key, record.value, record.headers), feeds[record.partner], partners_profiles(), NOW
        )
    )


def notice(paper: tuple[Told, ...]) -> Notice:
    first, *more = paper
    return Notice(first.site, first.type, first.at, first.data, tuple(more))


@cache
def papers(speech: Speech) -> list[Paper]:
    """All papers of a calm world, in the order in which they are written, none of them late or wrong."""
    return list(_papers(speech))


def _papers(speech: Speech) -> Iterator[Paper]:
    calendar = Calendar(START)
    writers = {site: speech(network, calendar, site) for site in network.sites}
    for told in World(network, 1, START, WEEKS).lived():
        for site, writer in writers.items():
            for paper in writer.papers([one for one in told if one.site == site]):
                written = calendar.hours(max(one.at for one in paper)) + WRITTEN_AFTER_HOURS
                _, sent = writer.write(notice(paper), written)
                yield Paper(paper, sent, canonical(sent))


def plain() -> list[Paper]:
    """As CloudEvents, and rows of a table."""
    return papers(PLAIN)


def spoken() -> list[Paper]:
    """In each partner's own formats."""
    return papers(mixed)
