"""The desk: takes the rules' news, what is due and what people say, and writes what becomes of alerts and who is told.

All desks of all processes work in one transaction at a time, so nothing races: an acknowledgement that comes with a
resolve finds the alert either open or resolved. Killed at any point, a transaction did happen or did not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, exists, insert, select, tuple_, update

from alerting import audit
from alerting.alerts import Transition
from alerting.audit.chain import alone
from alerting.configuration.configuration import Configuration
from alerting.database import reading
from alerting.desk import bundles, silences
from alerting.desk.casebook import AT_ONCE
from alerting.desk.docket import CHAIN, SERVICE, Docket, Link, no_link
from alerting.life import handling
from alerting.life.course import Handling
from alerting.life.handling import News
from alerting.life.people import Act, Judge, NotPossibleError, Person
from alerting.matchers import Matcher
from alerting.tables import (
    alert_handling,
    alert_judgement,
    alert_news,
    alert_transition,
    alerting_version,
    bundle,
    silence,
)
from alerting.wording.partners import Others, nobody
from risk_rules.findings import Severity


@dataclass(frozen=True, slots=True)
class Worked:
    """What a round of the desk did; `more`: it stopped at its bounds, and there is more to do now."""

    news: int = 0
    due: int = 0
    bundles: int = 0
    messages: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Acted:
    """The alert after an act, and how many messages followed at once."""

    handling: Handling
    messages: int


class Desk:
    """Belongs to one process; several may work on a database. `configuration` is asked anew for each transaction.

    `others` finds in a text what a partner's receivers may not read.
    """

    def __init__(
        self, engine: Engine, configuration: Callable[[], Configuration], link: Link = no_link, others: Others = nobody
    ) -> None:
        self._engine = engine
        self._link = link
        self._others = others
        self._configuration = configuration
        self._version: str | None = None

    def work(self, now: datetime) -> Worked:
        """One round at the wall clock's `now`, bounded in what it takes. It looks before it locks."""
        configuration = self._configuration()
        with reading(self._engine) as connection:
            if self._version == configuration.version and not _is_anything(connection, now):
                return Worked()
        with self._engine.begin() as connection:
            docket = self._begin(connection, configuration, now)
            news, more_news = _take_news(docket)
            ended = silences.end_due(docket)
            docket.write()
            due, more_due = _take_due(docket)
            docket.write()
            sent, more_bundles = bundles.send_due(docket)
            docket.write()
            worked = Worked(news, due + ended, sent, docket.messages, more_news or more_due or more_bundles)
        self._version = configuration.version
        return worked

    def act(self, alert_id: str, act: Act, person: Person, now: datetime, version: int | None = None) -> Acted:
        """Do what a person says to an alert. Raises `NotPossibleError` with the reason in words; then nothing changed.

        `version` is that of the alert as the person saw it; when it has changed since, they should look again.
        """
        with self._engine.begin() as connection:
            docket = self._begin(connection, self._configuration(), now)
            _take_news(docket, alert_id)
            case = docket.cases([alert_id]).get(alert_id)
            if case is None or case.handling is None:
                raise NotPossibleError(f"there is no alert {alert_id}")
            if version is not None and case.version != version:
                raise NotPossibleError("the alert has changed since this was shown: look at it again")
            docket.take(case, handling.act(case.handling, act, person, docket.around(case)), person)
            if isinstance(act, Judge):
                _judge(connection, alert_id, act, person, now)
            docket.write()
            _release(connection, [alert_id], now)
            return Acted(case.handling, docket.messages)

    def silence(
        self, matchers: Sequence[Matcher], kind: str, starts_at: datetime, ends_at: datetime, person: Person, reason: str,
        now: datetime,
    ) -> str:  # fmt: skip
        """Hold back the messages of what matches, between two times; gives its id. `kind`: silence or maintenance.

        Raises `NotPossibleError`.
        """
        with self._engine.begin() as connection:
            docket = self._begin(connection, self._configuration(), now)
            identifier = silences.begin(
                docket, silences.Wish(tuple(matchers), kind, starts_at, ends_at, reason), person
            )
            docket.write()
            return identifier

    def end_silence(self, identifier: str, person: Person, reason: str, now: datetime) -> None:
        """End a silence before its time. Raises `NotPossibleError`."""
        with self._engine.begin() as connection:
            docket = self._begin(connection, self._configuration(), now)
            silences.end(docket, identifier, person, reason)
            docket.write()

    def _begin(self, connection: Connection, configuration: Configuration, now: datetime) -> Docket:
        """Wait for whoever works on the database, and make known what configuration holds from now on."""
        alone(connection, CHAIN)
        docket = Docket(connection, configuration, now, self._link, self._others)
        if self._version != configuration.version:
            _follow(docket)
        return docket


