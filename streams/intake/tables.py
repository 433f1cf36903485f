"""What the intake remembers: which files were taken."""

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table

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
