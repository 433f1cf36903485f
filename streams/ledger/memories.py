"""What rules remember of subjects from one evaluation to the next: of few, for most nothing is pending and nothing stands."""

from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy import Connection, Table, select

from risk_rules.judge import Memory
from streams.ledger.holding import SubjectKey
from streams.ledger.named import Removal
from streams.ledger.rows import Row, Writer
from streams.ledger.tables import rule_memory

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Memory).decode


class Memories:
    """The memories of a partition's subjects, and the table they are kept in."""

    def __init__(self, partition: int, table: Table = rule_memory) -> None:
        self._partition = partition
        self._table = table
        self._writer = Writer(table)
        self._removal = Removal(table.name)
        self._of: dict[SubjectKey, Memory] = {}
        self._moved: set[SubjectKey] = set()
        self.get = self._of.get
        """What is remembered of a subject, or None."""

    def load(self, connection: Connection) -> None:
        """Learn what is stored."""
        table = self._table.c
        rows = select(table.subject_kind, table.subject_key, table.memory).where(table.partition == self._partition)
        self._of.update({(kind, key): _decode(memory) for kind, key, memory in connection.execute(rows)})

    def subjects(self) -> Iterable[SubjectKey]:
        """Of what something is remembered."""
        return self._of.keys()

    def put(self, subject: SubjectKey, memory: Memory | None) -> None:
        """Remember this of the subject from now on."""
        if self._of.get(subject) == memory:
            return
        self._moved.add(subject)
        if memory is None:
            del self._of[subject]
        else:
            self._of[subject] = memory

    def write(self, connection: Connection) -> None:
        """Write what moved."""
        self._removal.run(connection, [subject for subject in self._moved if subject not in self._of])
        self._writer.upsert(connection, list(self._rows()))

    def _rows(self) -> Iterator[Row]:
        for kind, key in self._moved:
            memory = self._of.get((kind, key))
            if memory is not None:
                yield (kind, key, self._partition, _encode(memory))

    def accept(self) -> None:
        """What moved is stored now."""
        self._moved = set()
