"""What keeps the bot from starting is said in two plain lines, beside one for the log; no traceback."""

import json
import socket
from pathlib import Path

import sqlalchemy as sa

from bot.runtime.clock import SystemClock
from bot.store.database import open_engine
from bot.store.keys import Keys
from bot.store.ledger import Ledger
from tests.durable.processes import Fleet, Process


async def told(process: Process) -> str:
    """Start what cannot start, and return the words for who runs it; what is before them is JSON."""
    process.start()
    assert await process.ended() == 1
    *logged, first, second = process.said.splitlines()
    events = [json.loads(line)["event"] for line in logged]
    assert events[-1] == "the bot could not start"
    assert len(events) <= 2
    assert first == "The bot could not start."
    return second


async def test_a_folder_that_is_missing(sqlite_fleet: Fleet, tmp_path: Path) -> None:
    process = sqlite_fleet.process()
    process.environment["DATABASE_URL"] = f"sqlite:///{tmp_path}/none/ledger.db"
    assert await told(process) == (
        f"FAILED   database: {tmp_path}/none/ledger.db is not there and cannot be made"
        " -> Make the folder, writable by the bot's user, or correct DATABASE_URL."
    )


async def test_a_lock_that_can_not_be_taken(sqlite_fleet: Fleet, tmp_path: Path) -> None:
    """The database itself is well."""
    (tmp_path / "ledger.db.lock").mkdir()
    words = await told(sqlite_fleet.process())
    assert words.startswith(f"FAILED   database: nothing can be written beside {tmp_path}/ledger.db: ")
    assert f"Is a directory: '{tmp_path}/ledger.db.lock'" in words


async def test_a_port_in_use(sqlite_fleet: Fleet) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        process = sqlite_fleet.process()
        process.environment["PORT"] = str(other.getsockname()[1])
        assert await told(process) == (
            f"FAILED   HOST and PORT: 127.0.0.1, port {other.getsockname()[1]} cannot be listened on: "
            "something listens there already -> Stop it, or set PORT to another number."
        )


async def test_a_database_that_a_newer_version_changed_in_its_ways(fleet: Fleet) -> None:
    """Of both kinds: a migration of the next thousand says that older versions cannot work with it."""
    engine = open_engine(fleet.house.settings.database_url.get_secret_value())
    async with engine.begin() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '2000'"))
    await engine.dispose()
    words = await told(fleet.process())
    assert words.startswith("FAILED   database: was made by a newer version of the bot (2000, ")
    assert words.endswith(" -> Install that version, or restore a backup.")


async def test_a_sealed_record_without_its_key(fleet: Fleet) -> None:
    """Of both kinds: what it wrote could not be told from what somebody forged."""
    engine = open_engine(fleet.house.settings.database_url.get_secret_value())
    key = b"0123456789-abcdefghijklmnopqrstuvw"
    await Ledger(engine, SystemClock(), keys=Keys([key])).take_up()
    await engine.dispose()
    process = fleet.process()
    name = Keys([key]).name
    assert await told(process) == (
        f"FAILED   record: sealed with the key {name}, and TRUNK_AUDIT_KEY is not set: the bot does not start"
        " -> Set TRUNK_AUDIT_KEY to it; if it is lost, see `python -m bot audit rekey --help`."
    )
    process.environment["TRUNK_AUDIT_KEY"] = key.decode()
    process.start()
    await process.ready()


async def test_a_defect_after_the_start_is_not_said_to_be_one_of_the_start(sqlite_fleet: Fleet) -> None:
    broken = (
        "from bot.workflow.engine import Engine\nasync def broken(self, within=0): raise KeyError\n"
        "Engine.destroy = broken\n"
        "from bot.__main__ import cli\ncli()"
    )
    process = sqlite_fleet.process(arguments=("-c", broken))
    process.start()
    await process.ready()
    process.terminate()
    assert await process.ended() == 1
    last = json.loads(process.said.splitlines()[-1])
    assert (last["event"], last["error"]) == ("the bot ended by a defect", "KeyError")


async def test_a_defect_is_a_plain_traceback(sqlite_fleet: Fleet) -> None:
    """Of any command: no box around it, and no values of variables in it."""
    broken = "from bot.__main__ import cli; cli.command('broken')(lambda: 1 / 0); cli()"
    process = sqlite_fleet.process(arguments=("-c", broken, "broken"))
    process.start()
    assert await process.ended() == 1
    lines = process.said.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1].startswith("ZeroDivisionError: ")
