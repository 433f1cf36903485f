"""By which version of the rulebook each partition is judged."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table

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
