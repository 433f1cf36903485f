"""Whether the database itself refuses to change the trail, as the migration told it to."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from alerting.audit.walk import Fault

_SQLITE = ("audit_no_update", "audit_no_delete", "audit_no_replace")


def missing_guards(connection: Connection) -> Iterator[Fault]:
    """The triggers that are not there or are switched off. Their lack is no proof of a change, the hashes tell that."""
    if connection.dialect.name == "postgresql":
        wanted = "select tgname from pg_trigger where tgrelid = 'audit'::regclass and tgenabled = 'A'"
        names: tuple[str, ...] = ("audit_append_only",)
    else:
        wanted = "select name from sqlite_master where type = 'trigger' and tbl_name = 'audit'"
        names = _SQLITE
    found = set(connection.execute(text(wanted)).scalars())
    for name in names:
        if name not in found:
            yield Fault(
                what=f"the database does not refuse changes of the trail: trigger {name} is gone or switched off"
            )
