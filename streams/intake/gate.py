"""Whether a partner's intake goes on: stopped when too many of its records are refused, until a person lets it go on.

The state is in the database, so it outlives workers, and whoever takes over the partner's topic finds it. What opens and
ends an alert and what the audit trail says of it stand in the same transaction.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, Row, insert, select, update

from alerting.audit import Entry, append, key_in_force
from alerting.audit.chain import alone
from alerting.book import AlertBook
from alerting.database import reading
from alerting.life.people import Person
from risk_rules.findings import Finding, Severity, Subject, Verdict
from streams.intake.profile_file import Limits
from streams.intake.rejects import Rejects
from streams.intake.tables import intake_gate

CHAIN: Final = "intake"
"""Of the audit trail, and of the alerts about feeds that were stopped: several workers write them, one at a time."""

KIND: Final = "feed_stopped"


class Stopped(NamedTuple):
    """A partner's intake stands still."""

    partner: str
    at: datetime
    why: str


class Gate(NamedTuple):
    """How a partner's feed stands. `lifted_until`: no limit holds before that time."""

    rejects: Rejects
    stopped: Stopped | None
    lifted_until: datetime | None


class IntakeGate:
    """The gate of each partner, by the database. `limits` gives those of a partner, None where there are none. All calls
    but that block."""

    def __init__(
        self, engine: Engine, *, limits: Callable[[str], Limits | None], clock: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._limits = limits

    def look(self, partner: str) -> Gate:
        """How the partner's feed stands now."""
        with reading(self._engine) as connection:
            row = connection.execute(select(intake_gate).where(intake_gate.c.partner == partner)).one_or_none()
        return _gate(row)

    def limits(self, partner: str, gate: Gate) -> Limits | None:
        """The limits that hold now; None: there are none, or they are lifted."""
        lifted = gate.lifted_until is not None and self._clock() < gate.lifted_until
        return None if lifted else self._limits(partner)

    def keep(self, partner: str, rejects: Rejects) -> None:
        """Remember the refusals among the last records, for whoever comes after this worker."""
        with self._engine.begin() as connection:
            _write(connection, partner, {"consecutive": rejects.consecutive, "recent": rejects.packed()})

    def stop(self, partner: str, rejects: Rejects, why: str) -> Stopped:
        """Stop the partner's intake, and tell people. Where another worker did already, that holds."""
        at = self._clock()
        with self._engine.begin() as connection:
            alone(connection, CHAIN)
            row = connection.execute(select(intake_gate).where(intake_gate.c.partner == partner)).one_or_none()
            if (before := _gate(row).stopped) is not None:
                return before
            said = {"consecutive": rejects.consecutive, "recent": rejects.packed(), "stopped_at": at, "why": why}
            _write(connection, partner, said)
            entry = Entry(
                at=at, actor="bellwether", authenticated="service", source="system", action="intake.stopped",
                object=f"partner/{partner}", old={"intake": "going on"}, new={"intake": "stopped"}, reason=why,
            )  # fmt: skip
            append(connection, CHAIN, (entry,), key_in_force(connection))
            _observe(connection, partner, (_finding(partner, why),), at)
        return Stopped(partner, at, why)


def resume(
    engine: Engine, partner: str, person: Person, reason: str, at: datetime, lifted_until: datetime | None = None
) -> Stopped | None:
    """Let a partner's intake go on; what was stopped, or None. Its counts begin anew. Audited also where nothing stood
    still, for the limits may be lifted all the same."""
    with engine.begin() as connection:
        alone(connection, CHAIN)
        row = connection.execute(select(intake_gate).where(intake_gate.c.partner == partner)).one_or_none()
        before = _gate(row).stopped
        said = {"consecutive": 0, "recent": b"", "stopped_at": None, "why": None, "lifted_until": lifted_until}
        _write(connection, partner, said)
        until = None if lifted_until is None else lifted_until.isoformat()
        entry = Entry(
            at=at, actor=person.name, authenticated=person.authenticated, source=person.source, zone=person.zone,
            action="intake.resumed", object=f"partner/{partner}",
            old={"intake": "going on" if before is None else "stopped", "why": None if before is None else before.why},
            new={"intake": "going on", "limits_lifted_until": until}, reason=reason,
        )  # fmt: skip
        append(connection, CHAIN, (entry,), key_in_force(connection))
        _observe(connection, partner, (), at)
    return before


def stopped_feeds(connection: Connection) -> Sequence[Stopped]:
    """All partners whose intake stands still."""
    columns = (intake_gate.c.partner, intake_gate.c.stopped_at, intake_gate.c.why)
    rows = connection.execute(select(*columns).where(intake_gate.c.stopped_at.is_not(None)).order_by(columns[0]))
    return [Stopped(partner, at, why) for partner, at, why in rows]


def _gate(row: "Row[Any] | None") -> Gate:
    if row is None:
        return Gate(Rejects(), None, None)
    stopped = None if row.stopped_at is None else Stopped(row.partner, row.stopped_at, row.why)
    return Gate(Rejects(row.consecutive, int.from_bytes(row.recent)), stopped, row.lifted_until)


def _write(connection: Connection, partner: str, said: dict[str, Any]) -> None:
    """The partner's row with these columns; those of a new one that are not said are empty."""
    ours = intake_gate.c.partner == partner
    if connection.execute(update(intake_gate).where(ours).values(**said)).rowcount == 0:
        connection.execute(insert(intake_gate).values(partner=partner, **said))


def _finding(partner: str, why: str) -> Finding:
    return Finding(
        rule=KIND.replace("_", "-"), kind=KIND, severity=Severity.WARNING, score=100.0,
        summary=f"The intake of {partner} has stopped: {why}. Its records wait on its topic; what rests on them is old.",
        advice=f"See `bellwether dlq list {partner} --by reason`; mend the profile, or call the partner; then "
        f"`bellwether partner resume {partner}` and `bellwether dlq replay {partner}`.",
    )  # fmt: skip


def _observe(connection: Connection, partner: str, findings: tuple[Finding, ...], at: datetime) -> None:
    subject = Subject(kind="feed", key=f"inbound/{partner}", partner=partner, site="")
    verdict = Verdict(subject=subject, findings=findings, events=(), rulebook=CHAIN)
    book = AlertBook()
    book.load(connection, CHAIN)
    book.observe([verdict], at).write(connection)
