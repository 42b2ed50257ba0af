"""Requests and approvals, from outside: who asks, who decides, and exactly what is sent."""

import asyncio
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bot.domain.operation import State
from bot.domain.policy import Members
from bot.domain.records import Purpose
from bot.sandbox.blockkit.validation import parts, problems
from bot.sandbox.slack.forms import Values, filled
from bot.sandbox.slack.messages import Message
from bot.store.schema import approvals, operations
from tests.flow.conftest import (
    APPROVE,
    ASHA,
    BEN,
    GENERAL,
    OMAR,
    RIA,
    SALES,
    VOICE,
    WARROOM,
    ZOE,
    House,
)

LARGE = 'create "Sales" outbound 250'
QUESTION = "Approval needed: "
APPROVE_BUTTON, DENY_BUTTON, WITHDRAW_BUTTON = "approval.approve", "approval.deny", "approval.withdraw"


async def ask(
    house: House, user: str = RIA, command: str = SALES, channel: str = VOICE, **typed: str
) -> Message:
    """Ask for a trunk; returns the message in which the operators are asked."""
    await house.sandbox.command(user, channel, command)
    await house.looked()
    sent = await house.sandbox.submit_form(user, **typed)
    assert sent.ok, sent
    return await house.heard(QUESTION, APPROVE, ASHA)


def value_of(message: Message, action: str) -> str:
    """Return the value of a message's button."""
    return next(str(part["value"]) for _, part in parts(message.blocks) if part.get("action_id") == action)


def has(message: Message, action: str) -> bool:
    return any(part.get("action_id") == action for _, part in parts(message.blocks))


def now(house: House, message: Message) -> Message:
    """Return a message as it reads by now."""
    found = house.sandbox.space.messages.find(message.channel, message.ts)
    assert found is not None
    return found


async def updated(house: House, message: Message, words: str) -> Message:
    """Wait until a message was brought up to date."""
    await house.sandbox.wait_for(lambda: words in now(house, message).words)
    return now(house, message)


def pressed(action: str, value: str, user: str, team: str = "T0ACME001") -> dict[str, object]:
    """Make a press of a button that the sandbox's client would not show."""
    return {
        "type": "block_actions",
        "team": {"id": "T0ACME001"},
        "user": {"id": user, "team_id": team},
        "trigger_id": "1.2.3",
        "channel": {"id": APPROVE},
        "actions": [{"type": "button", "block_id": "b", "action_id": action, "value": value}],
    }


async def age(house: House, share: float) -> None:
    """Let this share of the time pass that requests have."""
    async with house.ledger._writer.writing() as connection:
        lives = sa.select(
            operations.c.id, operations.c.created_at, operations.c.wake_at, approvals.c.expires_at
        ).join(approvals, approvals.c.operation == operations.c.id)
        for id_, created_at, wake_at, expires_at in (await connection.execute(lives)).all():
            passed = int((expires_at - created_at) * share)
            was = {"created_at": created_at - passed, "wake_at": wake_at and wake_at - passed}
            await connection.execute(operations.update().where(operations.c.id == id_).values(was))
            until = {"expires_at": expires_at - passed}
            await connection.execute(approvals.update().where(approvals.c.operation == id_).values(until))


async def until_told(house: House, text: str, purpose: Purpose = Purpose.RESULT) -> None:
    """Wait until it is written down that people were told, of the operation that a text refers to."""
    operation = (await house.operation(text)).id
    async with asyncio.timeout(15):
        while True:
            notices = await house.ledger.outbox.of(operation)
            told = [notice for notice in notices if notice.purpose is purpose and notice.shown is not None]
            if told and told[0].due_at is None:
                return
            await asyncio.sleep(0.02)


async def test_a_request_that_is_approved_makes_one_trunk(house: House) -> None:
    await house.sandbox.command(RIA, VOICE, SALES)
    form = house.sandbox.view_of(RIA)
    assert form is not None
    assert form.spec["submit"]["text"] == "Ask for approval"  # type: ignore[index]  # the sandbox's JSON
    question = await ask(house, reason="For the launch.")
    assert problems("message", {"text": question.text, "blocks": question.blocks}) == []
    for words in (
        "Sales",
        "outbound",
        "10",
        "For the launch.",
        "MA_SANDBOX1",
        house.reference(question.words),
    ):
        assert words in question.words
    assert str(question.blocks).count("'S0ONCALL1'") == 1
    assert RIA in str(question.blocks)
    assert "Waiting for approval" in await house.shown("Waiting for approval", RIA)
    assert house.sandbox.vobiz_posts == []

    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    result = await house.heard("created: outbound", VOICE, RIA)
    trunk = house.sandbox.trunks[0]
    assert [post.body for post in house.sandbox.vobiz_posts] == [
        {"name": "Sales", "trunk_type": "OUTBOUND", "max_concurrent_calls": 10}
    ]
    assert str(trunk["trunk_id"]) in result.words
    assert OMAR in str(result.blocks)
    assert RIA in str(result.blocks)
    settled = await updated(house, question, str(trunk["trunk_id"]))
    assert OMAR in str(settled.blocks)
    assert not has(settled, APPROVE_BUTTON)
    assert str(trunk["trunk_id"]) in await house.shown(str(trunk["trunk_id"]), RIA)
    await house.heard("The approval message will show", APPROVE, OMAR)
    operation = await house.operation(result.words)
    assert (operation.requester, operation.approved_by, operation.note) == (RIA, OMAR, "For the launch.")
    asked = (await house.history(result.words))[0].evidence
    assert asked["reason"] == "For the launch."
    assert operation.expires_at is not None
    assert datetime.fromisoformat(str(asked["expires"])).timestamp() == operation.expires_at // 1000
    moves = [(event.kind, event.actor) for event in await house.history(result.words) if event.state]
    assert moves == [
        ("awaiting_approval", RIA),
        ("approved", OMAR),
        ("sending", "bot"),
        ("done", "bot"),
    ]


