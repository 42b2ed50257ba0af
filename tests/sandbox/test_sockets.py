"""Slack's side of Socket Mode, as a bot meets it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import WSMsgType

from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Settings
from bot.sandbox.shape import Json, mapping
from tests.sandbox.standin import VIEW

ASHA, VOICE = "U0ASHA001", "C0VOICE01"
Socket = aiohttp.ClientWebSocketResponse


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    settings = Settings(socket_mode=True)
    settings.delays.disconnect = 0.05
    made = Sandbox(settings)
    await made.start()
    yield made
    await made.stop()


@dataclass
class Bot:
    """A bot that does by hand what it is told to."""

    sandbox: Sandbox
    http: aiohttp.ClientSession

    async def call(self, method: str, token: str | None = None, **args: object) -> Json:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.post(self.sandbox.slack_api_url + method, json=args, headers=headers) as answer:
            return mapping(await answer.json())

    async def link(self) -> Socket:
        """Connect, and read the first frame away."""
        socket = await self.http.ws_connect(await self.address(), autoping=False)
        assert (await frame(socket))["type"] == "hello"
        return socket

    async def address(self) -> str:
        return str((await self.call("apps.connections.open", self.sandbox.app_token))["url"])


@pytest.fixture
async def bot(sandbox: Sandbox) -> AsyncIterator[Bot]:
    async with aiohttp.ClientSession() as http:
        yield Bot(sandbox, http)


async def frame(socket: Socket) -> Json:
    """Return the next frame that is not a ping."""
    while (message := await socket.receive(timeout=2)).type is WSMsgType.PING:
        await socket.pong(message.data)
    assert message.type is WSMsgType.TEXT, message
    return mapping(json.loads(message.data))


async def acknowledge(socket: Socket, envelope: Json, payload: Json | None = None) -> None:
    answer = {"envelope_id": envelope["envelope_id"]}
    await socket.send_json(answer if payload is None else answer | {"payload": payload})


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (None, "not_authed"),
        ("xapp-other", "invalid_auth"),
        ("xoxb-sandbox-0000000000-trunkbot", "not_allowed_token_type"),
    ],
)
async def test_only_the_app_token_opens_a_connection(bot: Bot, token: str | None, error: str) -> None:
    assert await bot.call("apps.connections.open", token) == {"ok": False, "error": error}


async def test_an_address_works_once_and_slack_greets(bot: Bot) -> None:
    address = await bot.address()
    assert address.startswith("ws://127.0.0.1:")
    async with bot.http.ws_connect(address, autoping=False) as socket:
        hello = await frame(socket)
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert set(hello) == {"type", "num_connections", "debug_info", "connection_info"}
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await bot.http.ws_connect(address)


async def test_a_command_comes_in_an_envelope_and_its_answer_is_shown(bot: Bot) -> None:
    socket = await bot.link()
    typing = asyncio.create_task(bot.sandbox.command(ASHA, VOICE, "help"))
    envelope = await frame(socket)
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    payload = mapping(envelope["payload"])
    assert (payload["command"], payload["text"], payload["user_id"]) == ("/trunk", "help", ASHA)
    await acknowledge(socket, envelope, {"text": "Here you are"})
    assert (await typing).seen == "Here you are"
    await socket.close()


async def test_a_submission_is_answered_with_errors_under_its_inputs(bot: Bot) -> None:
    socket = await bot.link()
    sandbox = bot.sandbox
    trigger = sandbox.space.triggers.issue(ASHA, sandbox.space.channels[VOICE])
    assert (await bot.call("views.open", sandbox.bot_token, trigger_id=trigger.id, view=VIEW))["ok"]
    submitting = asyncio.create_task(sandbox.submit_form(ASHA, calls="3"))
    envelope = await frame(socket)
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("interactive", True)
    await acknowledge(socket, envelope, {"response_action": "errors", "errors": {"name": "No."}})
    assert (await submitting).errors == {"name": "No."}
    await socket.close()


async def test_an_event_that_is_not_acknowledged_comes_once_more(bot: Bot) -> None:
    bot.sandbox.settings.deadline = 1.0
    socket = await bot.link()
    opening = asyncio.create_task(bot.sandbox.open_home(ASHA))
    first, again = await frame(socket), await frame(socket)
    assert (first["type"], first["accepts_response_payload"]) == ("events_api", False)
    assert [(each["retry_attempt"], each["retry_reason"]) for each in (first, again)] == [
        (0, ""),
        (1, "http_timeout"),
    ]
    assert mapping(first["payload"])["type"] == "event_callback"
    await acknowledge(socket, again)
    assert (await opening).tries == 2
    await socket.close()


async def test_without_a_connection_or_an_acknowledgement_the_person_sees_slacks_error(bot: Bot) -> None:
    assert "dispatch_failed" in str((await bot.sandbox.command(ASHA, VOICE, "help")).seen)
    socket = await bot.link()
    bot.sandbox.settings.deadline = 0.4
    typing = asyncio.create_task(bot.sandbox.command(ASHA, VOICE, "help"))
    envelope = await frame(socket)
    assert "operation_timeout" in str((await typing).seen)
    await acknowledge(socket, envelope)
    await socket.close()
    await bot.sandbox.wait_for(lambda: not bot.sandbox.sockets.lines)


async def test_envelopes_go_to_the_connections_in_turn(bot: Bot) -> None:
    sockets = [await bot.link(), await bot.link()]
    typing = asyncio.gather(*(bot.sandbox.command(ASHA, VOICE, "help") for _ in sockets))
    for socket in sockets:
        await acknowledge(socket, await frame(socket))
    assert [result.status for result in await typing] == [200, 200]
    for socket in sockets:
        await socket.close()


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "link_disabled", "too_many_websockets"])
async def test_slack_says_why_it_closes_and_closes(bot: Bot, reason: str) -> None:
    socket = await bot.link()
    await bot.sandbox.fault("socket", reason)
    said = await frame(socket)
    assert (said["type"], said["reason"]) == ("disconnect", reason)
    assert (await socket.receive(timeout=1)).type is WSMsgType.CLOSE
    lasting = reason in {"link_disabled", "too_many_websockets"}
    assert bot.sandbox.sockets.faults.current == (reason if lasting else "none")
    again = await bot.http.ws_connect(await bot.address(), autoping=False)
    assert (await frame(again))["type"] == ("disconnect" if lasting else "hello")
    await again.close()


async def test_a_connection_that_is_to_end_waits_for_its_answers(bot: Bot) -> None:
    socket = await bot.link()
    typing = asyncio.create_task(bot.sandbox.command(ASHA, VOICE, "help"))
    envelope = await frame(socket)
    await bot.sandbox.fault("socket", "link_disabled")
    await frame(socket)
    assert "dispatch_failed" in str((await bot.sandbox.command(ASHA, VOICE, "help")).seen)
    await acknowledge(socket, envelope)
    assert (await typing).status == 200
    assert (await socket.receive(timeout=1)).type is WSMsgType.CLOSE


async def test_an_app_has_ten_connections(bot: Bot) -> None:
    sockets = [await bot.link() for _ in range(10)]
    eleventh = await bot.http.ws_connect(await bot.address(), autoping=False)
    assert (await frame(eleventh))["reason"] == "too_many_websockets"
    for socket in [*sockets, eleventh]:
        await socket.close()


async def test_without_socket_mode_a_connection_is_told_so(bot: Bot) -> None:
    address = await bot.address()
    bot.sandbox.settings.socket_mode = False
    async with bot.http.ws_connect(address, autoping=False) as socket:
        assert (await frame(socket))["reason"] == "link_disabled"


async def test_a_cut_connection_ends_without_a_word(bot: Bot) -> None:
    socket = await bot.link()
    await bot.sandbox.fault("socket", "abort")
    while (message := await socket.receive(timeout=1)).type is WSMsgType.PING:
        pass
    assert (message.type, socket.close_code) == (WSMsgType.CLOSED, 1006)


async def test_a_silent_connection_answers_no_ping_and_is_still_used(bot: Bot) -> None:
    socket = await bot.link()
    await socket.ping(b"one")
    while (message := await socket.receive(timeout=1)).type is WSMsgType.PING:
        pass
    assert (message.type, bytes(message.data)) == (WSMsgType.PONG, b"one")
    await bot.sandbox.fault("socket", "silent")
    await socket.ping(b"two")
    bot.sandbox.settings.deadline = 0.4
    assert "operation_timeout" in str((await bot.sandbox.command(ASHA, VOICE, "help")).seen)
    with pytest.raises(TimeoutError):
        await socket.receive(timeout=0.05)


async def test_an_envelope_can_come_twice(bot: Bot) -> None:
    socket = await bot.link()
    await bot.sandbox.fault("socket", "duplicate", times=1)
    typing = asyncio.create_task(bot.sandbox.command(ASHA, VOICE, "help"))
    first, second = await frame(socket), await frame(socket)
    assert first == second
    await acknowledge(socket, first, {"text": "one"})
    await acknowledge(socket, second, {"text": "two"})
    assert (await typing).seen == "one"
    await socket.close()


async def test_opening_can_be_refused(bot: Bot) -> None:
    await bot.sandbox.fault("socket", "open_refused", times=1)
    assert (await bot.call("apps.connections.open", bot.sandbox.app_token))["error"] == "internal_error"
    assert (await bot.call("apps.connections.open", bot.sandbox.app_token))["ok"]


async def test_the_page_shows_the_connections_and_can_break_them(bot: Bot) -> None:
    socket = await bot.link()
    page = bot.sandbox.page_url

    async def shown() -> Json:
        async with bot.http.get(f"{page}sandbox/state", params={"as": ASHA}) as answer:
            return mapping(mapping(await answer.json())["socket"])

    assert ((await shown())["connections"], (await shown())["fault"]) == (1, "none")
    fault = {"side": "socket", "fault": "link_disabled"}
    async with bot.http.post(f"{page}sandbox/fault", json=fault) as answer:
        assert (await answer.json())["ok"]
    assert (await frame(socket))["reason"] == "link_disabled"
    assert (await shown())["fault"] == "link_disabled"
    await bot.sandbox.reset()
    assert (await shown())["fault"] == "none"


async def test_over_http_the_page_has_no_connections(sandbox: Sandbox, bot: Bot) -> None:
    sandbox.settings.socket_mode = False
    async with bot.http.get(f"{sandbox.page_url}sandbox/state", params={"as": ASHA}) as answer:
        assert (await answer.json())["socket"] is None
