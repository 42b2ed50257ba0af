"""What nobody should send: every answer is words or a clean 4xx, and nothing is created."""

import json
from urllib.parse import quote_plus, urlencode

import pytest

from bot.slack.sealing import Form, Sealer
from bot.words.form import FORM
from tests.flow.conftest import ASHA, BEN, OMAR, SALES, VOICE, House
from tests.flow.test_trouble import press

TEAM = {"id": "T0ACME001"}


def form_of(house: House, **changes: object) -> str:
    """Seal a form as the bot does."""
    given: dict[str, object] = {
        "kind": "create_trunk",
        "operation": "a" * 32,
        "team": "T0ACME001",
        "user": ASHA,
        "channel": VOICE,
        "opened_at": 1_800_000_000,
        "account": house.sandbox.vobiz_auth_id,
    }
    return Sealer(house.sandbox.bot_token).seal_form(Form.model_validate(given | changes))


def submission(
    metadata: str, *, user: str = ASHA, values: object = None, callback: str = FORM
) -> dict[str, object]:
    """Make a submission of the create form; `values` as a client would never send them."""
    full = {
        "name": {"name": {"type": "plain_text_input", "value": "Sales"}},
        "direction": {"direction": {"type": "radio_buttons", "selected_option": {"value": "outbound"}}},
        "calls": {"calls": {"type": "number_input", "value": "10"}},
    }
    return {
        "type": "view_submission",
        "team": TEAM,
        "user": {"id": user, "team_id": "T0ACME001"},
        "view": {
            "id": "V1",
            "hash": "1.a",
            "type": "modal",
            "callback_id": callback,
            "private_metadata": metadata,
            "state": {"values": full if values is None else values},
        },
    }


async def test_signed_garbage_is_a_4xx(house: House) -> None:
    for body in (
        b"payload=%7B",
        b"payload=" + quote_plus('{"type":"view_submission"').encode(),
        b"\xff\xfe",
        b"command=%2Ftrunk&text=%FF%FE",
        b"",
        b"{}",
    ):
        answer = await house.sandbox.raw(body, house.sandbox.sign(body))
        assert answer.status == 400, body


async def test_unsigned_stale_and_oversized_requests_reach_nothing(house: House) -> None:
    body = urlencode({"command": "/trunk", "text": SALES, "user_id": ASHA, "team_id": "T0ACME001"}).encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert (await house.sandbox.raw(body, kind)).status == 401
    stale = house.sandbox.sign(body, timestamp=1_700_000_000)
    assert (await house.sandbox.raw(body, stale)).status == 401
    large = b"x" * 1_100_000
    assert (await house.sandbox.raw(large, house.sandbox.sign(large))).status == 413
    assert house.sandbox.view_of(ASHA) is None


@pytest.mark.parametrize("metadata", ["", "{}", "x" * 3000, "gAAAAAB"], ids=["none", "JSON", "long", "half"])
async def test_a_form_with_other_metadata_is_out_of_date(house: House, metadata: str) -> None:
    answer = await house.sandbox.interaction(submission(metadata))
    assert answer.status == 200
    said = json.loads(answer.body)
    assert said["response_action"] == "update"
    assert "out of date" in answer.body.decode()
    assert house.sandbox.vobiz_posts == []


async def test_a_form_of_an_older_version_is_out_of_date(house: House) -> None:
    answer = await house.sandbox.interaction(submission(form_of(house, v=0)))
    assert "out of date" in answer.body.decode()


async def test_somebody_elses_form_is_refused(house: House) -> None:
    answer = await house.sandbox.interaction(submission(form_of(house), user=OMAR))
    assert "out of date" in answer.body.decode()
    assert house.sandbox.vobiz_posts == []


async def test_who_lost_the_right_since_the_form_opened_is_refused(house: House) -> None:
    answer = await house.sandbox.interaction(submission(form_of(house, user=BEN), user=BEN))
    assert "have access" in answer.body.decode()
    assert house.sandbox.vobiz_posts == []


@pytest.mark.parametrize(
    ("values", "blocks"),
    [
        ({}, {"name", "direction", "calls"}),
        ({"name": {"name": {"value": None}}}, {"name", "direction", "calls"}),
        (
            {
                "name": {"name": {"value": "a\u202eb"}},
                "direction": {"direction": {"selected_option": {"value": "sideways"}}},
                "calls": {"calls": {"value": "1e3"}},
            },
            {"name", "direction", "calls"},
        ),
        (
            {
                "name": {"name": {"value": "x" * 256}},
                "direction": {"direction": {"selected_option": {"value": "inbound"}}},
                "calls": {"calls": {"value": "1001"}},
            },
            {"name", "calls"},
        ),
    ],
    ids=["nothing", "nulls", "wrong", "too much"],
)
async def test_what_the_client_let_through_is_refused_under_the_inputs(
    house: House, values: dict[str, object], blocks: set[str]
) -> None:
    answer = await house.sandbox.interaction(submission(form_of(house), values=values))
    said = json.loads(answer.body)
    assert said["response_action"] == "errors"
    assert set(said["errors"]) == blocks
    assert house.sandbox.vobiz_posts == []


