"""Rulebooks have versions, and a partition knows by which it is judged."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rulebook_version",
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "rulebook_change",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=True),
        sa.Column("before", sa.String(length=40), nullable=True),
        sa.Column("author", sa.String(length=300), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("diff", sa.Text(), nullable=False),
        sa.Column("worker", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number"),
    )
    in_force = sa.text("ended_at IS NULL")
    op.create_index(
        "rulebook_change_in_force",
        "rulebook_change",
        ["part"],
        unique=True,
        postgresql_where=in_force,
        sqlite_where=in_force,
    )
    op.create_table(
        "judged_by",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("shadow", sa.String(length=40), nullable=True),
        sa.Column("from_offset", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.Column("reached_kind", sa.String(length=40), nullable=True),
        sa.Column("reached_key", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("partition", "number"),
    )
    key = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "shadow_finding",
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_key", key, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", "subject_key", "kind"),
    )
    op.create_index("ix_shadow_finding_partition", "shadow_finding", ["partition"])
    op.create_table(
        "shadow_memory",
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_key", key, nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("memory", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", "subject_key"),
    )
    op.create_index("ix_shadow_memory_partition", "shadow_memory", ["partition"])
    op.create_table(
        "shadow_tally",
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("raised", sa.Integer(), nullable=False),
        sa.Column("standing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "version", "kind", "severity"),
    )


def downgrade() -> None:
    op.drop_table("shadow_tally")
    op.drop_index("ix_shadow_memory_partition", table_name="shadow_memory")
    op.drop_table("shadow_memory")
    op.drop_index("ix_shadow_finding_partition", table_name="shadow_finding")
    op.drop_table("shadow_finding")
    op.drop_table("judged_by")
    op.drop_index("rulebook_change_in_force", table_name="rulebook_change")
    op.drop_table("rulebook_change")
    op.drop_table("rulebook_version")
