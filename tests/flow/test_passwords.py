"""A SIP password is seen by the person who asked for it, for a while, and by nobody and nothing else."""

import asyncio
import html
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
import pytest
import sqlalchemy as sa
from aiohttp import web
from pydantic import SecretStr

from bot.app import Bot
from bot.domain.operation import Choice, Operation, Standing, State, StepState
from bot.sandbox.shape import Json
from bot.store.database import open_engine
from tests.flow.conftest import ASHA, BEN, OMAR, RIA, VOICE, House, Logged
from tests.kinds.examples import EXAMPLES, WITH_TOY, confirmed, newest, stands
from tests.kinds.test_faults import button

LOCKED: Final = next(example for example in EXAMPLES if example.steps == 3)
SHOW: Final = "trunk.password"
HOUR: Final = 3_600_000  # milliseconds


@pytest.fixture
def locked_house(empty_house: House) -> House:
    """A house whose bot has the toy: its second step of three sends a password."""
    empty_house.kinds = WITH_TOY
    return empty_house


def sent(house: House) -> set[str]:
    """Return the passwords that Vobiz was sent."""
    return {str(post.body["password"]) for post in house.sandbox.vobiz_posts if post.body.get("password")}


@asynccontextmanager
async def kept_secret(
    house: House, bot: Bot, logged: Logged, more: set[str] | None = None
) -> AsyncIterator[None]:
    """At the end of the block, look for each password in all that there is but the window that shows it."""
    yield
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bot.asgi), base_url="http://bot") as http:
        pages = [(await http.get(path)).text for path in ("/metrics", "/readyz", "/healthz")]
    file = Path(str(sa.make_url(house.settings.database_url.get_secret_value()).database))
    places = {
        "the log": logged.getvalue(),
        "metrics": "\n".join(pages),
        "what Slack was told": "\n".join(
            json.dumps(call.args) for call in house.sandbox.slack_calls if not shows(call.args)
        ),
        "messages": "\n".join(
            json.dumps(message.blocks) + message.text for message in house.sandbox.space.messages.all
        ),
        "metadata": "\n".join(
            str(view.get("private_metadata"))
            for call in house.sandbox.slack_calls
            if isinstance(view := call.args.get("view"), dict)
        ),
        "the database": "".join(
            one.read_bytes().decode("latin-1") for one in sorted(file.parent.glob(f"{file.name}*"))
        ),
    }
    passwords = sent(house) | (more or set())
    assert passwords
    for password in passwords:
        assert len(password) == 20
        for spelled in {password, html.escape(password), json.dumps(password)[1:-1]}:
            for where, text in places.items():
                assert spelled not in text, where


def shows(args: Json) -> bool:
    """Whether a call opens the window with a password."""
    view = args.get("view")
    return isinstance(view, dict) and "SIP password" in json.dumps(view.get("title"))


async def locked(house: House, user: str = ASHA) -> Operation:
    """Bring about an operation that leaves a password, and wait for its button."""
    op = await stands(house, await confirmed(house, LOCKED, user), State.DONE)
    await house.sandbox.wait_for(lambda: button(house, SHOW))
    return op


async def moments(house: House, op: Operation) -> list[tuple[str, str]]:
    """Return who did what about the password, as the record has it."""
    story = await house.ledger.chronicle.story(op.id)
    return [(event.actor, event.kind) for event in story.events if "password" in event.kind]


async def kept(house: House) -> int:
    """Count the sealed passwords."""
    engine = open_engine(house.settings.database_url.get_secret_value())
    async with engine.connect() as connection:
        count = (await connection.execute(sa.text("SELECT count(*) FROM secrets"))).scalar_one()
    await engine.dispose()
    return int(count)


async def execute(house: House, statement: str) -> None:
    engine = open_engine(house.settings.database_url.get_secret_value())
    async with engine.begin() as connection:
        await connection.execute(sa.text(statement))
    await engine.dispose()


async def test_the_requester_sees_it_and_everybody_else_hears_who_can(
    locked_house: House, logged: Logged
) -> None:
    house = locked_house
    async with house.bot() as bot, kept_secret(house, bot, logged):
        op = await locked(house)
        await house.sandbox.close(ASHA)
        await house.sandbox.action(OMAR, SHOW)
        told = await house.heard("can see this password", VOICE, OMAR)
        assert ASHA in told.text
        await house.sandbox.action(BEN, SHOW)
        await house.heard("have access", VOICE, BEN)
        assert house.sandbox.view_of(OMAR) is None is house.sandbox.view_of(BEN)
        assert await moments(house, op) == []
        for _ in range(2):
            await house.sandbox.action(ASHA, SHOW)
            (password,) = sent(house)
            shown = await house.shown(password)
            assert "the lock of Sales" in shown
            assert op.ref in shown
            await house.sandbox.close(ASHA)
        assert await moments(house, op) == [(ASHA, "password_shown")] * 2
        story = await house.ledger.chronicle.story(op.id)
        assert [event.evidence["reason"] for event in story.events if event.kind == "refused"] == [
            "not_yours",
            "not_operator",
        ]


