"""The front door from outside: what a proxy does to requests, and what nobody should send."""

import asyncio
import json
from urllib.parse import urlencode

import aiohttp
import pytest

from bot.sandbox.shape import Json
from bot.sandbox.slack.payloads import interaction_body
from tests.flow.conftest import ASHA, SALES, VOICE, House, Logged
from tests.flow.test_bad_input import TEAM, form_of, submission


async def test_a_form_that_a_proxy_sends_three_times_is_confirmed_once_and_answered_alike(
    house: House,
) -> None:
    body = interaction_body(submission(form_of(house)))
    headers = house.sandbox.sign(body)
    answers = await asyncio.gather(*(house.sandbox.raw(body, headers) for _ in range(3)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    message = await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1
    kinds = [event.kind for event in await house.history(message.words)]
    assert kinds.count("accepted") == 1


async def test_a_command_that_comes_again_opens_no_second_form(house: House) -> None:
    fields = {"command": "/trunk", "text": SALES, "user_id": ASHA, "team_id": TEAM["id"], "channel_id": VOICE}
    body = urlencode(fields | {"trigger_id": "1.2"}).encode()
    headers = house.sandbox.sign(body)
    answers = [await house.sandbox.raw(body, headers) for _ in range(2)]
    assert [(answer.status, answer.body) for answer in answers] == [(200, answers[0].body)] * 2
    assert sum(call.method == "views.open" for call in house.sandbox.slack_calls) == 1


@pytest.mark.parametrize(
    ("path", "status"), [("/slack/events/", 200), ("//slack/events", 404), ("/bot/slack/events", 404)]
)
async def test_a_wrong_address_in_the_app_is_in_the_log(
    logged: Logged, empty_house: House, path: str, status: int
) -> None:
    body = b"ssl_check=1"
    async with empty_house.bot(), aiohttp.ClientSession() as session:
        url = empty_house.sandbox.courier.bot_url
        for _ in range(2):
            async with session.post(
                f"{url}{path}", data=body, headers=empty_house.sandbox.sign(body)
            ) as answer:
                assert answer.status == status
    told = [(line["path"], line["right"]) for line in logged.saying("request for another path")]
    assert told == ([] if status == 200 else [(path, "/slack/events")])


PRESS: Json = {
    "type": "block_actions",
    "team": TEAM,
    "user": {"id": ASHA},
    "actions": [{"action_id": "trunk.give_up", "block_id": "b", "type": "button", "value": "a"}],
    "trigger_id": "1.2",
}


@pytest.mark.parametrize(
    "payload",
    [
        PRESS | {"user": {"id": "nobody"}},
        PRESS | {"trigger_id": None},
        PRESS | {"channel": "C1"},
        PRESS | {"actions": [{"action_id": "home.show", "value": 5}]},
        PRESS | {"actions": [{"action_id": "trunk.give_up", "selected_user": "x"}]},
        submission("x") | {"view": None},
        submission("x", values=[]) | {"user": {"id": 5}},
        {"type": "shortcut", "callback_id": "create_trunk_shortcut", "user": {"id": ASHA}},
    ],
)
async def test_what_slack_never_sends_is_one_warning_and_no_error(
    logged: Logged, empty_house: House, payload: Json
) -> None:
    async with empty_house.bot():
        body = interaction_body(payload)
        for number in range(3):
            sent = body + b"&n=%d" % number
            answer = await empty_house.sandbox.raw(sent, empty_house.sandbox.sign(sent))
            assert answer.status in {200, 400}
        await asyncio.sleep(0.05)
    warned = [line for line in logged.lines() if line["level"] in {"warning", "error", "critical"}]
    assert [line["event"] for line in warned] == ["request unreadable"]
    assert json.dumps(warned).count(ASHA) == 0
