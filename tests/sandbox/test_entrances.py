"""A person opens the app's Home or chooses a shortcut, and the bot gets what Slack would send."""

import asyncio
import hashlib
import hmac

import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Shortcut
from bot.sandbox.shape import Json, items, mapping
from tests.sandbox.standin import HOME, VIEW, Answer, Bot, Clock

ASHA, RIA, ZOE = "U0ASHA001", "U0RIA0001", "U0ZOE0001"
VOICE, WARROOM, APPROVE = "C0VOICE01", "C0WARROOM", "C0APPROVE"
CREATE = "create_trunk_shortcut"


async def published(bot: Bot, user: str = RIA, **changes: object) -> Json:
    return await bot.call("views.publish", user_id=user, view={**HOME, **changes})


async def test_opening_the_home_sends_a_signed_event(bot: Bot) -> None:
    result = await bot.sandbox.open_home(ZOE)
    (envelope,) = bot.got
    base = b"v0:" + bot.headers["X-Slack-Request-Timestamp"].encode() + b":" + bot.body
    digest = hmac.new(bot.sandbox.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    assert (bot.headers["Content-Type"], bot.headers["X-Slack-Signature"]) == (
        "application/json",
        f"v0={digest}",
    )
    assert "X-Slack-Retry-Num" not in bot.headers
    assert (result.status, result.tries) == (200, 1)
    assert envelope["event"] == {
        "type": "app_home_opened",
        "user": ZOE,
        "channel": "D0ZOE0001",
        "tab": "home",
        "event_ts": "1800000000.000000",
    }
    assert (envelope["type"], envelope["team_id"], envelope["api_app_id"], envelope["event_time"]) == (
        *("event_callback", "T0ACME001", "A0TRUNKBT", 1_800_000_000),
    )
    assert mapping(items(envelope["authorizations"])[0])["user_id"] == "U0TRUNKBT"
    assert str(envelope["event_id"]).startswith("Ev")


async def test_the_event_carries_the_home_that_is_there(bot: Bot) -> None:
    await published(bot)
    await bot.sandbox.open_home(RIA)
    view = mapping(mapping(bot.got[0]["event"])["view"])
    home = bot.sandbox.home_of(RIA)
    assert home is not None
    assert (view["id"], view["hash"], view["type"]) == (home.id, home.hash, "home")
    await bot.sandbox.open_home(RIA, tab="messages")
    assert (mapping(bot.got[1]["event"])["tab"], "view" in mapping(bot.got[1]["event"])) == (
        "messages",
        False,
    )


@pytest.mark.parametrize(
    ("answer", "reason"), [(500, "http_error"), (404, "http_error"), (None, "http_timeout")], ids=str
)
async def test_an_event_is_tried_once_more(bot: Bot, answer: Answer | None, reason: str) -> None:
    async def react(_: Json) -> Answer:
        if len(bot.got) > 1:
            return ""
        if answer is None:
            await asyncio.Event().wait()
        return answer or ""

    bot.sandbox.settings.deadline = 0.5
    bot.react = react
    result = await bot.sandbox.open_home(RIA)
    assert (result.status, result.tries) == (200, 2)
    assert (bot.headers["X-Slack-Retry-Num"], bot.headers["X-Slack-Retry-Reason"]) == ("1", reason)
    assert bot.got[0] == bot.got[1]
    assert [d.what for d in bot.sandbox.deliveries] == [
        "app_home_opened home, retry 1",
        "app_home_opened home",
    ]


async def test_a_bot_that_is_gone_is_tried_twice_and_no_more(sandbox: Sandbox) -> None:
    sandbox.connect("http://127.0.0.1:1")
    result = await sandbox.open_home(RIA)
    assert (result.status, result.tries) == (None, 2)


async def test_a_bot_can_refuse_the_retry(bot: Bot) -> None:
    bot.answer, bot.answer_headers = 500, {"X-Slack-No-Retry": "1"}
    assert (await bot.sandbox.open_home(RIA)).tries == 1


async def test_a_home_is_published_for_one_person_and_keeps_its_id(bot: Bot) -> None:
    first = mapping((await published(bot))["view"])
    second = mapping((await published(bot, callback_id="again"))["view"])
    assert (first["type"], first["title"], first["submit"], first["root_view_id"]) == (
        *("home", None, None, first["id"]),
    )
    assert (second["id"], second["callback_id"]) == (first["id"], "again")
    assert second["hash"] != first["hash"]
    assert bot.sandbox.home_of(ASHA) is None


@pytest.mark.parametrize(
    ("view", "error"),
    [
        ({**HOME, "submit": {"type": "plain_text", "text": "Send"}}, "invalid additional property: submit"),
        ({**HOME, "close": {"type": "plain_text", "text": "Bye"}}, "invalid additional property: close"),
        ({**HOME, "title": {"type": "plain_text", "text": "Home"}}, "invalid additional property: title"),
        (VIEW, "unsupported type: modal"),
        ({"type": "home"}, "missing required field: blocks"),
        (
            {"type": "home", "blocks": [{"type": "alert", "text": {"type": "plain_text", "text": "x"}}]},
            "unsupported type: alert",
        ),
    ],
    ids=["submit", "close", "title", "modal", "empty", "alert"],
)
async def test_a_home_is_checked_as_one(bot: Bot, view: Json, error: str) -> None:
    answer = await bot.call("views.publish", user_id=RIA, view=view)
    assert answer["error"] == "invalid_arguments"
    assert error in str(mapping(answer["response_metadata"])["messages"])


async def test_a_home_needs_a_person_a_fresh_hash_and_an_id_of_its_own(bot: Bot) -> None:
    assert (await published(bot, "U0NOBODY1"))["error"] == "invalid_arguments"
    made = mapping((await published(bot, external_id="home-ria"))["view"])
    conflict = await bot.call("views.publish", user_id=RIA, view=HOME, hash="1.stale")
    assert conflict["error"] == "hash_conflict"
    assert (await bot.call("views.publish", user_id=RIA, view=HOME, hash=made["hash"]))["ok"]
    assert (await published(bot, external_id="home-ria"))["ok"]
    assert (await published(bot, ASHA, external_id="home-ria"))["error"] == "duplicate_external_id"
    large = {"type": "home", "blocks": [], "private_metadata": "x" * 250_000}
    assert (await bot.call("views.publish", user_id=RIA, view=large))["error"] == "view_too_large"


async def test_an_app_without_a_home_has_none(bot: Bot) -> None:
    bot.sandbox.settings.home = False
    assert (await published(bot))["error"] == "not_enabled"
    with pytest.raises(LookupError, match="not enabled"):
        await bot.sandbox.open_home(RIA)
    assert bot.got == []


async def test_a_button_on_the_home_sends_its_view_and_can_open_a_modal(bot: Bot) -> None:
    bot.at_home(HOME)
    await bot.sandbox.open_home(RIA)
    result = await bot.sandbox.action(RIA, "decide", home=True)
    payload = bot.got[-1]
    home = bot.sandbox.home_of(RIA)
    assert home is not None
    assert (result.status, payload["type"]) == (200, "block_actions")
    assert payload["container"] == {"type": "view", "view_id": home.id}
    assert mapping(payload["view"])["type"] == "home"
    assert {"channel", "message", "response_url"}.isdisjoint(payload)
    assert mapping(items(payload["actions"])[0])["value"] == "1"
    modal = bot.sandbox.view_of(RIA)
    assert modal is not None
    assert modal.callback_id == "form"


async def test_a_button_is_looked_for_where_it_was_asked_for(bot: Bot) -> None:
    await published(bot)
    with pytest.raises(LookupError, match="sees no 'decide'"):
        await bot.sandbox.action(RIA, "decide")
    with pytest.raises(LookupError, match="sees no 'decide'"):
        await bot.sandbox.action(ASHA, "decide", home=True)
    home = bot.sandbox.home_of(RIA)
    assert home is not None
    assert (await bot.sandbox.action(RIA, "decide", view_id=home.id)).status == 200


async def test_a_shortcut_sends_no_place(bot: Bot) -> None:
    bot.opens(VIEW)
    result = await bot.sandbox.shortcut(ZOE, CREATE, VOICE)
    (payload,) = bot.got
    assert set(payload) == {
        *("type", "callback_id", "trigger_id", "user", "team", "token", "action_ts"),
        *("is_enterprise_install", "enterprise"),
    }
    assert (payload["type"], payload["callback_id"]) == ("shortcut", CREATE)
    assert mapping(payload["user"])["team_id"] == "T0OTHER01"
    assert (result.ok, result.status) == (True, 200)
    assert result.opened_ms is not None
    assert bot.sandbox.view_of(ZOE) is not None


@pytest.mark.parametrize("answer", [404, 500], ids=str)
async def test_a_shortcut_that_fails_is_said(bot: Bot, answer: int) -> None:
    bot.answer = answer
    result = await bot.sandbox.shortcut(RIA, CREATE)
    assert (result.status, result.seen) == (answer, "Sorry, that hasn't worked. Try again?")


async def test_only_the_apps_own_shortcuts_can_be_chosen(bot: Bot) -> None:
    bot.sandbox.settings.shortcuts = (Shortcut("list", "List", "Shows the trunks"),)
    with pytest.raises(LookupError, match="no shortcut"):
        await bot.sandbox.shortcut(RIA, CREATE)
    assert (await bot.sandbox.shortcut(RIA, "list")).ok


def picker(**element: object) -> Json:
    block: Json = {
        "type": "input",
        "block_id": "where",
        "label": {"type": "plain_text", "text": "Post the result in"},
        "element": {"type": "conversations_select", "action_id": "where", **element},
    }
    return {**VIEW, "blocks": [block]}


def chosen(bot: Bot, user: str = RIA) -> object:
    view = bot.sandbox.view_of(user)
    assert view is not None
    return view.values["where"]["where"]["selected_conversation"]


@pytest.mark.parametrize(
    ("channel", "start"), [(VOICE, VOICE), (None, None), (APPROVE, None)], ids=["in", "nowhere", "not-hers"]
)
async def test_a_picker_starts_with_the_channel_in_view(
    bot: Bot, channel: str | None, start: str | None
) -> None:
    bot.opens(picker(default_to_current_conversation=True))
    await bot.sandbox.shortcut(RIA, CREATE, channel)
    assert chosen(bot) == start


async def test_a_person_can_choose_the_conversations_of_theirs_that_are_offered(bot: Bot) -> None:
    bot.opens(picker(filter={"include": ["public", "private"]}))
    await bot.sandbox.shortcut(RIA, CREATE)
    assert bot.sandbox.refusals(RIA) == {"where": "Please complete this required field."}
    for refused in (APPROVE, "C0OLDPROJ", "D0RIA0001"):
        with pytest.raises(LookupError, match="no conversation"):
            bot.sandbox.fill(RIA, where=refused)
    bot.sandbox.fill(RIA, where=WARROOM)
    assert bot.sandbox.refusals(RIA) == {}
    bot.react = None
    assert (await bot.sandbox.submit_form(RIA)).ok
    payload = bot.got[-1]
    assert mapping(mapping(payload["view"])["state"])["values"] == {
        "where": {"where": {"type": "conversations_select", "selected_conversation": WARROOM}}
    }
    assert payload["response_urls"] == []


async def test_a_picker_can_give_a_response_url_where_the_bot_is_no_member(bot: Bot, clock: Clock) -> None:
    bot.opens(picker(response_url_enabled=True, default_to_current_conversation=True))
    await bot.sandbox.shortcut(RIA, CREATE, WARROOM)
    bot.react = None
    await bot.sandbox.submit_form(RIA)
    (given,) = items(bot.got[-1]["response_urls"])
    url = mapping(given)
    assert (url["block_id"], url["action_id"], url["channel_id"]) == ("where", "where", WARROOM)
    body = {"text": "done", "response_type": "in_channel"}
    assert (await bot.http.post(str(url["response_url"]), json=body)).status_code == 200
    assert [m.text for m in bot.sandbox.messages(WARROOM)] == ["done"]
    clock.now += 1801
    assert (await bot.http.post(str(url["response_url"]), json=body)).status_code == 404
