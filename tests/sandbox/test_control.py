"""The control API shows each person what they see, tells of changes and refuses what it cannot read."""

import asyncio

import httpx
import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json, items, mapping
from tests.sandbox.standin import HOME, VIEW, Bot

ASHA, RIA, ZOE, VOICE = "U0ASHA001", "U0RIA0001", "U0ZOE0001", "C0VOICE01"


async def state(bot: Bot, user: str = ASHA) -> Json:
    return mapping((await bot.http.get(f"{bot.sandbox.page_url}sandbox/state", params={"as": user})).json())


async def act(bot: Bot, what: str, **body: object) -> Json:
    return mapping((await bot.http.post(f"{bot.sandbox.page_url}sandbox/{what}", json=body)).json())


async def test_the_state_has_every_part(bot: Bot) -> None:
    bot.sandbox.add_trunk("Sales")
    shown = await state(bot)
    assert set(shown) == {
        *(
            "version",
            "team",
            "command",
            "me",
            "people",
            "groups",
            "channels",
            "channel_names",
            "messages",
            "view",
        ),
        *(
            "vobiz",
            "sip",
            "slack",
            "keyboard",
            "deliveries",
            "shortcuts",
            "home",
            "home_enabled",
            "socket",
            "bot",
        ),
    }
    assert [mapping(c)["id"] for c in items(shown["channels"])] == [
        *("C0VOICE01", "C0APPROVE", "C0GENERAL", "C0WARROOM", "C0OLDPROJ", "D0ASHA001")
    ]
    vobiz = mapping(shown["vobiz"])
    assert (vobiz["account"], vobiz["fault"], vobiz["reachable"]) == ("MA_SANDBOX1", "none", True)
    assert (shown["home"], shown["home_enabled"], shown["socket"], vobiz["writes"]) == (None, True, None, 0)
    assert [mapping(s)["callback_id"] for s in items(shown["shortcuts"])] == ["create_trunk_shortcut"]
    assert mapping(items(vobiz["trunks"])[0])["name"] == "Sales"


async def test_a_public_channel_has_a_name_for_everybody_of_the_workspace_and_a_private_one_does_not(
    bot: Bot,
) -> None:
    bot.sandbox.space.channels["C0WARROOM"].people = frozenset({ASHA})
    names = {user: mapping((await state(bot, user))["channel_names"]) for user in (ASHA, RIA, ZOE)}
    assert names[RIA]["C0APPROVE"] == "trunk-approvals"
    assert names[ASHA]["C0WARROOM"] == "war-room"
    assert "C0WARROOM" not in names[RIA]
    assert set(names[ZOE]) == {VOICE, "D0ZOE0001"}


async def test_another_company_sees_the_shared_channel_only(bot: Bot) -> None:
    assert [mapping(c)["id"] for c in items((await state(bot, ZOE))["channels"])] == [VOICE, "D0ZOE0001"]


async def test_an_unknown_person_sees_nothing(bot: Bot) -> None:
    response = await bot.http.get(f"{bot.sandbox.page_url}sandbox/state?as=U0NOBODY1")
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("text", "sent", "said"),
    [("/trunk help", ["help"], []), ("hello <all>", [], ["hello &lt;all&gt;"]), ("/nope x", [], [])],
)
async def test_a_slash_makes_a_command_of_a_text(
    bot: Bot, text: str, sent: list[str], said: list[str]
) -> None:
    answer = await act(bot, "command", **{"as": ASHA}, channel=VOICE, text=text)
    assert answer == (
        {"ok": True} if text[1:5] != "nope" else {"ok": False, "error": "/nope is not a valid command."}
    )
    assert [got["text"] for got in bot.got] == sent
    assert [m.text for m in bot.sandbox.messages(VOICE)] == said


async def test_the_phone_keyboard_curls_what_is_typed(bot: Bot) -> None:
    await act(bot, "keyboard", keyboard="phone")
    await act(bot, "command", **{"as": ASHA}, channel=VOICE, text='/trunk create "Sales" in 5')
    assert bot.got[0]["text"] == "create “Sales” in 5"
    assert (await state(bot))["keyboard"] == "phone"


