"""A second rulebook beside the live one: it looks at the same subjects and only counts what it would have raised.

It never writes an alert nor a message, nor does it change what is kept of a subject. Its cost is bounded: with each batch
it looks at so many subjects, each once, and the others wait for the next. So it may see them a little later than the live
one, and what came and went in between it does not see.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, delete, select

from risk_rules.findings import Severity
from risk_rules.judge import QUIET, Judge, Judgement
from risk_rules.rulebook import Rulebook
from risk_rules.working_days import EVERY_WEEKDAY
from streams.ledger.aspects import ASPECTS
from streams.ledger.entity import Entity, Surroundings
from streams.ledger.feeds import Feeds
from streams.ledger.holding import Holding, SubjectKey
from streams.ledger.judging_tables import shadow_finding, shadow_memory, shadow_tally
from streams.ledger.kinds import KINDS
from streams.ledger.memories import Memories
from streams.ledger.rows import Writer

A_BATCH: Final = 500
"""Subjects that it looks at with each batch, or when there is nothing else to do."""

Found = dict[str, Severity]
"""By kind of finding, the worst severity."""

_findings, _tallies = Writer(shadow_finding), Writer(shadow_tally)


class Shadow:
    """Of one partition. `follow` before each batch, `ask` and `look` within it, `write` in its transaction, then `accept`."""

    def __init__(self, partition: int, holding: Holding, feeds: Feeds) -> None:
        self._partition = partition
        self._holding = holding
        self._feeds = feeds
        self.book: Rulebook | None = None
        """The rulebook that it goes by; None: no shadow runs."""
        self._version: str | None = None
        self._memories = Memories(partition, shadow_memory)
        self._found: dict[SubjectKey, Found] = {}
        self._raised: Counter[tuple[str, Severity]] = Counter()
        self._waiting: dict[SubjectKey, None] = {}
        self._moved: set[SubjectKey] = set()
        self._anew = False

    def load(self, connection: Connection, version: str | None) -> None:
        """Learn what the shadow of this version has found and raised so far."""
        self._version = version
        self._memories.load(connection)
        ours = select(shadow_finding).where(shadow_finding.c.partition == self._partition)
        for row in connection.execute(ours):
            self._found.setdefault((row.subject_kind, row.subject_key), {})[row.kind] = Severity[row.severity.upper()]
        self._raised = self._raised_before(connection)

    def _raised_before(self, connection: Connection) -> "Counter[tuple[str, Severity]]":
        of = shadow_tally.c
        ours = select(shadow_tally).where((of.partition == self._partition) & (of.version == self._version))
        return Counter({(row.kind, Severity[row.severity.upper()]): row.raised for row in connection.execute(ours)})

    def follow(self, connection: Connection, book: Rulebook | None) -> None:
        """From now on this is the shadow. What another one found and remembers is forgotten; its counts stay."""
        self.book = book
        version = None if book is None else book.version
        if version == self._version:
            return
        self._version, self._anew = version, True
        self._memories = Memories(self._partition, shadow_memory)
        self._found, self._waiting, self._moved = {}, {}, set()
        self._raised = self._raised_before(connection)

    def ask(self, subjects: Iterable[SubjectKey]) -> None:
        """The live rulebook looks at these; so will the shadow, where it has rules."""
        if self.book is not None:
            judge = self.book.judge
            self._waiting.update((subject, None) for subject in subjects if judge(subject[0]) is not None)

    def next(self) -> list[SubjectKey]:
        """What it looks at now, the longest waiting first; `look` at each."""
        some = list(islice(self._waiting, A_BATCH))
        for subject in some:
            del self._waiting[subject]
        return some

    @property
    def pending(self) -> bool:
        """Whether there is something to look at, or to be written."""
        return self._anew or bool(self._waiting)

    def look(self, subjects: Iterable[SubjectKey], around: Surroundings) -> None:
        """Count what is new in what it would say of these, as of now."""
        for kind, key in subjects:
            judge = None if self.book is None else self.book.judge(kind)
            if judge is not None:
                judgement = self._judge((kind, key), judge, around)
                self._memories.put((kind, key), judgement.memory)
                self._count((kind, key), judgement)

    def _judge(self, subject: SubjectKey, judge: Judge, around: Surroundings) -> Judgement:
        kind, key = subject
        memory = self._memories.get(subject)
        if kind == "feed":
            calendar = around.network.calendars.get(self._feeds.feeds[key].site, EVERY_WEEKDAY)
            return judge(self._feeds.features(key, around), memory, around.now, calendar)
        entity = self._holding.of(kind).get(key)
        if entity is None or not (entity.journal.facts or KINDS[kind].exists(entity)):
            return QUIET
        calendar = around.network.calendars.get(entity.site, EVERY_WEEKDAY)
        return judge(_features(entity, judge, around), memory, around.now, calendar)

    def _count(self, subject: SubjectKey, judgement: Judgement) -> None:
        now: Found = {}
        for finding in judgement.findings:
            if finding.severity is not None:
                now[finding.kind] = max(finding.severity, now.get(finding.kind, Severity.WATCH))
        before = self._found.get(subject, {})
        if now == before:
            return
        for kind, severity in now.items():
            if severity > before.get(kind, 0):
                self._raised[kind, severity] += 1
        self._moved.add(subject)
        if now:
            self._found[subject] = now
        else:
            self._found.pop(subject, None)

    def write(self, connection: Connection) -> None:
        """Write what moved."""
        if self._anew:
            for table in (shadow_finding, shadow_memory):
                connection.execute(delete(table).where(table.c.partition == self._partition))
        self._memories.write(connection)
        if not self._moved:
            return
        for kind, key in self._moved:
            of = shadow_finding.c
            connection.execute(delete(shadow_finding).where((of.subject_kind == kind) & (of.subject_key == key)))
        _findings.upsert(
            connection,
            [
                (*subject, kind, self._partition, severity.name.lower())
                for subject in self._moved
                for kind, severity in self._found.get(subject, {}).items()
            ],
        )
        standing = Counter((kind, severity) for found in self._found.values() for kind, severity in found.items())
        _tallies.upsert(
            connection,
            [
                (self._partition, self._version, kind, severity.name.lower(), raised, standing[kind, severity])
                for (kind, severity), raised in {**dict.fromkeys(standing, 0), **self._raised}.items()
            ],
        )

    def accept(self) -> None:
        """What moved is stored now."""
        self._memories.accept()
        self._moved, self._anew = set(), False


def _features(entity: Entity, judge: Judge, around: Surroundings) -> dict[str, Any]:
    """What the shadow asks for. What the live rules last saw stays in `view`: columns are made of it."""
    kind, view = KINDS[entity.kind], entity.view
    assert kind.features is not None
    aspects = {name: of for name, of in ASPECTS.get(kind.name, {}).items() if name in judge.needs}
    features = kind.features(entity, around, judge.needs - aspects.keys())
    entity.view = view
    return {**features, **{name: of(entity, around) for name, of in aspects.items()}}
