"""How far each feed can be trusted, what that rests on, and what each day came to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEY = sa.String().with_variant(sa.String(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("feed", sa.Column("trust", sa.Float(), nullable=True))
    op.add_column("feed", sa.Column("watch", sa.LargeBinary(), nullable=True))
    op.create_table(
        "feed_day",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("trust", sa.Float(), nullable=False),
        sa.Column("lost", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", "day"),
    )


def downgrade() -> None:
    op.drop_table("feed_day")
    op.drop_column("feed", "watch")
    op.drop_column("feed", "trust")