async def test_an_unknown_form_is_answered(house: House) -> None:
    answer = await house.sandbox.interaction(submission("", callback="make_coffee"))
    assert "out of date" in answer.body.decode()


@pytest.mark.parametrize(
    ("action", "value"),
    [
        ("trunk.dance", ""),
        ("trunk.give_up", "no such operation"),
        ("trunk.pick", "0" * 32 + " " + "x" * 1900),
        ("trunk.try_again", "'; DROP TABLE operations; --"),
        ("trunk.send_again", "\u0000"),
    ],
)
async def test_a_button_that_leads_nowhere_is_answered(house: House, action: str, value: str) -> None:
    answer = await house.sandbox.interaction(press(value, action, ASHA))
    assert (answer.status, answer.body) == (200, b"")
    dm = next(c.id for c in house.sandbox.space.channels.values() if c.kind == "dm" and ASHA in c.people)
    await house.heard("button", channel=dm)


async def test_a_payload_of_an_odd_shape_is_answered_or_refused(house: House) -> None:
    odd: list[dict[str, object]] = [
        {"type": "block_actions", "user": {"id": ASHA}},
        {"type": "block_actions", "user": {"id": ASHA}, "actions": [], "trigger_id": "1"},
        {"type": "block_actions", "user": {"id": ASHA}, "actions": "x", "team": 7},
        {"type": "view_submission", "user": {"id": ASHA}, "view": {"state": 7}},
        {"type": "view_closed", "user": {"id": ASHA}, "view": {"id": "V1"}},
        {"type": "shortcut", "user": {"id": ASHA}, "callback_id": "x"},
        {"type": "message_action", "user": {"id": ASHA}, "callback_id": "x", "team": TEAM},
        {"type": "block_suggestion", "user": {"id": ASHA}, "team": TEAM, "action_id": "x", "block_id": "y"},
        {"type": "never heard of", "user": {"id": ASHA}, "team": TEAM},
        {
            "type": "view_submission",
            "user": {"id": ASHA},
            "team": None,
            "view": {"id": "V", "callback_id": FORM},
        },
    ]
    statuses = [(await house.sandbox.interaction(payload)).status for payload in odd]
    assert all(status in {200, 400, 404} for status in statuses), statuses
    assert house.sandbox.vobiz_posts == []


async def test_another_command_is_told_which_is_ours(house: House) -> None:
    body = urlencode(
        {
            "command": "/drunk",
            "text": "",
            "user_id": ASHA,
            "team_id": "T0ACME001",
            "channel_id": VOICE,
            "trigger_id": "1",
        }
    ).encode()
    answer = await house.sandbox.raw(body, house.sandbox.sign(body))
    assert answer.status == 200
    assert "/trunk" in answer.body.decode()


async def test_a_channel_in_place_of_a_person_is_told_nothing(house: House) -> None:
    """What is told to a person is posted to their id, and everyone in a channel would read it."""
    body = submission(form_of(house))
    answer = await house.sandbox.interaction({**body, "user": {"id": VOICE, "team_id": "T0ACME001"}})
    assert answer.status == 200
    assert "Something went wrong" in answer.body.decode()
    await house.sandbox.interaction({**press("a" * 32, "trunk.give_up", VOICE)})
    assert (await house.sandbox.command(ASHA, VOICE, "help")).seen  # the presses before it were answered
    assert [call for call in house.sandbox.slack_calls if call.method == "chat.postMessage"] == []


WHOLE: dict[str, object] = {
    "name": {"name": {"type": "plain_text_input", "value": "Sales"}},
    "direction": {"direction": {"type": "radio_buttons", "selected_option": {"value": "outbound"}}},
    "calls": {"calls": {"type": "number_input", "value": "10"}},
}
ODD: dict[str, tuple[dict[str, object], set[str]]] = {
    "a block that is null": ({"name": None}, {"name"}),
    "an input that is null": ({"name": {"name": None}}, {"name"}),
    "a number for a text": ({"calls": {"calls": {"value": 10}}}, {"calls"}),
    "an option without a value": ({"direction": {"direction": {"selected_option": {}}}}, {"direction"}),
    "an option that is a text": (
        {"direction": {"direction": {"selected_option": "outbound"}}},
        {"direction"},
    ),
    "a list for a text": ({"name": {"name": {"value": ["Sales"]}}}, {"name"}),
    "a control character": ({"name": {"name": {"value": "Sa\x07les"}}}, {"name"}),
    "other inputs": (
        {
            "extra": {"other": {"type": "multi_users_select", "selected_users": ["U1"]}},
            "text": {"text": {"type": "rich_text_input", "rich_text_value": {"elements": []}}},
            "date": {"date": {"type": "datepicker", "selected_date": None}},
        },
        set(),
    ),
}


async def test_a_field_of_an_odd_shape_is_an_error_under_it_and_what_is_not_ours_is_left(
    house: House,
) -> None:
    for what, (changes, blocks) in ODD.items():
        answer = await house.sandbox.interaction(submission(form_of(house), values=WHOLE | changes))
        said = json.loads(answer.body)
        assert said["response_action"] == ("errors" if blocks else "update"), (what, said)
        assert set(said.get("errors", {})) == blocks, what
