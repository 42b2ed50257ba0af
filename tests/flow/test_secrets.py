"""No secret and nobody's words in what is logged, counted or answered to monitors, whatever happens."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import pytest
import sqlalchemy as sa
from aiohttp import web

from bot.app import Bot
from bot.store.database import open_engine
from bot.store.schema import metadata
from tests.flow.conftest import APPROVE, ASHA, OMAR, RIA, VOICE, WARROOM, House, Logged, house_in
from tests.flow.test_socket_mode import socketed_house
from tests.flow.test_trouble import UNCONFIRMED, press

ROOT: Final = Path(__file__).parent.parent.parent
WORDS: Final = "hush"  # in everything that people and Vobiz say in these tests, in any case
QUESTION: Final = "Approval needed: "
# What the bot says by itself, about no request and no operation.
BY_ITSELF: Final = {
    "ready",
    "not ready",
    "ready again",
    "a round was not finished",
    "Vobiz does not accept the credentials yet",
    "a check failed",
    "connected to Slack",
    "not connected to Slack",
}


@asynccontextmanager
async def nothing_leaks(house: House, bot: Bot, logged: Logged) -> AsyncIterator[None]:
    """At the end of the block, look for secrets and words in all that comes out of a bot."""
    yield
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bot.asgi), base_url="http://bot") as http:
        pages = [(await http.get(path)).text for path in ("/metrics", "/readyz", "/healthz")]
    sandbox, text = house.sandbox, logged.getvalue()
    secrets = {
        sandbox.bot_token,
        sandbox.signing_secret,
        sandbox.vobiz_auth_token,
        "/slack/response/",
        *(trigger.id for trigger in sandbox.space.triggers._issued.values()),
    }
    assert min(len(secret) for secret in secrets) >= 8
    assert len(secrets) > 6
    views = "".join(str(call.args) for call in sandbox.slack_calls if call.method.startswith("views."))
    rows, kept_by_engine = await every_row(house)
    for secret in secrets:
        for where, output in {"log": text, "rows": rows, "views": views, "pages": "".join(pages)}.items():
            assert secret not in output, (secret, where)
    assert WORDS not in kept_by_engine.lower()
    for written in (*text.splitlines(), *"".join(pages).splitlines()):
        assert WORDS not in written.lower(), written[:3000]
    for line in logged.lines():
        assert "ref" in line or line["event"] in BY_ITSELF, line
    assert any(line["event"] == "operation" for line in logged.lines())


async def every_row(house: House) -> tuple[str, str]:
    """Return all rows of all tables, and those of the engine's tables alone."""
    engine = open_engine(house.settings.database_url.get_secret_value())
    async with engine.connect() as connection:
        tables = await connection.run_sync(lambda sync: sa.inspect(sync).get_table_names())
        rows = {
            table: str((await connection.execute(sa.text(f'SELECT * FROM "{table}"'))).all())
            for table in tables
        }
    await engine.dispose()
    assert "sending" in rows["events"]
    assert "operate" in rows["workflow_status"]
    engines = [text for table, text in rows.items() if table not in metadata.tables]
    return "".join(rows.values()), "".join(engines)


async def test_what_people_say_and_decide(logged: Logged, empty_house: House) -> None:
    house, sandbox = empty_house, empty_house.sandbox
    async with house.bot() as bot, nothing_leaks(house, bot, logged):
        for typed in (
            'create "Hush" outbuond 10',
            "hush",
            'history "Hush"',
            "status hush-hush",
            'create "Hush" out 9999999',
        ):
            await sandbox.command(ASHA, VOICE, typed)
        await sandbox.open_home(ASHA)
        await sandbox.shortcut(ASHA, "create_trunk_shortcut")
        await sandbox.close(ASHA)

        await house.confirmed(command='create "Hush one" in 1')
        await house.heard("created: inbound")

        await sandbox.command(RIA, VOICE, 'create "Hush two" outbound 10')
        await sandbox.submit_form(RIA, reason="Hush, a reason.")
        question = await house.heard(QUESTION, APPROVE)
        await sandbox.action(OMAR, "approval.deny")
        await house.shown("denied it, and why", OMAR)
        await sandbox.submit_form(OMAR, reason="Hush, a denial.")
        await house.heard("Request denied", "D0RIA0001", RIA)
        await sandbox.command(ASHA, VOICE, f"history {house.reference(question.words)}")

        await sandbox.command(RIA, VOICE, 'create "Hush three" outbound 10')
        await sandbox.submit_form(RIA, reason="Hush, again.")
        await house.heard("Hush three", APPROVE)
        await sandbox.action(OMAR, "approval.approve")
        await house.heard("Hush three", VOICE)

        await sandbox.command(ASHA, VOICE, 'create "Hush four" outbound 250')
        await sandbox.submit_form(ASHA, how="break_glass", reason="Hush, an outage.")
        await house.heard("BREAK GLASS", APPROVE)
        await house.heard("Hush four", VOICE)


