"""What differs between a run under attack and what should be, in words; nothing when all is exact."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Engine, Table

from alerting.delivery.outbox import State
from alerting.delivery.receiver import Received
from alerting.desk.docket import CHAIN
from alerting.tables import audit, outbox
from alerting.tables import metadata as alerting_tables
from streams.events import decode
from streams.ledger.entity import Packed
from streams.ledger.tables import ENTITIES, deadline, feed, refused_event, register, stream_position
from streams.ledger.tables import metadata as ledger_tables
from streams.ledger.trust.tables import feed_day, feed_watch
from streams.ledger.turns import TURNS
from streams.network.model import Network
from streams.rulebooks import store as rulebooks
from streams.topics import EVENTS_TOPIC, dead_letters
from tests.chaos import undisturbed
from tests.chaos.evidence import Record, records_of, rows_of
from tests.oracle import tables as oracle

REPEAT = "Possible repeat"

OF_THE_MOMENT: Mapping[str, frozenset[str]] = {
    "stream_position": frozenset({"moved_at"}),
    "refused_event": frozenset({"refused_at"}),
    "verdict": frozenset({"events"}),
    "alert": frozenset({"evidence"}),
    "alert_transition": frozenset({"cause"}),
    "audit": frozenset({"correlation", "inputs", "previous", "hash"}),
    "outbox": frozenset({
        "state", "created_at", "event_at", "next_attempt_at", "attempts", "fence", "possible_repeat", "channel", "sent_at",
        "result", "reference", "title", "body", "severity",
    }),
    "telling": frozenset({"at"}),
    "alert_history": frozenset({"at"}),
    "alert_handling": frozenset({"version", "next_action_at", "course"}),
    "alerting_version": frozenset({"stored_at"}),
}  # fmt: skip
"""Columns that hang on when things were done and in how many batches, not on what was told. A message says of its alert
what holds when the desk makes it."""

OF_THE_DISPATCHER = frozenset({"contact_state", "heartbeat"})

_journal = msgspec.msgpack.Decoder(Packed)


def at_the_intake(
    accepted: set[tuple[bytes, bytes]],
    refused: Counter[tuple[str, bytes]],
    partitions: Iterable[Sequence[Record]],
    bootstrap: str,
) -> Iterator[str]:
    """Every record that was sent is in the stream or in the dead letters, and nothing else is."""
    found = {
        (r.key, r.value) for records in partitions for r in records if b'"bellwether.tick"' not in (r.value or b"")
    }
    for _, value in sorted(accepted - found):
        yield f"lost at the intake: {value[:200]!r}"
    for _, value in sorted(found - accepted, key=str):
        yield f"in the stream though nobody sent it: {(value or b'')[:200]!r}"
    for partner in sorted({partner for partner, _ in refused}):
        (letters,) = records_of(bootstrap, dead_letters(partner), 1)
        there = Counter(letter.value or b"" for letter in letters)
        for (_, value), n in sorted(one for one in refused.items() if one[0][0] == partner):
            if there[value] < n:
                yield f"refused {n} times, {there[value]} dead letters: {partner} {value[:200]!r}"


def in_the_counts(engine: Engine, topic_id: str, partitions: Sequence[Sequence[Record]]) -> Iterator[str]:
    """Positions stand at the ends, and each event counted once."""
    rows = rows_of(engine, stream_position)
    for number, records in enumerate(partitions):
        news, repeats = undisturbed.counted(records)
        should = {"next_offset": records[-1].offset + 1, "counted": news, "repeated": repeats, "refused": 0}
        row = rows.get((topic_id, number))
        for name, value in should.items():
            if row is None or row[name] != value:
                yield f"{EVENTS_TOPIC}/{number} {name}: {row and row[name]}, should be {value}"
    for row in rows_of(engine, refused_event).values():
        yield f"refused by the ledger: offset {row['partition']}/{row['offset']}: {row['reason']}, {row['message']}"


def from_the_oracle(engine: Engine, partitions: Iterable[Sequence[Record]], network: Network) -> Iterator[str]:
    """The entities are what a plain fold of the events comes to."""
    events = [decode(record.value or b"") for records in partitions for record in records]
    found = {name: rows_of(engine, table) for name, table in (ENTITIES | {"feed": feed}).items()}
    for difference in oracle.differences(oracle.expected(events, network), found):
        yield f"oracle: {difference}"


def from_the_undisturbed(engine: Engine, quiet: Engine) -> Iterator[str]:
    """Every row of every table is as in a run in peace."""
    for table in (*ledger_tables.sorted_tables, feed_day, feed_watch, *alerting_tables.sorted_tables):
        if table is not register and table.name not in OF_THE_DISPATCHER:
            yield from _between(table, _comparable(engine, table), _comparable(quiet, table))
    if (here := _identities(engine)) != (there := _identities(quiet)):
        yield f"register: {len(here - there)} identities too many, {len(there - here)} too few"


def in_the_messages(engine: Engine, received: Iterable[Received]) -> Iterator[str]:
    """Each message was sent once, or is marked as a possible repeat, in the outbox and to the reader."""
    by_key: dict[str, list[Received]] = {}
    for one in received:
        by_key.setdefault(one.key, []).append(one)
    rows = rows_of(engine, outbox)
    for key in by_key.keys() - rows.keys():
        yield f"message {key} came and is not in the outbox"
    for key, row in rows.items():
        came, repeat = by_key.get(key, []), bool(row["possible_repeat"])
        marked = sum(REPEAT in one.text for one in came)
        if row["state"] not in (State.SENT, State.CANCELLED):
            yield f"message {key} is {row['state']}: {row['result']}"
        elif row["state"] == State.SENT and not came:
            yield f"message {key} is marked as sent and never came"
        elif row["state"] == State.CANCELLED and came and not repeat:
            yield f"message {key} is marked as cancelled and came"
        elif len(came) > 1 and (not repeat or marked < len(came) - 1):
            yield f"message {key} came {len(came)} times, {marked} of them marked as possible repeats; outbox: {repeat}"


def _comparable(engine: Engine, table: Table) -> dict[Any, dict[str, Any]]:
    """The rows without what hangs on the wall clock, or on where the stream was cut into batches."""
    rows = rows_of(engine, table, OF_THE_MOMENT.get(table.name, frozenset()))
    if (
        table is deadline
    ):  # a feed's is set anew with each batch; what may wait for its turn is asked after each restart
        return {key: row for key, row in rows.items() if row["subject_kind"] not in {"feed", *TURNS}}
    if (
        table is audit
    ):  # the desk takes up the partitions' news in the order in which it finds them; rulebooks are no news
        return {key: row for key, row in rows.items() if row["chain"] not in (CHAIN, rulebooks.CHAIN)}
    if table.name in ENTITIES:
        for row in rows.values():
            journal = msgspec.structs.asdict(_journal.decode(row.pop("journal")))
            del journal["recent"]
            row.update((f"journal.{name}", value) for name, value in journal.items())
    return rows


def _between(
    table: Table, here: Mapping[Any, Mapping[str, Any]], there: Mapping[Any, Mapping[str, Any]]
) -> Iterator[str]:
    for key in sorted(here.keys() | there.keys(), key=str):
        one, other = here.get(key), there.get(key)
        if one is None or other is None:
            yield f"{table.name} {key}: {'should not be' if other is None else 'is missing'}"
            continue
        for name, value in one.items():
            if value != other[name]:
                yield f"{table.name} {key} {name}: {value!r:.300}, undisturbed {other[name]!r:.300}"


def _identities(engine: Engine) -> set[tuple[int, int]]:
    return {
        (row["partition"], identity)
        for row in rows_of(engine, register).values()
        for identity in np.frombuffer(row["identities"], dtype="<u8").tolist()
    }
