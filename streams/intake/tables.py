"""What the intake remembers: which files were taken, whose feed is stopped, and what became of dead letters."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

from alerting.database import UtcDateTime

metadata = MetaData()

intake_file = Table(
    "intake_file",
    metadata,
    Column("partner", String(200), primary_key=True),
    Column("sha256", String(64), primary_key=True),  # a file is what is in it, whatever its name
    Column("name", String(500), nullable=False),
    Column("profile", String(200), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
)

intake_gate = Table(
    "intake_gate",  # of each partner of which a record was refused lately, or whose feed is stopped
    metadata,
    Column("partner", String(200), primary_key=True),
    Column("consecutive", Integer, nullable=False),  # refused records in a row, up to now
    Column("recent", LargeBinary, nullable=False),  # a bit for each of the last records; 1: refused
    Column("stopped_at", UtcDateTime),  # None: the feed goes on
    Column("why", String(500)),  # it was stopped
    Column("lifted_until", UtcDateTime),  # no limit holds before that time
)

dead_letter_fate = Table(
    "dead_letter_fate",  # a letter without a row is open
    metadata,
    Column("topic_id", String(40), primary_key=True),  # a topic that is made again begins at offset 0 again
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("partner", String(200), nullable=False),
    Column("fate", String(12), nullable=False),  # replayed, discarded
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(200), nullable=False),
    Column("reason", String(500), nullable=False),
    Index("fate_by_partner", "partner"),
)
