"""Asking the operators when Slack, the network or the settings are in the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
import sqlalchemy as sa

from bot.domain.operation import State
from bot.domain.policy import Members
from bot.domain.records import Purpose
from bot.sandbox.blockkit.validation import problems
from bot.sandbox.slack.messages import Message
from tests.flow.conftest import APPROVE, ASHA, OMAR, RIA, SALES, VOICE, WARROOM, House
from tests.flow.test_approvals import (
    APPROVE_BUTTON,
    DENY_BUTTON,
    LARGE,
    QUESTION,
    age,
    ask,
    has,
    now,
    until_told,
    updated,
    value_of,
)
from tests.wording_samples import dictionaries

REPEAT = "may have seen this already"
ALONE = "BREAK GLASS"
REMINDER = "Still waiting for approval"


def asked(house: House, channel: str = APPROVE, words: str = QUESTION) -> list[Message]:
    return [message for message in house.sandbox.messages(channel, OMAR) if words in message.words]


def mentions(message: Message) -> int:
    """Count how often a message mentions the operators' group."""
    return str(message.blocks).count("'S0ONCALL1'")


def shown_time(message: Message) -> list[object]:
    return [part["timestamp"] for part in dictionaries(message.blocks) if part.get("type") == "date"]


@asynccontextmanager
async def said_and_not_written_down(house: House, purpose: Purpose) -> AsyncIterator[None]:
    """Have the database refuse, until the end of the block, where messages of one purpose were posted."""
    trouble = (
        "CREATE TRIGGER away BEFORE UPDATE OF ts ON notices"
        f" WHEN NEW.purpose = '{purpose}' AND OLD.ts IS NULL BEGIN SELECT RAISE(ABORT, 'away'); END"
    )
    async with house.ledger._writer.writing() as connection:
        await connection.execute(sa.text(trouble))
    yield
    async with house.ledger._writer.writing() as connection:
        await connection.execute(sa.text("DROP TRIGGER away"))


async def has_moved(house: House, text: str, kind: str) -> None:
    """Wait until the operation that a text refers to has an event of this kind."""
    async with asyncio.timeout(5):
        while True:
            if any(event.kind == kind for event in await house.history(text)):
                return
            await asyncio.sleep(0.02)


async def test_a_question_after_an_outage_comes_once_and_says_that_it_may_be_a_repeat(house: House) -> None:
    await house.sandbox.fault("slack", "post_error")
    await house.sandbox.command(RIA, VOICE, SALES)
    assert (await house.sandbox.submit_form(RIA)).ok
    await house.sandbox.wait_for(lambda: any(c.error == "post_error" for c in house.sandbox.slack_calls))
    assert house.sandbox.messages(APPROVE, OMAR) == []
    await house.sandbox.fault("slack", "none")
    question = await house.sandbox.wait_for(lambda: asked(house), timeout=10)
    assert REPEAT in question[0].words
    assert mentions(question[0]) == 1  # nobody has heard of it yet
    assert problems("message", {"text": question[0].text, "blocks": question[0].blocks}) == []
    waiting = await house.heard("Waiting for approval", VOICE, RIA)
    # Nothing was tried before with this one.
    assert REPEAT not in waiting.words
    assert len(asked(house)) == 1


async def test_a_question_that_is_written_down_late_is_asked_once(house: House) -> None:
    async with said_and_not_written_down(house, Purpose.APPROVAL):
        question = await ask(house)
    await house.heard("Waiting for approval", VOICE, RIA)
    assert [message.ts for message in asked(house)] == [question.ts]
    assert REPEAT not in now(house, question).words
    assert mentions(now(house, question)) == 1


