"""The main job, from outside: command, form, confirmation, Vobiz, channel."""

import pytest

from bot.domain.operation import State
from bot.sandbox.blockkit.validation import problems
from tests.flow.conftest import ASHA, BEN, GENERAL, OMAR, SALES, VOICE, WARROOM, ZOE, House
from tests.flow.test_delivery import routes


async def test_one_confirmation_makes_one_trunk_and_everybody_reads_the_same(house: House) -> None:
    typed = await house.sandbox.command(ASHA, VOICE, SALES)
    assert (typed.status, typed.seen) == (200, None)
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    assert view.values["name"]["name"]["value"] == "Sales"
    confirmed = await house.sandbox.submit_form(ASHA)
    assert confirmed.ok
    message = await house.heard("created: outbound")

    trunk = house.sandbox.trunks[0]
    assert len(house.sandbox.vobiz_posts) == 1
    assert house.sandbox.vobiz_posts[0].body == {
        "name": "Sales",
        "trunk_type": "OUTBOUND",
        "max_concurrent_calls": 10,
    }
    operation = await house.operation(message.words)
    assert operation.state is State.DONE
    shown = await house.shown(str(trunk["trunk_id"]))
    for text in (message.words, message.text, shown):
        for fact in ("Sales", "outbound", "10", trunk["trunk_id"], trunk["trunk_domain"], operation.ref):
            assert str(fact) in text
    assert [event.kind for event in await house.history(message.words)][:3] == [
        "accepted",
        "sending",
        "done",
    ]
    status = await house.sandbox.command(BEN, VOICE, f"status {operation.ref.lower()}")
    assert str(trunk["trunk_id"]) in (status.seen or "")


@pytest.mark.parametrize(
    "command",
    [
        "create “Sales” outbound 10",
        "create Sales out 10",
        "CREATE 'Sales' Outbound 10",
        "create\u00a0“Sales”\u00a0out 10",
    ],
)
async def test_the_form_opens_however_it_was_typed(house: House, command: str) -> None:
    await house.confirmed(command=command)
    await house.heard("created: outbound")
    assert house.sandbox.vobiz_posts[0].body["name"] == "Sales"


@pytest.mark.parametrize("command", ["create", 'create "Sales"', "create outbound 10"])
async def test_what_is_missing_is_asked_in_the_form(house: House, command: str) -> None:
    await house.sandbox.command(ASHA, VOICE, command)
    confirmed = await house.sandbox.submit_form(ASHA, name="West", direction="inbound", calls="3")
    assert confirmed.ok
    await house.heard("created: inbound")
    assert house.sandbox.vobiz_posts[0].body == {
        "name": "West",
        "trunk_type": "INBOUND",
        "max_concurrent_calls": 3,
    }


async def test_a_member_of_an_operators_group_may(house: House) -> None:
    assert (await house.confirmed(user=OMAR)).ok
    await house.heard("created: outbound")


async def test_pressing_twice_is_one_operation(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, SALES)
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    form = view.spec
    await house.sandbox.submit_form(ASHA)
    await house.heard("created: outbound")
    again = await house.sandbox.interaction(_submission(house, form, view.id))
    assert again.status == 200
    assert "created: outbound" in again.body.decode()
    assert len(house.sandbox.vobiz_posts) == 1


async def test_an_identical_request_in_flight_is_told_whose_it_is(house: House) -> None:
    await house.sandbox.fault("vobiz", "slow")
    house.sandbox.settings.delays.slow = 0.3
    await house.confirmed()
    await house.confirmed(user=OMAR)
    assert ASHA in str(house.sandbox.view_of(OMAR) and house.sandbox.view_of(OMAR).blocks)  # type: ignore[union-attr]
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_name_that_exists_is_told_after_the_form_opened(house: House) -> None:
    there = house.sandbox.add_trunk("Sales")
    await house.sandbox.command(ASHA, VOICE, SALES)
    await house.shown(str(there["trunk_id"]))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("created: outbound")
    assert len(house.sandbox.trunks) == 2


