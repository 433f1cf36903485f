"""Counts the records of a batch into the entities of a partition: what is news, what a repeat, what is refused."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

import msgspec
from sqlalchemy import Connection, Engine

from alerting.database import reading
from streams.events import decode
from streams.events.control import Tick, Withdrawn
from streams.events.envelope import Event
from streams.ledger.fact import Fact
from streams.ledger.facts import Entry, micros
from streams.ledger.holding import SubjectKey, Touched
from streams.ledger.kinds import KINDS
from streams.ledger.readings import read
from streams.ledger.register import identity
from streams.ledger.settling import settle
from streams.ledger.standing import Standing


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


class Report(msgspec.Struct, frozen=True, gc=False):
    """A decoded event: its identity, when it was recorded (microseconds), what it withdraws, and what it says."""

    event: Event
    identity: int
    happened: int
    recorded: int
    withdraws: int | None
    entries: Sequence[Entry]


Label = tuple[str, type[Event]]
"""The partner and the type of an event."""


AT_ONCE: Final = 256
"""Records that are decoded and then counted together: so few that they are still in the processor's cache."""


class Counting:
    """The counting of one batch. Changes the standing in memory only."""

    def __init__(self, engine: Engine, standing: Standing) -> None:
        self._engine = engine
        self._standing = standing
        self.counted: Counter[Label] = Counter()
        self.repeated: Counter[Label] = Counter()
        self.refused: list[Refused] = []
        self.fresh: dict[int, list[SubjectKey]] = {}
        """The identities counted in this batch, and what each moved. A withdrawn one moves nothing any more."""

    def stretches(self, records: Iterable[Record]) -> Iterator[tuple[Touched, datetime | None]]:
        """Count the records; gives what each stretch of time touched, with all that depends on it, and the tick of the
        stream's clock that ends it (None: the batch ends)."""
        touched: Touched = {kind: {} for kind in KINDS}
        reports: list[Report] = []
        for record in records:
            report = self._report(record)
            if report is None:
                continue
            if type(report.event) is Tick:
                self._count(reports, touched)
                yield self._settled(touched), report.event.time.astimezone(UTC)
                touched, reports = {kind: {} for kind in KINDS}, []
                continue
            reports.append(report)
            if len(reports) == AT_ONCE:
                self._count(reports, touched)
                reports = []
        self._count(reports, touched)
        yield self._settled(touched), None

    def _settled(self, touched: Touched) -> Touched:
        for kind, entities in touched.items():
            self._standing.holding.touched[kind].update(entities)
        settle(self._standing.holding, touched, self._standing.units.network, self._read)
        return touched

    def _report(self, record: Record) -> Report | None:
        value = record.value
        if value is None:
            self.refused.append(Refused(record, "empty", "the record has no value"))
            return None
        try:
            event = decode(value)
            happened = micros(event.time)
            recorded = happened if event.recordedtime is None else micros(event.recordedtime)
            kind = type(event)
            entries = () if kind is Withdrawn or kind is Tick else read(event, self._standing.units)
        except msgspec.ValidationError as error:
            self.refused.append(Refused(record, "invalid_event", str(error)))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self.refused.append(Refused(record, "not_json", str(error)))
        except RecursionError:
            self.refused.append(Refused(record, "too_deep", "nested deeper than can be read"))
        except (ValueError, OverflowError) as error:
            self.refused.append(Refused(record, "impossible_value", str(error)))
        else:
            named = event.data.event_id if type(event) is Withdrawn else event.corrects
            withdraws = None if named is None or named == event.id else identity(event.partnerid, event.source, named)
            return Report(
                event, identity(event.partnerid, event.source, event.id), happened, recorded, withdraws, entries
            )
        return None

    def _count(self, reports: Sequence[Report], touched: Touched) -> None:
        if not reports:
            return
        known, moved = self._look_up(reports)
        fresh, counted, repeated = self.fresh, list[Label](), list[Label]()
        self._standing.feeds.heard(reports)
        for report in reports:
            event = report.event
            if report.withdraws is not None:
                self._withdraw(report.withdraws, known, moved, touched)
            if report.identity in fresh or report.identity in known:
                repeated.append((event.partnerid, type(event)))
            else:
                fresh[report.identity] = self._enter(report, touched)
                counted.append((event.partnerid, type(event)))
        self.counted.update(counted)
        self.repeated.update(repeated)

    def _look_up(self, reports: Sequence[Report]) -> tuple[set[int], dict[int, list[SubjectKey]]]:
        """Which identities were counted in earlier batches, and what the withdrawn ones moved; fetches the entities of all."""
        register, holding = self._standing.register, self._standing.holding
        suspects = register.suspects([report.identity for report in reports])
        suspects += register.suspects([r.withdraws for r in reports if r.withdraws is not None])
        lacking = holding.lacking((entry.kind, entry.key) for report in reports for entry in report.entries)
        if not suspects and not lacking:
            return set(), {}
        moved: dict[int, list[SubjectKey]] = {}
        with reading(self._engine) as connection:
            known = register.known(connection, suspects) if suspects else set[int]()
            for report in reports:
                if report.withdraws in known:
                    moved[report.withdraws] = register.moved_by(connection, report.withdraws) or []
            holding.fetch(connection, lacking)
            holding.fetch(connection, holding.lacking(entity for entities in moved.values() for entity in entities))
        return known, moved

    def _enter(self, report: Report, touched: Touched) -> list[SubjectKey]:
        event, holding = report.event, self._standing.holding
        sequence = -1 if event.sequence is None else _sequence(event.sequence)
        moved: list[SubjectKey] = []
        for entry in report.entries:
            kind, key = entry.kind, entry.key
            entity = holding.entity(kind, key, event.partnerid, event.siteid)
            fact = Fact(
                report.recorded, sequence, report.identity, event.source, event.id,
                entry.set, entry.add, entry.first, entry.put,
            )  # fmt: skip
            if entity.journal.enter(fact):
                touched[kind][key] = entity
                moved.append((kind, key))
        return moved

    def _withdraw(
        self,
        target: int,
        known: set[int],
        moved: dict[int, list[SubjectKey]],
        touched: Touched,
    ) -> None:
        """Undo an event; one that has not come yet is entered as known, so that it will not count when it comes."""
        holding = self._standing.holding
        if target in self.fresh:
            entities = self.fresh[target]
        elif target in known:
            entities = moved.get(target, [])
        else:
            self.fresh[target] = []
            return
        for kind, key in entities:
            entity = holding.of(kind).get(key)
            if entity is not None and entity.journal.withdraw(target):
                touched[kind][key] = entity

    def fetch(self, wanted: Iterable[SubjectKey]) -> None:
        """Bring in entities that may be stored."""
        lacking = self._standing.holding.lacking(wanted)
        if lacking:
            self._read(lambda connection: self._standing.holding.fetch(connection, lacking))

    def settle(self, touched: Touched) -> None:
        """Bring what depends on the touched entities up to date."""
        complete = {kind: dict(touched.get(kind, {})) for kind in KINDS}
        settle(self._standing.holding, complete, self._standing.units.network, self._read)

    def _read(self, run: Callable[[Connection], None]) -> None:
        with reading(self._engine) as connection:
            run(connection)


def _sequence(text: str) -> int:
    """The number of a report in its source; -1 when it is none that can be compared."""
    return int(text) if text.isdecimal() and len(text) <= 18 else -1


def subjects(touched: Touched) -> list[SubjectKey]:
    """The touched entities that rules may speak of."""
    return [(name, key) for name, kind in KINDS.items() if kind.features is not None for key in touched[name]]
