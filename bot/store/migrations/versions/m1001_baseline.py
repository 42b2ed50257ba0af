"""The tables of the ledger, and events that nobody can change. Frozen: it imports nothing of the bot."""

import sqlalchemy as sa
from alembic import op

revision = "1001"
down_revision = None

_STATES = (
    "awaiting_approval",
    "accepted",
    "running",
    "done",
    "stopped",
    "unknown",
    "denied",
    "expired",
    "withdrawn",
)
_STEP_STATES = ("waiting", "sending", "done", "rejected", "not_sent", "unknown", "not_done")
_AWAKE = sa.text("wake_at IS NOT NULL")
_DUE = sa.text("due_at IS NOT NULL")
_APPEND_ONLY = "events are append-only"


def upgrade() -> None:
    """Create everything."""
    _operations()
    _beside_operations()
    _outbox()
    _events()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgres()
        _make_head()


def downgrade() -> None:
    """Refuse: a record that can be dropped by a command is none."""
    raise NotImplementedError


def _operations() -> None:
    op.create_table(
        "operations",
        sa.Column("id", sa.String(32), primary_key=True),
        # 40 bits: two of a million operations may have the same, and neither must be refused for it.
        sa.Column("ref", sa.String(9), nullable=False, index=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("seen", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("likeness", sa.String(32), nullable=False, index=True),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("claims", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("standing", sa.String(20), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("asking", sa.Boolean, nullable=False),
        sa.Column("decision", sa.String(16)),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("moved_by", sa.String(32), nullable=False),
        sa.Column("wake_at", sa.BigInteger),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("requester", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
        sa.Column("view_id", sa.String(32)),
        sa.Column("reply", sa.Text),
        sa.Column("snapshot", sa.String(32)),
        sa.Column("target", sa.String(64), nullable=False, server_default=""),
        _one_of("state", _STATES, "state_known"),
    )
    # With all that a search compares in it, the index is read and not the rows (a kilobyte each).
    op.create_index("operations_by_time", "operations", ["created_at", "id", "folded"])
    op.create_index(
        "operations_by_requester", "operations", ["requester", "created_at", "id", "folded", "standing"]
    )
    op.create_index("operations_by_standing", "operations", ["standing", "created_at", "id", "kind"])
    op.create_index(
        "operations_awake", "operations", ["wake_at", "id"], sqlite_where=_AWAKE, postgresql_where=_AWAKE
    )
    op.create_index("operations_about", "operations", ["account", "target", "updated_at"])


def _beside_operations() -> None:
    op.create_table(
        "steps",
        sa.Column("operation", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("began_at", sa.BigInteger),
        sa.Column("sendings", sa.Integer, nullable=False),
        sa.Column("thing", sa.Text),
        sa.Column("found", sa.String(8)),
        sa.Column("refusal", sa.Text),
        sa.Column("reason", sa.String(80)),
        sa.Column("look", sa.Text),
        sa.Column("looks", sa.Integer, nullable=False),
        sa.Column("decided_by", sa.String(32)),
        _one_of("state", _STEP_STATES, "step_state_known"),
    )
    op.create_table(
        "approvals",
        sa.Column("operation", sa.String(32), primary_key=True),
        sa.Column("note", sa.Text),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("break_glass", sa.Boolean, nullable=False),
        sa.Column("above", sa.Integer),
        sa.Column("decided_by", sa.String(32)),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("denial", sa.Text),
    )
    op.create_table(
        "claims",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("operation", sa.String(32), nullable=False),
    )
    op.create_table(
        "resources",
        sa.Column("account", sa.String(64), primary_key=True),
        sa.Column("type", sa.String(32), primary_key=True),
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("operation", sa.String(32), nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
    )
    op.create_table(
        "secrets",
        sa.Column("operation", sa.String(32), primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("shown_at", sa.BigInteger),
    )
    op.create_table(
        "snapshots",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(64), nullable=False),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
        sa.Column("ahead", sa.BigInteger),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_index("snapshots_by_account", "snapshots", ["account", "taken_at"])


def _outbox() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("operation", sa.String(32), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("data", sa.Text),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("shown", sa.Integer),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("unsure", sa.Boolean, nullable=False),
        sa.Column("route", sa.String(32)),
        sa.Column("failure", sa.Text),
        sa.Column("channel", sa.String(32)),
        sa.Column("ts", sa.String(32)),
        sa.Column("held_by", sa.String(32), nullable=False),
        sa.Column("held_until", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("operation", "purpose", "key", name="one_notice"),
    )
    op.create_index("notices_due", "notices", ["due_at", "id"], sqlite_where=_DUE, postgresql_where=_DUE)


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("operation", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(20)),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("rows", sa.String(40)),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("key", sa.String(17)),
        sa.Column("seal", sa.String(64)),
        sa.CheckConstraint("id > 0", name="after_the_first"),
        sa.CheckConstraint("(key IS NULL) = (seal IS NULL)", name="sealed_with_a_key"),
    )
    # With the id: an operation's last event is found without reading the others.
    op.create_index("events_by_operation", "events", ["operation", "id"])


def _guard_on_sqlite() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
            f"BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END"
        )
    # INSERT OR REPLACE deletes what is in its way without asking the trigger above.
    op.execute(
        "CREATE TRIGGER events_no_replace BEFORE INSERT ON events "
        "WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
    )


def _guard_on_postgres() -> None:
    op.execute(
        "CREATE FUNCTION events_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_refuse()"
    )


def _make_head() -> None:
    # One round trip: a volatile function sees, after it waited for the lock, what was committed meanwhile
    # (postgresql.org/docs/current/xfunc-volatility.html). The lock, whose key spells "chain", ends with the
    # transaction. Should its owner's machine vanish, the server would keep it until TCP gives up, for hours,
    # and nobody could write: hence the timeout, which counts only while a client leaves it waiting.
    op.execute(
        "CREATE FUNCTION events_head() RETURNS TABLE (hash varchar, key varchar) "
        "LANGUAGE plpgsql VOLATILE AS $$ BEGIN "
        "PERFORM set_config('idle_in_transaction_session_timeout', '5000', true), "
        "pg_advisory_xact_lock(x'636861696E'::bigint); "
        "RETURN QUERY SELECT e.hash, e.key FROM events e ORDER BY e.id DESC LIMIT 1; END $$"
    )


def _one_of(column: str, values: tuple[str, ...], name: str) -> sa.CheckConstraint:
    return sa.CheckConstraint("{} IN ({})".format(column, ", ".join(f"'{value}'" for value in values)), name)