async def test_the_status_warns_who_may_approve_of_a_trunk_of_that_name(house: House) -> None:
    there = str(house.sandbox.add_trunk("Sales")["trunk_id"])
    await house.sandbox.command(RIA, VOICE, SALES)
    await house.shown(there, RIA)  # the look at the account has ended
    assert (await house.sandbox.submit_form(RIA)).ok
    question = await house.heard(QUESTION, APPROVE, OMAR)
    assert there in question.words
    answers = {
        user: (await house.sandbox.command(user, VOICE, f"status {house.reference(question.words)}")).seen
        for user in (OMAR, BEN)
    }
    assert there in (answers[OMAR] or "")
    assert "MA_SANDBOX1" in (answers[OMAR] or "")
    assert there not in (answers[BEN] or "")


async def test_bringing_the_question_up_to_date_is_in_the_record_with_the_first_failure(house: House) -> None:
    question = await ask(house)
    await house.sandbox.fault("slack", "update_error")
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    await house.sandbox.wait_for(
        lambda: sum("chat.update" in call.what for call in house.sandbox.deliveries if call.to == "Slack") > 2
    )
    await house.sandbox.fault("slack", "none")
    await updated(house, question, "The trunk was created")

    async with asyncio.timeout(5):
        while len(errors := await update_errors(house, question)) < 2:  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.02)
    assert errors == ["unreadable", None]
    told = await house.sandbox.command(OMAR, VOICE, f"history {house.reference(question.words)}")
    assert "posted a message; how: updated the approval message" in str(told.seen)
    assert "could not post a message; how: updated the approval message; error: unreadable" in str(told.seen)


async def update_errors(house: House, question: Message) -> list[object]:
    """Read from the record how bringing the question up to date ended, each time."""
    events = [event.evidence for event in await house.history(question.words) if event.kind == "delivery"]
    return [said["error"] for said in events if said["route"] == "approval_update"]


async def test_a_question_that_slack_did_not_confirm_is_closed_when_it_is_pressed(house: House) -> None:
    await house.sandbox.fault("slack", "post_reset_after", times=1)
    lost = await ask(house)
    again = await house.heard("You may have seen this already", APPROVE, OMAR)
    assert again.ts != lost.ts
    await house.sandbox.action(OMAR, APPROVE_BUTTON, channel=APPROVE, ts=again.ts)
    await updated(house, again, "The trunk was created")
    assert has(now(house, lost), APPROVE_BUTTON)  # nobody told the bot that it is there

    await house.sandbox.action(ASHA, APPROVE_BUTTON, channel=APPROVE, ts=lost.ts)
    await house.heard("Already decided", APPROVE, ASHA)
    closed = await updated(house, lost, "The trunk was created")
    assert not has(closed, APPROVE_BUTTON)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_who_asked_hears_of_a_denial_and_why(house: House) -> None:
    question = await ask(house)
    await house.sandbox.action(OMAR, DENY_BUTTON)
    await house.shown("denied it, and why", OMAR)
    assert (await house.sandbox.submit_form(OMAR, reason="  ")).errors == {
        "reason": "Give a reason: it is shown with the decision."
    }
    assert (await house.sandbox.submit_form(OMAR, reason="Use the <!channel> one.")).ok
    assert "Denied" in house.modal(OMAR)
    view = house.sandbox.view_of(OMAR)
    assert view is not None
    assert view.spec["title"]["text"] == "SIP trunks"  # type: ignore[index]  # the sandbox's JSON
    told = await house.heard("Request denied", "D0RIA0001", RIA)
    assert told.kind == "message"  # stays, and is there for who was away
    assert "Use the <!channel> one." in told.words
    assert "<!channel>" not in told.text
    assert (await updated(house, question, "Request denied")).words.count("Use the") == 1
    assert not has(now(house, question), APPROVE_BUTTON)
    operation = await house.operation(told.words)
    assert (operation.state, operation.decider) == (State.DENIED, OMAR)
    assert house.sandbox.vobiz_posts == []


async def test_a_denial_whose_form_does_not_open_is_no_denial_and_says_so(house: House) -> None:
    question = await ask(house)
    await house.sandbox.fault("slack", "views_open_error")
    await house.sandbox.action(OMAR, DENY_BUTTON)
    told = await house.heard("The form could not be opened", APPROVE, OMAR)
    assert "Press the button again" in told.words
    assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL


async def test_who_asked_may_withdraw_and_nobody_else(house: House) -> None:
    question = await ask(house)
    waiting = await house.heard("Waiting for approval", VOICE, RIA)
    value = value_of(waiting, WITHDRAW_BUTTON)
    for user, channel in ((OMAR, "D0OMAR001"), (BEN, "D0BEN0001")):
        await house.sandbox.interaction(pressed(WITHDRAW_BUTTON, value, user))
        refused = await house.heard("Only the requester can withdraw", channel, user)
        assert RIA in str(refused.blocks)
    assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL
    await house.sandbox.action(RIA, WITHDRAW_BUTTON, channel=VOICE)
    await house.heard("Withdrawn. Nothing was created", VOICE, RIA)
    await updated(house, question, "Request withdrawn")
    words = [message.words for message in house.sandbox.messages(VOICE, RIA) if message.bot]
    assert sum("Withdrawn" in said for said in words) == 1
    assert not any("Waiting for approval" in said for said in words)
    assert not has(now(house, question), APPROVE_BUTTON)
    assert (await house.operation(question.words)).state is State.WITHDRAWN


