"""Is the worker alive, and is it ready? `Vitals` holds what is known; time comes as an argument, so it can be tested.

Alive: no held partition has had lag, with the database up, for `stalled_after` without its position moving. A restart
helps only then. Ready: every group got its partitions, the database answers, and the start has caught up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from streams import metrics

Partition = tuple[str, int]


class Liveness(NamedTuple):
    """`stuck` names partitions as `topic/number` with their lag in records and the seconds since they last moved."""

    alive: bool
    stuck: tuple[Mapping[str, object], ...]


class Readiness(NamedTuple):
    """`missing` says in words what is still awaited; empty when ready. `stopped`: partitions that stand still until a
    person lets them go on; that makes nobody unready."""

    ready: bool
    missing: tuple[str, ...]
    stopped: tuple[str, ...] = ()


@dataclass(slots=True)
class _Progress:
    """Of one assigned partition. `waits_since`: since when there has been something to do and nothing done."""

    moved_at: datetime
    waits_since: datetime
    lag: int | None = None
    next_offset: int | None = None
    caught_up: bool = False
    stopped: bool = False


@dataclass(slots=True)
class Vitals:
    """What the parts of a worker report of themselves. Safe to use from several threads.

    `groups` are the consumer groups that must get their partitions (a worker beyond the number of partitions gets none,
    and is ready). A partition's start has caught up once its lag was seen at `caught_up_within` records or fewer.
    """

    groups: frozenset[str]
    stalled_after: timedelta = timedelta(seconds=120)
    caught_up_within: int = 4000
    _assigned: dict[str, frozenset[Partition]] = field(default_factory=dict[str, frozenset[Partition]])
    _progress: dict[Partition, _Progress] = field(default_factory=dict[Partition, _Progress])
    _database_up: bool | None = None
    _lock: Lock = field(default_factory=Lock)

    def assigned(self, group: str, partitions: Iterable[Partition], at: datetime) -> None:
        """All partitions that the group's member holds now. Those new to it start to count from `at`."""
        with self._lock:
            held, self._assigned[group] = self._assigned.get(group, frozenset()), frozenset(partitions)
            for partition in held - self._assigned[group]:
                self._progress.pop(partition, None)
                _forget(partition)
            for partition in self._assigned[group] - held:
                self._progress[partition] = _Progress(at, at)

    def left(self, group: str) -> None:
        """The group's member is gone. Until there is another, the worker is not ready, and nothing of it is stuck."""
        with self._lock:
            for partition in self._assigned.pop(group, frozenset()):
                self._progress.pop(partition, None)
                _forget(partition)

    def moved(self, topic: str, partition: int, next_offset: int, at: datetime) -> None:
        """The position was committed. Of a partition that is not held: ignored."""
        with self._lock:
            if (progress := self._progress.get((topic, partition))) is not None:
                progress.next_offset = next_offset
                progress.moved_at = progress.waits_since = at

    def lag(self, topic: str, partition: int, records: int, at: datetime) -> None:
        """So many records of the partition are not handled yet."""
        with self._lock:
            if (progress := self._progress.get((topic, partition))) is None:
                return
            if not progress.lag and records > 0:
                progress.waits_since = at  # an idle partition is not stuck: the wait begins with work to do
            progress.lag = max(records, 0)
            progress.caught_up = progress.caught_up or records <= self.caught_up_within

    def stopped(self, topic: str, partition: int, stands_still: bool) -> None:
        """Whether a person must let the partition go on. While it stands still it is neither stuck nor behind."""
        with self._lock:
            if (progress := self._progress.get((topic, partition))) is not None:
                progress.stopped = stands_still

    def database(self, up: bool, at: datetime) -> None:
        """Whether the database answered. When it comes back, every partition gets its time anew."""
        with self._lock:
            if up and self._database_up is False:
                for progress in self._progress.values():
                    progress.waits_since = at
            self._database_up = up
        metrics.database_up.set(up)

    def caught_up(self) -> bool:
        """Whether the start is over: the backlog that was met at every held partition has been worked through."""
        with self._lock:
            return all(progress.caught_up or progress.stopped for progress in self._progress.values())

    def liveness(self, at: datetime) -> Liveness:
        """While the database is away nobody is stuck: a restart would not help, and readiness says what is wrong."""
        with self._lock:
            stuck = tuple(
                {
                    "partition": f"{topic}/{number}",
                    "lag": progress.lag,
                    "seconds": round((at - progress.waits_since).total_seconds(), 1),
                }
                for (topic, number), progress in sorted(self._progress.items())
                if progress.lag
                and not progress.stopped
                and at - progress.waits_since > self.stalled_after
                and self._database_up is not False
            )
        return Liveness(not stuck, stuck)

    def readiness(self, at: datetime) -> Readiness:
        """What is still missing, in words for the person who waits."""
        missing = [
            f"group {group} has no assignment from Kafka yet" for group in sorted(self.groups - self._assigned.keys())
        ]
        if self._database_up is None:
            missing.append("the database was not asked yet")
        elif not self._database_up:
            missing.append("the database does not answer; events wait, none is lost")
        with self._lock:
            known_of = sorted(self._progress.items())
            behind = [(partition, p.lag) for partition, p in known_of if not p.caught_up and not p.stopped]
            stopped = tuple(f"{topic}/{number}" for (topic, number), p in known_of if p.stopped)
        for (topic, number), lag in behind:
            known = "its lag is not known yet" if lag is None else f"{lag} records to go"
            missing.append(f"{topic}/{number} has not caught up since the start: {known}")
        return Readiness(not missing, tuple(missing), stopped)

    def positions(self) -> Mapping[str, int | None]:
        """The next offset of each held partition, as `topic/number`."""
        with self._lock:
            return {f"{topic}/{number}": p.next_offset for (topic, number), p in sorted(self._progress.items())}

    def publish(self, at: datetime) -> None:
        """Set the gauges of lag and of the age of positions; called when somebody asks for the metrics."""
        with self._lock:
            for (topic, number), progress in self._progress.items():
                if progress.lag is not None:
                    metrics.lag.labels(topic, number).set(progress.lag)
                metrics.position_age.labels(topic, number).set((at - progress.moved_at).total_seconds())


def _forget(partition: Partition) -> None:
    """A partition that went to another worker must not show old figures here."""
    topic, number = partition
    for gauge in (metrics.lag, metrics.position_age):
        gauge.remove(topic, str(number))
