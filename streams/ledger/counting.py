"""Counts the records of a batch into the entities of a partition: what is news, what a repeat, what is refused."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Engine

from alerting.database import reading
from streams.events.control import Heartbeat
from streams.events.envelope import Event
from streams.ledger.fact import Fact
from streams.ledger.facts import Entry
from streams.ledger.holding import SubjectKey, Touched
from streams.ledger.kinds import KINDS
from streams.ledger.reports import Origin, Record, Refused, Reports, reports_of
from streams.ledger.settling import settle
from streams.ledger.standing import Standing


class _Waiting(NamedTuple):
    """Facts that are to be entered with one entity, and whose it is."""

    partner: str
    site: str
    facts: list[Fact]


AT_ONCE: Final = 256
"""Records that are decoded and then counted together: so few that they are still in the processor's cache."""


class Counting:
    """The counting of one batch. Changes the standing in memory only."""

    def __init__(self, engine: Engine, standing: Standing) -> None:
        self._engine = engine
        self._standing = standing
        self.counted: Counter[Origin] = Counter()
        self.repeated: Counter[Origin] = Counter()
        self.refused: list[Refused] = []
        self.heartbeat: Heartbeat | None = None
        self.fresh: dict[int, Sequence[SubjectKey]] = {}
        """The identities counted in this batch, and what each moved. A withdrawn one moves nothing any more."""
        self._waiting: dict[SubjectKey, _Waiting] = {}

    def stretches(self, records: Sequence[Record]) -> Iterator[tuple[Touched, datetime | None]]:
        """Count the records; gives what each stretch of time touched, with all that depends on it, and the tick of the
        stream's clock that ends it (None: the batch ends)."""
        touched: Touched = {kind: {} for kind in KINDS}
        for start in range(0, len(records), AT_ONCE):
            reports = reports_of(records[start : start + AT_ONCE], self._standing.units, self.refused.append)
            begin = 0
            for end in reports.of_the_stream():
                self._count(reports.part(begin, end), touched)
                begin = end + 1
                event = reports.events[end]
                if type(event) is Heartbeat:
                    self.heartbeat = event
                    continue
                yield self._settled(touched), event.time.astimezone(UTC)
                touched = {kind: {} for kind in KINDS}
            self._count(reports.part(begin, len(reports.events)) if begin else reports, touched)
        yield self._settled(touched), None

    def _settled(self, touched: Touched) -> Touched:
        self._enter(touched)
        for kind, entities in touched.items():
            self._standing.holding.touched[kind].update(entities)
        settle(self._standing.holding, touched, self._standing.units.network, self._read)
        return touched

    def _count(self, reports: Reports, touched: Touched) -> None:
        if not reports.events:
            return
        known, moved = self._look_up(reports)
        fresh, withdraws, again = self.fresh, reports.withdraws, set[int]()
        self._standing.feeds.heard(reports)
        put_by = self._put_by
        said = zip(reports.events, reports.recorded, reports.sequences, reports.entries, strict=True)
        for place, (identity, report) in enumerate(zip(reports.identities, said, strict=True)):
            if withdraws and place in withdraws:
                self._enter(touched)
                self._withdraw(withdraws[place], known, moved, touched)
            if identity in fresh or identity in known:
                again.add(place)
            else:
                fresh[identity] = put_by(identity, *report)
        watches = self._standing.feeds.watches
        watches.hear(reports, again, self._standing.stream_time)
        watches.take_in(self._standing.units.network.calendars)
        origins = reports.origins
        self.counted.update([origins[n] for n in range(len(origins)) if n not in again] if again else origins)
        self.repeated.update([origins[place] for place in again])

    def _look_up(self, reports: Reports) -> tuple[set[int], dict[int, list[SubjectKey]]]:
        """Which identities were counted in earlier batches, and what the withdrawn ones moved; fetches what these touch."""
        register, holding = self._standing.register, self._standing.holding
        withdrawn = list(reports.withdraws.values())
        suspects = register.suspects(reports.identities)
        lacking: dict[str, list[str]] = {}
        if withdrawn:
            suspects += register.suspects(withdrawn)
            targets = [(entry.kind, entry.key) for entries in reports.entries for entry in entries]
            lacking = holding.lacking([*self._waiting, *targets])
        if not suspects and not lacking:
            return set(), {}
        moved: dict[int, list[SubjectKey]] = {}
        with reading(self._engine) as connection:
            known = register.known(connection, suspects) if suspects else set[int]()
            for target in withdrawn:
                if target in known:
                    moved[target] = register.moved_by(connection, target) or []
            holding.fetch(connection, lacking)
            holding.fetch(connection, holding.lacking(entity for entities in moved.values() for entity in entities))
        return known, moved

    def _put_by(
        self, identity: int, event: Event, recorded: int, sequence: int, entries: Sequence[Entry]
    ) -> Sequence[SubjectKey]:
        """Keep what an event says until `_enter`; gives of whom it speaks."""
        waiting, source, number = self._waiting, event.source, event.id
        moved: list[SubjectKey] = []
        for entry in entries:
            subject = (entry.kind, entry.key)
            fact = Fact(recorded, sequence, identity, source, number, entry.set, entry.add, entry.first, entry.put)
            group = waiting.get(subject)
            if group is None:
                waiting[subject] = _Waiting(event.partnerid, event.siteid, [fact])
            else:
                group.facts.append(fact)
            moved.append(subject)
        return moved

    def _enter(self, touched: Touched) -> None:
        """Enter what was put by, entity by entity: most often there are several facts of one."""
        self.fetch(self._waiting)
        entity_of = self._standing.holding.entity
        for subject, (partner, site, facts) in self._waiting.items():
            kind, key = subject
            entity = entity_of(kind, key, partner, site)
            if entity.journal.enter_all(facts):
                touched[kind][key] = entity
        self._waiting = {}

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


def subjects(touched: Touched) -> list[SubjectKey]:
    """The touched entities that rules may speak of."""
    return [(name, key) for name, kind in KINDS.items() if kind.features is not None for key in touched[name]]
