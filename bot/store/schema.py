"""The ledger's two tables, as queries see them; `bot/store/migrations` makes them."""

import sqlalchemy as sa

metadata = sa.MetaData()

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("ref", sa.String),
    sa.Column("state", sa.String),
    sa.Column("account", sa.String),
    sa.Column("name", sa.Text),
    sa.Column("folded", sa.Text),  # the name as searches compare it, see bot/commands/history_query.py
    sa.Column("direction", sa.String),
    sa.Column("calls", sa.Integer),
    sa.Column("team", sa.String),
    sa.Column("channel", sa.String),
    sa.Column("requester", sa.String),
    sa.Column("created_at", sa.BigInteger),  # milliseconds since the epoch, as all times here
    sa.Column("updated_at", sa.BigInteger),
    sa.Column("sent_at", sa.BigInteger),  # of the first POST: what a look may find is not older
    sa.Column("trunk_id", sa.String),
    sa.Column("trunk", sa.Text),
    sa.Column("found", sa.String),
    sa.Column("refusal", sa.Text),
    sa.Column("reason", sa.String),
    sa.Column("asking", sa.Boolean),
    sa.Column("round", sa.Integer),  # how often a person decided; names the workflow that carries it out
    sa.Column("decision", sa.String),  # what a person decided and no workflow has taken up yet
    sa.Column("told", sa.Boolean),  # whether people were told how it stands now
    sa.Column("moved_by", sa.String),  # the process that wrote the last transition
    sa.Column("look", sa.Text),
    sa.Column("baseline", sa.Text),
    sa.Column("decided_by", sa.String),
    sa.Column("note", sa.Text),  # why the requester asks, or goes without a second person
    sa.Column("denial", sa.Text),
    sa.Column("digest", sa.String),  # of the exact request: what an approval is bound to
    sa.Column("expires_at", sa.BigInteger),
    # Approvers were reminded of a request, or, where the glass was broken, it was announced to them.
    sa.Column("reminded", sa.Boolean),
    sa.Column("approved_by", sa.String),
    sa.Column("break_glass", sa.Boolean),
    sa.Column("approval_channel", sa.String),
    sa.Column("approval_ts", sa.String),
    sa.Column("view_id", sa.String),
    sa.Column("reply", sa.Text),  # sealed, see bot/slack/sealing.py
    sa.Column("post_channel", sa.String),
    sa.Column("post_ts", sa.String),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("operation", sa.String),  # empty where there is none: someone was refused
    sa.Column("at", sa.BigInteger),
    sa.Column("actor", sa.String),
    sa.Column("kind", sa.String),
    sa.Column("state", sa.String),
    sa.Column("evidence", sa.Text),
    sa.Column("previous", sa.String),  # the hash of the event before it, see bot/store/chain.py
    sa.Column("hash", sa.String),
)
