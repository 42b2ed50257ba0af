"""What is seen of trunks after operations, and whose turn it is to read. It imports nothing of the bot."""

import sqlalchemy as sa
from alembic import op

revision = "1002"
down_revision = "1001"

_WATCHED = sa.text("watch_until IS NOT NULL")


def upgrade() -> None:
    """Add two columns that an older version leaves alone, and a table that it does not know."""
    op.add_column("operations", sa.Column("proof", sa.Text))
    op.add_column("operations", sa.Column("watch_until", sa.BigInteger))
    op.create_index(
        "operations_watched",
        "operations",
        ["watch_until"],
        sqlite_where=_WATCHED,
        postgresql_where=_WATCHED,
    )
    op.create_table(
        "turns",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Refuse: a record that can be dropped by a command is none."""
    raise NotImplementedError
