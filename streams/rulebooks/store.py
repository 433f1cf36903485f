"""The versions in the database: which is in force, and how another takes its place, for all workers of the instance."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import Connection, func, insert, select, text, update

from alerting.audit import Entry, append, key_in_force
from risk_rules import rulebook as rulebooks
from risk_rules.rulebook import Rulebook, Source
from streams.rulebooks.difference import diff, signature
from streams.rulebooks.tables import rulebook_change, rulebook_version

CHAIN: Final = "rulebook"
"""Of the audit trail, and of alerts that belong to no partition: each worker may write them, one at a time."""

_LOCK = 0x72756C65  # "rule": on PostgreSQL one worker at a time changes what is in force; SQLite has one writer anyway


class Part(StrEnum):
    """`live` decides on alerts; `shadow` runs beside it and only counts."""

    LIVE = "live"
    SHADOW = "shadow"


class InForce(NamedTuple):
    """The versions in force; None where there is none."""

    live: str | None
    shadow: str | None

    def of(self, part: Part) -> str | None:
        """The version of a part."""
        return self.live if part is Part.LIVE else self.shadow


class Change(NamedTuple):
    """A version came into force (None: the shadow ended) in the place of the one before."""

    number: int
    part: Part
    version: str | None
    before: str | None
    author: str | None
    reason: str | None


def alone(connection: Connection) -> None:
    """Wait until no other worker changes what is in force or writes alerts about it; until the transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def in_force(connection: Connection) -> InForce:
    """What is in force now."""
    columns = (rulebook_change.c.part, rulebook_change.c.version)
    rows = connection.execute(select(*columns).where(rulebook_change.c.ended_at.is_(None)))
    found: dict[str, str | None] = {row.part: row.version for row in rows}
    return InForce(found.get(Part.LIVE.value), found.get(Part.SHADOW.value))


def sources(connection: Connection, version: str | None) -> Sequence[Source]:
    """The files of a stored version; none of one that is not there."""
    wanted = select(rulebook_version.c.files).where(rulebook_version.c.version == version)
    files = connection.execute(wanted).scalar_one_or_none()
    return msgspec.convert(files or [], tuple[Source, ...])


def stored(connection: Connection, version: str) -> Rulebook:
    """A stored version, compiled. Raises `LookupError` where there is none, `DocumentError` if this program cannot use it."""
    files = sources(connection, version)
    if not files:
        raise LookupError(f"there is no version {version} of the rulebook in this database")
    # The name under which it is stored stays: another release of the program may hash the same texts otherwise.
    return rulebooks.of_texts([(source.file, source.text) for source in files], version=version)


def put_in_force(connection: Connection, part: Part, book: Rulebook | None, worker: str, at: datetime) -> Change | None:
    """Put a version in force from the next batch on, in the caller's transaction. None: it is in force already."""
    alone(connection)
    before = in_force(connection).of(part)
    version = None if book is None else book.version
    if version == before:
        return None
    old, new = sources(connection, before), () if book is None else book.sources
    if book is not None:
        _keep(connection, book, at)
    ours = (rulebook_change.c.part == part.value) & rulebook_change.c.ended_at.is_(None)
    connection.execute(update(rulebook_change).where(ours).values(ended_at=at))
    last = connection.execute(select(func.max(rulebook_change.c.number))).scalar()
    author, reason = signature(old, new)
    change = Change((last or 0) + 1, part, version, before, author, reason)
    row = change._asdict() | {"diff": diff(old, new), "worker": worker, "at": at, "ended_at": None}
    connection.execute(insert(rulebook_change).values(**row))
    append(connection, CHAIN, (_audited(change, worker, at),), key_in_force(connection))
    return change


def _audited(change: Change, worker: str, at: datetime) -> Entry:
    """The author is whom the file names; that it is so, the file's own history tells."""
    return Entry(
        at=at, actor=change.author or "bellwether", authenticated="file" if change.author else "service",
        source="system", action="rulebook.put_in_force", object=f"rulebook/{change.part.value}", version=change.version,
        old={"version": change.before}, new={"version": change.version, "worker": worker}, reason=change.reason,
        correlation=f"rulebook_change/{change.number}", rulebook=change.version,
    )  # fmt: skip


def _keep(connection: Connection, book: Rulebook, at: datetime) -> None:
    known = select(rulebook_version.c.version).where(rulebook_version.c.version == book.version)
    if connection.execute(known).scalar() is None:
        files = msgspec.to_builtins(book.sources)
        row = {"version": book.version, "files": files, "rules": len(book.rules), "stored_at": at}
        connection.execute(insert(rulebook_version).values(**row))