async def test_a_form_is_opened_submitted_and_refused_over_the_api(bot: Bot) -> None:
    bot.opens(VIEW)
    await act(bot, "command", **{"as": ASHA}, channel=VOICE, text="/trunk")
    view = mapping((await state(bot))["view"])
    assert (await state(bot, ZOE))["view"] is None
    bot.react, bot.answer = None, {"response_action": "errors", "errors": {"name": "No"}}
    values = mapping(view["state"])["values"]
    answer = await act(bot, "submit", **{"as": ASHA}, view_id=view["id"], values=values)
    assert answer == {"ok": False, "errors": {"name": "No"}}
    assert mapping((await state(bot))["view"])["errors"] == {"name": "No"}
    bot.answer = ""
    pressed = await act(
        bot, "action", **{"as": ASHA}, view_id=view["id"], block_id="buttons", action_id="more"
    )
    assert (pressed, bot.got[-1]["type"]) == ({"ok": True}, "block_actions")
    typed = {"name": {"name": {"type": "plain_text_input", "value": "West"}}}
    await act(
        bot, "action", **{"as": ASHA}, view_id=view["id"], block_id="buttons", action_id="more", values=typed
    )
    # What stands in the form on the page is the state that Slack sends with what is chosen in it.
    assert mapping(mapping(bot.got[-1]["view"])["state"]) == {"values": typed}
    assert await act(bot, "close", **{"as": ASHA}, view_id=view["id"]) == {"ok": True}
    assert (await state(bot))["view"] is None


async def test_a_home_is_opened_and_pressed_over_the_api(bot: Bot) -> None:
    bot.at_home(HOME)
    assert await act(bot, "home", **{"as": RIA}) == {"ok": True}
    home = mapping((await state(bot, RIA))["home"])
    assert (await state(bot))["home"] is None
    press = {"view_id": home["id"], "block_id": "one", "action_id": "decide"}
    assert (await act(bot, "action", **{"as": ASHA}, **press))["error"] == "the view is closed"
    assert await act(bot, "action", **{"as": RIA}, **press) == {"ok": True}
    assert mapping((await state(bot, RIA))["view"])["callback_id"] == "form"


async def test_a_shortcut_is_chosen_over_the_api(bot: Bot) -> None:
    bot.opens(VIEW)
    chosen = {"as": RIA, "callback_id": "create_trunk_shortcut", "channel": VOICE}
    assert await act(bot, "shortcut", **chosen) == {"ok": True}
    assert mapping((await state(bot, RIA))["view"])["callback_id"] == "form"
    bot.react, bot.answer = None, 500
    sorry = "Sorry, that hasn't worked. Try again?"
    assert await act(bot, "shortcut", **chosen) == {"ok": False, "error": sorry}


async def test_faults_are_switched_and_reset_clears_everything(bot: Bot) -> None:
    bot.sandbox.add_trunk("Sales")
    bot.sandbox.composer.say(ASHA, VOICE, "hi")
    assert await act(bot, "fault", side="vobiz", fault="unreachable") == {"ok": True}
    assert await act(bot, "fault", side="slack", fault="non_json") == {"ok": True}
    shown = await state(bot)
    assert (mapping(shown["vobiz"])["reachable"], mapping(shown["slack"])["fault"]) == (False, "non_json")
    assert await act(bot, "reset") == {"ok": True}
    shown = await state(bot)
    assert (mapping(shown["vobiz"])["reachable"], mapping(shown["slack"])["fault"]) == (True, "none")
    assert (mapping(shown["vobiz"])["trunks"], shown["messages"], shown["deliveries"]) == ([], [], [])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("fault", {"side": "vobiz", "fault": "nonsense"}),
        ("fault", {"side": "moon", "fault": "none"}),
        ("command", {"as": "U0NOBODY1", "channel": VOICE, "text": "x"}),
        ("submit", {"as": ASHA, "view_id": "V1", "values": {}}),
        ("close", {"as": ASHA, "view_id": "V1"}),
        ("action", {"as": ASHA, "channel": VOICE, "ts": "1.0", "action_id": "x", "block_id": "x"}),
        ("action", {"as": ASHA, "view_id": "V1", "action_id": "x", "block_id": "x"}),
        ("home", {"as": "U0NOBODY1"}),
        ("shortcut", {"as": ASHA, "callback_id": "nope"}),
        ("shortcut", {"as": ASHA, "callback_id": "create_trunk_shortcut", "channel": "C0NOWHERE"}),
    ],
)
async def test_what_does_not_exist_is_refused(bot: Bot, path: str, body: Json) -> None:
    response = await bot.http.post(f"{bot.sandbox.page_url}sandbox/{path}", json=body)
    assert (response.status_code, response.json()["ok"]) == (404, False)