async def test_a_requester_whose_request_was_approved_sees_it_and_the_approver_does_not(
    locked_house: House, logged: Logged
) -> None:
    house = locked_house
    async with house.bot() as bot, kept_secret(house, bot, logged):
        record = await confirmed(house, LOCKED, RIA)
        await house.sandbox.wait_for(lambda: button(house, "approval.approve", "C0APPROVE"))
        await house.sandbox.action(OMAR, "approval.approve")
        await stands(house, record, State.DONE)
        await house.sandbox.wait_for(lambda: button(house, SHOW))
        await house.sandbox.action(OMAR, SHOW)
        await house.heard("can see this password", VOICE, OMAR)
        await house.sandbox.close(RIA)
        await house.sandbox.action(RIA, SHOW)
        (password,) = sent(house)
        await house.shown(password, RIA)


async def test_an_hour_after_it_was_shown_it_is_gone(locked_house: House) -> None:
    house = locked_house
    async with house.bot():
        op = await locked(house)
        await house.sandbox.close(ASHA)
        await house.sandbox.action(ASHA, SHOW)
        (password,) = sent(house)
        await house.shown(password)
        await house.sandbox.close(ASHA)
        await execute(house, f"UPDATE secrets SET shown_at = shown_at - {HOUR}")
        await house.sandbox.action(ASHA, SHOW)
        await house.heard("cannot be shown any more", VOICE)
        assert house.sandbox.view_of(ASHA) is None
        assert len(await moments(house, op)) == 1
        assert await kept(house) == 1
    async with house.bot():
        async with asyncio.timeout(5):
            while await kept(house):  # noqa: ASYNC110 - the database wakes nobody
                await asyncio.sleep(0.02)


async def test_it_is_shown_only_when_that_was_recorded_and_slack_says_so(
    locked_house: House, logged: Logged
) -> None:
    house = locked_house
    async with house.bot() as bot, kept_secret(house, bot, logged):
        op = await locked(house)
        await house.sandbox.close(ASHA)
        await execute(
            house,
            "CREATE TRIGGER full BEFORE INSERT ON events WHEN NEW.kind = 'password_shown'"
            " BEGIN SELECT RAISE(ABORT, 'disk full'); END",
        )
        await house.sandbox.action(ASHA, SHOW)
        await house.heard("was not shown", VOICE)
        assert house.sandbox.view_of(ASHA) is None
        await execute(house, "DROP TRIGGER full")
        await house.sandbox.fault("slack", "views_open_error", times=1)
        await house.sandbox.action(ASHA, SHOW)
        await house.heard("did not confirm that it showed the password", VOICE)
        await house.sandbox.action(ASHA, SHOW)
        (password,) = sent(house)
        await house.shown(password)
        kinds = [kind for _, kind in await moments(house, op)]
        assert kinds == ["password_shown", "password_not_shown", "password_shown"]


async def test_with_another_token_of_slack_it_cannot_be_read(locked_house: House, logged: Logged) -> None:
    house = locked_house
    async with house.bot():
        await locked(house)
    house.sandbox.settings.bot_token = "xoxb-another-token"
    token = SecretStr(house.sandbox.bot_token)
    house.settings = house.settings.model_copy(update={"slack_bot_token": token})
    async with house.bot() as bot, kept_secret(house, bot, logged):
        await house.sandbox.close(ASHA)
        await house.sandbox.action(ASHA, SHOW)
        await house.heard("cannot be read any more", VOICE)


@pytest.mark.parametrize("fault", ["created_then_reset", "hang"])
async def test_after_a_lost_answer_and_a_restart_it_is_still_the_right_one(
    locked_house: House, logged: Logged, fault: str
) -> None:
    house = locked_house
    async with house.bot():
        await house.sandbox.fault("vobiz", fault, times=1, after=1)
        record = await confirmed(house, LOCKED)
        await stands(house, record, State.UNKNOWN, State.DONE, asking=fault == "hang")
        assert not button(house, SHOW) or fault != "hang"
    async with house.bot() as bot, kept_secret(house, bot, logged):
        if fault == "hang":
            await house.sandbox.wait_for(lambda: button(house, Choice.SEND_AGAIN))
            await house.sandbox.action(OMAR, f"trunk.{Choice.SEND_AGAIN}")
        await stands(house, record, State.DONE)
        await house.sandbox.wait_for(lambda: button(house, SHOW))
        await house.sandbox.close(ASHA)
        await house.sandbox.action(ASHA, SHOW)
        (password,) = sent(house)  # the same, where it was sent twice
        await house.shown(password)


