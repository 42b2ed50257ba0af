"""What people do reaches the bot as Slack sends it, and they see what Slack would show."""

import asyncio
import hashlib
import hmac
import json

import httpx
import pytest

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json, items, mapping
from bot.sandbox.slack.composer import on_phone
from tests.sandbox.standin import CHOICE, VIEW, Answer, Bot, Clock

ASHA, OMAR, BEN, ZOE = "U0ASHA001", "U0OMAR001", "U0BEN0001", "U0ZOE0001"
VOICE, WARROOM, OLD = "C0VOICE01", "C0WARROOM", "C0OLDPROJ"
TROUBLE = "We had some trouble connecting. Try again?"


def front(bot: Bot) -> str:
    view = bot.sandbox.view_of(ASHA)
    assert view is not None
    return view.id


async def with_form(bot: Bot, **changes: object) -> None:
    bot.opens({**VIEW, **changes})
    await bot.sandbox.command(ASHA, VOICE, "")
    bot.react = None
    bot.got.clear()


async def test_a_command_arrives_signed_with_every_field(bot: Bot) -> None:
    result = await bot.sandbox.command(ZOE, VOICE, '/trunk create "Sales & <co>" outbound 10')
    (form,) = bot.got
    stamp = bot.headers["X-Slack-Request-Timestamp"]
    base = b"v0:" + stamp.encode() + b":" + bot.body
    digest = hmac.new(bot.sandbox.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    assert (bot.headers["X-Slack-Signature"], stamp) == (f"v0={digest}", "1800000000")
    assert (result.status, result.seen) == (200, None)
    assert (form["command"], form["text"]) == ("/trunk", 'create "Sales & <co>" outbound 10')
    assert (form["team_id"], form["user_id"], form["channel_id"]) == ("T0OTHER01", ZOE, VOICE)
    assert form["is_enterprise_install"] == "false"
    assert str(form["response_url"]).startswith(f"{bot.sandbox.page_url}slack/response/")


async def test_the_text_can_be_escaped_as_slack_may_do(bot: Bot) -> None:
    bot.sandbox.settings.escape_commands = True
    await bot.sandbox.command(ASHA, VOICE, "create R&D <x>")
    assert bot.got[0]["text"] == "create R&amp;D &lt;x&gt;"


@pytest.mark.parametrize(
    ("channel", "seen"),
    [(OLD, "You can't send messages in an archived channel."), ("D0OMAR001", "You are not in this channel.")],
)
async def test_where_a_person_can_not_type(bot: Bot, channel: str, seen: str) -> None:
    assert (await bot.sandbox.command(ASHA, channel, "help")).seen == seen
    assert bot.got == []


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (404, '/trunk failed with the error "http_client_error"'),
        (500, '/trunk failed with the error "500_service_error"'),
        ({"blocks": [{"type": "nonsense"}]}, '/trunk failed with the error "invalid_command_response"'),
    ],
    ids=["4xx", "5xx", "bad-blocks"],
)
async def test_what_a_person_sees_when_a_command_fails(bot: Bot, answer: Answer, seen: str) -> None:
    bot.answer = answer
    assert (await bot.sandbox.command(ASHA, VOICE, "help")).seen == seen
    assert [(m.kind, m.text) for m in bot.sandbox.messages(VOICE, ASHA)] == [("system", seen)]
    assert bot.sandbox.messages(VOICE, OMAR) == []


async def test_an_answer_after_the_deadline_is_a_timeout(bot: Bot) -> None:
    async def never(_: Json) -> Answer:
        await asyncio.Event().wait()
        return ""

    bot.react = never
    bot.sandbox.settings.deadline = 0.3
    result = await bot.sandbox.command(ASHA, VOICE, "help")
    assert (result.status, result.seen) == (None, '/trunk failed with the error "operation_timeout"')
    assert result.ms >= bot.sandbox.settings.deadline * 1000 - 20


async def test_a_bot_that_is_gone_is_a_failed_dispatch(sandbox: Sandbox) -> None:
    sandbox.connect("http://127.0.0.1:1")
    result = await sandbox.command(ASHA, VOICE, "help")
    assert (result.status, result.seen) == (None, '/trunk failed with the error "dispatch_failed"')


@pytest.mark.parametrize(
    ("answer", "texts", "others"),
    [
        ("plain words", ["plain words"], []),
        ({"text": "only you"}, ["only you"], []),
        (
            {"text": "all", "response_type": "in_channel"},
            ["/trunk a &amp; b", "all"],
            ["/trunk a &amp; b", "all"],
        ),
    ],
    ids=["text", "ephemeral", "in-channel"],
)
async def test_the_ack_of_a_command_is_a_message(
    bot: Bot, answer: Answer, texts: list[str], others: list[str]
) -> None:
    bot.answer = answer
    await bot.sandbox.command(ASHA, VOICE, "a & b")
    assert [m.text for m in bot.sandbox.messages(VOICE, ASHA)] == texts
    assert [m.text for m in bot.sandbox.messages(VOICE, OMAR)] == others


