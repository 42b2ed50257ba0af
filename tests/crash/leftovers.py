"""What the bot's database holds at the end: operations and workflows that nobody will finish."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

_UNFINISHED: Final = (
    "SELECT count(*) FROM operations"
    " WHERE NOT told OR state IN ('awaiting_approval', 'accepted', 'sending', 'unknown')"
)
_WORKFLOWS: Final = "SELECT count(*) FROM {} WHERE status NOT IN ('SUCCESS', 'CANCELLED')"
_INTERRUPTED: Final = "SELECT count(*) FROM operations WHERE reason = 'interrupted'"
_ROWS: Final = "SELECT id, ref, name, state, asking, told, reason, decision, trunk_id FROM operations"
_EVENTS: Final = "SELECT operation, at, actor, kind, state, evidence FROM events ORDER BY id"


@dataclass(slots=True)
class Database:
    """The bot's database, read from outside; `url` as the bot gets it."""

    url: str

    def unfinished(self) -> int:
        """Count the operations that are not at their end, or whose end nobody was told."""
        with self._open() as connection:
            return int(connection.execute(sa.text(_UNFINISHED)).scalar_one())

    def workflows(self) -> int:
        """Count the engine's workflows that are neither finished nor cancelled: waiting, running, failed."""
        with self._open() as connection:
            schema = "dbos." if connection.dialect.name == "postgresql" else ""
            return int(
                connection.execute(sa.text(_WORKFLOWS.format(f"{schema}workflow_status"))).scalar_one()
            )

    def interrupted(self) -> int:
        """Count the operations that were caught between the intent and the outcome of their last sending."""
        with self._open() as connection:
            return int(connection.execute(sa.text(_INTERRUPTED)).scalar_one())

    def story(self) -> str:
        """Write down all operations and events, for whoever looks for a fault's cause."""
        with contextlib.suppress(SQLAlchemyError), self._open() as connection:
            rows = [*connection.execute(sa.text(_ROWS)), *connection.execute(sa.text(_EVENTS))]
            return "\n".join(" | ".join(str(value) for value in row) for row in rows)
        return "the database can not be read"

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
