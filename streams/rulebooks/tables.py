"""Every version of the rulebook that was ever in force, and when, by whom and why it came into force."""

from sqlalchemy import JSON, Column, Index, Integer, MetaData, String, Table, Text, text

from alerting.database import UtcDateTime

metadata = MetaData()

rulebook_version = Table(
    "rulebook_version",
    metadata,
    Column("version", String(40), primary_key=True),
    Column("files", JSON, nullable=False),  # [[name, text, {by, reason}]], in the order in which they are read
    Column("rules", Integer, nullable=False),  # how many
    Column("stored_at", UtcDateTime, nullable=False),
)

rulebook_change = Table(
    "rulebook_change",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("part", String(10), nullable=False),  # live or shadow
    Column("version", String(40)),  # None: from then on there is none (of the shadow)
    Column("before", String(40)),
    Column("author", String(300)),  # as the files say; None where they do not
    Column("reason", Text),
    Column("diff", Text, nullable=False),  # unified, against the texts of the version before
    Column("worker", String(200), nullable=False),  # whose files they were
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),  # None: it is in force
    Index(
        "rulebook_change_in_force",
        "part",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
        sqlite_where=text("ended_at IS NULL"),
    ),
)