def has(house: House, channel: str, action: str) -> bool:
    return any(action in str(message.blocks) for message in house.sandbox.messages(channel, OMAR))


async def test_what_goes_wrong_at_slack_and_at_the_door(logged: Logged, empty_house: House) -> None:
    house, sandbox = empty_house, empty_house.sandbox
    async with house.bot() as bot, nothing_leaks(house, bot, logged):
        await sandbox.fault("slack", "post_not_in_channel")
        await house.confirmed(channel=WARROOM, command="create Hush-1 in 2")
        await sandbox.wait_for(lambda: house.said(WARROOM))
        for fault in ("views_open_error", "non_json"):
            await sandbox.fault("slack", fault)
            await sandbox.command(ASHA, VOICE, "create Hush-2 in 2")
        await sandbox.fault("slack", "none")
        await sandbox.command(ASHA, VOICE, "create Hush-3 in 3")
        await sandbox.fault("slack", "post_reset_after", times=1)
        await sandbox.submit_form(ASHA)
        await house.heard("Hush-3")
        await sandbox.interaction(
            {"type": "block_actions", "user": {"id": ASHA}, "actions": [{"value": "Hush"}]}
        )
        body = b"command=%2Ftrunk&text=Hush"
        await sandbox.raw(body, {"x-slack-signature": "v0=0", "x-slack-request-timestamp": "1"})
        await sandbox.raw(b"payload=Hush", sandbox.sign(b"payload=Hush"))
        sandbox.space.token_error = "token_revoked"
        await sandbox.command(ASHA, VOICE, "create Hush-4 in 2")
    assert {line["event"] for line in logged.lines()} > {
        "Slack could not be reached",
        "request refused",
        "request unreadable",
        "not ready",
    }


async def until(happened: Callable[[], object]) -> None:
    """Wait at most 5 s for what the sandbox does not notice."""
    for _ in range(500):
        if happened():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


@asynccontextmanager
async def repeating() -> AsyncIterator[tuple[str, list[int]]]:
    """A Vobiz that says all it was sent, with the next status of a list; yields its address and the list."""
    statuses: list[int] = []

    async def say(request: web.Request) -> web.Response:
        status = 401 if request.path.endswith("/auth/me") else 500
        if request.method == "POST":
            status = statuses.pop(0)
        said = f"Hush {dict(request.headers)} {await request.text()}"
        answer = {"error": {"message": said, "code": said}, "message": said, "name": said, "request_id": said}
        return web.json_response(answer, status=status, headers={"x-hush": "Hush"})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", say)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", statuses
    finally:
        await runner.cleanup()


async def test_what_vobiz_says_even_when_it_repeats_the_token(logged: Logged, empty_house: House) -> None:
    house = empty_house
    async with repeating() as (address, statuses):
        house.settings = house.settings.model_copy(update={"vobiz_api_url": address})
        async with house.bot() as bot, nothing_leaks(house, bot, logged):
            for number, status in enumerate((400, 401, 422, 500, 201)):
                statuses.append(status)
                await house.confirmed(command=f"create Hush-{number} in 2")
                await house.heard(UNCONFIRMED if status in {500, 201} else "Nothing was created")
            await house.sandbox.wait_for(lambda: has(house, VOICE, "trunk.give_up"))
            await house.sandbox.action(OMAR, "trunk.give_up")
    (line,) = logged.saying("Vobiz does not accept the credentials yet")
    assert line["why"] == "http_401"


