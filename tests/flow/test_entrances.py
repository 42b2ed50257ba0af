"""The global shortcut and the Home tab, from outside."""

import asyncio
from functools import partial

import pytest

from bot.domain.operation import State
from bot.domain.policy import Members
from bot.domain.transitions.decisions import close
from bot.sandbox.blockkit.validation import parts, problems
from bot.sandbox.settings import CREATE_TRUNK
from bot.sandbox.slack.messages import written
from tests.flow.conftest import APPROVE, ASHA, BEN, OMAR, RIA, VOICE, WARROOM, ZOE, House
from tests.flow.test_approvals import APPROVE_BUTTON, QUESTION, WITHDRAW_BUTTON, ask
from tests.flow.test_trouble import first_message

SHOW_BUTTON = "home.show"
SHORTCUT = CREATE_TRUNK.callback_id
FORM = {"name": "Sales", "direction": "outbound", "calls": "10"}


def home(house: House, user: str) -> str:
    """Return all words of a person's Home tab."""
    view = house.sandbox.home_of(user)
    return "\n".join(written(view.blocks)) if view else ""


async def at_home(house: House, user: str, words: str) -> str:
    """Wait until a person's Home tab says these words."""
    await house.sandbox.wait_for(lambda: words in home(house, user))
    view = house.sandbox.home_of(user)
    assert view is not None
    assert problems("home", view.spec) == []
    return home(house, user)


def publishes(house: House) -> int:
    return sum(call.method == "views.publish" for call in house.sandbox.slack_calls)


async def test_the_shortcut_creates_in_the_channel_that_is_chosen(house: House) -> None:
    assert (await house.sandbox.shortcut(ASHA, SHORTCUT, WARROOM)).ok
    assert house.sandbox.vobiz_posts == []
    assert (await house.sandbox.submit_form(ASHA, **FORM, channel=VOICE)).ok
    message = await house.heard("created: outbound")
    assert (await house.operation(message.words)).channel == VOICE
    assert len(house.sandbox.vobiz_posts) == 1


async def test_the_shortcut_without_a_channel_is_refused_under_the_input(house: House) -> None:
    await house.sandbox.shortcut(ASHA, SHORTCUT)
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    values = {
        "name": {"name": {"type": "plain_text_input", "value": "Sales"}},
        "direction": {"direction": {"type": "radio_buttons", "selected_option": {"value": "outbound"}}},
        "calls": {"calls": {"type": "number_input", "value": "10"}},
        "channel": {"channel": {"type": "conversations_select", "selected_conversation": None}},
    }
    refused = await house.sandbox.submit(ASHA, view.id, values)  # type: ignore[arg-type]  # as Slack sends it
    assert refused.errors == {"channel": "Choose a channel."}
    assert house.sandbox.vobiz_posts == []


async def test_the_shortcut_keeps_the_form_when_the_channel_is_not_allowed(empty_house: House) -> None:
    house = empty_house
    house.settings = house.settings.model_copy(update={"trunk_channels": frozenset({VOICE})})
    async with house.bot():
        await house.sandbox.shortcut(ASHA, SHORTCUT)
        refused = await house.sandbox.submit_form(ASHA, **FORM, channel=WARROOM)
        assert refused.errors == {
            "channel": "I cannot be used in that channel (setting TRUNK_CHANNELS). Choose another."
        }
        assert house.sandbox.vobiz_posts == []
        async with asyncio.timeout(5):
            while not (events := (await house.ledger.chronicle.story("")).events):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.01)  # it is recorded after the answer
        assert [(event.actor, event.evidence["reason"]) for event in events] == [(ASHA, "channel")]
        assert (await house.sandbox.submit_form(ASHA, channel=VOICE)).ok
        await house.heard("created: outbound")
    assert [post.body["name"] for post in house.sandbox.vobiz_posts] == ["Sales"]


async def test_a_requester_asks_through_the_shortcut(house: House) -> None:
    await house.sandbox.shortcut(RIA, SHORTCUT, VOICE)
    assert (await house.sandbox.submit_form(RIA, **FORM, channel=VOICE, reason="Launch")).ok
    question = await house.heard(QUESTION, APPROVE, OMAR)
    assert (await house.operation(question.words)).channel == VOICE
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    await house.heard("created: outbound", VOICE, RIA)


async def test_a_limit_that_is_raised_in_the_shortcuts_form_keeps_the_channel(house: House) -> None:
    await house.sandbox.shortcut(ASHA, SHORTCUT)
    await house.sandbox.submit_form(ASHA, **(FORM | {"calls": "250"}), channel=VOICE)
    assert "Above 100 concurrent calls" in house.modal()
    assert (await house.sandbox.submit_form(ASHA)).ok
    question = await house.heard(QUESTION, APPROVE, OMAR)
    assert (await house.operation(question.words)).channel == VOICE


