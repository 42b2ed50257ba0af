"""The Web API refuses what Slack's refuses: tokens, scopes, arguments, channels, triggers, views."""

from dataclasses import replace

import httpx
import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json, items, mapping
from tests.sandbox.standin import VIEW, Bot, Clock

ASHA, OMAR = "U0ASHA001", "U0OMAR001"
VOICE, GENERAL, WARROOM, OLD = "C0VOICE01", "C0GENERAL", "C0WARROOM", "C0OLDPROJ"


def trigger(sandbox: Sandbox, user: str = ASHA) -> str:
    return sandbox.space.triggers.issue(user).id


async def opened(bot: Bot, user: str = ASHA, **changes: object) -> Json:
    answer = await bot.call("views.open", trigger_id=trigger(bot.sandbox, user), view={**VIEW, **changes})
    assert answer["ok"]
    return mapping(answer["view"])


async def test_auth_test_says_who_the_bot_is_and_what_it_may(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
    response = await http.get(f"{sandbox.slack_api_url}auth.test", headers=headers)
    answer = response.json()
    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0ACME001", "U0TRUNKBT", "B0TRUNKBT")
    assert response.headers["x-oauth-scopes"] == "chat:write,commands,usergroups:read"


@pytest.mark.parametrize(
    ("token", "error"), [("", "not_authed"), ("Bearer xoxb-other", "invalid_auth")], ids=["none", "unknown"]
)
async def test_a_call_needs_the_token(
    sandbox: Sandbox, http: httpx.AsyncClient, token: str, error: str
) -> None:
    response = await http.post(f"{sandbox.slack_api_url}auth.test", headers={"Authorization": token})
    assert response.json() == {"ok": False, "error": error}


async def test_a_revoked_token_is_refused(bot: Bot) -> None:
    bot.sandbox.space.token_error = "token_revoked"
    assert (await bot.call("auth.test"))["error"] == "token_revoked"


async def test_a_revoked_token_is_a_fault_and_the_app_token_another(bot: Bot) -> None:
    await bot.sandbox.fault("slack", "token_revoked")
    assert (await bot.call("chat.postMessage", channel=VOICE, text="x"))["error"] == "token_revoked"
    assert (await bot.call("apps.connections.open"))["error"] != "token_revoked"
    await bot.sandbox.fault("slack", "none")
    assert (await bot.call("auth.test"))["ok"] is True


async def test_a_missing_scope_is_named(bot: Bot) -> None:
    bot.sandbox.settings.scopes = frozenset({"commands"})
    assert await bot.call("chat.postMessage", channel=VOICE, text="x") == {
        "ok": False,
        "error": "missing_scope",
        "needed": "chat:write",
        "provided": "commands",
    }


@pytest.mark.parametrize("method", ["chat.shout", "chat.delete"])
async def test_an_unknown_method_is_loud(bot: Bot, method: str) -> None:
    assert (await bot.call(method))["error"] == "unknown_method"


@pytest.mark.parametrize(
    ("kind", "body", "error"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[]", "json_not_object"),
        ("text/plain", b"x", "invalid_post_type"),
    ],
)
async def test_arguments_that_can_not_be_read_are_refused(
    sandbox: Sandbox, http: httpx.AsyncClient, kind: str, body: bytes, error: str
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.bot_token}", "Content-Type": kind}
    response = await http.post(f"{sandbox.slack_api_url}auth.test", content=body, headers=headers)
    assert response.json()["error"] == error


async def test_arguments_may_come_as_a_form_with_json_inside(
    sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    blocks = '[{"type":"section","text":{"type":"plain_text","text":"hello"}}]'
    form = {"token": sandbox.bot_token, "channel": VOICE, "text": "x", "blocks": blocks}
    answer = (await http.post(f"{sandbox.slack_api_url}chat.postMessage", data=form)).json()
    assert (answer["ok"], sandbox.messages(VOICE)[0].words) == (True, "hello")


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        (GENERAL, "not_in_channel"),
        (WARROOM, "channel_not_found"),
        (OLD, "is_archived"),
        ("C0NOWHERE", "channel_not_found"),
        ("", "channel_not_found"),
    ],
)
async def test_where_the_bot_may_not_post(bot: Bot, channel: str, error: str) -> None:
    assert (await bot.call("chat.postMessage", channel=channel, text="x"))["error"] == error