async def test_the_time_to_the_open_modal_is_measured(bot: Bot) -> None:
    async def react(payload: Json) -> Answer:
        await bot.call("views.open", trigger_id=payload["trigger_id"], view=VIEW)
        await asyncio.sleep(0.05)  # the two times do not begin at quite the same moment
        return ""

    bot.react = react
    result = await bot.sandbox.command(ASHA, VOICE, "")
    assert result.opened_ms is not None
    assert 0 < result.opened_ms < result.ms
    command = next(entry for entry in bot.sandbox.deliveries if entry.to == "Bot")
    assert command.note == f"views.open after {result.opened_ms:.1f} ms"


async def test_a_submission_has_the_shape_of_slacks(bot: Bot) -> None:
    await with_form(bot, private_metadata="secret", notify_on_close=True)
    result = await bot.sandbox.submit_form(ASHA, calls=10)
    (payload,) = bot.got
    view = mapping(payload["view"])
    assert result.ok
    assert (payload["type"], payload["enterprise"], payload["response_urls"]) == ("view_submission", None, [])
    assert mapping(payload["user"]) == {
        "id": ASHA,
        "username": "asha",
        "name": "asha",
        "team_id": "T0ACME001",
    }
    assert payload["team"] == {"id": "T0ACME001", "domain": "acme"}
    assert (view["private_metadata"], view["callback_id"]) == ("secret", "form")
    assert (view["root_view_id"], view["previous_view_id"], view["bot_id"]) == (view["id"], None, "B0TRUNKBT")
    assert mapping(view["state"])["values"] == {
        "name": {"name": {"type": "plain_text_input", "value": "Sales"}},
        "calls": {"calls": {"type": "number_input", "value": "10"}},
    }
    assert "channel" not in payload
    assert "response_url" not in payload


async def test_an_empty_ack_closes_the_view(bot: Bot) -> None:
    await with_form(bot)
    assert (await bot.sandbox.submit_form(ASHA)).ok
    assert bot.sandbox.view_of(ASHA) is None


async def test_errors_stand_under_their_inputs_and_typed_values_stay(bot: Bot) -> None:
    await with_form(bot)
    bot.answer = {"response_action": "errors", "errors": {"name": "Too short"}}
    result = await bot.sandbox.submit_form(ASHA, name="x", calls=3)
    view = bot.sandbox.view_of(ASHA)
    assert (result.ok, result.errors, result.seen) == (False, {"name": "Too short"}, None)
    assert view is not None
    assert (view.errors, view.values["calls"]["calls"]["value"]) == ({"name": "Too short"}, "3")


async def test_update_replaces_push_adds_and_clear_closes_all(bot: Bot) -> None:
    await with_form(bot)
    root = front(bot)
    bot.answer = {"response_action": "update", "view": {**VIEW, "callback_id": "second"}}
    await bot.sandbox.submit_form(ASHA)
    assert [(v.id, v.callback_id) for v in bot.sandbox.views_of(ASHA)] == [(root, "second")]
    bot.answer = {"response_action": "push", "view": VIEW}
    await bot.sandbox.submit_form(ASHA)
    await bot.sandbox.submit_form(ASHA)
    assert len(bot.sandbox.views_of(ASHA)) == 3
    assert (await bot.sandbox.submit_form(ASHA)).seen == TROUBLE
    bot.answer = {"response_action": "clear"}
    await bot.sandbox.submit_form(ASHA)
    assert bot.sandbox.views_of(ASHA) == []


