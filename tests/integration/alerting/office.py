"""A ledger's book and a desk on one database, with people who act and a clock that tests set."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Executable, select

from alerting.book import AlertBook
from alerting.configuration.configuration import Configuration
from alerting.configuration.loading import parse
from alerting.desk.desk import Acted, Desk, Worked
from alerting.life.people import Act, Person
from alerting.matchers import parse as matcher
from alerting.tables import alert, alert_handling, alert_history, message_alert, outbox, telling
from risk_rules.findings import Finding, Severity, Subject, Verdict
from tests.unit.alerting.findings import STOCK, shortage, verdict

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""A Monday morning."""

ADA = Person(name="ada", authenticated="cli", zone="Europe/Zurich", source="console")

AT_ONCE = """
receivers:
  planners: {address: "json://localhost/planners"}
  manager: {address: "json://localhost/manager"}
route: {to: planners, group_by: [], digest: [], group_wait: 0s, routes: [%s]}
"""
"""Everything at once, to the planners; a branch may be added."""

ESCALATING = """
receivers:
  planners: {address: "json://localhost/planners"}
  manager: {address: "json://localhost/manager"}
  director: {address: "json://localhost/director"}
policies:
  urgent: {steps: [{wait: 15m, to: manager}, {wait: 30m, to: director}], repeat: 1, every: 1h, last: director}
route: {to: planners, policy: urgent, group_by: [], digest: [], group_wait: 0s}
"""


class Office:
    """`find` is what the rules say, `wait` lets time pass with the desk at work."""

    def __init__(self, engine: Engine, text: str = AT_ONCE % "", now: datetime = NINE) -> None:
        self.engine = engine
        self.now = now
        self.configure(text)
        self.book = AlertBook(lambda: self.configuration.reopen_within)
        with engine.begin() as connection:
            self.book.load(connection, "0")
        self.desk = Desk(engine, lambda: self.configuration)

    def configure(self, text: str) -> Configuration:
        """Another file holds from now on."""
        self.configuration = parse(text)
        return self.configuration

    def restart(self) -> None:
        """Another process takes over, from what the database knows."""
        self.desk = Desk(self.engine, lambda: self.configuration)
        self.book = AlertBook(lambda: self.configuration.reopen_within)
        with self.engine.begin() as connection:
            self.book.load(connection, "0")

    def hear(self, *verdicts: Verdict) -> None:
        """The ledger writes what the rules find, and the desk does not know yet."""
        changes = self.book.observe(verdicts, self.now, self.now)
        with self.engine.begin() as connection:
            changes.write(connection)
        self.book.accept(changes)

    def find(self, *findings: Finding, subject: Subject = STOCK) -> Worked:
        """The rules find this of a subject (nothing: it is fine), and the desk takes it."""
        self.hear(verdict(*findings, subject=subject))
        return self.work()

    def shortage(self, severity: Severity = Severity.WARNING, subject: Subject = STOCK, **more: Any) -> str:
        """The rules find a shortage; the id of its alert."""
        self.find(shortage(severity, **more), subject=subject)
        return self.ids(subject)[-1]

    def work(self) -> Worked:
        """The desk works until there is nothing left to do now."""
        news = due = bundles = messages = 0
        while True:
            worked = self.desk.work(self.now)
            news, due = news + worked.news, due + worked.due
            bundles, messages = bundles + worked.bundles, messages + worked.messages
            if not worked.more:
                return Worked(news, due, bundles, messages)

    def wait(self, span: timedelta) -> Worked:
        """Time passes at one go, as if the desk had been away; then it works."""
        self.now += span
        return self.work()

    def live(self, span: timedelta, step: timedelta = timedelta(minutes=1)) -> None:
        """Time passes in steps with the desk at work."""
        end = self.now + span
        while self.now < end:
            self.wait(min(step, end - self.now))

    def act(self, alert_id: str, act: Act, person: Person = ADA) -> Acted:
        """A person acts."""
        return self.desk.act(alert_id, act, person, self.now)

    def silence(self, *matchers: str, hours: float = 1, kind: str = "silence", person: Person = ADA) -> str:
        """A person holds back messages from now on."""
        spoken = [matcher(text) for text in matchers]
        ends = self.now + timedelta(hours=hours)
        return self.desk.silence(spoken, kind, self.now, ends, person, "stock count", self.now)

    def rows(self, statement: Executable) -> list[dict[str, Any]]:
        """What the database says."""
        with self.engine.begin() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def ids(self, subject: Subject = STOCK) -> list[str]:
        """The alerts about a subject, oldest first."""
        mine = (alert.c.subject_kind == subject.kind) & (alert.c.subject_key == subject.key)
        return [row["id"] for row in self.rows(select(alert.c.id).where(mine).order_by(alert.c.opened_at))]

    def handling(self, alert_id: str) -> dict[str, Any]:
        """The alert as the desk has left it."""
        (row,) = self.rows(select(alert_handling).where(alert_handling.c.alert_id == alert_id))
        return row

    def history(self, alert_id: str) -> list[tuple[str, str]]:
        """Causes and actions, in order."""
        of = alert_history.c
        rows = self.rows(select(of.cause, of.action).where(of.alert_id == alert_id).order_by(of.number))
        return [(row["cause"], row["action"]) for row in rows]

    def told(self, alert_id: str | None = None) -> list[tuple[str, str]]:
        """Receiver and occasion of each message, in the order of their making."""
        of = outbox.c
        statement = select(of.receiver, of.transition).order_by(of.created_at, of.number, of.receiver)
        if alert_id is not None:
            mine = select(message_alert.c.message_id).where(message_alert.c.alert_id == alert_id)
            statement = statement.where(of.id.in_(mine))
        return [(row["receiver"], row["transition"]) for row in self.rows(statement)]

    def decisions(self, alert_id: str) -> list[tuple[str, str, str]]:
        """Receiver, occasion and outcome of each decision about an alert."""
        of = telling.c
        statement = select(of.receiver, of.occasion, of.outcome).where(of.alert_id == alert_id)
        rows = self.rows(statement.order_by(of.number, of.occasion, of.receiver))
        return [(row["receiver"], row["occasion"], row["outcome"]) for row in rows]


def stocks(count: int) -> Iterable[Subject]:
    """So many materials at one site."""
    for number in range(count):
        key = f"BSL/M-{number}"
        yield Subject(kind="material", key=key, partner="acme", site="BSL", material=f"M-{number}")
