"""What the desk looks up has indexes, and it takes over the alerts that were open before there was a desk."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_A_TIME = 500

_INSTANT = sa.DateTime(timezone=True)

_alert = sa.table(
    "alert", sa.column("id", sa.String), sa.column("state", sa.String), sa.column("severity", sa.SmallInteger),
    sa.column("transitions", sa.Integer),
)  # fmt: skip
_outbox = sa.table("outbox", sa.column("alert_id", sa.String), sa.column("receiver", sa.String))
_handling = sa.table(
    "alert_handling", sa.column("alert_id", sa.String), sa.column("version", sa.Integer), sa.column("state", sa.String),
    sa.column("seen", sa.Integer), sa.column("step", sa.Integer), sa.column("next_action_at", _INSTANT),
    sa.column("course", sa.JSON),
)  # fmt: skip
_history = sa.table(
    "alert_history", sa.column("alert_id", sa.String), sa.column("number", sa.Integer), sa.column("at", _INSTANT),
    sa.column("cause", sa.String), sa.column("actor", sa.String), sa.column("action", sa.String),
    sa.column("detail", sa.JSON),
)  # fmt: skip


def upgrade() -> None:
    open_ones = sa.text("state = 'open'")
    op.create_index("alert_by_change", "alert", ["partition", "changed_at"])
    op.create_index("alert_open_by_kind", "alert", ["kind", "site"], postgresql_where=open_ones, sqlite_where=open_ones)
    op.create_index("outbox_by_receiver", "outbox", ["receiver", "created_at"])
    _take_over()


def _take_over() -> None:
    """Whoever was told of an alert that is open hears of its end; nobody is told of it again before something is due."""
    connection, now = op.get_bind(), datetime.now(UTC)
    handled = sa.select(_handling.c.alert_id)
    ours = sa.select(_alert).where(_alert.c.state == "open", _alert.c.id.not_in(handled))
    alerts = connection.execute(ours).all()
    for begin in range(0, len(alerts), AT_A_TIME):
        some = alerts[begin : begin + AT_A_TIME]
        told: dict[str, set[str]] = {}
        heard = sa.select(_outbox.c.alert_id, _outbox.c.receiver).where(
            _outbox.c.alert_id.in_([one.id for one in some])
        )
        for alert_id, receiver in connection.execute(heard):
            told.setdefault(alert_id, set()).add(receiver)
        rows: list[dict[str, Any]] = []
        lines: list[dict[str, Any]] = []
        for one in some:
            course = {"firing": True, "severity": one.severity, "heard": one.severity, "entries": 1,
                      "messages": one.transitions + 1, "knows": sorted(told.get(one.id, ()))}  # fmt: skip
            rows.append({"alert_id": one.id, "version": 1, "state": "open", "seen": one.transitions, "step": 0,
                         "next_action_at": now, "course": course})  # fmt: skip
            lines.append({"alert_id": one.id, "number": 1, "at": now, "cause": "event", "actor": "rules",
                          "action": "opened", "detail": {"number": one.transitions, "taken_over": True}})  # fmt: skip
        connection.execute(sa.insert(_handling), rows)
        connection.execute(sa.insert(_history), lines)


def downgrade() -> None:
    op.drop_index("outbox_by_receiver", table_name="outbox")
    op.drop_index("alert_open_by_kind", table_name="alert")
    op.drop_index("alert_by_change", table_name="alert")
