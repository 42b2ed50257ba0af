"""What the bot's database holds at the end: what nobody will finish, and the messages that it knows of."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.operation import LIVE
from bot.domain.transitions.moves import BOT
from tests.crash.rights import Act

# An operation that is not at its end, or one of which something is still to be told, or was never told.
_UNFINISHED: Final = (
    "SELECT count(*) FROM operations"
    f" WHERE state IN ({', '.join(repr(state.value) for state in sorted(LIVE))})"
    " OR decision IS NOT NULL"
    " OR id IN (SELECT operation FROM claims)"
    " OR id IN (SELECT operation FROM notices WHERE due_at IS NOT NULL)"
    " OR id NOT IN (SELECT operation FROM notices WHERE purpose = 'result' AND shown >= wanted)"
)
# One that failed while the database was away is over once another one of its operation (the first 32
# characters of an id) has ended: the sweep started that.
_WORKFLOWS: Final = (
    "SELECT count(*) FROM {0} WHERE status NOT IN ('SUCCESS', 'CANCELLED')"
    " AND NOT (status = 'ERROR' AND substr(workflow_uuid, 1, 32) IN"
    " (SELECT substr(workflow_uuid, 1, 32) FROM {0} WHERE status = 'SUCCESS'))"
)
_OPEN: Final = (
    "SELECT workflow_uuid, status, executor_id, error FROM {}workflow_status WHERE status <> 'SUCCESS'"
)
_INTERRUPTED: Final = "SELECT count(*) FROM steps WHERE reason = 'interrupted'"
_PLACES: Final = "SELECT channel, ts FROM notices WHERE ts IS NOT NULL"
# Only the end of a question makes it needless to ask it again; a result is told until Slack confirms it.
_LOST: Final = (
    "SELECT ref, purpose FROM notices JOIN operations ON operations.id = notices.operation"
    " WHERE unsure AND ts IS NULL AND purpose IN ('question', 'approval')"
)
_ACTS: Final = f"SELECT at, actor, kind FROM events WHERE actor <> '{BOT}'"
_STORY: Final = (
    "SELECT id, ref, subject, state, standing, round, asking, decision, revision, wake_at FROM operations",
    "SELECT operation, number, state, sendings, found, reason, looks, decided_by, look, thing FROM steps",
    "SELECT operation, purpose, key, wanted, shown, due_at, tries, unsure, route, failure, ts FROM notices",
    "SELECT operation, id FROM resources",
    "SELECT operation, at, actor, kind, state, evidence FROM events ORDER BY id",
)


@dataclass(slots=True)
class Database:
    """The bot's database, read from outside; `url` as the bot gets it."""

    url: str

    def unfinished(self) -> int:
        """Count the operations that are not at their end, or whose end was not told."""
        return self._number(_UNFINISHED)

    def workflows(self) -> int:
        """Count the engine's workflows that are neither finished nor cancelled: waiting, running, failed."""
        with self._open() as connection:
            schema = "dbos." if connection.dialect.name == "postgresql" else ""
        return self._number(_WORKFLOWS.format(f"{schema}workflow_status"))

    def interrupted(self) -> int:
        """Count the operations that were caught between the intent and the outcome of their last sending."""
        return self._number(_INTERRUPTED)

    def places(self) -> frozenset[tuple[str, str]]:
        """Return the messages that the bot can edit, by channel and time stamp."""
        with self._open() as connection:
            return frozenset((row.channel, row.ts) for row in connection.execute(sa.text(_PLACES)))

    def lost(self) -> frozenset[tuple[str, str]]:
        """Return the questions that may be in Slack without the bot knowing where, by reference."""
        with self._open() as connection:
            return frozenset((row.ref, row.purpose) for row in connection.execute(sa.text(_LOST)))

    def acts(self) -> list[Act]:
        """Return what people did, as the record has it."""
        with self._open() as connection:
            rows = connection.execute(sa.text(_ACTS)).all()
        return [Act(row.at / 1000, row.actor, row.kind) for row in rows]

    def story(self) -> str:
        """Write down all operations and what became of them, for whoever looks for a fault's cause."""
        with contextlib.suppress(SQLAlchemyError), self._open() as connection:
            engine = _OPEN.format("dbos." if connection.dialect.name == "postgresql" else "")
            tables = [connection.execute(sa.text(query)).all() for query in (*_STORY, engine)]
            return "\n\n".join(
                "\n".join(" | ".join(str(value) for value in row) for row in rows) for rows in tables
            )
        return "the database cannot be read"

    def everything(self) -> str:
        """Write down every row of every table, the engine's too; of a file also what is left in it."""
        with self._open() as connection:
            found = sa.inspect(connection)
            schemas = (None, "dbos") if connection.dialect.name == "postgresql" else (None,)
            named = [(name, schema) for schema in schemas for name in found.get_table_names(schema)]
            queries = [sa.select(sa.text("*")).select_from(sa.table(n, schema=schema)) for n, schema in named]
            rows = [str(row) for query in queries for row in connection.execute(query)]
        file = Path(sa.make_url(self.url).database or "")
        beside = file.parent.glob(f"{file.name}*") if file.is_file() else ()
        return "\n".join([*rows, *(each.read_bytes().decode("latin-1") for each in beside)])

    def _number(self, query: str) -> int:
        with self._open() as connection:
            return int(connection.execute(sa.text(query)).scalar_one())

    @contextlib.contextmanager
    def _open(self) -> Iterator[sa.Connection]:
        url = sa.make_url(self.url)
        if url.drivername in {"postgres", "postgresql"}:
            url = url.set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()
