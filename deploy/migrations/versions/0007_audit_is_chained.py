"""The audit trail says more, is chained by hashes, and refuses changes. Entries of before are sealed as they stand."""

from collections.abc import Iterator
from datetime import UTC
from hashlib import sha256
from typing import Any

import rfc8785
import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT_A_TIME = 1000

BEFORE = sa.Table(
    "audit_before",
    sa.MetaData(),
    sa.Column("chain", sa.String(length=300), nullable=False),
    sa.Column("sequence", sa.BigInteger(), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("actor", sa.String(length=200), nullable=False),
    sa.Column("action", sa.String(length=60), nullable=False),
    sa.Column("object", sa.String(length=200), nullable=False),
    sa.Column("old", sa.JSON(), nullable=True),
    sa.Column("new", sa.JSON(), nullable=True),
    sa.Column("reason", sa.String(length=500), nullable=True),
    sa.Column("rulebook", sa.String(length=120), nullable=True),
)

REFUSALS = {
    "postgresql": (
        """create function audit_refuses() returns trigger language plpgsql as $$
           begin raise exception 'the audit trail is append-only: % is refused', tg_op; end $$""",
        """create trigger audit_append_only before update or delete or truncate on audit
           for each statement execute function audit_refuses()""",
        "alter table audit enable always trigger audit_append_only",
    ),
    "sqlite": (
        """create trigger audit_no_update before update on audit
           begin select raise(abort, 'the audit trail is append-only: UPDATE is refused'); end""",
        """create trigger audit_no_delete before delete on audit
           begin select raise(abort, 'the audit trail is append-only: DELETE is refused'); end""",
        """create trigger audit_no_replace before insert on audit
           when exists (select 1 from audit where chain = new.chain and sequence = new.sequence)
           begin select raise(abort, 'the audit trail is append-only: the entry is there already'); end""",
    ),
}


def upgrade() -> None:
    _set_aside()
    op.create_table(
        "audit",
        sa.Column("chain", sa.String(length=300), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("authenticated", sa.Text(), nullable=False),
        sa.Column("on_behalf_of", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("correlation", sa.Text(), nullable=True),
        sa.Column("rulebook", sa.Text(), nullable=True),
        sa.Column("inputs", sa.Text(), nullable=True),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("chain", "sequence"),
    )
    rows: list[dict[str, Any]] = []
    for row in _sealed():
        rows.append(row)
        if len(rows) == AT_A_TIME:
            _keep(rows)
            rows = []
    _keep(rows)
    op.drop_table("audit_before")
    for statement in REFUSALS[op.get_context().dialect.name]:
        op.execute(statement)


def _set_aside() -> None:
    op.rename_table("audit", "audit_before")
    if op.get_context().dialect.name == "postgresql":  # the index of the key would keep the name
        op.execute("alter index audit_pkey rename to audit_before_pkey")


def _sealed() -> Iterator[dict[str, Any]]:
    """The rows of before, in order, by chain; each names the hash before and has one of its own."""
    connection = op.get_bind()
    at: tuple[str, int] = ("", 0)
    chain, number, previous = None, 0, ""
    while True:
        after = sa.tuple_(BEFORE.c.chain, BEFORE.c.sequence) > at
        page = connection.execute(
            sa.select(BEFORE).where(after).order_by(BEFORE.c.chain, BEFORE.c.sequence).limit(AT_A_TIME)
        )
        rows = [dict(row) for row in page.mappings()]
        if not rows:
            return
        for row in rows:
            if row["chain"] != chain:
                chain, number, previous = row["chain"], 0, "0" * 64
            number += 1
            sealed = _seal(row | {"sequence": number}, previous)
            previous = sealed["hash"]
            yield sealed
        at = (rows[-1]["chain"], rows[-1]["sequence"])


def _seal(row: dict[str, Any], previous: str) -> dict[str, Any]:
    at = row["at"] if row["at"].tzinfo else row["at"].replace(tzinfo=UTC)
    said = row | {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"), "zone": "UTC",
        "authenticated": "service", "source": "system", "on_behalf_of": None, "version": None, "correlation": None,
        "inputs": None, "previous": previous, "key_id": None,
    }  # fmt: skip
    texts = {name: None if said[name] is None else rfc8785.dumps(said[name]).decode() for name in ("old", "new")}
    return said | texts | {"at": at, "hash": sha256(rfc8785.dumps(said)).hexdigest()}


def _keep(rows: list[dict[str, Any]]) -> None:
    if rows:
        columns = [sa.column(name, sa.DateTime(timezone=True) if name == "at" else None) for name in rows[0]]
        op.get_bind().execute(sa.insert(sa.table("audit", *columns)), rows)


def downgrade() -> None:
    """To the columns of before; the hashes are lost, so no checkpoint fits any more."""
    postgresql = op.get_context().dialect.name == "postgresql"
    for name in ("audit_append_only",) if postgresql else ("audit_no_update", "audit_no_delete", "audit_no_replace"):
        op.execute(f"drop trigger {name}" + (" on audit" if postgresql else ""))
    if postgresql:
        op.execute("drop function audit_refuses()")
    with op.batch_alter_table("audit") as batch:
        for name in ("old", "new"):
            batch.alter_column(name, type_=sa.JSON(), postgresql_using=f"{name}::json")
        for name in ("zone", "authenticated", "on_behalf_of", "source", "version", "correlation", "inputs", "previous",
                     "hash", "key_id"):  # fmt: skip
            batch.drop_column(name)