@pytest.mark.parametrize("end", ["refuse", "error_before", "gone"])
async def test_what_was_not_done_leaves_no_password(locked_house: House, logged: Logged, end: str) -> None:
    house = locked_house
    async with house.bot() as bot, kept_secret(house, bot, logged):
        await house.sandbox.fault("vobiz", "refuse" if end == "refuse" else "error_before", times=1, after=1)
        record = await confirmed(house, LOCKED)
        if end != "refuse":
            await stands(house, record, State.UNKNOWN, asking=True)
            assert await kept(house) == 1
        if end == "gone":
            await execute(house, f"UPDATE secrets SET made_at = made_at - {24 * HOUR}")
        if end != "refuse":
            choice = Choice.SEND_AGAIN if end == "gone" else Choice.GIVE_UP
            await house.sandbox.wait_for(lambda: button(house, choice))
            await house.sandbox.action(OMAR, f"trunk.{choice}")
        op = await stands(house, record, State.STOPPED)
        await house.sandbox.wait_for(lambda: not button(house, Choice.GIVE_UP))
        assert await kept(house) == 0
        assert not button(house, SHOW)
        # With another password than the first attempt's nobody could tell which one is in force.
        assert len(house.sandbox.vobiz_posts) == 2
        if end == "gone":
            assert (op.standing, op.step.reason) == (Standing.NOT_SENT, "password_gone")
            await house.heard("password of the first attempt is not kept any more")


async def test_a_password_that_may_be_in_force_can_be_shown(locked_house: House, logged: Logged) -> None:
    """The first attempt was not confirmed, and the second one refused: the first may have been done."""
    house = locked_house
    async with house.bot() as bot, kept_secret(house, bot, logged):
        await house.sandbox.fault("vobiz", "error_before", times=1, after=1)
        record = await confirmed(house, LOCKED)
        await stands(house, record, State.UNKNOWN, asking=True)
        await house.sandbox.wait_for(lambda: button(house, Choice.SEND_AGAIN))
        await house.sandbox.fault("vobiz", "refuse", times=1)
        await house.sandbox.action(OMAR, f"trunk.{Choice.SEND_AGAIN}")
        await stands(house, record, State.STOPPED)
        await house.sandbox.wait_for(lambda: button(house, SHOW))
        await house.sandbox.close(ASHA)
        await house.sandbox.action(ASHA, SHOW)
        (password,) = sent(house)
        await house.shown(password)
        await house.shown("It is not known whether Vobiz set this one")


@dataclass
class Echo:
    """A Vobiz that repeats what it was sent, in each spelling, wherever it can; passwords are refused."""

    status: int
    passwords: set[str]

    async def answer(self, request: web.Request) -> web.Response:
        if request.path.endswith("/auth/me"):
            return web.json_response({"auth_id": "MA_SANDBOX1"})
        if request.method != "POST":
            return web.json_response({"meta": {"total": 0, "limit": 100, "offset": 0}, "objects": []})
        body = await request.json()
        password = body.get("password")
        if password is None:
            return web.json_response(
                {"trunk_id": f"t-{body['name'].split()[-1]}", "name": body["name"]}, status=201
            )
        self.passwords.add(password)
        said = "; ".join(spellings(password))
        echoed = {
            "error": {
                "code": password,
                "message": f"the password {said} is weak",
                "details": {"errors": [{"field": password, "message": f"not {said}", "value": password}]},
            },
            "request_id": f"r-{password}",
            "trunk_id": f"t-{password}",
            "description": password,
        }
        del echoed["error" if self.status < 400 else "trunk_id"]
        text = json.dumps(echoed).replace("&", "\\u0026")  # as Go writes JSON
        headers = {"x-request-id": f"h-{password}"}
        return web.Response(text=text, status=self.status, headers=headers, content_type="application/json")


def spellings(password: str) -> Iterator[str]:
    yield password
    yield password.upper()
    yield html.escape(password)
    yield repr(password)
    yield f'{{"password": {json.dumps(password)}}}'


@pytest.mark.parametrize("status", [422, 201])
async def test_what_vobiz_says_even_when_it_repeats_the_password(
    locked_house: House, logged: Logged, status: int
) -> None:
    house, echo = locked_house, Echo(status, set())
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", echo.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    house.settings = house.settings.model_copy(update={"vobiz_api_url": address})
    async with house.bot() as bot:
        await house.sandbox.command(ASHA, VOICE, LOCKED.typed)
        await house.sandbox.wait_for(
            lambda: any(call.method == "views.update" for call in house.sandbox.slack_calls)
        )
        assert (await house.sandbox.submit_form(ASHA)).ok
        op = await stands(house, await newest(house), State.STOPPED, State.UNKNOWN, State.DONE)
        await house.sandbox.wait_for(lambda: any(op.ref in text for text in house.said()))
        async with kept_secret(house, bot, logged, echo.passwords):
            pass
    await runner.cleanup()
    assert echo.passwords
    if status == 422:
        assert op.step.state is StepState.REJECTED
        assert "[redacted]" in "\n".join(house.said())
