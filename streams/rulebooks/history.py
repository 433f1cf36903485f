"""The versions of the rulebook as people ask for them: the changes, newest first, and what the shadow counts."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from streams.ledger.judging_tables import shadow_tally
from streams.rulebooks.tables import rulebook_change


class ChangeMade(msgspec.Struct, frozen=True, kw_only=True):
    """A version (None: none any more) came into force. `author` and `reason` as the files said; `ended_at` None: it still is."""

    number: int
    part: str
    version: str | None
    before: str | None
    author: str | None
    reason: str | None
    worker: str
    at: datetime
    ended_at: datetime | None
    diff: str


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What a shadow would have raised at this severity, and what would be open now."""

    version: str
    kind: str
    severity: str
    raised: int
    open: int


def changes(connection: Connection, most: int) -> Sequence[ChangeMade]:
    """The newest changes, the last one first."""
    rows = connection.execute(select(rulebook_change).order_by(rulebook_change.c.number.desc()).limit(most))
    return [ChangeMade(**dict(row)) for row in rows.mappings()]  # pyright: ignore[reportArgumentType] - names of columns


def tallies(connection: Connection, version: str | None) -> Sequence[Tally]:
    """What the shadow of this version counts, in all partitions; nothing where there is none."""
    if version is None:
        return []
    of = shadow_tally.c
    sums = select(of.kind, of.severity, func.sum(of.raised), func.sum(of.standing)).where(of.version == version)
    rows = connection.execute(sums.group_by(of.kind, of.severity).order_by(of.kind, of.severity))
    return [
        Tally(version=version, kind=kind, severity=severity, raised=raised, open=standing)
        for kind, severity, raised, standing in rows
    ]
