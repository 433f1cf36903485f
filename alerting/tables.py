"""What is kept of alerts: their present state, their history, the messages about them, and the audit trail.

All of it is written in the transaction that moves the stream, so an alert, its message and its audit entry exist
together or not at all. Only the dispatcher changes outbox rows later.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from alerting.database import UtcDateTime

metadata = MetaData()

alert = Table(
    "alert",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("partition", String(300), nullable=False),  # the stream partition whose owner alone writes the row
    Column("subject_kind", String(40), nullable=False),
    Column("subject_key", Text, nullable=False),
    Column("kind", String(80), nullable=False),
    Column("rule", String(120), nullable=False),
    Column("severity", SmallInteger, nullable=False),  # risk_rules.findings.Severity; the last one when resolved
    Column("score", Float, nullable=False),
    Column("likelihood", Float),
    Column("impact_on", Date),
    Column("quantity", Float),
    Column("unit", String(40)),
    Column("summary", Text, nullable=False),
    Column("advice", Text, nullable=False),
    Column("owner", String(200)),
    Column("site", String(200), nullable=False),
    Column("partner", String(200), nullable=False),
    Column("material", String(200)),
    Column("product", String(200)),
    Column("state", String(12), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("resolved_reason", String(200)),
    Column("transitions", Integer, nullable=False),  # how many there are, so the number of the last
    Column("evidence", JSON, nullable=False),  # identities of events, newest first
    Column("factors", JSON, nullable=False),  # [{name, value, reference, share, lowers_to}]
    Column("rulebook", String(120), nullable=False),
    Index(
        "alert_one_open",
        "subject_kind",
        "subject_key",
        "kind",
        unique=True,
        postgresql_where=text("state = 'open'"),
        sqlite_where=text("state = 'open'"),
    ),
    Index("alert_by_partition", "partition", "state"),
    Index("alert_by_state", "state", "severity", "opened_at"),
)

alert_transition = Table(
    "alert_transition",
    metadata,
    Column("alert_id", String(32), ForeignKey("alert.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # 1 is the opening
    Column("transition", String(12), nullable=False),
    Column("from_severity", SmallInteger),
    Column("to_severity", SmallInteger),
    Column("score", Float, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("cause", String(500)),  # the newest event that the verdict rests on
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),  # also the idempotency key of the message
    Column("alert_id", String(32), nullable=False),
    Column("number", Integer, nullable=False),  # of the transition that it tells of
    Column("transition", String(12), nullable=False),
    Column("receiver", String(120), nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),  # wall clock, also in a replay
    Column("event_at", UtcDateTime),  # when what caused it came in
    Column("next_attempt_at", UtcDateTime, nullable=False),  # when it may be claimed; of a leased one: the lease's end
    Column("attempts", Integer, nullable=False, default=0),
    Column(
        "fence", BigInteger, nullable=False, default=0
    ),  # grows with each claim; a mark with an older one is refused
    Column("possible_repeat", Boolean, nullable=False, default=False),  # an earlier attempt may have arrived
    Column("channel", String(64)),  # Apprise's url_id of the address that it was last sent to; never the address
    Column("sent_at", UtcDateTime),
    Column("result", String(300)),  # what came of the last attempt, in words
    Index("outbox_by_alert", "alert_id", "receiver", "number", unique=True),
    Index(
        "outbox_waiting",
        "receiver",
        "next_attempt_at",
        postgresql_where=text("state IN ('pending', 'leased', 'unknown', 'failed')"),
        sqlite_where=text("state IN ('pending', 'leased', 'unknown', 'failed')"),
    ),
)

audit = Table(
    "audit",
    metadata,
    Column("chain", String(300), primary_key=True),  # the stream partition
    Column("sequence", BigInteger, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(60), nullable=False),
    Column("object", String(200), nullable=False),
    Column("old", JSON),
    Column("new", JSON),
    Column("reason", String(500)),
    Column("rulebook", String(120)),
)
