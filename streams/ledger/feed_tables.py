"""How far each feed could be trusted, day by day."""

from sqlalchemy import JSON, Column, Date, Float, Integer, MetaData, String, Table

from streams.ledger.tables import Key

metadata = MetaData()

feed_day = Table(
    "feed_day",
    metadata,
    Column("key", Key, primary_key=True),
    Column("day", Date, primary_key=True),  # UTC
    Column("partition", Integer, nullable=False),
    Column("partner", String, nullable=False),
    Column("site", String, nullable=False),
    Column("trust", Float, nullable=False),  # as the day ended, 0 to 100
    Column("lost", JSON, nullable=False),  # the points that each quality cost
)
