"""Lives through a history: the ledger of the service on the stream's clock, over a database in memory, in this process."""

from collections.abc import Iterable
from datetime import UTC, datetime
from time import perf_counter
from typing import Final, NamedTuple, Protocol

from sqlalchemy import Engine

from risk_rules.rulebook import Rulebook
from streams.backtest.history import Step
from streams.ledger.partition import PartitionLedger
from streams.ledger.standing import Clock, Guides, Place
from streams.network.model import Network

AT_A_TIME: Final = 20_000
"""Records in one transaction: each entity is written once in it, so long batches save writing. Verdicts do not hang on it."""

PLACE: Final = Place("history", "history", 0)


class Record(NamedTuple):
    """A record of the history, as a broker would give it. `timestamp` in milliseconds since 1970."""

    offset: int
    value: bytes
    timestamp: int


class Progress(Protocol):
    """Told now and then: how many records were counted, and to what time the stream has come."""

    def __call__(self, records: int, at: datetime | None) -> None: ...


class Lived(NamedTuple):
    """A history after its last record. `events` without ticks; `first` and `last` are the ticks that it began and ended with."""

    engine: Engine
    events: int
    refused: int
    seconds: float
    first: datetime | None
    last: datetime | None


def live(
    history: Iterable[Step],
    network: Network,
    rulebook: Rulebook,
    engine: Engine,
    *,
    until: datetime | None = None,
    progress: Progress | None = None,
    at_a_time: int = AT_A_TIME,
) -> Lived:
    """Count the history up to the tick of `until` (None: all of it) into an empty `engine`.

    All sites share one partition: what the rules say of a site does not hang on which others it shares one with.
    """
    ledger = PartitionLedger(engine, PLACE, Guides(lambda: network, lambda: rulebook, Clock.STREAM))
    ledger.load()
    began = perf_counter()
    waiting: list[Record] = []
    first: datetime | None = None
    last: datetime | None = None
    offset = ticks = refused = 0
    stamp = round(datetime.now(UTC).timestamp() * 1000)

    def count() -> None:
        nonlocal refused
        if waiting:
            refused += ledger.apply(waiting[0].offset, waiting, datetime.now(UTC)).refused
            waiting.clear()
        if progress is not None:
            progress(offset, last)

    for step in history:
        if until is not None and step.at is not None and step.at > until:
            break
        waiting.append(Record(offset, step.value, stamp))
        offset += 1
        if step.at is not None:
            ticks += 1
            first, last = first or step.at, step.at
        if len(waiting) >= at_a_time:
            count()
    count()
    return Lived(engine, offset - ticks, refused, perf_counter() - began, first, last)
