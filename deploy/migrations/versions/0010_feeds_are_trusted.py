"""What was learned of each feed, how far it can be trusted, and what each day came to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "feed_watch",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("trust", sa.Float(), nullable=True),
        sa.Column("lost", sa.JSON(), nullable=False),
        sa.Column("rhythms", sa.JSON(), nullable=False),
        sa.Column("watch", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "feed_day",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("trust", sa.Float(), nullable=False),
        sa.Column("lost", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", "day"),
    )


def downgrade() -> None:
    op.drop_table("feed_day")
    op.drop_table("feed_watch")