async def test_the_shortcut_refuses_strangers_in_a_modal(house: House) -> None:
    for user, words in ((BEN, "You don't have access"), (ZOE, "only for members of the workspace")):
        assert (await house.sandbox.shortcut(user, SHORTCUT, VOICE)).ok
        assert words in house.modal(user)
        view = house.sandbox.view_of(user)
        assert view is not None
        assert "submit" not in view.spec or view.spec["submit"] is None


async def test_a_form_that_does_not_open_is_told_in_a_direct_message(house: House) -> None:
    await house.sandbox.fault("slack", "views_open_error")
    await house.sandbox.shortcut(ASHA, SHORTCUT, VOICE)
    await house.heard("The form could not be opened", "D0ASHA001")


async def test_a_refusal_that_can_not_be_shown_is_told_in_a_direct_message_and_recorded(house: House) -> None:
    await house.sandbox.fault("slack", "views_open_error")
    await house.sandbox.shortcut(BEN, SHORTCUT, VOICE)
    await house.heard("You don't have access", "D0BEN0001", BEN)
    async with asyncio.timeout(5):
        while not (events := (await house.ledger.chronicle.story("")).events):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.01)  # it is recorded after the answer
    (refused,) = events
    assert (refused.actor, refused.evidence["act"]) == (BEN, "shortcut")


@pytest.mark.parametrize("kind", ["shortcut", "block_actions"])
async def test_a_failure_of_the_bot_is_told_to_who_acted(house: House, kind: str) -> None:
    """Neither has the trigger that its listener needs."""
    broken = {"type": kind, "callback_id": SHORTCUT, "user": {"id": ASHA}, "team": {"id": "T0ACME001"}}
    action = {"type": "button", "action_id": APPROVE_BUTTON, "block_id": "b", "value": "x"}
    answer = await house.sandbox.interaction(broken | {"actions": [action]})
    assert (answer.status, answer.body) == (200, b"")
    await house.heard("Something went wrong in the bot", "D0ASHA001")


async def test_the_home_shows_what_waits_and_its_buttons_work(house: House) -> None:
    question = await ask(house, reason="Launch")
    await house.sandbox.open_home(OMAR)
    shown = await at_home(house, OMAR, "Launch")
    assert shown.index("Waiting for my approval") < shown.index(house.reference(question.words))
    await house.sandbox.open_home(RIA)
    assert "It is waiting for approval" in await at_home(house, RIA, "My requests")
    await house.sandbox.action(OMAR, APPROVE_BUTTON, home=True)
    await house.heard("created: outbound", VOICE, RIA)
    await house.heard("The approval message will show", "D0OMAR001", OMAR)
    trunk = str(house.sandbox.trunks[0]["trunk_id"])
    for user in (OMAR, RIA):
        assert "It is waiting for approval" not in await at_home(house, user, trunk)
    assert "Nothing is waiting for your approval" in home(house, OMAR)


async def test_a_request_is_withdrawn_at_home(house: House) -> None:
    question = await ask(house)
    await house.sandbox.open_home(RIA)
    await at_home(house, RIA, "It is waiting for approval")
    await house.sandbox.action(RIA, WITHDRAW_BUTTON, home=True)
    await at_home(house, RIA, "withdrew it")
    assert (await house.operation(question.words)).state is State.WITHDRAWN


async def test_the_home_follows_what_another_instance_does(house: House) -> None:
    question = await ask(house)
    await house.sandbox.open_home(OMAR)
    await at_home(house, OMAR, house.reference(question.words))
    # Straight into the ledger: this bot made no change of its own.
    operation = (await house.operation(question.words)).id
    withdraws = partial(close, end=State.WITHDRAWN, actor=RIA)
    assert await house.ledger.change(operation, withdraws) is not None
    await at_home(house, OMAR, "Nothing is waiting for your approval")


async def test_the_home_opens_the_form(house: House) -> None:
    await house.sandbox.open_home(ASHA)
    await at_home(house, ASHA, "Create a SIP trunk")
    await house.sandbox.action(ASHA, "home.create", home=True)
    assert (await house.sandbox.submit_form(ASHA, **FORM, channel=VOICE)).ok
    await house.heard("created: outbound")