async def test_a_limit_above_the_accounts_is_told_after_the_form_opened(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, 'create "Sales" outbound 999')
    await house.shown("999")


async def test_an_answer_that_differs_is_said_plainly(house: House) -> None:
    await house.sandbox.fault("vobiz", "other_direction")
    await house.confirmed()
    message = await house.heard("created, but not as requested")
    assert "both" in message.words
    assert "outbound" in message.words


@pytest.mark.parametrize(
    "name",
    [
        "\N{TELEPHONE RECEIVER}" * 255,
        "<!channel> <@U0ASHA001> & *bold* _it_ ~no~ `code` https://evil.example",
        "שלום מבצע 5",
        'quo"te',
        "a" * 255,
    ],
    ids=["four-byte", "markup", "right to left", "quote", "long"],
)
async def test_a_name_reaches_vobiz_unchanged_and_people_unharmed(house: House, name: str) -> None:
    await house.sandbox.command(ASHA, VOICE, "create")
    assert (await house.sandbox.submit_form(ASHA, name=name, direction="outbound", calls="1")).ok
    message = await house.heard("created: outbound")
    assert house.sandbox.vobiz_posts[0].body["name"] == name
    assert problems("message", {"text": message.text, "blocks": message.blocks}) == []
    assert "<!channel>" not in message.text
    assert "<@U0ASHA001> &" not in message.text


@pytest.mark.parametrize(
    ("channel", "route"),
    [(WARROOM, "response_url"), (GENERAL, "response_url")],
    ids=["private", "not a member"],
)
async def test_where_the_bot_may_not_post_the_command_answers(house: House, channel: str, route: str) -> None:
    await house.confirmed(channel=channel)
    message = await house.heard("created: outbound", channel)
    assert message.to is None
    assert (await routes(house, message.words))[-1] == (route, None)


@pytest.mark.parametrize(
    ("user", "word"), [(BEN, "don't have access"), (ZOE, "Acme")], ids=["not allowed", "other team"]
)
async def test_a_refusal_says_why_and_opens_nothing(house: House, user: str, word: str) -> None:
    refused = await house.sandbox.command(user, VOICE, SALES)
    assert refused.status == 200
    assert refused.seen
    assert word in refused.seen or user == ZOE
    assert house.sandbox.view_of(user) is None
    assert house.sandbox.messages(VOICE, ASHA) == []


async def test_a_limit_that_is_none_is_refused_in_the_command_and_in_the_form(house: House) -> None:
    limits = ("0", "-1", "1e9", "10.5", "٣", "ten", "1001")
    for limit in limits:
        told = await house.sandbox.command(ASHA, VOICE, f'create "Sales" outbound {limit}')
        assert told.status == 200
        assert told.seen
        assert limit in told.seen
        assert house.sandbox.view_of(ASHA) is None
    await house.opened("create Sales")
    for limit in limits:
        sent = await house.sandbox.submit_form(ASHA, direction="outbound", calls=limit)
        assert list(sent.errors) == ["calls"], limit
    assert house.sandbox.vobiz_posts == []


async def test_everything_typed_gets_an_answer(house: House) -> None:
    for command in ("", "help", "craete", "status nothing", "status 7K3M-9QWX", "create " + "x" * 3000):
        answer = await house.sandbox.command(ASHA, VOICE, command)
        assert answer.status == 200, command
        assert answer.seen, command
        assert answer.seen.strip(), command
    assert house.sandbox.vobiz_posts == []


def _submission(house: House, form: dict[str, object], view_id: str) -> dict[str, object]:
    del house
    return {
        "type": "view_submission",
        "team": {"id": "T0ACME001"},
        "user": {"id": ASHA, "team_id": "T0ACME001"},
        "view": {
            **form,
            "id": view_id,
            "hash": "1.a",
            "state": {
                "values": {
                    "name": {"name": {"type": "plain_text_input", "value": "Sales"}},
                    "direction": {"direction": {"selected_option": {"value": "outbound"}}},
                    "calls": {"calls": {"type": "number_input", "value": "10"}},
                }
            },
        },
    }
