"""What orders and shipments come to is kept for suppliers and lanes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OF_ORDERS = ("ordered_on", "first_confirmed_on", "half_came_on", "came_on")


def upgrade() -> None:
    _entity(
        "supplier",
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=True),
        sa.Column("open_orders", sa.Integer(), nullable=True),
        sa.Column("lead_time_days", sa.Float(), nullable=True),
        sa.Column("lots_accepted", sa.Integer(), nullable=True),
        sa.Column("lots_rejected", sa.Integer(), nullable=True),
    )
    _entity(
        "lane",
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("shipments", sa.Integer(), nullable=True),
        sa.Column("under_way", sa.Integer(), nullable=True),
        sa.Column("transit_days", sa.Float(), nullable=True),
    )
    with op.batch_alter_table("purchase_order", schema=None) as batch_op:
        for name in OF_ORDERS:
            batch_op.add_column(sa.Column(name, sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("purchase_order", schema=None) as batch_op:
        for name in OF_ORDERS:
            batch_op.drop_column(name)
    op.drop_table("lane")
    op.drop_table("supplier")


def _entity(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("key", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("partner", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        *columns,
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("journal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
