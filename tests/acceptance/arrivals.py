"""What receivers met, held against what should have come: the judge of `tests.acceptance.deliveries`."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import Engine, select

from alerting.database import reading
from alerting.delivery.outbox import Kind, State
from alerting.delivery.second_look import RESOLVED
from alerting.tables import alert, alert_transition, outbox
from streams.ledger.tables import stream_position
from tests.acceptance.bad_receivers import REFUSED, TAKEN, TAKEN_AND_SAID_SO, Arrival
from tests.acceptance.stream_to_chat import PACE, happening, receiver_of

Row = Mapping[Any, Any]

NO_ANSWER_WITHIN = "no answer within"
"""How a dispatcher begins the result of a message for which it waited in vain."""

LOST_LEASES = "leases were lost before their messages were marked"


@dataclass(slots=True)
class Report:
    """What came of a run. The lists must be empty."""

    database: str
    seed: int
    kills: dict[str, int] = field(default_factory=dict[str, int])
    alerts: int = 0
    messages: int = 0
    arrivals: int = 0
    answers: dict[str, int] = field(default_factory=dict[str, int])
    went_another_way: int = 0
    needless: int = 0
    repeats: int = 0
    repeats_after_a_kill: int = 0
    longest_from_arrival_to_kill_seconds: float = 0.0
    kills_of_those_that_stood_still: int = 0
    """Of the repeats after a kill: the sender had not marked its message when its lease ran out. 0 where there is time enough."""
    repeats_after_a_late_yes: int = 0
    seconds: float = 0.0
    wrong_in_the_ledger: list[str] = field(default_factory=list[str])
    wrong_at_the_desk: list[str] = field(default_factory=list[str])
    lost: list[str] = field(default_factory=list[str])
    unmarked_repeats: list[str] = field(default_factory=list[str])
    repeats_without_reason: list[str] = field(default_factory=list[str])
    out_of_order: list[str] = field(default_factory=list[str])
    unsettled: int = 0

    @property
    def is_good(self) -> bool:
        wrong = (
            self.wrong_in_the_ledger, self.wrong_at_the_desk, self.lost, self.unmarked_repeats,
            self.repeats_without_reason, self.out_of_order, self.unsettled,
        )  # fmt: skip
        return not any(wrong)


class Judge:
    """Of one database, what arrived, when which process was killed, and what the dispatchers logged."""

    def __init__(
        self, engine: Engine, arrivals: Sequence[Arrival], killed_at: Mapping[str, float], diary: Iterable[Row]
    ) -> None:
        self._killed_at = killed_at
        with reading(engine) as connection:
            of = outbox.c
            rows = connection.execute(select(outbox).where(of.kind == Kind.ALERT.value)).mappings().all()
            told = select(alert.c.subject_key, alert_transition.c.transition).join_from(alert, alert_transition)
            self._found = Counter((row.subject_key, row.transition) for row in connection.execute(told))
            self._lots = {
                row.id: row.subject_key for row in connection.execute(select(alert.c.id, alert.c.subject_key))
            }
            self._position = connection.execute(select(stream_position.c.next_offset)).scalar() or 0
        before = {row["id"]: row["instead_of"] for row in rows if row["instead_of"] is not None}
        self._messages = {row["id"]: row for row in rows if row["id"] not in before}
        self._ends = {_root(row["id"], before): row for row in rows if row["id"] not in before.values()}
        self._went_another_way = len(before)
        known = (replace(one, key=_root(one.key, before)) for one in arrivals)
        self._arrivals = [one for one in known if one.key in self._messages]
        self._too_late: dict[str, list[float]] = {}
        self._lost_leases: dict[str, list[float]] = {}
        for line in diary:
            if str(line.get("result", "")).startswith(NO_ANSWER_WITHIN):
                self._too_late.setdefault(_root(line["message_id"], before), []).append(line["at"])
            if line["event"] == LOST_LEASES:
                self._lost_leases.setdefault(line["sender"], []).append(line["at"])
        self._taken: dict[str, list[Arrival]] = {}
        for one in self._arrivals:
            if one.meaning != REFUSED:
                self._taken.setdefault(one.key, []).append(one)

    def judge(self, report: Report) -> None:
        """Write it into the report."""
        repeats = [(first, then) for ones in self._taken.values() for first, then in pairwise(ones)]
        report.alerts, report.messages, report.arrivals = len(self._lots), len(self._messages), len(self._arrivals)
        report.answers = dict(Counter(one.meaning for one in self._arrivals))
        report.went_another_way = self._went_another_way
        report.repeats = len(repeats)
        said_so = [(first, then) for first, then in repeats if first.meaning == TAKEN_AND_SAID_SO]
        report.repeats_after_a_late_yes = sum(self._in_vain(first, then) for first, then in said_so)
        unmarked = [took for first, then in said_so if (took := self._seconds_to_kill(first, then)) is not None]
        report.repeats_after_a_kill = len(unmarked)
        report.kills_of_those_that_stood_still = sum(took > PACE.lease_seconds for took in unmarked)
        report.longest_from_arrival_to_kill_seconds = round(max(unmarked, default=0.0), 2)
        report.wrong_in_the_ledger = list(self._in_the_ledger())
        report.wrong_at_the_desk = list(self._at_the_desk())
        absent = [key for key in self._messages if key not in self._taken]
        report.lost = [self._name(key) for key in absent if not self._is_needless(key)]
        report.needless = len(absent) - len(report.lost)
        report.unmarked_repeats = [self._name(then.key) for _, then in repeats if not then.is_marked]
        report.repeats_without_reason = [
            self._name(then.key) for first, then in repeats if not self._uncertain(first, then)
        ]
        report.out_of_order = list(self._out_of_order())

    def _in_the_ledger(self) -> Iterator[str]:
        """Each thing that the stream told of, once: as far as the worker came."""
        should = Counter(happening(offset) for offset in range(self._position))
        yield from _differences(should, self._found)

    def _at_the_desk(self) -> Iterator[str]:
        """A message of each thing that happened, to whom it concerns, once."""
        should = Counter((lot, transition, receiver_of(lot)) for lot, transition in self._found.elements())
        rows = self._messages.values()
        yield from _differences(
            should, Counter((self._lots[row["alert_id"]], row["transition"], row["receiver"]) for row in rows)
        )

    def _is_needless(self, key: str) -> bool:
        """It never arrived, for its alert was over: true if so, and its end is only needless where nothing was heard."""
        row, end = self._messages[key], self._ends[key]
        alert_id = row["alert_id"]
        is_over = self._found[self._lots[alert_id], "resolved"] > 0
        heard = any(self._messages[one]["alert_id"] == alert_id for one in self._taken)
        excused = row["transition"] != "resolved" or not heard
        return end["state"] == State.CANCELLED.value and end["result"] == RESOLVED and is_over and excused

    def _uncertain(self, first: Arrival, then: Arrival) -> bool:
        """Nobody could know of the first that it had arrived: no whole answer, or none in time, or its sender was killed."""
        return first.meaning == TAKEN or self._seconds_to_kill(first, then) is not None or self._in_vain(first, then)

    def _seconds_to_kill(self, first: Arrival, then: Arrival) -> float | None:
        """From an arrival to the end of its sender, if that came before the repeat.

        0 where the message came in when its sender was dead already.
        """
        killed_at = self._killed_at.get(first.sender)
        return None if killed_at is None or killed_at > then.at else max(0.0, killed_at - first.at)

    def _in_vain(self, first: Arrival, then: Arrival) -> bool:
        """Its receiver said yes, but on a busy machine its dispatcher waited no longer, or marked it when it was too late."""
        if any(first.at <= at <= then.at for at in self._too_late.get(first.key, ())):
            return True
        return any(at >= first.at + PACE.lease_seconds / 2 for at in self._lost_leases.get(first.sender, ()))

    def _out_of_order(self) -> Iterator[str]:
        """Messages whose predecessor in the thread came in first after them."""
        seen: dict[tuple[str, str], int] = {}
        for key in dict.fromkeys(one.key for one in self._arrivals if one.meaning != REFUSED):
            row = self._messages[key]
            thread = row["thread"], row["receiver"]
            if row["number"] < seen.get(thread, 0):
                yield self._name(key)
            seen[thread] = max(row["number"], seen.get(thread, 0))

    def _name(self, key: str) -> str:
        row = self._messages[key]
        return f"{self._lots[row['alert_id']]} {row['transition']} ({key})"


def _differences(should: Counter[Any], found: Counter[Any]) -> Iterable[str]:
    yield from (f"missing: {one}" for one in (should - found).elements())
    yield from (f"too many: {one}" for one in (found - should).elements())


def _root(key: str, before: Mapping[str, str]) -> str:
    """The message that one to another contact stands for."""
    while key in before:
        key = before[key]
    return key