async def test_an_unknown_outcome_is_on_top_of_the_home(house: House) -> None:
    await house.sandbox.fault("vobiz", "error_before", times=1)
    await house.confirmed()
    await house.sandbox.open_home(OMAR)
    shown = await at_home(house, OMAR, "its message")
    assert shown.startswith("Vobiz did not confirm these: do not request them again")
    told = await house.heard("Decision needed", user=OMAR)
    link = f"https://acme.slack.com/archives/{VOICE}/p{first_message(house).ts.replace('.', '')}"
    assert link in str(house.sandbox.home_of(OMAR))
    assert house.reference(told.words) in shown
    # The home may have been opened while the bot was still looking.
    await house.sandbox.wait_for(lambda: "trunk.give_up" in str(house.sandbox.home_of(OMAR)))
    await house.sandbox.action(OMAR, "trunk.give_up", home=True)
    await house.heard("closed as not created")


async def test_changes_are_gathered_before_the_home_is_published_again(house: House) -> None:
    await house.sandbox.open_home(ASHA)
    await at_home(house, ASHA, "No changes yet")
    for number in range(4):
        await house.confirmed(command=f"create Sales{number} outbound 10")
    await at_home(house, ASHA, "Sales3")
    await house.sandbox.wait_for(lambda: home(house, ASHA).splitlines().count("you") == 4)
    # Four operations of three transitions each.
    assert publishes(house) <= 4


async def test_the_messages_tab_publishes_nothing(house: House) -> None:
    await house.sandbox.open_home(ASHA, tab="messages")
    await house.confirmed()
    await house.heard("created: outbound")
    assert publishes(house) == 0


async def test_a_strangers_home_shows_nothing_of_others(house: House) -> None:
    question = await ask(house, reason="Launch")
    await house.sandbox.open_home(BEN)
    before = await at_home(house, BEN, "which workspace you belong to")
    await house.sandbox.action(BEN, SHOW_BUTTON, home=True)
    shown = await at_home(house, BEN, "You don't have access")
    for words in (before, shown):
        assert house.reference(question.words) not in words
        assert "Nothing was done" not in words
    assert ASHA in str(house.sandbox.home_of(BEN))
    view = house.sandbox.home_of(BEN)
    assert view is not None
    assert [part for _, part in parts(view.blocks) if part.get("type") == "button"] == []


@pytest.mark.parametrize("everyone", [True, False], ids=["operators are *", "operators are named"])
async def test_a_visitors_home_tells_nothing_of_this_workspace(empty_house: House, *, everyone: bool) -> None:
    """The event of a visitor from another company names our workspace, not theirs."""
    house = empty_house
    if everyone:
        house.settings = house.settings.model_copy(update={"trunk_operators": Members(everyone=True)})
    async with house.bot():
        command = 'create "Sales" outbound 250'
        await house.sandbox.command(ASHA, VOICE, command)
        assert (await house.sandbox.submit_form(ASHA, reason="Secret launch")).ok
        await house.heard(QUESTION, APPROVE, OMAR)
        await house.sandbox.open_home(ZOE)
        before = await at_home(house, ZOE, "which workspace you belong to")
        await house.sandbox.action(ZOE, SHOW_BUTTON, home=True)
        after = await at_home(house, ZOE, "only for members of the workspace")
        # Opening it once more forgets nothing.
        await house.sandbox.open_home(ZOE)
        await house.sandbox.open_home(OMAR)
        await at_home(house, OMAR, "My requests")
        assert "only for members of the workspace" in home(house, ZOE)
        for words in (before, after, str(house.sandbox.home_of(ZOE))):
            for secret in ("Secret launch", ASHA, "S0ONCALL1", "TRUNK_OPERATORS", APPROVE_BUTTON):
                assert secret not in words
        if everyone:
            assert "Secret launch" not in home(house, OMAR)
            await house.sandbox.action(OMAR, SHOW_BUTTON, home=True)
        assert "Secret launch" in await at_home(house, OMAR, "Waiting for my approval")


async def test_what_expires_first_is_first_at_home(house: House) -> None:
    for name in ("First", "Second"):
        await ask(house, command=f'create "{name}" outbound 10')
    await house.sandbox.open_home(OMAR)
    shown = await at_home(house, OMAR, "Second")
    assert shown.index("First") < shown.index("Second")


async def test_the_home_of_who_asked_says_nothing_untrue(house: House) -> None:
    await house.confirmed()
    await ask(house, command='create "Launch" outbound 20')
    await house.sandbox.open_home(RIA)
    none = "None of your requests has been carried out yet."
    assert none in await at_home(house, RIA, "It is waiting for approval")
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    assert none not in await at_home(house, RIA, "You have no open requests.")
