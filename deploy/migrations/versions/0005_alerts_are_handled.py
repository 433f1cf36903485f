"""What people and time make of alerts is kept beside what the rules find."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerting_version",
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    op.create_table(
        "bundle",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("receiver", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=500), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("bundle_due", "bundle", ["due_at"], unique=False)
    op.create_table(
        "silence",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("matchers", sa.JSON(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("silence_by_end", "silence", ["ended_at", "ends_at"], unique=False)
    op.create_table(
        "alert_handling",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=14), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy", sa.String(length=120), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("held_by", sa.String(length=80), nullable=True),
        sa.Column("next_action_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("course", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.PrimaryKeyConstraint("alert_id"),
    )
    op.create_index("alert_handling_due", "alert_handling", ["next_action_at"], unique=False)
    op.create_index("alert_handling_held", "alert_handling", ["held_by"], unique=False)
    op.create_table(
        "alert_history",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.PrimaryKeyConstraint("alert_id", "number"),
    )
    op.create_table(
        "alert_judgement",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("was_true", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.PrimaryKeyConstraint("alert_id", "number"),
    )
    op.create_table(
        "alert_news",
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.PrimaryKeyConstraint("alert_id", "number"),
    )
    op.create_table(
        "message_alert",
        sa.Column("message_id", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["outbox.id"],
        ),
        sa.PrimaryKeyConstraint("message_id", "alert_id"),
    )
    op.create_index("message_by_alert", "message_alert", ["alert_id"], unique=False)
    op.create_table(
        "telling",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("alert_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=20), nullable=False),
        sa.Column("receiver", sa.String(length=120), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=14), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bundle_id", sa.String(length=32), nullable=True),
        sa.Column("message_id", sa.String(length=32), nullable=True),
        sa.Column("configuration", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alert.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("telling_by_alert", "telling", ["alert_id", "receiver", "number"], unique=False)
    op.create_index("telling_by_bundle", "telling", ["bundle_id"], unique=False)
    op.add_column("alert", sa.Column("region", sa.String(length=40), nullable=True))
    op.add_column("alert", sa.Column("remedy", sa.JSON(), nullable=True))
    op.add_column("outbox", sa.Column("kind", sa.String(length=12), server_default="alert", nullable=False))
    op.add_column("outbox", sa.Column("thread", sa.String(length=64), nullable=True))
    op.add_column("outbox", sa.Column("contact", sa.String(length=120), nullable=True))
    op.add_column("outbox", sa.Column("fallbacks", sa.JSON(), nullable=True))
    with op.batch_alter_table("outbox") as batch:
        batch.drop_index("outbox_by_alert")
        batch.alter_column("alert_id", existing_type=sa.String(length=32), nullable=True)
        batch.alter_column("transition", existing_type=sa.String(length=12), type_=sa.String(length=20))
        batch.create_index("outbox_by_alert", ["alert_id", "receiver", "number"])
        batch.create_index("outbox_by_thread", ["thread", "receiver", "number"])


def downgrade() -> None:
    with op.batch_alter_table("outbox") as batch:
        batch.drop_index("outbox_by_thread")
        batch.drop_index("outbox_by_alert")
        batch.alter_column("transition", existing_type=sa.String(length=20), type_=sa.String(length=12))
        batch.alter_column("alert_id", existing_type=sa.String(length=32), nullable=False)
        batch.drop_column("fallbacks")
        batch.drop_column("contact")
        batch.drop_column("thread")
        batch.drop_column("kind")
        batch.create_index("outbox_by_alert", ["alert_id", "receiver", "number"], unique=True)
    op.drop_column("alert", "remedy")
    op.drop_column("alert", "region")
    op.drop_index("telling_by_bundle", table_name="telling")
    op.drop_index("telling_by_alert", table_name="telling")
    op.drop_table("telling")
    op.drop_index("message_by_alert", table_name="message_alert")
    op.drop_table("message_alert")
    op.drop_table("alert_news")
    op.drop_table("alert_judgement")
    op.drop_table("alert_history")
    op.drop_index("alert_handling_held", table_name="alert_handling")
    op.drop_index("alert_handling_due", table_name="alert_handling")
    op.drop_table("alert_handling")
    op.drop_index("silence_by_end", table_name="silence")
    op.drop_table("silence")
    op.drop_index("bundle_due", table_name="bundle")
    op.drop_table("bundle")
    op.drop_table("alerting_version")
