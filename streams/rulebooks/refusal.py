"""The alert that a changed rulebook was refused: opened and ended like any other, in transactions of the service."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from alerting.book import AlertBook
from alerting.tables import alert
from risk_rules.findings import Finding, Severity, Subject, Verdict
from risk_rules.problems import Problem
from streams.rulebooks.store import CHAIN, Part

KIND: Final = "rulebook_refused"


def tell_refused(
    connection: Connection, subject: Subject, problems: Sequence[Problem], standing: str, at: datetime
) -> None:
    """Open the alert about a refused text, in a transaction that nobody else writes alerts of the service in."""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    finding = Finding(
        rule=KIND.replace("_", "-"), kind=KIND, severity=Severity.WARNING, score=100.0,
        summary=f"{problems[0]}{more}. Version {standing} stays in force.",
        advice="Mend the files; `bellwether rules check` and `bellwether rules test` tell all that is wrong.",
    )  # fmt: skip
    _observe(connection, [Verdict(subject=subject, findings=(finding,), events=(), rulebook=standing)], at)


def tell_in_order(connection: Connection, part: Part, instance: str, standing: str, at: datetime) -> None:
    """End all alerts about texts of this part: what the files say is in force now."""
    ours = (alert.c.partition == CHAIN) & (alert.c.state == "open") & (alert.c.kind == KIND)
    keys = connection.execute(select(alert.c.subject_key).where(ours)).scalars().all()
    gone = [
        Verdict(subject=about(key, instance), findings=(), events=(), rulebook=standing)
        for key in keys
        if key.startswith(f"{part.value}/")
    ]
    if gone:
        _observe(connection, gone, at)


def about(key: str, instance: str) -> Subject:
    """The subject of such an alert; `key` is `live/` or `shadow/` and a hash of the refused text."""
    return Subject(kind="rulebook", key=key, partner="this service", site=instance)


def _observe(connection: Connection, verdicts: Sequence[Verdict], at: datetime) -> None:
    book = AlertBook()
    book.load(connection, CHAIN)
    book.observe(verdicts, at).write(connection)
