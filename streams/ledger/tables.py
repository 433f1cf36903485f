"""The ledger's tables. Columns are for reading; `journal` is what the ledger itself goes on from.

Amounts are in the material's own unit, days are ISO text in the site's calendar, instants are UTC.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from alerting.database import UtcDateTime

metadata = MetaData()

Key = String().with_variant(String(collation="C"), "postgresql")
"""Keys compare byte by byte on both databases, so that the keys of one site are one range."""


def _entity(name: str, *columns: Column[object]) -> Table:
    """An entity of a site: `events` is how many events it rests on, `score` the greatest that a rule gave it."""
    return Table(
        name,
        metadata,
        Column("key", Key, primary_key=True),
        Column("partner", String, nullable=False),
        Column("site", String, nullable=False),
        *columns,
        Column("events", Integer, nullable=False),
        Column("score", Float),
        Column("journal", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


lot = _entity(
    "lot",
    Column("material", String, nullable=False),
    Column("lot", String, nullable=False),
    Column("qty", Float),
    Column("allocated", Float),
    Column("unit", String),
    Column("status", String),
    Column("expiry_on", String),
    Column("retest_on", String),
    Column("supplier", String),
    Column("supplier_lot", String),
    Column("batch", String),
    Column("received_on", String),
    Column("reported_at", UtcDateTime),
)
purchase_order = _entity(
    "purchase_order",
    Column("po_no", String, nullable=False),
    Column("material", String, nullable=False),
    Column("supplier", String),
    Column("qty", Float),
    Column("unit", String),
    Column("ordered_on", String),
    Column("due_on", String),
    Column("first_confirmed_on", String),
    Column("confirmed_on", String),
    Column("shipped_qty", Float),
    Column("received_qty", Float),
    Column("open_qty", Float),
    Column("half_came_on", String),
    Column("came_on", String),
)
requirement = _entity(
    "requirement",
    Column("material", String, nullable=False),
    Column("unit", String),
    Column("forecast", JSON),
    Column("safety_stock", Float),
)
shipment = _entity(
    "shipment",
    Column("shipment_id", String, nullable=False),
    Column("status", String, nullable=False),
    Column("po_no", String),
    Column("carrier", String),
    Column("mode", String),
    Column("origin", String),
    Column("planned_departure", UtcDateTime),
    Column("planned_arrival", UtcDateTime),
    Column("departed_at", UtcDateTime),
    Column("estimated_arrival", UtcDateTime),
    Column("arrived_at", UtcDateTime),
    Column("received_at", UtcDateTime),
    Column("cancelled_at", UtcDateTime),
    Column("milestone", String),
    Column("lines", JSON),
    Column("temp_min", Float),
    Column("temp_max", Float),
    Column("readings", Integer),
    Column("min_celsius", Float),
    Column("max_celsius", Float),
    Column("mkt_celsius", Float),
    Column("excursion_minutes", Float),
)
batch = _entity(
    "batch",
    Column("batch_id", String, nullable=False),
    Column("product", String),
    Column("stage", String),
    Column("material", String),
    Column("line", String),
    Column("order_no", String),
    Column("campaign_id", String),
    Column("status", String, nullable=False),
    Column("planned_start", UtcDateTime),
    Column("planned_finish", UtcDateTime),
    Column("first_planned_finish", UtcDateTime),
    Column("started_at", UtcDateTime),
    Column("completed_at", UtcDateTime),
    Column("cancelled_at", UtcDateTime),
    Column("steps_done", Integer),
    Column("size", Float),
    Column("unit", String),
    Column("yield_planned", Float),
    Column("yield_actual", Float),
    Column("output_lot", String),
    Column("expiry_on", String),
    Column("input_lots", JSON),
    Column("qc_status", String),
    Column("qc_failed", Integer),
    Column("cdmo_disposition", String),
    Column("sponsor_disposition", String),
    Column("dispositioned_at", UtcDateTime),
    Column("open_critical", Integer),
    Column("open_major", Integer),
    Column("open_minor", Integer),
)
deviation = _entity(
    "deviation",
    Column("deviation_id", String, nullable=False),
    Column("class", String),
    Column("deviation_type", String),
    Column("status", String, nullable=False),
    Column("line", String),
    Column("title", String),
    Column("batch_ids", JSON),
    Column("batch_impact", String),
    Column("detected_at", UtcDateTime),
    Column("opened_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("extended_to", UtcDateTime),
    Column("extensions", Integer),
    Column("closed_at", UtcDateTime),
    Column("root_cause", String),
)
capa = _entity(
    "capa",
    Column("capa_id", String, nullable=False),
    Column("deviation_id", String, nullable=False),
    Column("status", String, nullable=False),
    Column("title", String),
    Column("opened_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
)
line = _entity(
    "line",
    Column("line", String, nullable=False),
    Column("capacity", JSON),
    Column("planned_hours", JSON),
    Column("overload_week", String),
    Column("peak_utilisation", Float),
)
material = _entity(
    "material",
    Column("material", String, nullable=False),
    Column("unit", String),
    Column("usable_qty", Float),
    Column("quarantine_qty", Float),
    Column("inbound_qty", Float),
    Column("required_qty", Float),
    Column("days_of_supply", Float),
    Column("shortage_on", Date),
    Column("shortage_qty", Float),
    Column("below_safety_in_days", Integer),
)
supplier = _entity(
    "supplier",
    Column("supplier", String, nullable=False),
    Column("orders", Integer),
    Column("open_orders", Integer),
    Column("lead_time_days", Float),
    Column("lots_accepted", Integer),
    Column("lots_rejected", Integer),
)
lane = _entity(
    "lane",
    Column("origin", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("shipments", Integer),
    Column("under_way", Integer),
    Column("transit_days", Float),
)
feed = Table(
    "feed",
    metadata,
    Column("key", Key, primary_key=True),
    Column("partner", String, nullable=False),
    Column("site", String, nullable=False),
    Column("partition", Integer, nullable=False, index=True),
    Column("last_event_at", UtcDateTime, nullable=False),
    Column("last_recorded_at", UtcDateTime, nullable=False),
    Column("families", JSON, nullable=False),
    Column("score", Float),
)
verdict = Table(
    "verdict",
    metadata,
    Column("subject_kind", String, primary_key=True),
    Column("subject_key", Key, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("partition", Integer, nullable=False, index=True),
    Column("partner", String, nullable=False),
    Column("site", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("severity", String),
    Column("score", Float, nullable=False),
    Column("likelihood", Float),
    Column("impact_on", Date),
    Column("quantity", Float),
    Column("unit", String),
    Column("summary", Text, nullable=False),
    Column("factors", JSON, nullable=False),
    Column("events", JSON, nullable=False),
    Column("rulebook", String, nullable=False),
    Column("evaluated_at", UtcDateTime, nullable=False),
)
rule_memory = Table(
    "rule_memory",
    metadata,
    Column("subject_kind", String, primary_key=True),
    Column("subject_key", Key, primary_key=True),
    Column("partition", Integer, nullable=False, index=True),
    Column("memory", LargeBinary, nullable=False),
)
"""What rules remember of a subject (MessagePack), as long as something is pending or stands."""
deadline = Table(
    "deadline",
    metadata,
    Column("subject_kind", String, primary_key=True),
    Column("subject_key", Key, primary_key=True),
    Column("partition", Integer, nullable=False),
    Column("check_at", UtcDateTime, nullable=False),
    Index("ix_deadline_partition_check_at", "partition", "check_at"),
)
stream_position = Table(
    "stream_position",
    metadata,
    Column("topic_id", String, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("topic", String, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("counted", BigInteger, nullable=False),
    Column("repeated", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
    Column("moved_at", UtcDateTime, nullable=False),
)
partition_clock = Table(
    "partition_clock",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("clock", UtcDateTime, nullable=False),
)
register = Table(
    "register",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("arrived_at", UtcDateTime, nullable=False),
    Column("identities", LargeBinary, nullable=False),
    Column("moved", LargeBinary, nullable=False),
)
refused_event = Table(
    "refused_event",
    metadata,
    Column("topic_id", String, primary_key=True),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("partner", String),
    Column("reason", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("record", LargeBinary),
    Column("refused_at", UtcDateTime, nullable=False),
)

ENTITIES: dict[str, Table] = {
    table.name: table
    for table in (lot, purchase_order, requirement, shipment, batch, deviation, capa, line, material, supplier, lane)
}
"""The tables of entities by the kind of entity."""
