"""How a dispatcher finds what waits among all that was ever sent."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from alerting.database import connect
from alerting.delivery import outbox, readdressing
from alerting.delivery.directory import Directory
from alerting.tables import metadata

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOBODY = Directory(contacts={}, receivers={})

LOOKS = {
    "whether anything is due": lambda connection: outbox.due_severities(connection, "chat", NOW, HOUR),
    "a claim": lambda connection: outbox.claim(connection, "chat", 10, NOW, HOUR, HOUR),
    "what has no contact": lambda connection: readdressing.strangers(connection, NOBODY),
}


@pytest.mark.parametrize("look", LOOKS)
def test_what_was_sent_long_ago_is_not_gone_through_to_find_what_waits(sqlite_url, look):
    engine = connect(sqlite_url)
    metadata.create_all(engine)
    asked = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
    with engine.begin() as connection:
        LOOKS[look](connection)
        statements = [(text, values) for text, values in asked if "outbox" in text]
        assert statements
        for text, values in statements:
            plan = [step.detail for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            assert any("INDEX outbox_by_contact" in step for step in plan), plan
            assert "SCAN outbox" not in plan
    engine.dispose()