async def test_what_breaks_inside(logged: Logged, empty_house: House) -> None:
    """The ledger's table is gone for a while: statements fail, and their errors have parameters."""
    house, sandbox = empty_house, empty_house.sandbox
    engine = open_engine(house.settings.database_url.get_secret_value())

    async def rename(before: str, after: str) -> None:
        async with engine.begin() as connection:
            await connection.execute(sa.text(f"ALTER TABLE {before} RENAME TO {after}"))

    async with house.bot() as bot, nothing_leaks(house, bot, logged):
        await sandbox.fault("vobiz", "slow", times=1)
        sandbox.settings.delays.slow = 0.3
        await sandbox.command(ASHA, VOICE, 'create "Hush under way" in 1')
        await sandbox.submit_form(ASHA)
        await sandbox.wait_for(lambda: sandbox.vobiz_posts)
        await sandbox.command(ASHA, VOICE, 'create "Hush" in 1')
        await rename("operations", "gone")
        history = await sandbox.command(ASHA, VOICE, 'history "Hush"')
        assert "Something went wrong in the bot" in str(history.seen)
        await sandbox.interaction(press("a" * 32, "trunk.give_up", ASHA))
        surprise = await house.heard("Something went wrong in the bot", "D0ASHA001")
        await sandbox.submit_form(ASHA)
        await until(lambda: logged.saying("the outcome could not be written yet"))
        await rename("gone", "operations")
        await house.heard("created: inbound")
    await engine.dispose()
    _, failed = logged.saying("a listener failed")
    assert str(failed["ref"]) in surprise.words
    assert {line["event"] for line in logged.lines()} > {
        "an operation could not be stored",
        "the outcome could not be written yet",
    }


async def test_what_goes_on_after_a_restart_carries_its_reference(logged: Logged, empty_house: House) -> None:
    house = empty_house
    house.settings = house.settings.model_copy(update={"vobiz_settle": 2.0})
    await house.sandbox.fault("vobiz", "hang", times=1)
    async with house.bot():
        await house.confirmed()
        unsure = await house.heard(UNCONFIRMED)
    await house.sandbox.fault("slack", "post_reset_after", times=1)
    async with house.bot():
        await until(lambda: logged.saying("Slack could not be reached"))
    (line,) = logged.saying("Slack could not be reached")
    assert (line["ref"], line.get("request")) == (house.reference(unsure.words), None)


async def test_what_comes_and_goes_over_socket_mode(logged: Logged, tmp_path: Path) -> None:
    async with socketed_house(tmp_path) as house, house.bot() as bot:
        sandbox, app_token = house.sandbox, house.sandbox.app_token
        assert app_token is not None
        async with nothing_leaks(house, bot, logged):
            await sandbox.command(ASHA, VOICE, 'create "Hush" outbuond 10')
            await house.confirmed(command='create "Hush" in 1')
            await house.heard("created: inbound")
            await sandbox.fault("socket", "link_disabled")
            await until(lambda: logged.saying("not connected to Slack"))
        for secret in (app_token, "ticket="):
            assert secret not in logged.getvalue()


@pytest.mark.parametrize(
    "url",
    ["postgres://bot:hush-word@127.0.0.1:1/ledger", "postgres://bot:hush-word@127.0.0.1:hush/ledger"],
    ids=["unreachable", "malformed"],
)
async def test_a_database_url_that_does_not_work_is_not_shown(tmp_path: Path, url: str) -> None:
    told = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot"),
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": url,
            "SLACK_BOT_TOKEN": "xoxb-hush",
            "SLACK_SIGNING_SECRET": "hush",
            "VOBIZ_AUTH_ID": "MA_1",
            "VOBIZ_AUTH_TOKEN": "hush",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert told.stdout is not None
    said = b""
    async with asyncio.timeout(30):
        while b"database" not in said.lower() and (line := await told.stdout.readline()):
            said += line
        # One that does not answer is waited for.
        if told.returncode is None:
            told.terminate()
        said += await told.stdout.read()
        await told.wait()
    assert b"database" in said.lower()
    assert WORDS.encode() not in said


async def test_what_the_bot_writes_is_for_its_own_user(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        async with house_in(tmp_path) as house, house.bot():
            await house.confirmed()
            await house.heard("created: outbound")
            modes = {file.name: file.stat().st_mode & 0o777 for file in made(tmp_path)}
    finally:
        os.umask(before)
    assert {"ledger.db", "ledger.db-wal", "ledger.db.lock"} <= set(modes)
    assert set(modes.values()) == {0o600}


def made(folder: Path) -> list[Path]:
    return list(folder.iterdir())
