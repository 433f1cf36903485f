"""What the database tells of many changes of the rulebook: nothing lost, every version known, no batch with two."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from alerting.tables import alert, audit
from streams.ledger.judging_tables import judged_by
from streams.ledger.tables import stream_position, verdict
from streams.rulebooks.store import CHAIN
from streams.rulebooks.tables import rulebook_change, rulebook_version


@dataclass
class Evidence:
    """Of one run. `faults` says what is wrong; an honest run has none."""

    workers: int = 0
    good: int = 0
    bad: int = 0
    sent: int = 0
    counted: int = 0
    repeated: int = 0
    refused: int = 0
    versions: int = 0
    """Versions of the rulebook that were stored."""
    batches_with_verdicts: int = 0
    transitions: int = 0
    """Alerts that opened, moved or ended; each is in the audit trail with the version that judged so."""
    partitions_went_over: int = 0
    """Times that a partition went over to another version."""
    refusals_told: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list[str])

    def told(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def gather(connection: Connection, evidence: Evidence) -> None:
    """Read it all, and hold it against what was sent and changed."""
    table = stream_position.c
    sums = [func.coalesce(func.sum(column), 0) for column in (table.counted, table.repeated, table.refused)]
    evidence.counted, evidence.repeated, evidence.refused = map(int, connection.execute(select(*sums)).one())
    if (evidence.counted, evidence.repeated, evidence.refused) != (evidence.sent, 0, 0):
        evidence.faults.append(f"of {evidence.sent} events {evidence.counted} were counted")
    changes = connection.execute(select(func.count()).select_from(rulebook_change)).scalar_one()
    if changes != evidence.good + 1:
        evidence.faults.append(f"{evidence.good} good changes and the first came to {changes} changes")
    told = select(func.count()).where(alert.c.partition == CHAIN)
    evidence.refusals_told = connection.execute(told).scalar_one()
    if evidence.refusals_told != evidence.bad:
        evidence.faults.append(f"{evidence.refusals_told} alerts tell of {evidence.bad} bad changes")
    evidence.faults += _unknown_versions(connection, evidence)
    evidence.faults += _mixed_batches(connection, evidence)


def _unknown_versions(connection: Connection, evidence: Evidence) -> Iterator[str]:
    """Every verdict, every alert and each line of the audit trail names a version that is stored."""
    known = set(connection.execute(select(rulebook_version.c.version)).scalars())
    evidence.versions = len(known)
    for column in (verdict.c.rulebook, alert.c.rulebook, audit.c.rulebook, judged_by.c.version):
        named = set(connection.execute(select(column).where(column.is_not(None)).distinct()).scalars())
        if not named or named - known:
            yield f"{column} names versions that are not stored: {named - known}"


def _mixed_batches(connection: Connection, evidence: Evidence) -> Iterator[str]:
    """What was written of a partition at one time is one batch: all of it by the version that the partition was at."""
    went_over: dict[str, list[tuple[datetime, str]]] = {}
    for row in connection.execute(select(judged_by).order_by(judged_by.c.partition, judged_by.c.number)):
        went_over.setdefault(str(row.partition), []).append((row.begun_at, row.version))
        evidence.partitions_went_over += row.number > 1
    batches: dict[tuple[str, datetime], set[str]] = {}
    for row in connection.execute(select(audit).where(audit.c.chain.in_(went_over))):
        batches.setdefault((row.chain, row.at), set()).add(row.rulebook)
        evidence.transitions += 1
    evidence.batches_with_verdicts = len(batches)
    for (partition, at), versions in batches.items():
        steps = went_over.get(partition, [])
        before = bisect_right(steps, at, key=lambda step: step[0])
        if len(versions) != 1 or not before or {steps[before - 1][1]} != versions:
            yield f"partition {partition} was judged at {at} by {versions}"
