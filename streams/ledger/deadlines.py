"""When time alone must ask the rules again about subjects."""

import heapq
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from streams.ledger.holding import SubjectKey
from streams.ledger.named import Removal
from streams.ledger.rows import Row, Writer, instant_2000
from streams.ledger.tables import deadline

STALE: Final = 1_000
"""Deadlines that were put off and may wait in the heap, besides as many as are pending."""

_writer, _removal = Writer(deadline), Removal(deadline.name)


class Deadlines:
    """When each open subject of a partition is to be looked at again, in memory and in the table `deadline`."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._at: dict[SubjectKey, datetime] = {}
        self._heap: list[tuple[datetime, SubjectKey]] = []
        self._moved: set[SubjectKey] = set()

    def load(self, connection: Connection) -> None:
        """Learn what is pending."""
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
            heapq.heappush(self._heap, (at, subject))
            if len(self._heap) > 2 * len(self._at) + STALE:  # what was put off is left behind in it
                self._heap = [(at, subject) for subject, at in self._at.items()]
                heapq.heapify(self._heap)

    def due(self, now: datetime) -> list[SubjectKey]:
        """What is to be looked at, each once and in the order of the keys; it stays pending until it is put anew.

        Since when each was due hangs on how the stream was cut into batches, and the audit trail may not.
        """
        due: set[SubjectKey] = set()
        while self._heap and self._heap[0][0] <= now:
            at, subject = heapq.heappop(self._heap)
            if self._at.get(subject) == at:
                due.add(subject)
        return sorted(due)

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