async def test_a_question_that_was_never_written_down_is_asked_again_as_a_repeat(empty_house: House) -> None:
    house = empty_house
    async with said_and_not_written_down(house, Purpose.APPROVAL), house.bot():
        first = await ask(house)
    async with house.bot():
        await house.heard("Waiting for approval", VOICE, RIA)
    one, again = asked(house)
    assert one.ts == first.ts
    assert [REPEAT in question.words for question in (one, again)] == [False, True]
    # The process that asked is gone: nobody knows whether Slack took the first one.
    assert [mentions(question) for question in (one, again)] == [1, 1]


async def test_a_question_that_waits_through_an_outage_and_a_restart_mentions_the_operators(
    empty_house: House,
) -> None:
    house = empty_house
    async with house.bot():
        await house.sandbox.fault("slack", "post_error")
        await house.sandbox.command(RIA, VOICE, SALES)
        assert (await house.sandbox.submit_form(RIA)).ok
        await house.sandbox.wait_for(lambda: any(c.error == "post_error" for c in house.sandbox.slack_calls))
    await house.sandbox.fault("slack", "none")
    async with house.bot():
        question = await house.heard(QUESTION, APPROVE, OMAR)
    assert REPEAT in question.words
    assert mentions(question) == 1


async def test_a_question_that_slack_may_not_have_taken_mentions_the_operators_again(house: House) -> None:
    await house.sandbox.fault("slack", "post_reset_after", times=1)
    await house.sandbox.command(RIA, VOICE, SALES)
    assert (await house.sandbox.submit_form(RIA)).ok
    await house.sandbox.wait_for(lambda: len(asked(house)) > 1, timeout=10)
    first, second = asked(house)
    assert [REPEAT in question.words for question in (first, second)] == [False, True]
    assert [mentions(question) for question in (first, second)] == [1, 1]


async def test_a_question_says_where_it_was_asked_and_is_no_repeat(house: House) -> None:
    question = await ask(house)
    assert REPEAT not in question.words
    assert APPROVE in str((await house.heard("Waiting for approval", VOICE, RIA)).blocks)


async def test_an_announcement_that_may_come_twice_says_so(house: House) -> None:
    await house.sandbox.fault("slack", "post_reset_after", times=1)
    await house.sandbox.command(ASHA, VOICE, LARGE)
    await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")
    await house.heard("created: outbound")
    await house.sandbox.wait_for(lambda: len(asked(house, words=ALONE)) > 1)
    first, second = asked(house, words=ALONE)
    assert REPEAT not in first.words
    assert REPEAT in second.words


async def test_a_result_does_not_wait_for_its_announcement(house: House) -> None:
    await house.sandbox.fault("slack", "approvals_channel_error")
    await house.sandbox.command(ASHA, VOICE, LARGE)
    await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")
    result = await house.heard("created: outbound")
    await house.shown("created: outbound")
    assert "I could not tell any operator" not in result.words
    await until_told(house, result.words)
    assert asked(house, words=ALONE) == []
    await house.sandbox.fault("slack", "none")
    await house.sandbox.wait_for(lambda: asked(house, words=ALONE), timeout=10)
    assert sum("created: outbound" in text for text in house.said()) == 1
    assert len(asked(house, words=ALONE)) == 1


async def test_an_announcement_says_what_became_of_it(house: House) -> None:
    await house.sandbox.fault("vobiz", "created_then_500", times=1)
    await house.sandbox.command(ASHA, VOICE, LARGE)
    await house.looked()
    await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")
    shouted = await house.heard(ALONE, APPROVE, OMAR)
    await house.heard("created: outbound")
    settled = await updated(house, shouted, str(house.sandbox.trunks[0]["trunk_id"]))
    assert "looking for the trunk" not in settled.words
    assert ALONE in settled.words
    assert "Outage" in settled.words
    assert len(asked(house, words=ALONE)) == 1
    assert REPEAT not in settled.words
    status = await house.sandbox.command(OMAR, VOICE, f"status {house.reference(settled.words)}")
    assert "were asked in" not in (status.seen or "")


