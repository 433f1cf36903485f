"""A partner's feed can be stopped, and what became of dead letters is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "intake_gate",
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("consecutive", sa.Integer(), nullable=False),
        sa.Column("recent", sa.LargeBinary(), nullable=False),
        sa.Column("stopped_at", _INSTANT, nullable=True),
        sa.Column("why", sa.String(length=500), nullable=True),
        sa.Column("lifted_until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("partner"),
    )
    op.create_table(
        "dead_letter_fate",
        sa.Column("topic_id", sa.String(length=40), nullable=False),
        sa.Column("offset", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("partner", sa.String(length=200), nullable=False),
        sa.Column("fate", sa.String(length=12), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("by", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "offset"),
    )
    op.create_index("fate_by_partner", "dead_letter_fate", ["partner"])


def downgrade() -> None:
    op.drop_table("dead_letter_fate")
    op.drop_table("intake_gate")
