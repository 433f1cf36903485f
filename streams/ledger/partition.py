"""The ledger of one partition: takes a batch of the stream in and commits all that follows from it in one transaction.

Entities, verdicts, alerts, messages, deadlines and the stream's position are written together, and only if the position
is still where this ledger left it (compare-and-set). So an event counts once, whoever else works on the partition.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, Engine, bindparam, insert, update
from sqlalchemy.exc import IntegrityError

from alerting.changes import Changes
from alerting.database import reading
from alerting.delivery import heartbeat
from risk_rules.findings import Verdict
from streams.events import family
from streams.ledger.counting import Counting, subjects
from streams.ledger.entity import EPOCH, Surroundings
from streams.ledger.holding import SubjectKey
from streams.ledger.rejudging import WHEN_IDLE, WITH_A_BATCH
from streams.ledger.reports import Record, Refused
from streams.ledger.rows import Writer, instant_2000
from streams.ledger.standing import Clock, Guides, Place, Standing
from streams.ledger.tables import partition_clock, refused_event, register, stream_position

MAX_KEPT_BYTES = 1 << 20
"""Of a refused record's value, so that a huge one cannot fill the table."""


class PositionMoved(Exception):
    """Somebody else has moved the partition's position: what was worked out here was not written."""


class Outcome(NamedTuple):
    """What became of a batch. `events` counts by (partner, family, outcome); `oldest_arrival` is of its records."""

    next_offset: int
    events: dict[tuple[str, str, str], int]
    refused: int
    oldest_arrival: datetime | None
    news: int


_refused, _clock, _register = Writer(refused_event), Writer(partition_clock), Writer(register)

_at = stream_position.c
_onward = (  # made once: a statement is a ring of objects, and one for each batch would wait for the garbage collector
    update(stream_position)
    .where(_at.topic_id == bindparam("of_topic"), _at.partition == bindparam("of_partition"))
    .where(_at.next_offset == bindparam("was_at"))
    .values(
        next_offset=bindparam("next_offset"),
        moved_at=bindparam("moved_at"),
        **{name: _at[name] + bindparam(f"{name}_more") for name in ("counted", "repeated", "refused")},
    )
)


