"""Which version of the rulebook judges a partition, and how a new one comes to all of its subjects: some with each batch.

An event or a deadline brings the new version to what it touches at once. All else is judged anew in slices, first what
rules found or remember, then everything that is stored, in the order of the keys. How far that is stands in the table
`judged_by`, in the transactions that move the stream.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import Connection, select

from streams.ledger.holding import SubjectKey
from streams.ledger.judging_tables import judged_by
from streams.ledger.kinds import KINDS
from streams.ledger.rows import Writer, instant_2000
from streams.ledger.tables import ENTITIES

WITH_A_BATCH: Final = 100
"""Subjects judged anew with each batch, and one more for each ten records of it."""

WHEN_IDLE: Final = 2_000
"""The same when there is nothing else to do."""

SPEAKABLE: Final = tuple(name for name, kind in KINDS.items() if kind.features is not None)

_writer = Writer(judged_by)


class Rejudging:
    """Of one partition. `follow` before each batch, `some` within it, `write` in its transaction, `accept` after it."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._number = 0
        self._versions: tuple[str, str | None] | None = None
        self._from_offset = 0
        self._begun_at: datetime | None = None
        self._judged = 0
        self._reached: SubjectKey | None = None
        self._done_at: datetime | None = None
        self._first: dict[SubjectKey, None] | None = None
        self._seen: set[SubjectKey] = set()
        self._moved = False

    def load(self, connection: Connection) -> None:
        """Learn by what the partition was judged last, and how far that has come."""
        ours = judged_by.c.partition == self._partition
        row = connection.execute(select(judged_by).where(ours).order_by(judged_by.c.number.desc()).limit(1)).first()
        if row is not None:
            self._number, self._versions = row.number, (row.version, row.shadow)
            self._from_offset, self._begun_at, self._judged = row.from_offset, row.begun_at, row.judged
            self._reached = None if row.reached_kind is None else (row.reached_kind, row.reached_key)
            self._done_at = row.done_at

    @property
    def shadow(self) -> str | None:
        """The version of the shadow that ran beside last."""
        return None if self._versions is None else self._versions[1]

    @property
    def done(self) -> bool:
        """Whether the versions in force have judged everything."""
        return self._done_at is not None

    @property
    def pending(self) -> bool:
        """Whether there is something to be judged anew, or to be written."""
        return self._done_at is None or self._moved

    def follow(self, version: str, shadow: str | None, offset: int, at: datetime, *, anything: bool) -> None:
        """From `offset` on these versions judge. `anything`: whether something was counted before."""
        if self._versions == (version, shadow):
            return
        self._number, self._versions = self._number + 1, (version, shadow)
        self._from_offset, self._begun_at, self._judged, self._reached = offset, at, 0, None
        self._done_at = None if anything else at
        self._first, self._seen, self._moved = None, set(), True

    def some(
        self, connection: Connection, most: int, sites: Iterable[str], found: Iterable[SubjectKey], at: datetime
    ) -> list[SubjectKey]:
        """What comes next, at most so many. `sites` as their keys begin; `found`: what rules found or remember now."""
        if self._done_at is not None:
            return []
        if self._first is None:
            self._first = dict.fromkeys(found)
        asked = list(islice(self._first, most))
        for subject in asked:
            del self._first[subject]
        self._seen.update(asked)
        if not self._first:
            stored = self._stored(connection, most - len(asked), sorted(f"{site}/" for site in sites))
            asked += [subject for subject in stored if subject not in self._seen]
            if len(asked) == 0 and not stored:
                self._done_at, self._seen = at, set()
        self._judged += len(asked)
        self._moved = True
        return asked

    def _stored(self, connection: Connection, most: int, sites: list[str]) -> list[SubjectKey]:
        """The next stored subjects after what was reached."""
        found: list[SubjectKey] = []
        kind, after = self._reached or (SPEAKABLE[0], "")
        for name in SPEAKABLE[SPEAKABLE.index(kind) :]:
            column = ENTITIES[name].c.key
            for site in sites:
                room, end = most - len(found), site[:-1] + "0"  # "0" follows "/" in every byte order
                if room <= 0 or end <= after:
                    continue
                within = (column >= site) & (column > after) & (column < end)
                keys = connection.execute(select(column).where(within).order_by(column).limit(room)).scalars()
                found += [(name, key) for key in keys]
            after = ""
        if found:
            self._reached = found[-1]
        return found

    def write(self, connection: Connection) -> None:
        """Write how far it is."""
        if not self._moved or self._versions is None or self._begun_at is None:
            return
        version, shadow = self._versions
        kind, key = self._reached or (None, None)
        done_at = None if self._done_at is None else instant_2000(self._done_at)
        _writer.upsert(
            connection,
            [
                (
                    self._partition, self._number, version, shadow, self._from_offset, instant_2000(self._begun_at),
                    self._judged, kind, key, done_at,
                )
            ],
        )  # fmt: skip

    def accept(self) -> None:
        """What was worked out is stored now."""
        self._moved = False
