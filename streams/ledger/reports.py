"""The records of a block as columns: who said what, when, of what. Decoded together where all are sound, else one by one."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, Self

import msgspec
import numpy as np
from xxhash import xxh3_64_intdigest

from streams.events import decode, decode_together
from streams.events.control import Heartbeat, Tick, Withdrawn
from streams.events.envelope import Event
from streams.ledger.facts import EARLIEST, LATEST, Entry, Units, micros
from streams.ledger.readings import READINGS
from streams.ledger.register import identity


class Record(Protocol):
    """One record of the stream, as the broker gives it. `timestamp` in milliseconds since 1970."""

    @property
    def offset(self) -> int: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def timestamp(self) -> int: ...


class Refused(NamedTuple):
    """A record that cannot be counted, with the reason; it is kept in the table `refused_event`."""

    record: Record
    reason: str
    message: str


Origin = tuple[str, str, type[Event]]
"""The partner, the site and the type of an event."""


class Reports(NamedTuple):
    """Events and, beside each, its identity, when it happened and was recorded (microseconds since 1970), its number in
    its source (-1: none that can be compared), and what it says.

    `withdraws`: by place, the identities of what these withdraw or correct. `arrived`: when the broker got each
    (microseconds since 1970).
    """

    events: Sequence[Event]
    origins: Sequence[Origin]
    identities: Sequence[int]
    happened: Sequence[int]
    recorded: Sequence[int]
    sequences: Sequence[int]
    entries: Sequence[Sequence[Entry]]
    withdraws: dict[int, int]
    arrived: Sequence[int]

    @classmethod
    def of(cls, events: Sequence[Event], records: Sequence[Record], units: Units) -> Self:
        """Raises `ValueError` or `OverflowError` where one of them names what cannot be."""
        times = [event.time for event in events]
        written = [event.recordedtime for event in events]
        happened = _micros(times)
        recorded = happened
        if any(written):
            recorded = _micros([at or time for at, time in zip(written, times, strict=True)])
        origins = [(event.partnerid, event.siteid, type(event)) for event in events]
        named = [f"{event.partnerid}\n{event.source}\n{event.id}".encode() for event in events]
        entries = [READINGS[type(event)](event, units) for event in events]
        return cls(
            events, origins, list(map(xxh3_64_intdigest, named)), happened, recorded, _sequences(events), entries,
            _withdrawn(events), [1000 * record.timestamp for record in records],
        )  # fmt: skip

    def of_the_stream(self) -> list[int]:
        """The places of what is said of the stream itself: the ticks of its clock, and heartbeats."""
        return [place for place, event in enumerate(self.events) if type(event) is Tick or type(event) is Heartbeat]

    def part(self, begin: int, end: int) -> "Reports":
        """Those from place `begin` until before `end`."""
        withdraws = {place - begin: named for place, named in self.withdraws.items() if begin <= place < end}
        cut = slice(begin, end)
        return Reports(
            self.events[cut], self.origins[cut], self.identities[cut], self.happened[cut], self.recorded[cut],
            self.sequences[cut], self.entries[cut], withdraws, self.arrived[cut],
        )  # fmt: skip


def reports_of(records: Sequence[Record], units: Units, refuse: Callable[[Refused], None]) -> Reports:
    """What the records say, without those that are refused."""
    try:
        return Reports.of(decode_together([record.value for record in records]), records, units)
    except (ValueError, OverflowError, RecursionError):  # one of them at least: look at each
        sound = [(event, record) for record in records if (event := _sound(record, units, refuse)) is not None]
        return Reports.of([event for event, _ in sound], [record for _, record in sound], units)


def _sound(record: Record, units: Units, refuse: Callable[[Refused], None]) -> Event | None:
    """The event of a record, if it can be counted."""
    if record.value is None:
        refuse(Refused(record, "empty", "the record has no value"))
        return None
    try:
        event = decode(record.value)
        Reports.of([event], [record], units)
    except msgspec.ValidationError as error:
        refuse(Refused(record, "invalid_event", str(error)))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        refuse(Refused(record, "not_json", str(error)))
    except RecursionError:
        refuse(Refused(record, "too_deep", "nested deeper than can be read"))
    except (ValueError, OverflowError) as error:
        refuse(Refused(record, "impossible_value", str(error)))
    else:
        return event
    return None


def _micros(times: Sequence[datetime]) -> list[int]:
    """As `micros` of each."""
    since = np.rint(np.fromiter(map(datetime.timestamp, times), np.float64, len(times)) * 1e6)
    if len(times) and not EARLIEST <= since.min() <= since.max() < LATEST:
        return [micros(time) for time in times]
    return since.astype(np.int64).tolist()


def _sequences(events: Sequence[Event]) -> list[int]:
    return [
        -1 if (text := event.sequence) is None or len(text) > 18 or not text.isdecimal() else int(text)
        for event in events
    ]


def _withdrawn(events: Sequence[Event]) -> dict[int, int]:
    """By place, the identities of what an event withdraws or corrects, unless it names itself."""
    named: dict[int, int] = {}
    for place, event in enumerate(events):
        other = event.data.event_id if type(event) is Withdrawn else event.corrects
        if other is not None and other != event.id:
            named[place] = identity(event.partnerid, event.source, other)
    return named