async def test_above_the_threshold_an_operator_needs_another_one(house: House) -> None:
    question = await ask(house, ASHA, LARGE)
    called, found, _ = str(question.blocks).partition("please decide")
    assert found
    assert ASHA not in called
    assert "S0ONCALL1" in called
    await house.sandbox.action(ASHA, APPROVE_BUTTON)
    await house.heard("not your own", APPROVE, ASHA)
    await house.sandbox.action(ASHA, DENY_BUTTON)
    assert "Deny this" not in house.modal(ASHA)
    assert house.sandbox.vobiz_posts == []
    assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


async def test_at_the_threshold_an_operator_needs_nobody(house: House) -> None:
    assert (await house.confirmed(command='create "Sales" outbound 100')).ok
    await house.heard("created: outbound")
    assert house.said(APPROVE) == []


async def test_a_limit_that_is_raised_in_the_form_turns_it_into_a_request(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, SALES)
    before = house.sandbox.view_of(ASHA)
    assert before is not None
    assert (await house.sandbox.submit_form(ASHA, name="West", direction="inbound", calls="250")).ok
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    assert view.id == before.id
    assert view.spec["submit"]["text"] == "Ask for approval"  # type: ignore[index]  # the sandbox's JSON
    assert "Above 100 concurrent calls" in house.modal()
    assert house.said(APPROVE) == []
    assert view.values["name"]["name"]["value"] == "West"
    assert (await house.sandbox.submit_form(ASHA)).ok
    question = await house.heard(QUESTION, APPROVE, ASHA)
    operation = await house.operation(question.words)
    assert operation.request == {"name": "West", "direction": "inbound", "calls": 250}
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    await house.heard("created: inbound")
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_form_that_is_shown_again_keeps_its_warnings(house: House) -> None:
    trunk = house.sandbox.add_trunk("Same")
    house.sandbox.vobiz.account.ceiling = 200
    await house.sandbox.command(ASHA, VOICE, 'create "Same" outbound 6')
    await house.sandbox.wait_for(lambda: "A trunk of this name already exists" in house.modal())
    assert (await house.sandbox.submit_form(ASHA, calls="250")).ok
    first, *_ = house.modal().splitlines()
    assert first.startswith("Not submitted yet: the button is now “Ask for approval”")
    for words in (
        "A trunk of this name already exists",
        str(trunk["trunk_id"]),
        "The account allows 200 concurrent calls in total",
    ):
        assert words in house.modal()
    await house.sandbox.action(ASHA, "how", value="break_glass")
    assert "A trunk of this name already exists" in house.modal()
    await house.sandbox.action(ASHA, "how", value="ask")
    assert (await house.sandbox.submit_form(ASHA)).ok
    question = await house.heard(QUESTION, APPROVE, OMAR)
    assert "already had a trunk of that name" in question.words
    assert str(trunk["trunk_id"]) in question.words


async def test_a_form_that_is_shown_again_under_another_name_warns_of_no_other_trunk(house: House) -> None:
    house.sandbox.add_trunk("Same")
    await house.sandbox.command(ASHA, VOICE, 'create "Same" outbound 6')
    await house.sandbox.wait_for(lambda: "A trunk of this name already exists" in house.modal())
    assert (await house.sandbox.submit_form(ASHA, name="Other", calls="250")).ok
    assert "Not submitted yet" in house.modal()
    assert "of this name" not in house.modal()
    # It was looked for under the first name: back to that, it counts again.
    assert (await house.sandbox.submit_form(ASHA, name="Same", calls="6")).ok
    assert "A trunk of this name already exists" in house.modal()


async def test_a_limit_that_is_lowered_in_the_form_needs_nobody(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, LARGE)
    assert (await house.sandbox.submit_form(ASHA, calls="50", reason="Launch")).ok
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    assert view.spec["submit"]["text"] == "Create trunk"  # type: ignore[index]  # the sandbox's JSON
    assert house.sandbox.vobiz_posts == []
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("created: outbound")
    assert [post.body["max_concurrent_calls"] for post in house.sandbox.vobiz_posts] == [50]
    assert house.said(APPROVE) == []


