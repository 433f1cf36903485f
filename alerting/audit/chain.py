"""Chains in the database: where one ends, and how a writer lengthens it.

A ledger is the only writer of its partition's chain: it reads the end when it takes the partition over, seals by itself,
and its stream position, moved by compare-and-set in the same transaction, keeps another out. All others `append`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Final

from sqlalchemy import Connection, insert, select, text

from alerting.audit.entry import START, End, Entry, seal
from alerting.tables import audit

KEYS: Final = "keys"
"""The chain that says which key is in force since when."""


def read_end(connection: Connection, chain: str, up_to: int | None = None) -> End:
    """Where the chain ends now, or its last entry not after number `up_to`; START of one without entries."""
    wanted = select(audit.c.sequence, audit.c.hash).where(audit.c.chain == chain)
    if up_to is not None:
        wanted = wanted.where(audit.c.sequence <= up_to)
    row = connection.execute(wanted.order_by(audit.c.sequence.desc()).limit(1)).one_or_none()
    return START if row is None else End(row.sequence, row.hash)


def append(connection: Connection, chain: str, entries: Iterable[Entry], key_id: str | None) -> None:
    """Lengthen a chain of several writers, in the caller's transaction; until its end they wait for one another.

    Raises NotCanonicalError. A writer that came between all the same (in a transaction that read before it took the
    lock) meets the primary key: the chain never forks.
    """
    alone(connection, chain)
    rows, _ = seal(chain, read_end(connection, chain), entries, key_id)
    if rows:
        connection.execute(insert(audit), rows)


def alone(connection: Connection, chain: str) -> None:
    """Wait until no other transaction appends to the chain. On SQLite every transaction that writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        key = int.from_bytes(blake2b(f"audit {chain}".encode(), digest_size=8).digest(), signed=True)
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": key})


def chains(connection: Connection) -> Iterator[str]:
    """The names of all chains, in order, by a look-up for each: there are many entries and few chains."""
    last: str | None = None
    while True:
        wanted = select(audit.c.chain).order_by(audit.c.chain).limit(1)
        last = connection.execute(wanted if last is None else wanted.where(audit.c.chain > last)).scalar()
        if last is None:
            return
        yield last


def key_in_force(connection: Connection) -> str | None:
    """The id of the key whose checkpoints cover what is written now; None where none ever was."""
    named = select(audit.c.new).where(audit.c.chain == KEYS).order_by(audit.c.sequence.desc()).limit(1)
    found = connection.execute(named).scalar()
    return None if found is None else str(found["key_id"])


def put_key_in_force(connection: Connection, key_id: str, actor: str, at: datetime) -> None:
    """Say in the trail that this key signs from now on; nothing where it does already."""
    alone(connection, KEYS)
    before = key_in_force(connection)
    if before != key_id:
        old = None if before is None else {"key_id": before}
        entry = Entry(
            at=at, actor=actor, authenticated="service", source="system", action="audit_key.put_in_force",
            object=f"audit_key/{key_id}", old=old, new={"key_id": key_id}, reason="the service was set up with it",
        )  # fmt: skip
        append(connection, KEYS, (entry,), key_id)
