"""Operations, and the events that nobody can change."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_STATES = (
    "accepted",
    "sending",
    "created",
    "rejected",
    "not_sent",
    "unknown",
    "not_created",
    "awaiting_approval",
    "denied",
    "expired",
    "withdrawn",
)
_IN_FLIGHT = sa.text("state IN ('accepted', 'sending', 'unknown')")
_UNATTENDED = sa.text("NOT told OR state IN ('accepted', 'sending', 'unknown')")


def upgrade() -> None:
    """Create both tables; events refuse UPDATE and DELETE in the database itself."""
    op.create_table(
        "operations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(9), nullable=False, unique=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("requester", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("trunk_id", sa.String(64), unique=True),
        sa.Column("trunk", sa.Text),
        sa.Column("found", sa.String(8)),
        sa.Column("refusal", sa.Text),
        sa.Column("reason", sa.String(64)),
        sa.Column("asking", sa.Boolean, nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("decision", sa.String(16)),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.Column("moved_by", sa.String(32), nullable=False),
        sa.Column("look", sa.Text),
        sa.Column("baseline", sa.Text),
        sa.Column("decided_by", sa.String(32)),
        sa.Column("view_id", sa.String(32)),
        sa.Column("reply", sa.Text),
        sa.Column("post_channel", sa.String(32)),
        sa.Column("post_ts", sa.String(32)),
        sa.CheckConstraint(
            "state IN ({})".format(", ".join(f"'{state}'" for state in _STATES)), name="state_known"
        ),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name="direction_known"),
        sa.CheckConstraint("(state = 'created') = (trunk_id IS NOT NULL)", name="created_has_trunk"),
    )
    op.create_index(
        "one_in_flight",
        "operations",
        ["account", "name", "direction", "calls"],
        unique=True,
        sqlite_where=_IN_FLIGHT,
        postgresql_where=_IN_FLIGHT,
    )
    op.create_index(
        "unattended", "operations", ["updated_at"], sqlite_where=_UNATTENDED, postgresql_where=_UNATTENDED
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("operation", sa.String(32), nullable=False, index=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(20)),
        sa.Column("evidence", sa.Text, nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
                "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events "
            "FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()"
        )


def downgrade() -> None:
    """Refuse: a record that can be dropped by a command is none."""
    raise NotImplementedError