class PartitionLedger:
    """One partition of one topic. Belongs to one thread at a time; a failure leaves it unloaded, to begin anew."""

    def __init__(self, engine: Engine, place: Place, guides: Guides) -> None:
        self._engine = engine
        self._place = place
        self._guides = guides
        self._standing: Standing | None = None

    def load(self) -> int | None:
        """Take over from the database; gives the next offset to count, None where nothing was counted yet."""
        self._standing = Standing.load(self._engine, self._place, self._guides)
        return self._standing.position

    @property
    def open_alerts(self) -> dict[tuple[str, str], int]:
        """How many alerts are open, by kind and severity."""
        if self._standing is None:
            return {}
        return {(kind, severity.name.lower()): n for (kind, severity), n in self._standing.alerts.open_alerts().items()}

    def apply(self, begins_at: int, records: Sequence[Record], now: datetime) -> Outcome:
        """Count a batch and commit. `begins_at` is where it begins, at or before its first record; `now` the wall clock.

        Records below the position were counted before and are passed over. Raises `PositionMoved`, or what the database
        raises; then nothing was counted, and the ledger must be loaded again.
        """
        standing = self._take()
        position = begins_at if standing.position is None else standing.position
        standing.follow_guides(self._engine, position, now)
        standing.feeds.watches.reached = _arrival(records[-1]) if records else None
        work = _Work(self._engine, standing, now)
        fresh = not records or records[0].offset >= position
        work.count(records if fresh else [record for record in records if record.offset >= position])
        work.judge_anew(WITH_A_BATCH + len(records) // 10)
        work.let_the_shadow_look()
        end = records[-1].offset + 1 if records else begins_at
        outcome = work.commit(begins_at, max(position, end), records)
        self._standing = standing
        return outcome

    def refuse(self, begins_at: int, record: Record, reason: str, now: datetime) -> Outcome:
        """Pass over a record that cannot be counted, keeping it with the reason."""
        standing = self._take()
        work = _Work(self._engine, standing, now)
        work.refuse(record, reason)
        outcome = work.commit(begins_at, record.offset + 1, (record,))
        self._standing = standing
        return outcome

    def pass_time(self, now: datetime) -> Outcome | None:
        """Look at the subjects whose time has come by the wall clock, and at those that a new version has yet to judge.

        None: there were none. Raises as `apply` does.
        """
        standing = self._take()
        outcome = None
        if standing.position is not None:
            standing.follow_guides(self._engine, standing.position, now)
            work = _Work(self._engine, standing, now)
            standing.feeds.watches.reached = None  # it is called only where nothing waits to be counted
            due = standing.deadlines.due(now) if standing.guides.clock is Clock.WALL else []
            if work.evaluate(due, now) or standing.rejudging.pending or standing.shadow.pending:
                work.judge_anew(WHEN_IDLE)
                work.let_the_shadow_look()
                outcome = work.commit(standing.position, standing.position, ())
        self._standing = standing
        return outcome

    def _take(self) -> Standing:
        """The standing, which is given back only when all went well."""
        standing, self._standing = self._standing, None
        if standing is None:
            raise RuntimeError("the ledger of this partition is not loaded: call load() first")
        return standing


class _Work:
    """One batch under way."""

    def __init__(self, engine: Engine, standing: Standing, now: datetime) -> None:
        self._engine = engine
        self._standing = standing
        self._now = now
        self._counting = Counting(engine, standing)
        self._verdicts: list[tuple[list[Verdict], datetime]] = []

    def count(self, records: Sequence[Record]) -> None:
        """Count the records; evaluate what they touched at once, or on the stream's clock when that ticks."""
        standing = self._standing
        by_wall = standing.guides.clock is Clock.WALL
        for touched, tick in self._counting.stretches(records):
            asked = subjects(touched) + [("feed", key) for key in standing.feeds.news()]
            if by_wall:
                self.evaluate(asked, self._now)
                continue
            for subject in asked:
                standing.deadlines.put(subject, standing.stream_time or EPOCH)
            if tick is not None and (standing.stream_time is None or tick > standing.stream_time):
                standing.stream_time = tick
                self.evaluate(standing.deadlines.due(tick), tick)

    def refuse(self, record: Record, reason: str) -> None:
        """Keep a record that cannot be counted."""
        self._counting.refused.append(Refused(record, "cannot_be_stored", reason))

    def evaluate(self, asked: Sequence[SubjectKey], now: datetime) -> bool:
        """Ask the rules about these subjects as of `now`. False: there were none."""
        if not asked:
            return False
        standing = self._standing
        self._counting.fetch(subject for subject in asked if subject[0] != "feed")
        self._resettle(asked)
        verdicts = standing.evaluation.evaluate(asked, self._around(now), standing.rulebook)
        standing.shadow.ask(asked)
        if verdicts:
            self._verdicts.append((verdicts, now))
        return True

    def _around(self, now: datetime) -> Surroundings:
        network = self._standing.units.network
        return Surroundings(now, now.toordinal(), network, self._standing.feeds.silent(now, network))

    def let_the_shadow_look(self) -> None:
        """Let the rulebook that only counts look at some of what the live one looked at."""
        standing = self._standing
        asked = standing.shadow.next()
        now = self._now if standing.guides.clock is Clock.WALL else standing.stream_time
        if asked and now is not None:
            self._counting.fetch(subject for subject in asked if subject[0] != "feed")
            standing.shadow.look(asked, self._around(now))

    def judge_anew(self, most: int) -> None:
        """Let a new version judge some subjects that no event touches; on the stream's clock with its next tick."""
        standing = self._standing
        if standing.rejudging.done:
            return
        with reading(self._engine) as connection:
            asked = standing.rejudging.some(connection, most, standing.feeds.sites, standing.spoken_of(), self._now)
        if standing.guides.clock is Clock.WALL:
            self.evaluate(asked, self._now)
            return
        for subject in asked:
            standing.deadlines.put(subject, standing.stream_time or EPOCH)

    def _resettle(self, asked: Sequence[SubjectKey]) -> None:
        """Batches lean on the network's routes, which may have changed since an event last touched them."""
        held, network = self._standing.holding.of("batch"), self._standing.units.network
        known = ((key, held.get(key)) for kind, key in asked if kind == "batch")
        batches = {key: batch for key, batch in known if batch is not None and batch.settled_with is not network}
        if batches:
            self._counting.settle({"batch": batches})

    def commit(self, begins_at: int, next_offset: int, records: Sequence[Record]) -> Outcome:
        """Write all in one transaction, if the position is still ours."""
        standing, counting = self._standing, self._counting
        arrived_at, oldest = (None, None) if not records else (_arrival(records[-1]), _arrival(records[0]))
        changes: list[Changes] = []
        packed = standing.holding.pack()
        with self._engine.begin() as connection:
            self._move(connection, begins_at, next_offset)
            standing.feeds.write(connection)  # first: it refuses a site that is another partition's
            standing.holding.write(connection, packed)
            standing.deadlines.write(connection)
            standing.evaluation.write(connection)
            standing.rejudging.write(connection)
            standing.shadow.write(connection)
            for verdicts, at in self._verdicts:
                made = standing.alerts.observe(verdicts, at, arrived_at)
                made.write(connection)
                standing.alerts.accept(made)
                changes.append(made)
            self._enter(connection, arrived_at or self._now)
        if counting.fresh:
            standing.register.accept(list(counting.fresh), arrived_at or self._now)
        standing.accept()
        standing.position = next_offset
        return Outcome(
            next_offset, _by_family(counting), len(counting.refused), oldest, sum(len(c.news) for c in changes)
        )

    def _move(self, connection: Connection, begins_at: int, next_offset: int) -> None:
        """Compare and set the position."""
        topic, topic_id, partition = self._standing.place
        counting = self._counting
        numbers = {
            "counted": counting.counted.total(),
            "repeated": counting.repeated.total(),
            "refused": len(counting.refused),
        }
        if self._standing.position is None:
            row = {"topic": topic, "topic_id": topic_id, "partition": partition, "next_offset": next_offset, **numbers}
            try:
                connection.execute(insert(stream_position).values(**row, moved_at=self._now))
            except IntegrityError as error:
                raise PositionMoved(f"{topic}/{partition} was begun by another worker") from error
            return
        moved = connection.execute(
            _onward,
            {
                "of_topic": topic_id, "of_partition": partition, "was_at": self._standing.position,
                "next_offset": next_offset, "moved_at": self._now, **{f"{name}_more": n for name, n in numbers.items()},
            },
        )  # fmt: skip
        if moved.rowcount != 1:
            raise PositionMoved(f"{topic}/{partition} is no longer at {self._standing.position}: another worker has it")

    def _enter(self, connection: Connection, arrived_at: datetime) -> None:
        """The register, the refused, and the stream's clock."""
        standing, fresh = self._standing, self._counting.fresh
        if fresh:
            row = standing.register.row(list(fresh), fresh.values(), arrived_at)
            _register.insert(connection, [row])
            standing.register.expire(connection, arrived_at)
        _refused.upsert(connection, [self._refused_row(refused) for refused in self._counting.refused])
        if (beat := self._counting.heartbeat) is not None:
            heartbeat.count(connection, standing.place.partition, beat.data.partitions, beat.time, self._now)
        if standing.stream_time is not None:
            _clock.upsert(connection, [(standing.place.partition, instant_2000(standing.stream_time))])

    def _refused_row(self, refused: Refused) -> tuple[object, ...]:
        place, record = self._standing.place, refused.record
        value = None if record.value is None else record.value[:MAX_KEPT_BYTES]
        return (
            place.topic_id, place.partition, record.offset, None, refused.reason, refused.message[:2000], value,
            instant_2000(self._now),
        )  # fmt: skip


def _arrival(record: Record) -> datetime:
    return datetime.fromtimestamp(max(0, record.timestamp) / 1000, UTC)


def _by_family(counting: Counting) -> dict[tuple[str, str, str], int]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for outcome, labels in (("counted", counting.counted), ("repeated", counting.repeated)):
        for (partner, _, struct), n in labels.items():
            counts[partner, family(str(struct.__struct_config__.tag)), outcome] += n
    return dict(counts)
