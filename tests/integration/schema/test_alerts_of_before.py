"""Alerts that were open before there was a desk: nobody hears of them twice, and whoever was told hears of their end."""

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import Engine, insert, select

from alerting.book import AlertBook
from alerting.configuration.loading import parse
from alerting.database import connect
from alerting.desk.desk import Desk
from alerting.tables import alert, alert_news, outbox
from streams import schema
from tests.integration.alerting.office import AT_ONCE
from tests.unit.alerting.findings import MONDAY, shortage, verdict


def _before(engine: Engine) -> None:
    """A database of the version before, with an alert that the planners were told of."""
    schema.upgrade(engine)
    with engine.begin() as connection:
        book = AlertBook()
        book.load(connection, "0")
        book.observe([verdict(shortage())], MONDAY).write(connection)
        connection.execute(alert_news.delete())
        (alert_id,) = connection.execute(select(alert.c.id)).scalars()
        row = {"id": "m1", "alert_id": alert_id, "number": 1, "transition": "opened", "receiver": "planners", "severity": 2,
               "title": "Shortage", "body": "API-7", "state": "sent", "created_at": MONDAY,
               "next_attempt_at": MONDAY}  # fmt: skip
        connection.execute(insert(outbox).values(**row))
    with engine.begin() as connection:
        command.downgrade(schema.config(connection), "0007")


def test_who_was_told_before_hears_of_the_end_and_of_nothing_twice(database_url: str) -> None:
    engine = connect(database_url)
    _before(engine)
    schema.upgrade(engine)
    configuration = parse(AT_ONCE % "")
    desk, now = Desk(engine, lambda: configuration), datetime.now(UTC)
    desk.work(now)
    book = AlertBook()
    with engine.begin() as connection:
        book.load(connection, "0")
        book.observe([verdict()], MONDAY).write(connection)
    desk.work(now)
    with engine.begin() as connection:
        told = connection.execute(select(outbox.c.receiver, outbox.c.transition).order_by(outbox.c.number)).all()
    engine.dispose()
    assert [tuple(row) for row in told] == [("planners", "opened"), ("planners", "resolved")]
