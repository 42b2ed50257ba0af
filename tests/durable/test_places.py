"""Where a bot may run: folders of any name, users that nobody has heard of, addresses of both families."""

import shutil
import socket
from pathlib import Path

import pytest

from tests.durable.processes import ROOT, Fleet, until

_ODD = "50% of #1 %(here)s {x} & Töne"


async def test_a_checkout_and_a_database_in_folders_of_any_name(sqlite_fleet: Fleet, tmp_path: Path) -> None:
    """As CI systems make from the names of branches; the database is a new one, which has to be made."""
    odd = tmp_path / _ODD
    for package in ("bot", "handlers"):
        shutil.copytree(ROOT / package, odd / package)
    process = sqlite_fleet.process()
    process.log = odd / "bot.log"
    process.environment |= {"PYTHONPATH": str(odd), "DATABASE_URL": "sqlite:///50%25 of #2.db"}
    process.start()
    await process.ready()
    sqlite_fleet.house.sandbox.connect(process.url)
    await sqlite_fleet.house.confirmed()
    await sqlite_fleet.house.heard("created: outbound")
    assert {path.name for path in odd.glob("*.db")} == {"50% of #2.db"}  # % is written %25, as in every URL
    process.terminate()
    assert await process.ended() == 0


# As containers run: with a number that /etc/passwd does not know, and nothing that names a home.
_NOBODY = """
import pwd
def nobody(number): raise KeyError(number)
pwd.getpwuid = nobody
from bot.__main__ import cli
cli()
"""


async def test_a_user_without_a_name_and_a_home(sqlite_fleet: Fleet) -> None:
    process = sqlite_fleet.process(arguments=("-c", _NOBODY))
    assert "HOME" not in process.environment
    process.start()
    await process.ready()
    process.terminate()
    assert await process.ended() == 0


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize(
    ("host", "reached"),
    [
        (None, {"127.0.0.1", "::1"}),
        ("::", {"127.0.0.1", "::1"}),
        ("0.0.0.0", {"127.0.0.1"}),
        ("::1", {"::1"}),
    ],
)
async def test_it_listens_where_it_is_told_and_else_everywhere(
    sqlite_fleet: Fleet, host: str | None, reached: set[str]
) -> None:
    process = sqlite_fleet.process()
    del process.environment["HOST"]
    if host is not None:
        process.environment["HOST"] = host
    process.start()
    await until(lambda: any(answers(address, process.port) for address in reached))
    assert {address for address in ("127.0.0.1", "::1") if answers(address, process.port)} == reached


def answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port)).close()
    except OSError:
        return False
    return True
