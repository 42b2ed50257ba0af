"""Events are chained by their hashes, and operations can be searched."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from bot.commands.history_query import folded
from bot.store.chain import GENESIS, seal

revision = "0002"
down_revision = "0001"

_BATCH = 1000

_events = sa.table(
    "events",
    *(
        sa.column(name)
        for name in ("id", "operation", "at", "actor", "kind", "state", "evidence", "previous", "hash")
    ),
)
_operations = sa.table("operations", sa.column("id"), sa.column("name"), sa.column("folded"))


def upgrade() -> None:
    """Chain the events that are there, in their order; index operations for searches."""
    on_postgres = op.get_bind().dialect.name == "postgresql"
    if on_postgres:
        # A bot of the version before, which writes no hashes, can not add events while they are chained.
        op.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        op.execute("ALTER TABLE events DISABLE TRIGGER events_append_only")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER events_no_{verb}")
    for name in ("previous", "hash"):
        op.add_column("events", sa.Column(name, sa.String(64)))
    _chain()
    with op.batch_alter_table("events") as events:  # on SQLite: a new table, since it alters no column
        for name in ("previous", "hash"):
            events.alter_column(name, existing_type=sa.String(64), nullable=False)
    if on_postgres:
        op.execute("ALTER TABLE events ENABLE TRIGGER events_append_only")
        _make_head()
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
                "BEGIN SELECT RAISE(ABORT, 'events are append-only'); END"
            )
    op.add_column("operations", sa.Column("folded", sa.Text))
    _fold()
    # With the name in it, a search for a part of one reads the index and not the rows (a kilobyte each).
    op.create_index("operations_by_time", "operations", ["created_at", "id", "folded"])
    op.create_index("operations_by_requester", "operations", ["requester", "created_at", "id", "folded"])
    op.create_index("operations_by_state", "operations", ["state", "created_at", "id"])


def downgrade() -> None:
    """Refuse: a record that can be dropped by a command is none."""
    raise NotImplementedError


def _make_head() -> None:
    # One round trip: a volatile function sees, after it waited for the lock, what was committed meanwhile
    # (postgresql.org/docs/current/xfunc-volatility.html). The lock, whose key spells "chain", ends with the
    # transaction. Should its owner's machine vanish, the server would keep it until TCP gives up, for hours,
    # and nobody could write: hence the timeout, which counts only while a client leaves it waiting.
    op.execute(
        "CREATE FUNCTION events_head() RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN "
        "PERFORM set_config('idle_in_transaction_session_timeout', '5000', true), "
        "pg_advisory_xact_lock(x'636861696E'::bigint); "
        "RETURN (SELECT hash FROM events ORDER BY id DESC LIMIT 1); END $$"
    )


def _chain() -> None:
    connection = op.get_bind()
    head = GENESIS
    for rows in _batches(_events.select()):
        links = []
        for row in rows:
            link = {"row": row["id"], "before": head, "head": seal(head, row)}
            head = str(link["head"])
            links.append(link)
        change = _events.update().where(_events.c.id == sa.bindparam("row"))
        connection.execute(change.values(previous=sa.bindparam("before"), hash=sa.bindparam("head")), links)


def _fold() -> None:
    change = _operations.update().where(_operations.c.id == sa.bindparam("row"))
    for rows in _batches(_operations.select()):
        names = [{"row": row["id"], "as_compared": folded(str(row["name"]))} for row in rows]
        op.get_bind().execute(change.values(folded=sa.bindparam("as_compared")), names)


def _batches(query: sa.Select[tuple[object, ...]]) -> Iterator[list[dict[str, object]]]:
    last: object = None
    (by,) = (column for column in query.selected_columns if column.name == "id")
    while True:
        page = query.order_by(by).limit(_BATCH)
        if last is not None:
            page = page.where(by > last)
        rows = [dict[str, object](row) for row in op.get_bind().execute(page).mappings()]
        if not rows:
            return
        yield rows
        last = rows[-1]["id"]