async def test_breaking_the_glass_takes_a_reason_and_is_told_to_everybody(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, LARGE)
    missing = await house.sandbox.submit_form(ASHA, how="break_glass")
    # Nobody decides, so it is not told with a decision.
    assert missing.errors == {"reason": "Give a reason: the operators will read it, and it stays on record."}
    assert house.sandbox.vobiz_posts == []
    assert (await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage *now*")).ok
    result = await house.heard("created: outbound")
    shouted = await house.heard("BREAK GLASS", APPROVE, OMAR)
    assert problems("message", {"text": shouted.text, "blocks": shouted.blocks}) == []
    for message in (result, shouted):
        assert "Outage *now*" in message.words
        assert "break glass" in message.words.lower()
    assert ASHA in str(shouted.blocks)
    operation = await house.operation(result.words)
    assert operation.break_glass
    assert operation.approved_by is None
    accepted = (await house.history(result.words))[0]
    assert (accepted.kind, accepted.actor, accepted.evidence["break_glass"]) == (
        "accepted",
        ASHA,
        "Outage *now*",
    )
    assert len(house.sandbox.vobiz_posts) == 1
    assert sum("BREAK GLASS" in text for text in house.said(APPROVE)) == 1
    assert house.said(APPROVE, ASHA) == [shouted.text]


def submit_button(house: House, user: str = ASHA) -> str:
    view = house.sandbox.view_of(user)
    assert view is not None
    return str(view.spec["submit"]["text"])  # type: ignore[index]  # the sandbox's JSON


def chosen(house: House, how: str) -> Values:
    """Return what the form in front of Asha holds, with this choice and a reason."""
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    return filled(view.blocks, view.values, {"how": how, "reason": "Outage"})


async def test_the_button_says_what_the_choice_does_and_keeps_what_was_typed(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, LARGE)
    assert submit_button(house) == "Ask for approval"
    house.sandbox.fill(ASHA, name="West", direction="inbound", calls="300", reason="Outage")
    await house.sandbox.action(ASHA, "how", value="break_glass")
    assert submit_button(house) == "Create trunk now"
    await house.sandbox.action(ASHA, "how", value="ask")
    assert submit_button(house) == "Ask for approval"
    await house.sandbox.action(ASHA, "how", value="break_glass")
    assert "Not submitted yet" not in house.modal()
    assert house.sandbox.vobiz_posts == []
    assert (await house.sandbox.submit_form(ASHA)).ok
    result = await house.heard("created: inbound")
    assert [post.body for post in house.sandbox.vobiz_posts] == [
        {"name": "West", "trunk_type": "INBOUND", "max_concurrent_calls": 300}
    ]
    assert "Outage" in result.words


@pytest.mark.parametrize(("shown", "pressed_for"), [("ask", "break_glass"), ("break_glass", "ask")])
async def test_a_button_that_said_something_else_does_nothing(
    house: House, shown: str, pressed_for: str
) -> None:
    """Slack showed the other button when it was pressed: the form's update had not arrived."""
    await house.sandbox.command(ASHA, VOICE, LARGE)
    await house.sandbox.action(ASHA, "how", value=shown)
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    assert (await house.sandbox.submit(ASHA, view.id, chosen(house, pressed_for))).ok
    button = {"ask": "Ask for approval", "break_glass": "Create trunk now"}[pressed_for]
    assert submit_button(house) == button
    assert f"Not submitted yet: the button is now “{button}”" in house.modal()
    assert house.sandbox.vobiz_posts == []
    assert house.said(APPROVE) == []
    after = house.sandbox.view_of(ASHA)
    assert after is not None
    assert (await house.sandbox.submit(ASHA, after.id, after.values)).ok
    if pressed_for == "ask":
        question = await house.heard(QUESTION, APPROVE, OMAR)
        assert "Outage" in question.words
    else:
        await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == (pressed_for == "break_glass")


async def test_a_choice_that_means_nothing_by_now_leaves_the_form(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, LARGE)
    house.sandbox.fill(ASHA, calls="50")
    await house.sandbox.action(ASHA, "how", value="break_glass")
    assert submit_button(house) == "Ask for approval"
    assert (await house.sandbox.submit_form(ASHA)).ok
    assert submit_button(house) == "Create trunk"
    assert house.sandbox.vobiz_posts == []


async def test_a_choice_in_a_form_of_somebody_else_changes_nothing(house: House) -> None:
    await house.sandbox.command(ASHA, VOICE, LARGE)
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    before = view.hash
    action = {"type": "radio_buttons", "block_id": "how", "action_id": "how"}
    body: dict[str, object] = {
        "type": "block_actions",
        "team": {"id": "T0ACME001"},
        "trigger_id": "1.2.3",
        "actions": [action],
    }
    shown = {**view.spec, "id": view.id, "state": {"values": chosen(house, "break_glass")}}
    for user, sealed in ((OMAR, view.private_metadata), (ASHA, "forged")):
        answer = await house.sandbox.interaction(
            body | {"user": {"id": user}, "view": shown | {"private_metadata": sealed}}
        )
        assert (answer.status, answer.body) == (200, b"")
    assert (view.hash, submit_button(house)) == (before, "Ask for approval")
    # The same, as Asha's own client would send it, does.
    await house.sandbox.interaction(
        body | {"user": {"id": ASHA}, "view": shown | {"private_metadata": view.private_metadata}}
    )
    assert submit_button(house) == "Create trunk now"


async def test_a_broken_glass_is_told_although_vobiz_refuses(house: House) -> None:
    await house.sandbox.fault("vobiz", "refuse")
    await house.sandbox.command(ASHA, VOICE, LARGE)
    await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")
    shouted = await house.heard("BREAK GLASS", APPROVE, OMAR)
    await updated(house, shouted, "Vobiz refused it. Nothing was created")


async def test_a_broken_glass_is_told_where_it_was_asked_when_the_bot_is_not_in_the_approvals_channel(
    empty_house: House,
) -> None:
    house = empty_house
    house.sandbox.space.channels[APPROVE].bot = False
    async with house.bot():
        await house.sandbox.command(ASHA, VOICE, LARGE)
        await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")
        await house.heard("BREAK GLASS", VOICE, OMAR)


async def test_without_break_glass_nobody_goes_alone(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        await house.sandbox.command(ASHA, VOICE, LARGE)
    house.settings = house.settings.model_copy(update={"trunk_break_glass": False})
    async with house.bot():
        refused = await house.sandbox.submit_form(ASHA, how="break_glass", reason="Outage")
        assert list(refused.errors) == ["how"]
        await house.sandbox.close(ASHA)
        await house.sandbox.command(ASHA, VOICE, LARGE)
        assert "break glass" not in house.modal()
    assert house.sandbox.vobiz_posts == []


async def test_a_requester_can_not_break_the_glass(house: House) -> None:
    await house.sandbox.command(RIA, VOICE, SALES)
    view = house.sandbox.view_of(RIA)
    assert view is not None
    assert "break glass" not in house.modal(RIA)
    forged: Values = {
        **view.values,
        "reason": {"reason": {"type": "plain_text_input", "value": "please"}},
        "how": {"how": {"type": "radio_buttons", "selected_option": {"value": "break_glass"}}},
    }
    refused = await house.sandbox.submit(RIA, view.id, forged)
    assert not refused.ok
    assert house.sandbox.vobiz_posts == []


async def test_an_approval_holds_for_nothing_but_what_was_seen(house: House) -> None:
    question = await ask(house)
    value = value_of(question, APPROVE_BUTTON)
    operation, _, bound = value.partition(" ")
    other = ("0" if bound[0] != "0" else "1") + bound[1:]
    for forged in (f"{operation} {other}", operation, f"{operation} "):
        await house.sandbox.interaction(pressed(APPROVE_BUTTON, forged, OMAR))
    await house.heard("Not approved: the request is not what you saw", "D0OMAR001", OMAR)
    assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL
    assert house.sandbox.vobiz_posts == []


async def test_a_request_that_was_changed_in_the_database_is_not_approved(house: House) -> None:
    question = await ask(house)
    async with house.ledger._writer.writing() as connection:
        larger = sa.func.replace(operations.c.request, '"calls":10', '"calls":1000')
        await connection.execute(operations.update().values(request=larger))
    assert (await house.operation(question.words)).request["calls"] == 1000
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    await house.heard("Not approved: the request is not what you saw", APPROVE, OMAR)
    assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL
    assert house.sandbox.vobiz_posts == []


async def test_of_two_who_approve_at_once_one_is_told_who_was_first(house: House) -> None:
    question = await ask(house)
    value = value_of(question, APPROVE_BUTTON)
    presses = [(user, pressed(APPROVE_BUTTON, value, user)) for user in (ASHA, OMAR)]
    await asyncio.gather(*(house.sandbox.interaction(payload) for _, payload in presses))
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1
    first = (await house.operation(question.words)).approved_by
    assert first in {ASHA, OMAR}
    second = OMAR if first == ASHA else ASHA
    lost = await house.heard("Already decided", f"D{second[1:]}", second)
    assert first in str(lost.blocks)
    await house.heard("The approval message will show", f"D{first[1:]}", first)


async def test_a_double_click_is_one_approval(house: House) -> None:
    question = await ask(house)
    payload = pressed(APPROVE_BUTTON, value_of(question, APPROVE_BUTTON), OMAR)
    await asyncio.gather(*(house.sandbox.interaction(payload | {"n": n}) for n in range(4)))
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1
    await house.heard("You already approved it.", "D0OMAR001", OMAR)
    assert not any("Already decided" in text for text in house.said("D0OMAR001", OMAR))
    assert [event for event in await house.history(question.words) if event.kind == "refused"] == []


@pytest.mark.parametrize("how", ["denied", "withdrawn", "expired"])
async def test_what_has_ended_is_not_approved(empty_house: House, how: str) -> None:
    house = empty_house
    async with house.bot():
        question = await ask(house)
        value = value_of(question, APPROVE_BUTTON)
        if how == "denied":
            await house.sandbox.action(ASHA, DENY_BUTTON)
            await house.sandbox.submit_form(ASHA, reason="No.")
        elif how == "withdrawn":
            await house.heard("Waiting for approval", VOICE, RIA)
            await house.sandbox.action(RIA, WITHDRAW_BUTTON)
        else:
            # The next round is seconds away: the button alone has to notice.
            await age(house, 1.1)
        await house.sandbox.interaction(pressed(APPROVE_BUTTON, value, OMAR))
        words = {"denied": "It was denied", "withdrawn": "withdrew it", "expired": "It expired"}[how]
        told = await house.heard(words, "D0OMAR001", OMAR)
        assert "Nothing was created" in told.words
        assert ("Already decided" in told.words) == (how != "expired")
        headline = {
            "denied": "Request denied",
            "withdrawn": "Request withdrawn",
            "expired": "Request expired",
        }[how]
        await updated(house, question, headline)
        assert not has(now(house, question), APPROVE_BUTTON)
    assert (await house.operation(question.words)).state == how
    assert house.sandbox.vobiz_posts == []


async def test_a_request_is_reminded_of_once_and_expires(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        question = await ask(house)
    await age(house, 0.6)
    for _ in range(2):
        async with house.bot():
            await house.heard("Still waiting for approval", APPROVE, OMAR)
            await until_told(house, question.words, Purpose.REMINDER)
    assert sum("Still waiting" in text for text in house.said(APPROVE)) == 1
    await age(house, 0.6)
    async with house.bot():
        told = await house.heard("Request expired", "D0RIA0001", RIA)
        assert told.kind == "message"  # stays, and is there for who was away
        await updated(house, question, "Request expired")
        assert not has(now(house, question), APPROVE_BUTTON)
        # The question and its one reminder.
        await house.sandbox.wait_for(
            lambda: [text[:15] for text in house.said(APPROVE)] == ["Request expired"] * 2
        )
    assert (await house.operation(question.words)).state is State.EXPIRED
    assert house.sandbox.vobiz_posts == []


async def test_a_request_lives_as_long_as_the_setting_says(empty_house: House) -> None:
    house = empty_house
    house.settings = house.settings.model_copy(update={"trunk_approval_ttl": timedelta(hours=3)})
    async with house.bot():
        operation = await house.operation((await ask(house)).words)
    assert operation.expires_at is not None
    assert abs(operation.expires_at - operation.created_at - 3 * 3600 * 1000) < 2000


async def test_a_request_outlives_restarts(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        await house.sandbox.command(RIA, VOICE, SALES)
    async with house.bot():
        assert (await house.sandbox.submit_form(RIA)).ok
        question = await house.heard(QUESTION, APPROVE, OMAR)
        await house.heard("Waiting for approval", VOICE, RIA)
    async with house.bot():
        await house.sandbox.action(OMAR, APPROVE_BUTTON)
    async with house.bot():
        await house.heard("created: outbound")
        await updated(house, question, str(house.sandbox.trunks[0]["trunk_id"]))
    assert len(house.sandbox.vobiz_posts) == 1
    assert sum(QUESTION in m.words for m in house.sandbox.messages(APPROVE)) == 0


async def test_a_denial_that_was_begun_before_a_restart_is_finished_after_it(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        await ask(house)
        await house.sandbox.action(OMAR, DENY_BUTTON)
    async with house.bot():
        assert (await house.sandbox.submit_form(OMAR, reason="No.")).ok
        await house.heard("Request denied", "D0RIA0001", RIA)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"trunk_requesters": Members()}, "may no longer request trunks"),
        ({"trunk_operators": Members(users=frozenset({ASHA}))}, "You don't have access"),
        ({"trunk_max_calls": 5}, "more than 5 concurrent calls"),
        ({"trunk_channels": frozenset({APPROVE})}, "can no longer be requested in"),
    ],
    ids=["Ria asks no more", "Omar decides no more", "cap", "channel"],
)
async def test_the_policy_is_asked_again_for_both(
    empty_house: House, change: dict[str, object], words: str
) -> None:
    house = empty_house
    async with house.bot():
        question = await ask(house)
    house.settings = house.settings.model_copy(update=change)
    async with house.bot():
        await house.sandbox.action(OMAR, APPROVE_BUTTON)
        refused = await house.heard(words, APPROVE, OMAR)
        assert "Nothing was done" in refused.words
    assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL
    assert house.sandbox.vobiz_posts == []


async def test_a_stranger_decides_nothing(house: House) -> None:
    question = await ask(house)
    await house.sandbox.action(BEN, APPROVE_BUTTON)
    await house.heard("You don't have access", APPROVE, BEN)
    await house.sandbox.action(BEN, DENY_BUTTON)
    assert house.sandbox.view_of(BEN) is None
    for action in (APPROVE_BUTTON, DENY_BUTTON):
        value = value_of(question, action)
        await house.sandbox.interaction(pressed(action, value, ZOE, "T0OTHER01"))
        await house.sandbox.interaction(pressed(action, value, RIA))
    await house.heard("only for members of the workspace", "D0ZOE0001", ZOE)
    await house.heard("not your own", "D0RIA0001", RIA)
    assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL
    ref = house.reference(question.words)
    await house.sandbox.command(BEN, VOICE, f"history {ref}")
    asked = await house.sandbox.command(OMAR, VOICE, f"history {ref}")
    # The two of Ben, of Zoe and of Ria, and Ben's question: they are written beside the answers.
    async with asyncio.timeout(5):
        while (asked.seen or "").count("refused") < 7:
            asked = await house.sandbox.command(OMAR, VOICE, f"history {ref}")
    refused = [event.actor for event in await house.history(question.words) if event.kind == "refused"]
    assert sorted(refused) == sorted([BEN, BEN, BEN, RIA, RIA, ZOE, ZOE])
    assert house.sandbox.vobiz_posts == []


async def test_the_status_offers_to_each_what_they_may_do(house: House) -> None:
    """The message that asks may be lost, to those who decide and to who asked."""
    ref = house.reference((await ask(house)).words)
    for user, offered in (
        (BEN, []),
        (RIA, [WITHDRAW_BUTTON]),
        (OMAR, [APPROVE_BUTTON, DENY_BUTTON]),
    ):
        await house.sandbox.command(user, WARROOM, f"status {ref}")
        message = await house.heard("Waiting for approval", WARROOM, user)
        buttons = (APPROVE_BUTTON, DENY_BUTTON, WITHDRAW_BUTTON)
        assert [action for action in buttons if has(message, action)] == offered
    await house.sandbox.action(OMAR, APPROVE_BUTTON, channel=WARROOM)
    await house.heard("created: outbound", VOICE, RIA)


async def test_a_stranger_of_the_other_company_with_a_members_id_withdraws_nothing(house: House) -> None:
    question = await ask(house)
    value = value_of(await house.heard("Waiting for approval", VOICE, RIA), WITHDRAW_BUTTON)
    await house.sandbox.interaction(pressed(WITHDRAW_BUTTON, value, RIA, "T0OTHER01"))
    await house.heard("only for members of the workspace", "D0RIA0001", RIA)
    assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL


@pytest.mark.parametrize("action", [APPROVE_BUTTON, DENY_BUTTON, WITHDRAW_BUTTON])
async def test_a_button_of_no_request_is_answered(house: House, action: str) -> None:
    house.sandbox.settings.post_burst = None
    values = ("", "0" * 32 + " " + "0" * 32, "'; DROP TABLE operations; --", "\u0000", "x" * 2000, " ")
    for number, value in enumerate(values, 1):
        answer = await house.sandbox.interaction(pressed(action, value, OMAR))
        assert (answer.status, answer.body) == (200, b"")
        await house.sandbox.wait_for(lambda: len(house.said("D0OMAR001", OMAR)) == number)  # noqa: B023 - used at once
    assert all("This button is out of date" in text for text in house.said("D0OMAR001", OMAR))
    assert house.sandbox.vobiz_posts == []


async def test_a_group_that_can_not_be_read_is_not_the_same_as_no_right(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        question = await ask(house)
    house.sandbox.settings.scopes = frozenset({"commands", "chat:write"})
    async with house.bot():
        await house.sandbox.action(OMAR, APPROVE_BUTTON)
        refused = await house.heard("could not verify", APPROVE, OMAR)
        assert "S0ONCALL1" in refused.words
        assert "You don't have access" not in refused.words
        assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL
        await house.sandbox.action(ASHA, APPROVE_BUTTON)
        await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1


EVIL = "<!channel> <@U0ASHA001> *bold* https://evil.example & `x` "


async def test_a_reason_that_is_too_long_is_refused_under_the_input(house: House) -> None:
    long = (EVIL * 100)[:3000]
    await house.sandbox.command(RIA, VOICE, SALES)
    refused = await house.sandbox.submit_form(RIA, reason=long)
    assert refused.errors == {"reason": "At most 1000 characters."}
    assert house.said(APPROVE) == []
    await ask(house)
    await house.sandbox.action(OMAR, DENY_BUTTON)
    refused = await house.sandbox.submit_form(OMAR, reason=long)
    assert refused.errors == {"reason": "At most 1000 characters."}


async def test_a_reason_pings_nobody(house: House) -> None:
    reason = (EVIL * 100)[:1000].strip()
    question = await ask(house, reason=reason)
    assert reason in question.words
    assert problems("message", {"text": question.text, "blocks": question.blocks}) == []
    assert "<!channel>" not in question.text
    assert "<@U0ASHA001> *bold*" not in question.text
    assert [part.get("type") for _, part in parts(question.blocks)].count("broadcast") == 0


async def test_a_long_reason_in_four_byte_characters_arrives(house: House) -> None:
    reason = "\N{TELEPHONE RECEIVER}" * 1000
    question = await ask(house, reason=reason)
    assert problems("message", {"text": question.text, "blocks": question.blocks}) == []
    await house.sandbox.action(OMAR, DENY_BUTTON)
    assert (await house.sandbox.submit_form(OMAR, reason=reason)).ok
    told = await house.heard("Request denied", "D0RIA0001", RIA)
    assert reason in told.words


@pytest.mark.parametrize("channel", [VOICE, WARROOM, GENERAL])
async def test_without_the_bot_in_the_approvals_channel_it_is_asked_where_it_was_asked_for(
    empty_house: House, channel: str
) -> None:
    house = empty_house
    house.sandbox.space.channels[APPROVE].bot = False
    async with house.bot():
        await house.sandbox.command(RIA, channel, SALES)
        assert (await house.sandbox.submit_form(RIA)).ok
        question = await house.heard(QUESTION, channel, OMAR)
        assert question.to is None
        await house.heard("Waiting for approval", channel, RIA)
        await house.sandbox.action(OMAR, APPROVE_BUTTON)
        await house.heard("created: outbound", channel, RIA)
        settled = await updated(house, question, "approved it")
        assert not has(settled, APPROVE_BUTTON)
        followed = channel == VOICE  # elsewhere it was asked through the command
        assert ("cannot update this message" in settled.words) == (not followed)
        where = "The approval message will show" if followed else "ask for the status"
        assert "Approved: create trunk" in (await house.heard(where, channel, OMAR)).words
    assert len(house.sandbox.vobiz_posts) == 1


async def test_the_second_of_two_identical_requests_is_not_approved_unaware(house: House) -> None:
    first = await ask(house)
    await house.sandbox.close(RIA)
    await house.sandbox.command(RIA, VOICE, SALES)
    assert (await house.sandbox.submit_form(RIA)).ok
    await house.sandbox.wait_for(lambda: sum(QUESTION in t for t in house.said(APPROVE)) > 1)
    second = await house.heard(QUESTION, APPROVE)
    await house.sandbox.interaction(pressed(APPROVE_BUTTON, value_of(first, APPROVE_BUTTON), OMAR))
    created = await house.heard("created: outbound")
    await house.sandbox.interaction(pressed(APPROVE_BUTTON, value_of(second, APPROVE_BUTTON), OMAR))
    warned = await house.heard("An identical trunk was created in the meantime", "D0OMAR001", OMAR)
    assert house.reference(warned.words) == house.reference(created.words)
    assert (await house.operation(second.words)).state is State.AWAITING_APPROVAL
    assert len(house.sandbox.vobiz_posts) == 1
    await house.sandbox.action(OMAR, APPROVE_BUTTON, channel="D0OMAR001")
    await house.sandbox.wait_for(lambda: len(house.sandbox.vobiz_posts) == 2)
    await house.heard("created: outbound")


async def test_of_several_identical_trunks_that_were_made_meanwhile_the_approver_hears_and_decides(
    house: House,
) -> None:
    question = await ask(house)
    for number in (1, 2):
        assert (await house.confirmed(OMAR)).ok
        await house.sandbox.wait_for(lambda: sum("created: outbound" in t for t in house.said()) == number)  # noqa: B023
    await house.sandbox.action(ASHA, APPROVE_BUTTON, channel=APPROVE)
    told = await house.heard("An identical trunk was created 2 times in the meantime", APPROVE, ASHA)
    assert str(house.sandbox.trunks[0]["trunk_id"]) in told.words  # newest first
    # As an older version's button, which named one of the two.
    value = value_of(told, APPROVE_BUTTON)
    older = f"{value.rpartition(' ')[0]} {(await house.operation(told.words)).id}"
    await house.sandbox.interaction(pressed(APPROVE_BUTTON, older, ASHA))
    await house.heard("An identical trunk was created 2 times in the meantime", "D0ASHA001", ASHA)
    assert len(house.sandbox.vobiz_posts) == 2
    await house.sandbox.interaction(pressed(APPROVE_BUTTON, value, ASHA))
    await house.sandbox.wait_for(lambda: len(house.sandbox.vobiz_posts) == 3)
    assert (await house.operation(question.words)).approved_by == ASHA


async def test_the_approver_hears_of_a_trunk_of_that_name_as_who_asked_did(house: House) -> None:
    assert (await house.confirmed(command='create "Sales" inbound 5')).ok
    await house.heard("created: inbound")
    await house.sandbox.command(RIA, VOICE, SALES)
    await house.shown("Sales", RIA)
    await house.sandbox.wait_for(lambda: "already" in house.modal(RIA))
    assert (await house.sandbox.submit_form(RIA)).ok
    question = await house.heard(QUESTION, APPROVE, OMAR)
    assert str(house.sandbox.trunks[0]["trunk_id"]) in question.words


async def test_an_identical_trunk_in_flight_holds_an_approval_back(house: House) -> None:
    question = await ask(house)
    house.sandbox.settings.delays.slow = 0.4
    await house.sandbox.fault("vobiz", "slow")
    await house.confirmed()
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    told = await house.heard("The same trunk is being created already", APPROVE, OMAR)
    assert ASHA in str(told.blocks)
    assert "not what you saw" not in told.words
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 1
    assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    warned = await house.heard("An identical trunk was created in the meantime", APPROVE, OMAR)
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    await house.sandbox.wait_for(lambda: len(house.sandbox.vobiz_posts) == 2)
    # The warning is answered where it stands; the question itself tells all of it.
    await updated(house, warned, "approved it")
    assert not has(now(house, warned), APPROVE_BUTTON)
    assert now(house, warned).to == OMAR
    await updated(house, question, "The trunk was created")


async def test_an_approved_trunk_that_vobiz_does_not_confirm_is_looked_for(house: House) -> None:
    question = await ask(house)
    await house.sandbox.fault("vobiz", "created_then_500", times=1)
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    await house.heard("created: outbound", VOICE, RIA)
    settled = await updated(house, question, str(house.sandbox.trunks[0]["trunk_id"]))
    assert OMAR in str(settled.blocks)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_an_approved_trunk_that_vobiz_refuses_is_told_to_who_asked_and_in_the_approval(
    house: House,
) -> None:
    question = await ask(house)
    await house.sandbox.fault("vobiz", "refuse")
    await house.sandbox.action(OMAR, APPROVE_BUTTON)
    told = await house.heard("422", "D0RIA0001", RIA)
    assert told.kind == "message"  # stays, and is there for who was away
    await updated(house, question, "Vobiz refused it. Nothing was created.")


async def test_the_form_twice_is_one_request(house: House) -> None:
    await house.sandbox.command(RIA, VOICE, SALES)
    view = house.sandbox.view_of(RIA)
    assert view is not None
    payload: dict[str, object] = {
        "type": "view_submission",
        "team": {"id": "T0ACME001"},
        "user": {"id": RIA, "team_id": "T0ACME001"},
        "view": {**view.spec, "id": view.id, "hash": "1.a", "state": {"values": view.values}},
    }
    await asyncio.gather(*(house.sandbox.interaction(payload | {"n": n}) for n in range(3)))
    await house.heard("Waiting for approval", VOICE, RIA)
    assert sum("Approval needed" in m.words for m in house.sandbox.messages(APPROVE)) == 1


async def test_sending_again_above_the_threshold_is_not_the_requesters_alone(house: House) -> None:
    """Sending again is a create: what needed a second person the first time needs one again."""
    await house.sandbox.fault("vobiz", "error_before", times=1)
    await house.sandbox.command(ASHA, VOICE, 'create "Large" outbound 250')
    await house.sandbox.submit_form(ASHA, reason="Launch")
    await house.sandbox.wait_for(lambda: house.sandbox.messages("C0APPROVE", OMAR))
    await house.sandbox.action(OMAR, "approval.approve")
    await house.sandbox.wait_for(
        lambda: any("trunk.send_again" in str(message.blocks) for message in house.sandbox.messages(VOICE))
    )
    await house.sandbox.action(ASHA, "trunk.send_again")
    await house.heard("not your own")
    assert len(house.sandbox.vobiz_posts) == 1
    await house.sandbox.action(OMAR, "trunk.send_again")
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 2
