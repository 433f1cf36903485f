"""Messages wait by contact; what all dispatchers must know of a contact, and heartbeats, are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WAITING = sa.text("state IN ('pending', 'leased', 'unknown', 'failed')")


def upgrade() -> None:
    op.create_table(
        "contact_state",
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("contact"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("partitions", sa.Integer(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("partition"),
    )
    op.add_column("outbox", sa.Column("reference", sa.String(length=200), nullable=True))
    op.add_column("outbox", sa.Column("instead_of", sa.String(length=32), nullable=True))
    op.drop_index("outbox_waiting", table_name="outbox")
    op.create_index(
        "outbox_by_contact", "outbox", ["contact", "severity", "next_attempt_at"],
        unique=False, postgresql_where=WAITING, sqlite_where=WAITING,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("outbox_by_contact", table_name="outbox")
    op.create_index(
        "outbox_waiting", "outbox", ["receiver", "next_attempt_at"],
        unique=False, postgresql_where=WAITING, sqlite_where=WAITING,
    )  # fmt: skip
    op.drop_column("outbox", "instead_of")
    op.drop_column("outbox", "reference")
    op.drop_table("heartbeat")
    op.drop_table("contact_state")
