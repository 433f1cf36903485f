"""What became of each letter: kept in the database, so that none is put back twice by accident. Audited."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from alerting.audit import Entry, append, key_in_force
from alerting.audit.chain import alone
from alerting.life.people import Person
from streams.intake.tables import dead_letter_fate

REPLAYED: Final = "replayed"
DISCARDED: Final = "discarded"


class Fate(NamedTuple):
    """What became of a letter, by whom, when and why."""

    fate: str
    at: datetime
    by: str
    reason: str


class Decision(NamedTuple):
    """What is decided of letters, by whom and why. `run` names the command's run: its entries in the trail have it in common."""

    fate: str
    person: Person
    reason: str
    run: str


def chain_of(partner: str) -> str:
    """The audit trail's chain of a partner's letters. Whoever decides on them waits for whoever else does."""
    return f"dead_letters/{partner}"


def fates(connection: Connection, topic_id: str) -> dict[int, Fate]:
    """By offset, what became of the letters of a topic; an open one has none."""
    of = dead_letter_fate.c
    rows = connection.execute(select(of.offset, of.fate, of.at, of.by, of.reason).where(of.topic_id == topic_id))
    return {offset: Fate(fate, at, by, reason) for offset, fate, at, by, reason in rows}


def decide(
    connection: Connection, partner: str, topic_id: str, offsets: Sequence[int], decision: Decision, at: datetime
) -> list[int]:
    """Keep what becomes of these letters, in the caller's transaction; gives those that were still open, in their order.

    Until the transaction ends, nobody else decides on letters of the partner.
    """
    alone(connection, chain_of(partner))
    taken = _decided(connection, topic_id, offsets)
    ours = [offset for offset in offsets if offset not in taken]
    if not ours:
        return []
    common = {"topic_id": topic_id, "partner": partner, "fate": decision.fate, "at": at, "by": decision.person.name[:200],
              "reason": decision.reason[:500]}  # fmt: skip
    connection.execute(insert(dead_letter_fate), [common | {"offset": offset} for offset in ours])
    append(
        connection,
        chain_of(partner),
        [_entry(partner, topic_id, ours, decision, at)],
        key_in_force(connection),
    )
    return ours


def forget_before(connection: Connection, topic_id: str, offset: int) -> None:
    """Letters before this offset are gone from the broker: nothing is left to be decided. The trail still tells of them."""
    of = dead_letter_fate.c
    connection.execute(delete(dead_letter_fate).where(of.topic_id == topic_id, of.offset < offset))


def _decided(connection: Connection, topic_id: str, offsets: Iterable[int]) -> set[int]:
    of = dead_letter_fate.c
    wanted = select(of.offset).where(of.topic_id == topic_id, of.offset.in_(list(offsets)))
    return set(connection.execute(wanted).scalars())


def _entry(partner: str, topic_id: str, offsets: Sequence[int], decision: Decision, at: datetime) -> Entry:
    person = decision.person
    new: Mapping[str, Any] = {"topic_id": topic_id, "letters": len(offsets), "offsets": stretches(offsets)}
    return Entry(
        at=at, actor=person.name, authenticated=person.authenticated, source=person.source, zone=person.zone,
        action=f"dead_letters.{decision.fate}", object=f"partner/{partner}", new=new, reason=decision.reason,
        correlation=f"run/{decision.run}",
    )  # fmt: skip


def stretches(offsets: Iterable[int]) -> list[list[int]]:
    """The offsets as [first, last] of each stretch without a gap."""
    runs = groupby(enumerate(sorted(offsets)), key=lambda pair: pair[1] - pair[0])
    return [[numbers[0], numbers[-1]] for _, run in runs for numbers in [[offset for _, offset in run]]]
