"""Rules remember."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_memory",
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_key", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("memory", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", "subject_key"),
    )
    with op.batch_alter_table("rule_memory", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_memory_partition"), ["partition"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("rule_memory", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_memory_partition"))

    op.drop_table("rule_memory")
