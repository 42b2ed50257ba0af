"""When nothing comes back of a commit: what was stored is carried out, and what is not known is called so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.util import await_only

from bot.domain.operation import State
from tests.durable.houses import on_postgres
from tests.flow.conftest import ASHA, OMAR, RIA, SALES, VOICE, House
from tests.flow.test_approvals import DENY_BUTTON, ask

Commit = Callable[[sa.Connection], None]


def stored(connection: sa.Connection) -> None:
    """Commit, and lose the answer."""
    connection.connection.commit()
    raise lost("COMMIT")


def undone(_connection: sa.Connection) -> None:
    """Lose the connection before the commit has left; what was written is rolled back."""
    raise lost("COMMIT")


def lost(statement: str) -> OperationalError:
    return OperationalError(statement, {}, Exception("server closed the connection unexpectedly"))


@asynccontextmanager
async def committing(how: Commit, *, ending: bool = False) -> AsyncIterator[list[str]]:
    """Have the commit of what a person submits end like this; with `ending` the database is away after it."""
    writing: list[sa.Connection] = []
    ended: list[str] = []

    def execute(connection: sa.Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT INTO operations") or "denial=" in statement.partition(" WHERE ")[0]:
            writing.append(connection)

    def commit(connection: sa.Connection) -> None:
        if connection in writing and not ended:
            ended.append("COMMIT")
            how(connection)

    def begin(connection: sa.Connection) -> None:
        if connection.dialect.is_async and ended and ending:
            raise lost("BEGIN")

    listeners: dict[str, Callable[..., None]] = {
        "before_cursor_execute": execute,
        "commit": commit,
        "begin": begin,
    }
    for name, listener in listeners.items():
        sa.event.listen(sa.Engine, name, listener)
    try:
        yield ended
    finally:
        for name, listener in listeners.items():
            sa.event.remove(sa.Engine, name, listener)


async def filled_in(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, SALES)
    await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))


async def test_what_was_stored_is_accepted_although_the_answer_was_lost(house: House) -> None:
    async with house.bot():
        await filled_in(house)
        async with committing(stored) as ended:
            assert (await house.sandbox.submit_form(ASHA)).ok
        assert ended
        await house.heard("created: outbound")  # long before a sweep would have found it
        await house.shown("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


async def test_what_was_not_stored_is_not_accepted(house: House) -> None:
    async with house.bot():
        await filled_in(house)
        async with committing(undone):
            result = await house.sandbox.submit_form(ASHA)
        assert "Not accepted yet" in result.errors["name"]
        assert house.sandbox.vobiz_posts == []
        assert (await house.sandbox.submit_form(ASHA)).ok
        await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


@pytest.mark.parametrize("how", [stored, undone])
async def test_what_can_not_be_found_out_is_not_known_and_pressing_again_makes_one_trunk(
    house: House, how: Commit
) -> None:
    async with house.bot():
        await filled_in(house)
        async with committing(how, ending=True):
            result = await house.sandbox.submit_form(ASHA)
        assert result.errors["name"] == (
            "I do not know whether this was saved. Press Create trunk again: it is safe."
        )
        assert house.sandbox.vobiz_posts == []
        assert (await house.sandbox.submit_form(ASHA)).ok
        await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


@on_postgres
async def test_a_commit_that_hangs_is_not_known_either(house: House) -> None:
    back = asyncio.Event()

    def hang(_connection: sa.Connection) -> None:
        await_only(back.wait())

    async with house.bot():
        await filled_in(house)
        async with committing(hang):
            result = await house.sandbox.submit_form(ASHA)
            assert "I do not know whether this was saved" in result.errors["name"]
            assert result.ms < 3000
            back.set()
            await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


@pytest.mark.parametrize("away", [False, True], ids=["found out", "not found out"])
async def test_a_denial_whose_answer_was_lost(house: House, away: bool) -> None:
    async with house.bot():
        question = await ask(house)
        await house.sandbox.action(OMAR, DENY_BUTTON)
        await house.shown("denied it, and why", OMAR)
        async with committing(stored, ending=away):
            result = await house.sandbox.submit_form(OMAR, reason="No.")
        assert ("I do not know" in str(result.errors)) == away
        if away:
            assert (await house.sandbox.submit_form(OMAR, reason="No.")).ok
        await house.shown("You already denied it." if away else "Denied. Nothing was created.", OMAR)
        assert (await house.operation(question.words)).state is State.DENIED
        if not away:
            await house.heard("Request denied", f"D{RIA[1:]}", RIA)
