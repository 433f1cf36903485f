"""What was learned of each feed, and how far it could be trusted, day by day."""

from sqlalchemy import JSON, Column, Date, Float, Integer, LargeBinary, MetaData, Table

from streams.ledger.tables import Key

metadata = MetaData()

feed_watch = Table(
    "feed_watch",
    metadata,
    Column("key", Key, primary_key=True),  # as of `feed`
    Column("partition", Integer, nullable=False),
    Column("trust", Float),  # 0 to 100 when it was last looked at; None: nothing can be said yet
    Column("lost", JSON, nullable=False),  # the points that each quality costs
    Column("rhythms", JSON, nullable=False),  # by family the longest usual quiet in hours; "" is the feed as a whole
    Column("watch", LargeBinary, nullable=False),
)
feed_day = Table(
    "feed_day",
    metadata,
    Column("key", Key, primary_key=True),
    Column("day", Date, primary_key=True),  # UTC
    Column("partition", Integer, nullable=False),
    Column("trust", Float, nullable=False),  # when it was last looked at on that day
    Column("lost", JSON, nullable=False),  # the points that each quality cost then
)