@pytest.mark.parametrize(("kind", "body"), [("text/plain", b"{}"), ("application/json", b"{")])
async def test_acts_are_json_objects_only(bot: Bot, kind: str, body: bytes) -> None:
    url = f"{bot.sandbox.page_url}sandbox/reset"
    response = await bot.http.post(url, content=body, headers={"Content-Type": kind})
    assert response.status_code == 400


async def test_changes_are_told_as_they_happen(bot: Bot) -> None:
    async with bot.http.stream("GET", f"{bot.sandbox.page_url}sandbox/changes") as stream:
        lines = stream.aiter_lines()
        first = await anext(lines)
        await anext(lines)
        bot.sandbox.composer.say(ASHA, VOICE, "hi")
        second = await anext(lines)
    assert stream.headers["content-type"] == "text/event-stream"
    assert int(second.split(": ")[2].rstrip("}")) > int(first.split(": ")[2].rstrip("}"))


@pytest.mark.parametrize(
    "path", ["page/nothing.js", "page/..%2fserver.py", "page/%2e%2e%2fserver.py", "page/page.py"]
)
async def test_only_files_of_the_page_are_served(bot: Bot, path: str) -> None:
    assert (await bot.http.get(bot.sandbox.page_url + path)).status_code == 404


async def test_the_page_is_never_cached(bot: Bot) -> None:
    response = await bot.http.get(bot.sandbox.page_url)
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    assert response.headers["content-type"] == "text/html; charset=utf-8"


async def test_stopping_is_quick_with_open_streams_and_hanging_calls(http: httpx.AsyncClient) -> None:
    sandbox = Sandbox()
    await sandbox.start()
    await sandbox.fault("vobiz", "hang")
    headers = {"X-Auth-ID": sandbox.vobiz_auth_id, "X-Auth-Token": sandbox.vobiz_auth_token}
    url = f"{sandbox.vobiz_api_url}/api/v1/Account/{sandbox.vobiz_auth_id}/trunks"
    body = {"name": "x", "trunk_type": "INBOUND", "max_concurrent_calls": 1}
    hanging = asyncio.create_task(http.post(url, json=body, headers=headers))
    await sandbox.wait_for(lambda: sandbox.vobiz_posts)
    async with http.stream("GET", f"{sandbox.page_url}sandbox/changes"):
        async with asyncio.timeout(1):
            await sandbox.stop()
    with pytest.raises(httpx.TransportError):
        await hanging


async def test_waiting_ends_with_the_change_or_the_patience(sandbox: Sandbox) -> None:
    waiting = asyncio.create_task(sandbox.wait_for(lambda: sandbox.trunks))
    await asyncio.sleep(0)
    sandbox.add_trunk("Sales")
    assert len(await waiting) == 1
    with pytest.raises(TimeoutError):
        await sandbox.wait_for(lambda: False, timeout=0.01)


async def test_a_trunk_is_changed_as_in_the_console(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    trunk = sandbox.add_trunk("Sales")
    about = {"trunk": trunk["trunk_id"]}
    acts: tuple[Json, ...] = ({"act": "calls", "value": "50"}, {"act": "status"})
    for act in acts:
        response = await http.post(f"{sandbox.page_url}sandbox/console", json=about | act)
        assert response.json() == {"ok": True}
    assert (trunk["concurrent_calls_limit"], trunk["trunk_status"]) == (50, "inactive")
    for wrong in ({"act": "calls", "value": "many"}, {"act": "rename"}):
        assert (await http.post(f"{sandbox.page_url}sandbox/console", json=about | wrong)).status_code == 404
    await http.post(f"{sandbox.page_url}sandbox/console", json=about | {"act": "delete"})
    assert sandbox.trunks == []
    gone = await http.post(f"{sandbox.page_url}sandbox/console", json=about | {"act": "delete"})
    assert gone.status_code == 404
