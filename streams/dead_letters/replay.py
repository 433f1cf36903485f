"""Puts letters back on the topic that they came on, in the order in which they came, each once.

Each step is one transaction of the database: what becomes of some letters is written down, then they are put on the topic and
acknowledged, then it is committed. Killed before that, nothing is written down, and the next run puts these few back again;
their events have the same ids, so the ledger counts none of them twice.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from kafka import KafkaProducer
from sqlalchemy import Engine

from streams.dead_letters.fates import Decision, decide, forget_before
from streams.dead_letters.letter import Letter, letter
from streams.dead_letters.topic import LetterTopic
from streams.intake.dead_letters import REPLAYED
from streams.ledger.register import MEMORY
from streams.settings import Settings
from streams.topics import inbound

AT_A_TIME: Final = 200
BYTES_AT_A_TIME: Final = 4 * 1024 * 1024
ACKNOWLEDGED_WITHIN_SECONDS: Final = 8.0
"""Shorter than writers of SQLite wait for one another: they wait meanwhile."""

LARGEST_REQUEST: Final = 2 * 1024 * 1024


class Wanted(NamedTuple):
    """A letter that is to be put back: its offset, its size, and where it stands among the others."""

    offset: int
    bytes: int
    order: tuple[int, int, int]


class Plan(NamedTuple):
    """What a replay puts back; and by offset what it does not: `cut`, since they are not whole, and `too_old`."""

    wanted: list[Wanted]
    cut: list[int]
    too_old: list[int]


def plan(letters: Iterable[Letter], now: datetime, *, beyond_memory: bool) -> Plan:
    """Look at the letters that are meant. `beyond_memory`: take also those whose repeats are known no more."""
    planned = Plan([], [], [])
    for one in letters:
        if one.cut_from is not None:
            planned.cut.append(one.offset)
        elif is_forgotten(one, now) and not beyond_memory:
            planned.too_old.append(one.offset)
        else:
            planned.wanted.append(wanted_of(one))
    return planned


def wanted_of(one: Letter) -> Wanted:
    """Letters stand in the order in which their records first came; of two of one record the first refusal is first."""
    return Wanted(one.offset, one.bytes, (one.first.partition, one.first.offset, one.offset))


def is_forgotten(one: Letter, now: datetime) -> bool:
    """Whether the ledger may no longer know an event of the record as a repeat, if the partner has sent it again since."""
    return now - (one.first.at or one.refused_at) > MEMORY - timedelta(days=1)


def put_back(
    engine: Engine,
    topic: LetterTopic,
    partner: str,
    wanted: Iterable[Wanted],
    decision: Decision,
    put: Callable[[Sequence[Letter]], None],
    done: Callable[[int], None],
) -> int:
    """Put the wanted letters back, in order; gives how many. Those that somebody else decided on meanwhile are left alone.

    `put` returns when the broker has them; `done` hears how many letters each step dealt with.
    """
    many = 0
    with engine.begin() as connection:
        forget_before(connection, topic.extent.topic_id, topic.extent.begin)
    for step in _steps(sorted(wanted, key=lambda one: one.order)):
        letters = _read(topic, step)
        with engine.begin() as connection:
            ours = decide(connection, partner, topic.extent.topic_id, step, decision, datetime.now(UTC))
            if ours:
                put([letters[offset] for offset in ours])
        many += len(ours)
        done(len(step))
    return many


def _steps(ordered: Iterable[Wanted]) -> Iterator[list[int]]:
    """Some offsets at a time: bounded in number and in bytes."""
    step: list[int] = []
    size = 0
    for one in ordered:
        if step and (len(step) >= AT_A_TIME or size + one.bytes > BYTES_AT_A_TIME):
            yield step
            step, size = [], 0
        step.append(one.offset)
        size += one.bytes
    if step:
        yield step


def _read(topic: LetterTopic, offsets: Sequence[int]) -> dict[int, Letter]:
    """By offset. What lies between is read over: letters in the order of their arrival mostly lie together."""
    meant = set(offsets)
    records = topic.records(min(offsets), max(offsets) + 1)
    found = {record.offset: letter(record) for record in records if record.offset in meant}
    if missing := meant - found.keys():
        raise LookupError(f"letter {min(missing)} of {topic.extent.topic} is gone from the broker: it was too old")
    return found


@contextmanager
def putting(settings: Settings, partner: str) -> Generator[Callable[[Sequence[Letter]], None]]:
    """What puts letters on the partner's inbound topic, whatever they say of where they came from.

    It raises `KafkaError` where the broker does not take them.
    """
    producer: Any = KafkaProducer(
        bootstrap_servers=settings.kafka_servers.split(","), acks="all", max_request_size=LARGEST_REQUEST,
        enable_idempotence=not settings.kafka_is_embedded, max_in_flight_requests_per_connection=1,
        max_block_ms=int(1000 * ACKNOWLEDGED_WITHIN_SECONDS), **settings.kafka_client(),
    )  # fmt: skip

    def put(letters: Sequence[Letter]) -> None:
        sent = [
            producer.send(
                inbound(partner),
                value=one.value,
                key=one.key,
                headers=replayed_headers(one),
                partition=one.refused_from,
            )
            for one in letters
        ]
        producer.flush(ACKNOWLEDGED_WITHIN_SECONDS)
        for waiting in sent:
            waiting.get(timeout=ACKNOWLEDGED_WITHIN_SECONDS)

    try:
        yield put
    finally:
        producer.close(timeout=ACKNOWLEDGED_WITHIN_SECONDS)


def replayed_headers(one: Letter) -> list[tuple[str, bytes]]:
    """The partner's own, and where and when the record first came, also where it was put back and refused before."""
    at = (one.first.at or one.refused_at).isoformat(timespec="milliseconds")
    own = [(name, content) for name, content in one.headers if name != REPLAYED]
    return [*own, (REPLAYED, f"{one.first.place} {at}".encode())]