@pytest.mark.parametrize(
    "answer",
    [
        "ok",
        {},
        {"text": "thanks"},
        {"response_action": "errors", "errors": {"buttons": "not an input"}},
        {"response_action": "errors", "errors": {"nowhere": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors", "errors": {"name": ""}},
        {"response_action": "update"},
        {"response_action": "update", "view": {"type": "modal"}},
        404,
        500,
    ],
    ids=str,
)
async def test_an_answer_that_slack_can_not_use_is_trouble_and_keeps_the_modal(
    bot: Bot, answer: Answer
) -> None:
    await with_form(bot)
    bot.answer = answer
    result = await bot.sandbox.submit_form(ASHA, name="kept")
    view = bot.sandbox.view_of(ASHA)
    assert (result.ok, result.seen) == (False, TROUBLE)
    assert view is not None
    assert (view.trouble, view.values["name"]["name"]["value"]) == (TROUBLE, "kept")


async def test_only_the_view_in_front_can_be_submitted(bot: Bot) -> None:
    await with_form(bot)
    with pytest.raises(LookupError):
        await bot.sandbox.submit(OMAR, front(bot), {})
    with pytest.raises(LookupError, match="no field 'colour'"):
        await bot.sandbox.submit_form(ASHA, colour="red")


async def test_the_client_checks_a_form_as_slacks_does(bot: Bot) -> None:
    await with_form(bot)
    assert bot.sandbox.refusals(ASHA) == {"calls": "Please complete this required field."}
    refusals = {}
    for typed in ("0", "101", "1.5", "ten", "٣", "1e1", "100"):
        bot.sandbox.fill(ASHA, calls=typed)
        refusals[typed] = bot.sandbox.refusals(ASHA).get("calls")
    assert refusals == {
        "0": "Please enter a number of at least 1.",
        "101": "Please enter a number of at most 100.",
        "1.5": "Please enter a whole number.",
        "ten": "Please enter a number.",
        "٣": "Please enter a number.",
        "1e1": None,
        "100": None,
    }


@pytest.mark.parametrize(("notify", "sent"), [(True, 1), (False, 0)])
async def test_closing_is_told_only_where_asked_for(bot: Bot, notify: bool, sent: int) -> None:
    await with_form(bot, notify_on_close=notify)
    await bot.sandbox.close(ASHA)
    assert [(got["type"], got["is_cleared"]) for got in bot.got] == [("view_closed", False)] * sent


async def test_a_button_in_a_message_sends_where_it_is(bot: Bot) -> None:
    blocks = [items(VIEW["blocks"])[2]]
    posted = await bot.call("chat.postMessage", channel=VOICE, text="x", blocks=blocks)
    result = await bot.sandbox.action(OMAR, "more")
    (payload,) = bot.got
    (action,) = items(payload["actions"])
    assert (result.status, result.seen) == (200, None)
    assert payload["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": VOICE,
        "is_ephemeral": False,
    }
    assert mapping(payload["message"])["ts"] == posted["ts"]
    assert payload["channel"] == {"id": VOICE, "name": "voice-ops"}
    chosen = {key: mapping(action)[key] for key in ("action_id", "block_id", "value", "type")}
    assert chosen == {"action_id": "more", "block_id": "buttons", "value": "v", "type": "button"}
    assert payload["response_url"]


async def test_a_button_in_a_modal_sends_its_view(bot: Bot) -> None:
    await with_form(bot)
    await bot.sandbox.action(ASHA, "more", value="forged")
    (payload,) = bot.got
    assert mapping(payload["container"]) == {"type": "view", "view_id": front(bot)}
    assert mapping(items(payload["actions"])[0])["value"] == "forged"
    assert "response_url" not in payload


async def test_a_choice_that_the_form_wants_to_hear_of_is_sent_before_the_form(bot: Bot) -> None:
    await with_form(bot, blocks=[*items(VIEW["blocks"]), CHOICE])
    await bot.sandbox.submit_form(ASHA, how="fast", calls="7")
    chosen, submitted = bot.got
    assert [chosen["type"], submitted["type"]] == ["block_actions", "view_submission"]
    (action,) = items(chosen["actions"])
    assert (mapping(action)["block_id"], mapping(action)["action_id"]) == ("how", "way")
    assert mapping(mapping(action)["selected_option"])["value"] == "fast"
    for payload in bot.got:
        values = mapping(mapping(mapping(payload["view"])["state"])["values"])
        assert mapping(mapping(mapping(mapping(values["how"])["way"]))["selected_option"])["value"] == "fast"
        assert mapping(mapping(values["calls"])["calls"])["value"] == "7"


async def test_of_several_all_that_are_chosen_are_told(bot: Bot) -> None:
    element = {**mapping(CHOICE["element"]), "type": "checkboxes"}
    await with_form(bot, blocks=[*items(VIEW["blocks"]), CHOICE | {"element": element}])
    await bot.sandbox.submit_form(ASHA, how=["slow", "fast"])
    chosen, _ = bot.got
    (action,) = items(chosen["actions"])
    values = mapping(mapping(mapping(chosen["view"])["state"])["values"])
    for holder in (mapping(action), mapping(mapping(values["how"])["way"])):
        assert [mapping(option)["value"] for option in items(holder["selected_options"])] == ["slow", "fast"]


async def test_a_choice_that_no_form_wants_to_hear_of_is_sent_with_the_form(bot: Bot) -> None:
    await with_form(bot, blocks=[*items(VIEW["blocks"]), CHOICE | {"dispatch_action": False}])
    await bot.sandbox.submit_form(ASHA, how="fast", calls="7")
    assert [got["type"] for got in bot.got] == ["view_submission"]


async def test_a_button_that_is_not_answered_gets_a_badge(bot: Bot) -> None:
    await with_form(bot)
    bot.answer = 500
    assert (await bot.sandbox.action(ASHA, "more")).seen == "⚠ The app did not respond."
    with pytest.raises(LookupError, match="sees no 'nowhere'"):
        await bot.sandbox.action(ASHA, "nowhere")


async def _respond(bot: Bot, **body: object) -> httpx.Response:
    return await bot.http.post(str(bot.got[0]["response_url"]), json=body)


async def test_a_response_url_works_where_the_bot_is_no_member(bot: Bot) -> None:
    await bot.sandbox.command(ASHA, WARROOM, "help")
    assert (await _respond(bot, text="private")).status_code == 200
    assert (await _respond(bot, text="public", response_type="in_channel")).text == "ok"
    assert [m.text for m in bot.sandbox.messages(WARROOM, ASHA)] == ["private", "public"]
    assert [m.text for m in bot.sandbox.messages(WARROOM, BEN)] == ["public"]


async def test_a_response_url_is_good_for_five_uses(bot: Bot) -> None:
    await bot.sandbox.command(ASHA, VOICE, "help")
    assert [(await _respond(bot, text="x")).status_code for _ in range(6)] == [200] * 5 + [404]
    assert (await _respond(bot, text="x")).json() == {"ok": False, "error": "used_url"}
    assert len(bot.sandbox.messages(VOICE, ASHA)) == 5


async def test_a_response_url_is_good_for_thirty_minutes(bot: Bot, clock: Clock) -> None:
    await bot.sandbox.command(ASHA, VOICE, "help")
    clock.now += 1800
    assert (await _respond(bot, text="x")).status_code == 200
    clock.now += 1
    expired = await _respond(bot, text="x")
    assert (expired.status_code, expired.json()["error"]) == (404, "expired_url")


async def test_a_dead_or_unknown_response_url_and_bad_content_are_refused(bot: Bot) -> None:
    await bot.sandbox.command(ASHA, VOICE, "help")
    url = str(bot.got[0]["response_url"])
    assert (await bot.http.post(url, content=b"{")).status_code == 400
    assert (await _respond(bot)).json()["error"] == "no_text"
    assert (await bot.http.post(f"{url}x", json={"text": "x"})).status_code == 404
    await bot.sandbox.fault("slack", "response_url_dead")
    assert (await _respond(bot, text="x")).json()["error"] == "expired_url"
    assert bot.sandbox.messages(VOICE) == []


async def test_an_answer_can_be_replaced_and_deleted_but_not_made_public(bot: Bot) -> None:
    bot.answer = {"text": "first"}
    await bot.sandbox.command(ASHA, VOICE, "help")
    await _respond(bot, text="second", replace_original=True, response_type="in_channel")
    (message,) = bot.sandbox.messages(VOICE)
    assert (message.text, message.to, message.edited) == ("second", ASHA, True)
    assert (await _respond(bot, delete_original=True)).status_code == 200
    assert bot.sandbox.messages(VOICE) == []


async def test_raw_requests_go_out_as_they_are(bot: Bot) -> None:
    answer = await bot.sandbox.raw(b"a=b", {"Content-Type": "text/plain"})
    assert (answer.status, bot.body, "X-Slack-Signature" in bot.headers) == (200, b"a=b", False)
    assert bot.sandbox.sign(b"a=b", timestamp=5)["X-Slack-Request-Timestamp"] == "5"
    await bot.sandbox.interaction({"type": "odd"})
    assert bot.got[-1] == {"type": "odd"}


def test_a_phone_curls_quotes_and_joins_dashes() -> None:
    assert on_phone("create \"Bob's East\" -- 'x'") == "create “Bob\u2019s East” — \u2018x\u2019"


async def test_the_log_holds_no_secret(bot: Bot) -> None:
    await with_form(bot)
    await bot.sandbox.submit_form(ASHA)
    text = json.dumps([entry.json() for entry in bot.sandbox.deliveries])
    assert bot.sandbox.bot_token not in text
    assert bot.sandbox.signing_secret not in text
    assert "/slack/response/" not in text


async def test_the_log_measures_an_answer_through_a_response_url(bot: Bot) -> None:
    await bot.sandbox.command(ASHA, VOICE, "help")
    await _respond(bot, text="x")
    assert bot.sandbox.deliveries[0].ms is not None


async def test_a_date_reads_as_its_fallback(bot: Bot) -> None:
    date: Json = {"type": "date", "timestamp": 1_800_000_000, "format": "{ago}", "fallback": "2027-01-15"}
    parts: list[Json] = [{"type": "text", "text": "Expires "}, date]
    block: Json = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": parts}]}
    await bot.call("chat.postMessage", channel=VOICE, text="x", blocks=[block])
    assert bot.sandbox.messages(VOICE)[0].words == "Expires 2027-01-15"
