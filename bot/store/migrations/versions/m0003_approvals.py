"""What an approval needs: why, until when, bound to what, and the message that asks for it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_WAITING = sa.text("state = 'awaiting_approval'")


def upgrade() -> None:
    """Add the columns, and an index over the requests that wait."""
    for column in (
        sa.Column("note", sa.Text),
        sa.Column("denial", sa.Text),
        sa.Column("digest", sa.String(32)),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("reminded", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("approved_by", sa.String(32)),
        sa.Column("break_glass", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("approval_channel", sa.String(32)),
        sa.Column("approval_ts", sa.String(32)),
    ):
        op.add_column("operations", column)
    op.create_index("waiting", "operations", ["expires_at"], sqlite_where=_WAITING, postgresql_where=_WAITING)


def downgrade() -> None:
    """Refuse: a record that can be dropped by a command is none."""
    raise NotImplementedError
