"""By which version of the rulebook each partition is judged, and what the one beside it counts."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, String, Table

from alerting.database import UtcDateTime
from streams.ledger.tables import Key

metadata = MetaData()
"""Apart from the ledger's other tables: this is about how it was worked out, not about what is known."""

judged_by = Table(
    "judged_by",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version", String(40), nullable=False),
    Column("shadow", String(40)),
    Column("from_offset", BigInteger, nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("judged", Integer, nullable=False),  # subjects that were judged anew without an event so far
    Column("reached_kind", String(40)),  # of them, the last that was read from its table
    Column("reached_key", Key),
    Column("done_at", UtcDateTime),  # when all had been judged anew
)
"""The versions a partition went through: the one with the greatest number judges it, from an offset on."""

shadow_finding = Table(
    "shadow_finding",
    metadata,
    Column("subject_kind", String, primary_key=True),
    Column("subject_key", Key, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("partition", Integer, nullable=False, index=True),
    Column("severity", String, nullable=False),
)
"""What the shadow in force finds now."""
shadow_memory = Table(
    "shadow_memory",
    metadata,
    Column("subject_kind", String, primary_key=True),
    Column("subject_key", Key, primary_key=True),
    Column("partition", Integer, nullable=False, index=True),
    Column("memory", LargeBinary, nullable=False),
)
"""What its rules remember, as in `rule_memory`."""
shadow_tally = Table(
    "shadow_tally",
    metadata,
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("version", String(40), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("severity", String, primary_key=True),
    Column("raised", Integer, nullable=False),  # times that an alert would have opened at it, or got worse to it
    Column("standing", Integer, nullable=False),  # how many would be open at it
)
"""What each shadow would have raised."""
