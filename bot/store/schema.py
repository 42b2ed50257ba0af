"""The ledger's tables, as queries see them; `bot/store/migrations` makes them. Times are milliseconds."""

from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

metadata = sa.MetaData()

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("ref", sa.String),
    sa.Column("kind", sa.String),
    sa.Column("version", sa.Integer),
    sa.Column("request", sa.Text),  # canonical JSON of exactly what was confirmed
    sa.Column("seen", sa.Text),  # the same of what the person saw
    sa.Column("subject", sa.Text),
    sa.Column("folded", sa.Text),  # the subject as searches compare it, see bot/commands/history_query.py
    sa.Column("likeness", sa.String),  # the same for two operations that ask for the same
    sa.Column("digest", sa.String),  # of all that was confirmed: what an approval is bound to
    sa.Column("claims", sa.Text),  # what it holds while in flight; the table `claims` says who holds now
    sa.Column("state", sa.String),
    sa.Column("standing", sa.String),  # how people are told that it stands; it follows from state and steps
    sa.Column("round", sa.Integer),  # how often a person decided
    sa.Column("asking", sa.Boolean),
    sa.Column("decision", sa.String),  # what a person decided and no workflow has taken up yet
    sa.Column("revision", sa.Integer),  # counts the writes; each is conditional on the one that was read
    sa.Column("moved_by", sa.String),  # the process that wrote the last one
    sa.Column("wake_at", sa.BigInteger),
    sa.Column("account", sa.String),
    sa.Column("team", sa.String),
    sa.Column("channel", sa.String),
    sa.Column("requester", sa.String),
    sa.Column("created_at", sa.BigInteger),
    sa.Column("updated_at", sa.BigInteger),
    sa.Column("view_id", sa.String),
    sa.Column("reply", sa.Text),  # sealed, see bot/slack/sealing.py
    sa.Column("snapshot", sa.String),
    sa.Column("target", sa.String),  # the record that exists which it is about, without case; or empty
    sa.Column("proof", sa.Text),  # what is seen of its trunk afterwards; NULL where nothing is looked at
    sa.Column("watch_until", sa.BigInteger),  # until when the first call of its trunk is waited for
)

steps = sa.Table(
    "steps",
    metadata,
    sa.Column("operation", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.String),
    sa.Column("state", sa.String),
    sa.Column("sent_at", sa.BigInteger),
    sa.Column("began_at", sa.BigInteger),
    sa.Column("sendings", sa.Integer),
    sa.Column("thing", sa.Text),
    sa.Column("found", sa.String),
    sa.Column("refusal", sa.Text),
    sa.Column("reason", sa.String),
    sa.Column("look", sa.Text),
    sa.Column("looks", sa.Integer),
    sa.Column("decided_by", sa.String),
)

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("operation", sa.String, primary_key=True),
    sa.Column("note", sa.Text),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("break_glass", sa.Boolean),
    sa.Column("above", sa.Integer),
    sa.Column("decided_by", sa.String),
    sa.Column("decided_at", sa.BigInteger),
    sa.Column("denial", sa.Text),
)

# What operations in flight hold. The key is a SHA-256 of the claim, which may be longer than an index takes.
claims = sa.Table(
    "claims",
    metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("operation", sa.String),
)

# Records at Vobiz, each of one operation. Ids are casefolded: Vobiz writes them in capitals here and there.
resources = sa.Table(
    "resources",
    metadata,
    sa.Column("account", sa.String, primary_key=True),
    sa.Column("type", sa.String, primary_key=True),
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("operation", sa.String),
    sa.Column("step", sa.Integer),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("operation", sa.String),
    sa.Column("purpose", sa.String),
    sa.Column("key", sa.String),
    sa.Column("data", sa.Text),
    sa.Column("wanted", sa.Integer),
    sa.Column("shown", sa.Integer),
    sa.Column("due_at", sa.BigInteger),
    sa.Column("tries", sa.Integer),
    sa.Column("unsure", sa.Boolean),
    sa.Column("route", sa.String),
    sa.Column("failure", sa.String),  # the way and the error of the last try, while it fails
    sa.Column("channel", sa.String),
    sa.Column("ts", sa.String),
    sa.Column("held_by", sa.String),  # the process whose it is to tell, until `held_until`
    sa.Column("held_until", sa.BigInteger),
)

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("account", sa.String),
    sa.Column("taken_at", sa.BigInteger),
    sa.Column("ahead", sa.BigInteger),
    sa.Column("digest", sa.String),
    sa.Column("content", sa.Text),
)

secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column("operation", sa.String, primary_key=True),
    sa.Column("step", sa.Integer, primary_key=True),
    sa.Column("sealed", sa.Text),
    sa.Column("made_at", sa.BigInteger),
    sa.Column("shown_at", sa.BigInteger),
)

# What all instances together do at most so often: whoever writes the time has the turn.
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("taken_at", sa.BigInteger),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("operation", sa.String),  # empty where there is none: someone was refused
    sa.Column("at", sa.BigInteger),
    sa.Column("actor", sa.String),
    sa.Column("kind", sa.String),
    sa.Column("state", sa.String),  # the operation's after it; NULL where it changed none
    sa.Column("evidence", sa.Text),
    sa.Column(
        "rows", sa.String
    ),  # the digest of the operation's as it left them, see bot/store/rows_digest.py
    sa.Column("previous", sa.String),  # the hash of the event before it, see bot/store/chain.py
    sa.Column("hash", sa.String),
    sa.Column("key", sa.String),  # the ids of the keys that were set, see bot/store/keys.py
    sa.Column("seal", sa.String),
)

Insert = postgresql.Insert | sqlite.Insert
POSTGRES: Final = "postgresql"


def insert(dialect: str, table: sa.Table) -> Insert:
    """Begin an INSERT that may say what is done on a conflict, in a dialect by its name."""
    return postgresql.insert(table) if dialect == POSTGRES else sqlite.insert(table)


async def insert_new(connection: AsyncConnection, table: sa.Table, row: Mapping[str, object]) -> bool:
    """Insert a row unless its key is there; says whether it was inserted."""
    query = insert(connection.dialect.name, table).on_conflict_do_nothing()
    done = await connection.execute(query, row, execution_options={"preserve_rowcount": True})
    return done.rowcount == 1
