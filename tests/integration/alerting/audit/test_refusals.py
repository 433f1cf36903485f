"""The database itself refuses to change the trail. Taken out of the migration, each trigger fails a test here."""

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from alerting.audit.guards import missing_guards
from alerting.database import reading
from alerting.tables import audit
from tests.integration.alerting.audit.trail import DESK, Trail, on_postgres

CHANGES = {
    "update": "update audit set reason = 'never said'",
    "delete": "delete from audit where chain = 'desk' and sequence = 12",
    "upsert": """insert into audit select * from audit where chain = 'desk' and sequence = 3
                 on conflict (chain, sequence) do update set reason = 'never said'""",
}


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_a_change_is_refused(grown: Trail, change: str) -> None:
    with pytest.raises(DBAPIError, match="the audit trail is append-only"), grown.engine.begin() as connection:
        connection.execute(text(CHANGES[change]))
    assert grown.faults() == []


@on_postgres
def test_a_change_of_nothing_is_refused(grown: Trail) -> None:
    """SQLite has triggers for rows only: where nothing is changed, nothing can be refused."""
    statement = "update audit set reason = 'never said' where chain = 'there is none'"
    with pytest.raises(DBAPIError, match="the audit trail is append-only"), grown.engine.begin() as connection:
        connection.execute(text(statement))


def test_an_entry_is_not_written_over(grown: Trail) -> None:
    """SQLite's REPLACE deletes without asking the trigger against deletes."""
    row = grown.rows(DESK)[3] | {"reason": "never said"}
    statement = insert(audit)
    if grown.engine.dialect.name == "sqlite":
        statement = statement.prefix_with("or replace")
    with pytest.raises(DBAPIError, match=r"append-only|audit_pkey"), grown.engine.begin() as connection:
        connection.execute(statement, [row])
    assert grown.faults() == []


@on_postgres
def test_postgresql_refuses_to_empty_the_table_also_to_a_replica(grown: Trail) -> None:
    """`enable always`: `session_replication_role` is the usual way around triggers. SQLite knows no TRUNCATE."""
    for first in ("select 1", "set local session_replication_role = replica"):
        for change in ("truncate audit", "delete from audit"):
            refused = pytest.raises(DBAPIError, match="the audit trail is append-only")
            with refused, grown.engine.begin() as connection:
                connection.execute(text(first))
                connection.execute(text(change))


def test_triggers_that_are_gone_or_off_are_told(grown: Trail) -> None:
    with reading(grown.engine) as connection:
        assert list(missing_guards(connection)) == []
    grown.unprotect()
    with reading(grown.engine) as connection:
        faults = [fault.what for fault in missing_guards(connection)]
    assert len(faults) == (3 if grown.engine.dialect.name == "sqlite" else 1)
    assert all("is gone or switched off" in fault for fault in faults)