async def test_chat_write_public_opens_public_channels_only(bot: Bot) -> None:
    bot.sandbox.settings.scopes |= {"chat:write.public"}
    assert (await bot.call("chat.postMessage", channel=GENERAL, text="x"))["ok"]
    assert (await bot.call("chat.postMessage", channel=WARROOM, text="x"))["error"] == "channel_not_found"


async def test_posting_to_a_person_reaches_the_dm(bot: Bot) -> None:
    answer = await bot.call("chat.postMessage", channel=ASHA, text="hello")
    assert answer["channel"] == "D0ASHA001"
    assert [message.text for message in bot.sandbox.messages("D0ASHA001")] == ["hello"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({}, "no_text"),
        ({"blocks": "[]"}, "invalid_blocks_format"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"text": "x", "attachments": [{}] * 101}, "too_many_attachments"),
    ],
    ids=["nothing", "blocks-as-text", "too-long", "attachments"],
)
async def test_content_that_is_refused(bot: Bot, content: Json, error: str) -> None:
    assert (await bot.call("chat.postMessage", channel=VOICE, **content))["error"] == error


async def test_blocks_are_refused_with_the_place(bot: Bot) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]
    answer = await bot.call("chat.postMessage", channel=VOICE, text="x", blocks=blocks)
    assert answer["error"] == "invalid_blocks"
    assert mapping(answer["response_metadata"])["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]
    assert bot.sandbox.messages(VOICE) == []


async def test_a_channel_takes_a_burst_and_then_one_message_a_second(
    sandbox: Sandbox, http: httpx.AsyncClient, clock: Clock
) -> None:
    sandbox.settings.post_burst = 2

    async def post() -> httpx.Response:
        form = {"token": sandbox.bot_token, "channel": VOICE, "text": "x"}
        return await http.post(f"{sandbox.slack_api_url}chat.postMessage", data=form)

    assert [(await post()).status_code for _ in range(3)] == [200, 200, 429]
    refused = await post()
    assert (refused.headers["Retry-After"], refused.json()["error"]) == ("1", "ratelimited")
    clock.now += 1
    assert [(await post()).status_code for _ in range(2)] == [200, 429]
    sandbox.settings.post_burst = None
    assert (await post()).status_code == 200


async def test_a_message_can_be_updated_by_its_author_only(bot: Bot) -> None:
    posted = await bot.call("chat.postMessage", channel=VOICE, text="one")
    bot.sandbox.composer.say(ASHA, VOICE, "mine")
    mine = bot.sandbox.messages(VOICE)[1].ts
    assert (await bot.call("chat.update", channel=VOICE, ts=posted["ts"], text="two"))["ok"]
    assert (await bot.call("chat.update", channel=VOICE, ts=mine, text="x"))["error"] == "cant_update_message"
    assert (await bot.call("chat.update", channel=VOICE, ts="1.0", text="x"))["error"] == "message_not_found"
    assert [(m.text, m.edited) for m in bot.sandbox.messages(VOICE)] == [("two", True), ("mine", False)]


async def test_an_ephemeral_message_is_seen_by_its_person_only(bot: Bot) -> None:
    answer = await bot.call("chat.postEphemeral", channel=VOICE, user=ASHA, text="psst")
    assert answer["ok"]
    assert [m.text for m in bot.sandbox.messages(VOICE, as_user=ASHA)] == ["psst"]
    assert bot.sandbox.messages(VOICE, as_user=OMAR) == []
    refused = await bot.call("chat.postEphemeral", channel=VOICE, user="U0NOBODY1", text="x")
    assert refused["error"] == "user_not_in_channel"


async def test_groups_people_and_channels_can_be_read_with_the_scope(bot: Bot) -> None:
    assert (await bot.call("usergroups.users.list", usergroup="S0ONCALL1"))["users"] == [OMAR]
    assert (await bot.call("usergroups.users.list", usergroup="S0NONE"))["error"] == "no_such_subteam"
    assert (await bot.call("users.info", user=ASHA))["error"] == "missing_scope"
    bot.sandbox.settings.scopes |= {"users:read", "channels:read", "im:write"}
    assert mapping((await bot.call("users.info", user="U0ZOE0001"))["user"])["team_id"] == "T0OTHER01"
    assert mapping((await bot.call("conversations.info", channel=OLD))["channel"])["is_archived"] is True
    assert (await bot.call("conversations.info", channel=WARROOM))["error"] == "channel_not_found"
    assert mapping((await bot.call("conversations.open", users=ASHA))["channel"])["id"] == "D0ASHA001"


async def test_a_trigger_opens_one_view_within_three_seconds(bot: Bot, clock: Clock) -> None:
    first, late = trigger(bot.sandbox), trigger(bot.sandbox)
    clock.now += 3
    assert (await bot.call("views.open", trigger_id=first, view=VIEW))["ok"]
    assert (await bot.call("views.open", trigger_id=first, view=VIEW))["error"] == "exchanged_trigger_id"
    clock.now += 0.001
    assert (await bot.call("views.open", trigger_id=late, view=VIEW))["error"] == "expired_trigger_id"
    assert (await bot.call("views.open", trigger_id="1.2.x", view=VIEW))["error"] == "invalid_trigger_id"


async def test_a_view_that_is_refused_leaves_the_trigger_unused(bot: Bot) -> None:
    once = trigger(bot.sandbox)
    title = {"type": "plain_text", "text": "x" * 25}
    refused = await bot.call("views.open", trigger_id=once, view={**VIEW, "title": title})
    assert (refused["error"], bot.sandbox.view_of(ASHA)) == ("invalid_arguments", None)
    assert "less than 25" in str(items(mapping(refused["response_metadata"])["messages"])[0])
    assert (await bot.call("views.open", trigger_id=once, view=VIEW))["ok"]


async def test_a_huge_view_is_too_large(bot: Bot) -> None:
    block = {"type": "section", "text": {"type": "plain_text", "text": "😀" * 3000}}
    view = {**VIEW, "blocks": [block] * 30}
    answer = await bot.call("views.open", trigger_id=trigger(bot.sandbox), view=view)
    assert answer["error"] == "view_too_large"


async def test_an_update_needs_the_last_hash_and_an_open_view(bot: Bot) -> None:
    view = await opened(bot)
    new = {**VIEW, "callback_id": "second"}
    updated = await bot.call("views.update", view_id=view["id"], hash=view["hash"], view=new)
    stale = await bot.call("views.update", view_id=view["id"], hash=view["hash"], view=new)
    assert (updated["ok"], stale["error"]) == (True, "hash_conflict")
    assert mapping(updated["view"])["hash"] != view["hash"]
    await bot.sandbox.close(ASHA)
    assert (await bot.call("views.update", view_id=view["id"], view=new))["error"] == "not_found"


async def test_typed_values_survive_an_update_where_the_ids_stay(bot: Bot) -> None:
    view = await opened(bot)
    bot.sandbox.fill(ASHA, name="Typed", calls=7)
    blocks = items(VIEW["blocks"])
    renamed = {**mapping(blocks[1]), "block_id": "calls2"}
    await bot.call("views.update", view_id=view["id"], view={**VIEW, "blocks": [blocks[0], renamed]})
    front = bot.sandbox.view_of(ASHA)
    assert front is not None
    assert front.values["name"]["name"]["value"] == "Typed"
    assert front.values["calls2"]["calls"]["value"] is None


async def test_the_stack_holds_three_views(bot: Bot) -> None:
    root = await opened(bot)
    for _ in range(2):
        assert (await bot.call("views.push", trigger_id=trigger(bot.sandbox), view=VIEW))["ok"]
    fourth = await bot.call("views.push", trigger_id=trigger(bot.sandbox), view=VIEW)
    assert fourth["error"] == "push_limit_reached"
    stack = bot.sandbox.views_of(ASHA)
    assert [(v.root, v.previous) for v in stack] == [
        (root["id"], None),
        (root["id"], stack[0].id),
        (root["id"], stack[1].id),
    ]
    await bot.sandbox.close(ASHA)
    assert len(bot.sandbox.views_of(ASHA)) == 2
    await bot.sandbox.close(ASHA, everything=True)
    assert bot.sandbox.views_of(ASHA) == []


async def test_nothing_can_be_pushed_without_an_open_view(bot: Bot) -> None:
    pushed = await bot.call("views.push", trigger_id=trigger(bot.sandbox), view=VIEW)
    assert pushed["error"] == "invalid_trigger_id"


async def test_an_external_id_is_unique_while_its_view_is_open(bot: Bot) -> None:
    await opened(bot, external_id="one")
    view = {**VIEW, "external_id": "one"}
    twin = await bot.call("views.open", trigger_id=trigger(bot.sandbox, OMAR), view=view)
    assert twin["error"] == "duplicate_external_id"
    assert (await bot.call("views.update", external_id="one", view=view))["ok"]
    await bot.sandbox.close(ASHA)
    assert (await bot.call("views.open", trigger_id=trigger(bot.sandbox, OMAR), view=view))["ok"]


@pytest.mark.parametrize(
    ("fault", "method", "status", "error"),
    [
        ("views_open_error", "views.open", 200, "internal_error"),
        ("views_open_slow", "views.open", 200, None),
        ("post_not_in_channel", "chat.postMessage", 200, "not_in_channel"),
        ("post_rate_limited", "chat.postMessage", 429, "ratelimited"),
    ],
)
async def test_a_fault_of_slack(bot: Bot, fault: str, method: str, status: int, error: str | None) -> None:
    sandbox = bot.sandbox
    await sandbox.fault("slack", fault)
    args = {"channel": VOICE, "text": "x", "trigger_id": trigger(sandbox), "view": VIEW}
    headers = {"Authorization": f"Bearer {sandbox.bot_token}"}
    response = await bot.http.post(sandbox.slack_api_url + method, json=args, headers=headers)
    assert (response.status_code, response.json().get("error")) == (status, error)
    assert sandbox.slack_calls[-1].error == error
    assert sandbox.messages(VOICE) == []


async def test_post_not_in_channel_leaves_direct_messages_alone(bot: Bot) -> None:
    await bot.sandbox.fault("slack", "post_not_in_channel")
    assert (await bot.call("chat.postMessage", channel=ASHA, text="x"))["ok"]


@pytest.mark.parametrize(("fault", "status"), [("post_error", 500), ("non_json", 200)])
async def test_a_fault_that_answers_a_web_page(
    sandbox: Sandbox, http: httpx.AsyncClient, fault: str, status: int
) -> None:
    await sandbox.fault("slack", fault)
    form = {"token": sandbox.bot_token, "channel": VOICE, "text": "x"}
    response = await http.post(f"{sandbox.slack_api_url}chat.postMessage", data=form)
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert sandbox.messages(VOICE) == []


async def test_post_reset_after_posts_and_breaks_the_connection(bot: Bot) -> None:
    await bot.sandbox.fault("slack", "post_reset_after", times=1)
    with pytest.raises(httpx.ReadError):
        await bot.call("chat.postMessage", channel=VOICE, text="x")
    assert len(bot.sandbox.messages(VOICE)) == 1
    assert (await bot.call("chat.postMessage", channel=VOICE, text="x"))["ok"]


async def test_recorded_calls_hold_no_token_and_no_trigger(bot: Bot) -> None:
    await opened(bot)
    (call,) = bot.sandbox.slack_calls
    assert (call.method, set(call.args)) == ("views.open", {"view"})


async def test_a_tier_takes_so_many_calls_a_minute(bot: Bot, clock: Clock) -> None:
    await bot.sandbox.fault("slack", "tier_limits")
    said = [(await bot.call("usergroups.list")).get("error") for _ in range(21)]
    assert said == [None] * 20 + ["ratelimited"]
    assert (await bot.call("auth.test"))["ok"]
    clock.now += 60
    assert (await bot.call("usergroups.list"))["ok"]


async def test_the_directory_can_be_told_otherwise(bot: Bot) -> None:
    async def members() -> object:
        groups = (await bot.call("usergroups.list", include_users="true"))["usergroups"]
        assert isinstance(groups, list)
        return {group["id"]: (group["users"], bool(group["date_delete"])) for group in groups}

    assert await members() == {"S0ONCALL1": ([OMAR], False)}
    await bot.sandbox.fault("slack", "group_disabled")
    assert await members() == {"S0ONCALL1": ([OMAR], True)}
    assert (await bot.call("usergroups.users.list", usergroup="S0ONCALL1"))["error"] == "no_such_subteam"
    await bot.sandbox.fault("slack", "group_gone")
    assert await members() == {}
    await bot.sandbox.fault("slack", "member_left")
    assert await members() == {"S0ONCALL1": ([], False)}
    assert (await bot.call("chat.postMessage", channel=OMAR, text="x"))["error"] == "channel_not_found"
    assert (await bot.call("chat.postMessage", channel=ASHA, text="x"))["ok"]
    await bot.sandbox.fault("slack", "organisation")
    assert (await bot.call("auth.test"))["enterprise_id"] == "E0ACMEORG"
    space = bot.sandbox.space
    guest = replace(space.people["U0ZOE0001"], id="U0GUEST01", team="T0GUEST01")
    space.people[guest.id] = guest
    assert space.enterprise("U0ZOE0001") == "E0ACMEORG"
    assert space.enterprise("U0GUEST01") is None