def _is_anything(connection: Connection, now: datetime) -> bool:
    """Whether there is anything to do: four look-ups by index."""
    asked = (
        exists().where(alert_news.c.number > 0),
        exists().where(alert_handling.c.next_action_at <= now),
        exists().where(bundle.c.due_at <= now),
        exists().where(silence.c.ended_at.is_(None), silence.c.ends_at <= now),
    )
    return any(connection.execute(select(one)).scalar() for one in asked)


def _follow(docket: Docket) -> None:
    """Another configuration than this process knew: keep it, and look again at what alerts about a cause hold back."""
    configuration, connection, now = docket.configuration, docket.connection, docket.now
    known = select(alerting_version.c.version).where(alerting_version.c.version == configuration.version)
    if connection.execute(known).scalar() is None:
        row = {"version": configuration.version, "text": configuration.text, "stored_at": now}
        connection.execute(insert(alerting_version).values(**row))
        docket.record(
            audit.Entry(
                at=now, actor=SERVICE, authenticated="service", source="system", action="alerting.configured",
                object=f"alerting/{configuration.version}",
            )
        )  # fmt: skip
    held = alert_handling.c.held_by
    again = update(alert_handling).where(held >= "alert/", held < "alert0")
    connection.execute(again.values(next_action_at=now))


def _take_news(docket: Docket, of: str | None = None) -> tuple[int, bool]:
    """Take transitions of the rules, of one alert or of those whose news are oldest: how many, and whether more wait."""
    connection, table = docket.connection, alert_news.c
    oldest = select(table.alert_id).order_by(table.at, table.alert_id, table.number).limit(AT_ONCE)
    ids = [of] if of is not None else list(dict.fromkeys(connection.execute(oldest).scalars()))
    if not ids:
        return 0, False
    step = alert_transition.c
    told = (
        select(
            table.alert_id,
            table.number,
            table.at,
            table.event_at,
            step.transition,
            step.from_severity,
            step.to_severity,
        )
        .join(alert_transition, (step.alert_id == table.alert_id) & (step.number == table.number))
        .where(table.alert_id.in_(ids))
        .order_by(table.alert_id, table.number)
    )
    rows = connection.execute(told).all()
    cases = docket.cases(ids)
    for row in rows:
        case = cases[row.alert_id]
        case.event_at = row.event_at
        severity = Severity(row.to_severity or row.from_severity or case.labels.severity)
        news = News(row.number, Transition(row.transition), severity, row.at)
        docket.take(case, handling.hear(case.handling, news, docket.around(case)))
    taken = [(row.alert_id, row.number) for row in rows]
    for at in range(0, len(taken), AT_ONCE):
        keys = taken[at : at + AT_ONCE]
        connection.execute(delete(alert_news).where(tuple_(table.alert_id, table.number).in_(keys)))
    _release(connection, ids, docket.now)
    return len(rows), of is None and len(ids) > 0 and len(rows) >= AT_ONCE


def _release(connection: Connection, ids: Sequence[str], now: datetime) -> None:
    """Look again at what these alerts hold back, now that they have changed."""
    held = alert_handling.c.held_by.in_([f"alert/{one}" for one in ids])
    connection.execute(update(alert_handling).where(held).values(next_action_at=now))


def _take_due(docket: Docket) -> tuple[int, bool]:
    """Do what is due by `next_action_at`: how many alerts, and whether more are due."""
    table = alert_handling.c
    due = select(table.alert_id).where(table.next_action_at <= docket.now).order_by(table.next_action_at).limit(AT_ONCE)
    ids = list(docket.connection.execute(due).scalars())
    for case in docket.cases(ids).values():
        if case.handling is not None:
            docket.take(case, handling.pass_time(case.handling, docket.around(case)))
    return len(ids), len(ids) == AT_ONCE


def _judge(connection: Connection, alert_id: str, act: Judge, person: Person, now: datetime) -> None:
    numbers = select(alert_judgement.c.number).where(alert_judgement.c.alert_id == alert_id)
    row = {"alert_id": alert_id, "number": len(connection.execute(numbers).all()) + 1, "at": now, "person": person.name,
           "was_true": act.was_true, "reason": act.reason}  # fmt: skip
    connection.execute(insert(alert_judgement).values(**row))
