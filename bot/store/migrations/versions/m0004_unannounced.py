"""Creates without a second person of which no operator could be told are found without reading all rows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_UNANNOUNCED = sa.text("break_glass AND NOT reminded")


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "unannounced", "operations", ["id"], sqlite_where=_UNANNOUNCED, postgresql_where=_UNANNOUNCED
    )


def downgrade() -> None:
    """Refuse: a record that can be dropped by a command is none."""
    raise NotImplementedError