async def test_an_announcement_says_what_became_of_it_after_a_restart(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        await house.sandbox.fault("vobiz", "hang")
        await house.sandbox.command(ASHA, VOICE, LARGE)
        await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")
        shouted = await house.heard(ALONE, APPROVE, OMAR)
        await house.heard("Give up", user=OMAR)
        await updated(house, shouted, "An operator must decide")
    async with house.bot():
        await house.sandbox.action(OMAR, "trunk.give_up")
        await updated(house, shouted, "closed as not created")


async def test_an_announcement_is_changed_only_to_say_something_new(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, LARGE)
    await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")
    result = await house.heard("created: outbound")
    await until_told(house, result.words)
    await until_told(house, result.words, Purpose.APPROVAL)
    (shouted,) = asked(house, words=ALONE)
    assert "The trunk was created" in shouted.words
    said = [call for call in house.sandbox.slack_calls if call.method in {"chat.postMessage", "chat.update"}]
    about = [call.args["blocks"] for call in said if ALONE in str(call.args)]
    assert all(before != after for before, after in pairwise(about))
    assert len(about) <= 2  # as it was accepted, and as it ended


async def test_an_announcement_that_an_outcome_overtakes_is_brought_up_to_date(house: House) -> None:
    async with said_and_not_written_down(house, Purpose.APPROVAL):
        await house.sandbox.fault("vobiz", "hang")
        await house.sandbox.command(ASHA, VOICE, LARGE)
        await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")
        shouted = await house.heard(ALONE, APPROVE, OMAR)
        await has_moved(house, shouted.words, "looked")
        await house.sandbox.command(OMAR, VOICE, f"status {house.reference(shouted.words)}")
        await house.sandbox.action(OMAR, "trunk.give_up")
        await has_moved(house, shouted.words, "give_up")
        assert "closed as not created" not in now(house, shouted).words
    await updated(house, shouted, "closed as not created")
    assert len(asked(house, words=ALONE)) == 1


async def test_who_approved_is_said_at_once_and_with_the_time_of_the_decision(empty_house: House) -> None:
    house = empty_house
    house.settings = house.settings.model_copy(update={"vobiz_timeout": 10.0})
    house.sandbox.settings.delays.slow = 1.5
    async with house.bot():
        question = await ask(house)
        await until_told(house, question.words)
        await house.sandbox.fault("vobiz", "slow")
        await house.sandbox.action(OMAR, APPROVE_BUTTON)
        creating = await updated(house, question, "It is being created")
        assert OMAR in str(creating.blocks)
        assert not has(creating, APPROVE_BUTTON)
        assert not has(creating, DENY_BUTTON)
        at_once = shown_time(creating)
        assert "created: outbound" not in str(house.said())
        created = await house.heard("created: outbound")
        settled = await updated(house, question, "The trunk was created")
    accepted = next(event for event in await house.history(created.words) if event.kind == "approved")
    operation = await house.operation(created.words)
    assert shown_time(settled) == at_once == [accepted.at // 1000]
    assert operation.updated_at // 1000 > accepted.at // 1000


async def test_a_message_that_slack_does_not_change_is_changed_later_and_repeats_nothing(
    house: House,
) -> None:
    question = await ask(house)
    await until_told(house, question.words)  # before that, writing it down brings it up to date once more
    # The first says who approved, the second what became of it.
    await house.sandbox.fault("slack", "update_error", times=3)
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    created = await house.heard("created: outbound")
    assert has(now(house, question), APPROVE_BUTTON)
    await house.sandbox.wait_for(lambda: not has(now(house, question), APPROVE_BUTTON), timeout=10)
    assert sum("created: outbound" in text for text in house.said()) == 1
    assert REPEAT not in created.words


async def test_trouble_with_the_older_message_does_not_keep_the_result_from_being_told(house: House) -> None:
    await ask(house)
    await house.sandbox.fault("slack", "update_error")
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    created = await house.heard("created: outbound")
    await until_told(house, created.words)
    assert sum("created: outbound" in text for text in house.said()) == 1


async def test_members_of_the_operators_group_are_asked_in_person(empty_house: House) -> None:
    house = empty_house
    group = Members(groups=frozenset({"S0ONCALL1"}))
    house.settings = house.settings.model_copy(update={"trunk_operators": group})
    house.sandbox.space.channels[APPROVE].bot = False
    async with house.bot():
        await house.sandbox.fault("slack", "response_url_dead")
        await house.sandbox.command(RIA, WARROOM, SALES)
        assert (await house.sandbox.submit_form(RIA)).ok
        question = await house.heard(QUESTION, "D0OMAR001", OMAR)
        waiting = await house.heard("Waiting for approval", "D0RIA0001", RIA)
        assert "I could not reach any operator" not in waiting.words
        assert "The approvers were asked in" not in waiting.words
        await house.sandbox.action(OMAR, APPROVE_BUTTON, channel="D0OMAR001")
        await house.heard("created: outbound", "D0RIA0001", RIA)
        settled = await updated(house, question, "The trunk was created")
        assert not has(settled, APPROVE_BUTTON)


async def test_a_reminder_that_slack_did_not_take_is_given_later(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        question = await ask(house)
        await until_told(house, question.words)
    await age(house, 0.6)
    await house.sandbox.fault("slack", "post_error")
    async with house.bot():
        await house.sandbox.wait_for(lambda: any(c.error == "post_error" for c in house.sandbox.slack_calls))
    tried = (await house.history(question.words))[-1]
    assert (tried.kind, tried.evidence["route"], bool(tried.evidence["error"])) == (
        "delivery",
        "reminder",
        True,
    )
    await house.sandbox.fault("slack", "none")
    async with house.bot():
        await house.heard("Still waiting for approval", APPROVE, OMAR)
        await until_told(house, question.words, Purpose.REMINDER)
    assert len(asked(house, words="Still waiting")) == 1


async def reminded(house: House) -> tuple[Message, Message]:
    """Ask, and let half of the time pass; returns the question and the reminder."""
    async with house.bot():
        question = await ask(house, reason="For the launch.")
        await until_told(house, question.words)
    await age(house, 0.6)
    async with house.bot():
        reminder = await house.heard(REMINDER, APPROVE, OMAR)
        await until_told(house, question.words, Purpose.REMINDER)
    return question, reminder


async def test_a_reminder_has_all_that_it_takes_to_decide(empty_house: House) -> None:
    question, reminder = await reminded(empty_house)
    assert problems("message", {"text": reminder.text, "blocks": reminder.blocks}) == []
    for words in ("Sales", "outbound", "10 calls", "For the launch.", "MA_SANDBOX1", "Expires"):
        assert words in reminder.words, reminder.words
    assert mentions(reminder) == 1
    for button in (APPROVE_BUTTON, DENY_BUTTON):
        assert value_of(reminder, button) == value_of(question, button)


@pytest.mark.parametrize("pressed_on", ["question", "reminder"])
@pytest.mark.parametrize("button", [APPROVE_BUTTON, DENY_BUTTON])
async def test_a_decision_settles_the_question_and_its_reminder(
    empty_house: House, button: str, pressed_on: str
) -> None:
    house = empty_house
    question, reminder = await reminded(house)
    async with house.bot():
        on = reminder if pressed_on == "reminder" else question
        await house.sandbox.action(OMAR, button, channel=on.channel, ts=on.ts)
        if button == DENY_BUTTON:
            assert (await house.sandbox.submit_form(OMAR, reason="Use the old one.")).ok
        else:
            told = await house.heard("The approval message will show", APPROVE, OMAR)
            assert "Approved: create trunk" in told.words
            # It may stay, as a direct message.
            assert "being" not in told.words
        words = "It was denied" if button == DENY_BUTTON else "The trunk was created"
        for message in (question, reminder):
            settled = await updated(house, message, words)
            assert not has(settled, APPROVE_BUTTON)
            assert not has(settled, DENY_BUTTON)
        await house.heard(
            "Request denied" if button == DENY_BUTTON else "created: outbound",
            user=RIA,
            channel=("D0RIA0001" if button == DENY_BUTTON else VOICE),
        )
        for message in (question, reminder):
            assert "cannot update this message" not in now(house, message).words
    assert len(house.sandbox.vobiz_posts) == (button == APPROVE_BUTTON)


async def test_a_reminder_that_a_decision_overtakes_keeps_no_buttons(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        question = await ask(house)
        await until_told(house, question.words)
    await age(house, 0.6)
    async with house.bot():
        async with said_and_not_written_down(house, Purpose.REMINDER):
            reminder = await house.heard(REMINDER, APPROVE, OMAR)
            await house.sandbox.action(OMAR, DENY_BUTTON, channel=question.channel, ts=question.ts)
            assert (await house.sandbox.submit_form(OMAR, reason="No.")).ok
            assert has(now(house, reminder), APPROVE_BUTTON)
        settled = await updated(house, reminder, "It was denied")
        assert not has(settled, APPROVE_BUTTON)


async def test_who_was_asked_in_person_is_reminded_in_person(empty_house: House) -> None:
    house = empty_house
    house.sandbox.space.channels[APPROVE].bot = False
    async with house.bot():
        await house.sandbox.fault("slack", "response_url_dead")
        await house.sandbox.command(RIA, WARROOM, SALES)
        assert (await house.sandbox.submit_form(RIA)).ok
        question = await house.heard(QUESTION, "D0OMAR001", OMAR)
        await until_told(house, question.words)
    await age(house, 0.6)
    async with house.bot():
        await house.heard("Still waiting for approval", "D0OMAR001", OMAR)
        await until_told(house, question.words, Purpose.REMINDER)


async def test_who_asked_hears_that_nobody_could_be_asked(empty_house: House) -> None:
    house = empty_house
    unreadable = Members(groups=frozenset({"S0NOBODY1"}))
    house.settings = house.settings.model_copy(update={"trunk_operators": unreadable})
    house.sandbox.space.channels[APPROVE].bot = False
    async with house.bot():
        await house.sandbox.fault("slack", "response_url_dead")
        await house.sandbox.command(RIA, WARROOM, SALES)
        assert (await house.sandbox.submit_form(RIA)).ok
        waiting = await house.heard("I could not reach any operator", "D0RIA0001", RIA)
        assert "talk to one" in waiting.words
        assert (await house.operation(waiting.words)).state is State.AWAITING_APPROVAL
        await until_told(house, waiting.words)
    await age(house, 0.6)
    async with house.bot(), asyncio.timeout(5):
        while True:
            last = (await house.history(waiting.words))[-1]
            if last.evidence.get("purpose") == "reminder" and last.evidence["error"]:
                break
            await asyncio.sleep(0.02)


async def test_a_broken_glass_that_reached_nobody_is_announced_when_it_can_be(empty_house: House) -> None:
    house = empty_house
    only = Members(users=frozenset({ASHA}))
    house.settings = house.settings.model_copy(update={"trunk_operators": only})
    house.sandbox.space.channels[APPROVE].bot = False
    async with house.bot():
        await house.sandbox.fault("slack", "response_url_dead")
        await house.sandbox.command(ASHA, WARROOM, LARGE)
        assert (await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")).ok
        result = await house.heard("created: outbound", "D0ASHA001")
        assert "I could not tell any operator" in result.words
        await until_told(house, result.words)
    assert asked(house, words=ALONE) == []
    house.sandbox.space.channels[APPROVE].bot = True
    async with house.bot():
        await house.heard(ALONE, APPROVE, OMAR)
    assert len(asked(house, words=ALONE)) == 1
