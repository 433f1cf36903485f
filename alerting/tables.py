"""What is kept of alerts: what the rules find, what people and time make of it, the messages, and the audit trail.

Each table has one writer. The ledger of a partition writes `alert`, `alert_transition` and `alert_news` in the transaction
that moves the stream, and never waits for people. The desk takes the news and writes all else, in transactions of its
own: what it takes and what it makes of it stand or fall together. The dispatcher marks what became of messages.
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

from alerting.canonical import CanonicalJson
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
    Column("region", String(40)),  # of the site, as the network file says
    Column("remedy", JSON),  # what to order or expedite, as of the finding: risk_rules.findings.Remedy
    Column("state", String(12), nullable=False),  # whether the rules find it; what people do is in alert_handling
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
    Index("alert_by_change", "partition", "changed_at"),
    Index(
        "alert_open_by_kind",
        "kind",
        "site",
        postgresql_where=text("state = 'open'"),
        sqlite_where=text("state = 'open'"),
    ),
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

alert_news = Table(
    "alert_news",  # transitions that the desk has yet to take
    metadata,
    Column("alert_id", String(32), ForeignKey("alert.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),  # the time of evaluation
    Column("event_at", UtcDateTime),  # when what caused it came in
)

alert_handling = Table(
    "alert_handling",
    metadata,
    Column("alert_id", String(32), ForeignKey("alert.id"), primary_key=True),
    Column("version", Integer, nullable=False),  # grows with each change
    Column("state", String(14), nullable=False),  # open, acknowledged, snoozed, resolved
    Column("seen", Integer, nullable=False),  # the number of the last transition that was taken
    Column("person", String(200)),  # who acknowledged or snoozed it
    Column("until", UtcDateTime),  # when an acknowledgement or a snooze ends
    Column("policy", String(120)),
    Column("step", Integer, nullable=False),  # of the policy, that was told last; 0: none
    Column("held_by", String(80)),  # silence/ID or alert/ID that holds messages back
    Column("next_action_at", UtcDateTime),  # None: nothing until something happens
    Column("course", JSON, nullable=False),  # the rest of alerting.life.handling.Handling
    Index("alert_handling_due", "next_action_at"),
    Index("alert_handling_held", "held_by"),
)

alert_history = Table(
    "alert_history",  # what people and time did; what the rules did is in alert_transition
    metadata,
    Column("alert_id", String(32), ForeignKey("alert.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("cause", String(10), nullable=False),  # event, time, person
    Column("actor", String(200), nullable=False),
    Column("action", String(40), nullable=False),
    Column("reason", Text),
    Column("detail", JSON, nullable=False),
)

alert_judgement = Table(
    "alert_judgement",  # what people said of an alert afterwards: the truth for backtests
    metadata,
    Column("alert_id", String(32), ForeignKey("alert.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("person", String(200), nullable=False),
    Column("was_true", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
)

telling = Table(
    "telling",  # each decision to tell somebody, or not: what `alerts explain` reads
    metadata,
    Column("id", String(32), primary_key=True),
    Column("alert_id", String(32), ForeignKey("alert.id"), nullable=False),
    Column("number", Integer, nullable=False),  # of the entry in the alert's history
    Column("occasion", String(20), nullable=False),  # opened, worse, better, resolved, reopened, step, woken, reminder
    Column("receiver", String(120), nullable=False),
    Column("step", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(14), nullable=False),  # told, waiting, held, cancelled, unreachable
    Column("because", Text, nullable=False),
    Column("due_at", UtcDateTime),
    Column("bundle_id", String(32)),
    Column("message_id", String(32)),
    Column("configuration", String(40), nullable=False),
    Index("telling_by_alert", "alert_id", "receiver", "number"),
    Index("telling_by_bundle", "bundle_id"),
)

bundle = Table(
    "bundle",  # tellings of one receiver that go out together
    metadata,
    Column("id", String(32), primary_key=True),
    Column("receiver", String(120), nullable=False),
    Column("reason", String(12), nullable=False),  # group, digest, quiet, limit
    Column("key", String(500), nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Index("bundle_due", "due_at"),
)

silence = Table(
    "silence",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(12), nullable=False),  # silence, maintenance
    Column("matchers", JSON, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("author", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),  # when its end was announced and its alerts were looked at again
    Column("ended_by", String(200)),
    Index("silence_by_end", "ended_at", "ends_at"),
)

alerting_version = Table(
    "alerting_version",  # so that a decision can be explained by the file of its time
    metadata,
    Column("version", String(40), primary_key=True),
    Column("text", Text, nullable=False),
    Column("stored_at", UtcDateTime, nullable=False),
)

message_alert = Table(
    "message_alert",  # the alerts that a message tells of
    metadata,
    Column("message_id", String(32), ForeignKey("outbox.id"), primary_key=True),
    Column("alert_id", String(32), ForeignKey("alert.id"), primary_key=True),
    Column("number", Integer, nullable=False),
    Index("message_by_alert", "alert_id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),  # also the idempotency key of the message
    Column("kind", String(12), nullable=False, server_default="alert"),  # alert, group, digest, notice, heartbeat
    Column("thread", String(64)),  # what it belongs to: an alert, a bundle's key; messages of a thread go in order
    Column("alert_id", String(32)),  # None: of several alerts, or of none
    Column("number", Integer, nullable=False),  # its place in the thread
    Column("transition", String(20), nullable=False),
    Column("receiver", String(120), nullable=False),
    Column("contact", String(120)),  # the configured channel of the receiver
    Column("fallbacks", JSON),  # further channels of the receiver, for when this one is dead
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
    Column("reference", String(200)),  # what the service calls it, for those that take answers to a message
    Column("instead_of", String(32)),  # the dead message in whose place this one goes to another contact
    Index("outbox_by_alert", "alert_id", "receiver", "number"),
    Index("outbox_by_thread", "thread", "receiver", "number"),
    Index("outbox_by_receiver", "receiver", "created_at"),
    Index(
        "outbox_by_contact",
        "contact",
        "severity",
        "next_attempt_at",
        postgresql_where=text("state IN ('pending', 'leased', 'unknown', 'failed')"),
        sqlite_where=text("state IN ('pending', 'leased', 'unknown', 'failed')"),
    ),
)

contact_state = Table(
    "contact_state",  # what all dispatchers must know of a channel
    metadata,
    Column("contact", String(120), primary_key=True),
    Column("opens_at", UtcDateTime),  # when it may next be used: by its rate, or as it asked (Retry-After)
    Column("dead", Integer, nullable=False),  # messages that died there, as the notice tells, or since one was sent
    Column("told_at", UtcDateTime),  # when that notice was written
    Column("notice_id", String(32)),  # its thread, while it may still take up what dies
)

heartbeat = Table(
    "heartbeat",  # the last heartbeat that came through each partition of the stream
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("partitions", Integer, nullable=False),  # how many there were by its sender
    Column("beat_at", UtcDateTime, nullable=False),  # when it was due; the same for all partitions
    Column("counted_at", UtcDateTime, nullable=False),
)

audit = Table(
    "audit",  # chained by alerting.audit; triggers refuse every change of a row
    metadata,
    Column("chain", String(300), primary_key=True),  # the stream partition, or who else writes
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),  # from 1, without a gap
    Column("at", UtcDateTime, nullable=False),
    Column("zone", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("authenticated", Text, nullable=False),
    Column("on_behalf_of", Text),
    Column("source", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("version", Text),
    Column("old", CanonicalJson),
    Column("new", CanonicalJson),
    Column("reason", Text),
    Column("correlation", Text),
    Column("rulebook", Text),
    Column("inputs", Text),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("key_id", Text),
)
