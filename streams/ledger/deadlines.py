"""When time alone must ask the rules again about subjects."""

import heapq
from collections.abc import Container
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, select

from streams.ledger.holding import SubjectKey
from streams.ledger.named import Removal
from streams.ledger.rows import Row, Writer, instant_2000
from streams.ledger.tables import deadline

_EVER: Final = datetime.min.replace(tzinfo=UTC)

STALE: Final = 1_000
"""Deadlines that were put off and may wait in the heap, besides as many as are pending."""

_writer, _removal = Writer(deadline), Removal(deadline.name)


class Deadlines:
    """When each open subject of a partition is to be looked at again, in memory and in the table `deadline`."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._at: dict[SubjectKey, datetime] = {}
        self._heap: list[tuple[datetime, SubjectKey]] = []
        self._ready: list[SubjectKey] = []
        """Of which the time has come already: events touched them."""
        self._moved: set[SubjectKey] = set()
        self._reached = _EVER

    def load(self, connection: Connection, reached: datetime | None) -> None:
        """Learn what is pending. `reached`: to when all was looked at whose time had come; None: nothing ever was."""
        self._reached = reached or _EVER
        rows = connection.execute(
            select(deadline.c.subject_kind, deadline.c.subject_key, deadline.c.check_at).where(
                deadline.c.partition == self._partition
            )
        )
        self._at = {(kind, key): at for kind, key, at in rows}
        self._heap = [(at, subject) for subject, at in self._at.items()]
        heapq.heapify(self._heap)

    def put(self, subject: SubjectKey, at: datetime | None) -> None:
        """Look at the subject at that time; None: never again unless an event comes."""
        if self._at.get(subject) == at:
            return
        self._moved.add(subject)
        if at is None:
            self._at.pop(subject, None)
        else:
            self._at[subject] = at
            if at <= self._reached:
                self._ready.append(subject)
                return
            heapq.heappush(self._heap, (at, subject))
            if len(self._heap) > 2 * len(self._at) + STALE:  # what was put off is left behind in it
                self._heap = [(at, subject) for subject, at in self._at.items()]
                heapq.heapify(self._heap)

    def due(self, now: datetime) -> list[SubjectKey]:
        """What is to be looked at, each once and in the order of the keys; it stays pending until it is put anew.

        Since when each was due hangs on how the stream was cut into batches, and the audit trail may not.
        """
        self._reached = max(now, self._reached)
        due = {one for one in self._ready if (at := self._at.get(one)) is not None and at <= now}
        self._ready = []
        while self._heap and self._heap[0][0] <= now:
            at, subject = heapq.heappop(self._heap)
            if self._at.get(subject) == at:
                due.add(subject)
        return sorted(due)

    @property
    def reached(self) -> datetime:
        """To when all was looked at whose time had come."""
        return self._reached

    def bring_forward(self, kinds: Container[str], at: datetime) -> None:
        """Look at all pending subjects of these kinds by then at the latest."""
        for subject in [one for one, later in self._at.items() if later > at and one[0] in kinds]:
            self.put(subject, at)

    def write(self, connection: Connection) -> None:
        """Write what moved."""
        kept: list[Row] = []
        gone: list[SubjectKey] = []
        for kind, key in self._moved:
            at = self._at.get((kind, key))
            if at is None:
                gone.append((kind, key))
            else:
                kept.append((kind, key, self._partition, instant_2000(at)))
        _writer.upsert(connection, kept)
        _removal.run(connection, gone)

    def accept(self) -> None:
        """What moved is stored now."""
        self._moved = set()
