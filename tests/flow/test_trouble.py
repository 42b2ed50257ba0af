"""When Vobiz refuses, cannot be reached, or does not say what happened."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.operation import Found, Standing, State
from bot.domain.records import Purpose
from bot.sandbox.slack.messages import Message
from tests.flow.conftest import ASHA, BEN, OMAR, SALES, VOICE, WARROOM, House, SkippingClock

UNCONFIRMED = "Vobiz did not confirm"
LOOKING = "I am looking for the trunk"
QUESTION = "please decide"
ANSWERED = "No decision is needed any more"  # what a question says once nobody has to answer it any more
SETTLED = "Settled: "


def first_message(house: House, channel: str = VOICE) -> Message:
    """Return the message about the only operation, which is edited in place; all others are its replies."""
    seen = house.sandbox.messages(channel, ASHA)
    (message,) = (m for m in seen if m.bot and m.to is None and m.thread_ts is None)
    return message


def replies(house: House, words: str = "", channel: str = VOICE) -> list[Message]:
    """Return the replies that say this."""
    seen = house.sandbox.messages(channel, ASHA)
    return [message for message in seen if message.thread_ts is not None and words in message.words]


@pytest.mark.parametrize(
    ("fault", "word"),
    [("refuse", "422"), ("no_balance", "402"), ("bad_token", "401"), ("rate_limited", "429")],
)
async def test_a_refusal_is_told_to_the_requester_alone(house: House, fault: str, word: str) -> None:
    await house.sandbox.fault("vobiz", fault)
    await house.confirmed()
    message = await house.heard("Nothing was created")
    assert message.to == ASHA
    assert word in message.words
    assert "Nothing was created" in await house.shown("Nothing was created")
    assert house.said(user=BEN) == []
    operation = await house.operation(message.words)
    assert (operation.state, operation.standing) == (State.STOPPED, Standing.REJECTED)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_not_sent_offers_the_same_form_again(house: House) -> None:
    await house.sandbox.fault("vobiz", "unreachable")
    await house.confirmed()
    message = await house.heard("Nothing was created")
    first = await house.operation(message.words)
    assert (first.state, first.standing) == (State.STOPPED, Standing.NOT_SENT)
    await house.sandbox.fault("vobiz", "none")
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, "trunk.try_again")
    await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
    assert (await house.sandbox.submit_form(ASHA)).ok
    created = await house.heard("created: outbound")
    second = await house.operation(created.words)
    assert second.id != first.id
    assert second.request == first.request
    assert len(house.sandbox.vobiz_posts) == 1


@pytest.mark.parametrize("fault", ["created_then_500", "created_then_reset", "garbage", "empty_2xx"])
async def test_a_trunk_that_was_made_in_silence_is_found(house: House, fault: str) -> None:
    await house.sandbox.fault("vobiz", fault, times=1)
    await house.confirmed()
    unsure = await house.heard(UNCONFIRMED)
    assert LOOKING in unsure.words
    found = await house.heard("created: outbound")
    trunk = house.sandbox.trunks[0]
    assert str(trunk["trunk_id"]) in found.words
    operation = await house.operation(found.words)
    assert (operation.state, operation.step.found) == (State.DONE, Found.LOOK)
    assert str(trunk["trunk_id"]) in await house.shown(str(trunk["trunk_id"]))
    # It is the message that said to wait, and a reply that everybody sees calls those who read that.
    assert found.ts == unsure.ts == first_message(house).ts
    assert LOOKING not in found.words
    (settled,) = await house.sandbox.wait_for(lambda: replies(house))
    assert SETTLED in settled.words
    assert str(trunk["trunk_id"]) in settled.words
    assert settled.thread_ts == found.ts
    posted = [call.args for call in house.sandbox.slack_calls if call.args.get("thread_ts") == found.ts]
    assert [bool(args["reply_broadcast"]) for args in posted] == [True]
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_trunk_that_was_there_before_is_never_taken_for_ours(house: House) -> None:
    there = house.sandbox.add_trunk("Sales")
    await house.sandbox.command(ASHA, VOICE, SALES)
    await house.shown(str(there["trunk_id"]))
    await house.sandbox.fault("vobiz", "created_then_500", times=1)
    await house.sandbox.submit_form(ASHA)
    found = await house.heard("created: outbound")
    assert str(there["trunk_id"]) not in found.words
    assert len(house.sandbox.trunks) == 2


async def asked(house: House, fault: str = "error_before") -> str:
    """Bring an operation to the point where a person has to decide; returns what the channel says."""
    await house.sandbox.fault("vobiz", fault, times=1)
    await house.confirmed()
    await house.heard(QUESTION)
    assert has_button(house, "trunk.give_up")
    return first_message(house).text


def has_button(house: House, action: str) -> bool:
    return any(action in str(message.blocks) for message in house.sandbox.messages(VOICE, ASHA))


async def test_not_found_asks_a_person_and_sends_nothing(house: House) -> None:
    text = await asked(house)
    operation = await house.operation(text)
    assert operation.state is State.UNKNOWN
    assert operation.asking
    assert len(house.sandbox.vobiz_posts) == 1
    status = await house.sandbox.command(BEN, VOICE, f"status {operation.ref}")
    assert UNCONFIRMED in (status.seen or "")


async def test_send_again_sends_once_more(house: House) -> None:
    text = await asked(house)
    await house.sandbox.action(OMAR, "trunk.send_again")
    created = await house.heard("created: outbound")
    assert house.reference(created.words) == house.reference(text)
    assert len(house.sandbox.vobiz_posts) == 2
    assert len(house.sandbox.trunks) == 1
    kinds = [(event.kind, event.actor) for event in await house.history(text) if event.kind != "delivery"]
    assert kinds == [
        ("accepted", ASHA),
        ("sending", "bot"),
        ("unknown", "bot"),
        ("looked", "bot"),
        ("send_again", OMAR),
        ("sending", "bot"),
        ("done", "bot"),
    ]
    await house.sandbox.wait_for(lambda: not has_button(house, "trunk.give_up"))


async def test_what_is_sent_again_in_vain_is_looked_for_again_before_anyone_is_asked(house: House) -> None:
    text = await asked(house)
    await house.sandbox.fault("vobiz", "error_before", times=1)
    await house.sandbox.action(OMAR, "trunk.send_again")
    await house.sandbox.wait_for(lambda: replies(house, QUESTION) and replies(house, ANSWERED))
    said = [str(call.args.get("text")) for call in house.sandbox.slack_calls if "chat." in call.method]
    first, *_, second = (number for number, words in enumerate(said) if QUESTION in words)
    assert any(LOOKING in words for words in said[first:second])
    assert has_button(house, "trunk.give_up")
    kinds = [event.kind for event in await house.history(text) if event.kind != "delivery"]
    assert kinds[3:] == ["looked", "send_again", "sending", "unknown", "looked"]
    assert (await house.operation(text)).step.looks > 1
    assert len(house.sandbox.vobiz_posts) == 2


async def test_two_who_press_send_again_send_once(house: House) -> None:
    await asked(house)
    presses = (house.sandbox.action(user, "trunk.send_again") for user in (ASHA, OMAR, ASHA, OMAR))
    assert {result.status for result in await asyncio.gather(*presses)} == {200}
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 2


async def test_giving_up_names_who_said_so(house: House) -> None:
    text = await asked(house)
    await house.sandbox.action(OMAR, "trunk.give_up")
    await house.sandbox.wait_for(lambda: not has_button(house, "trunk.give_up"))
    operation = await house.operation(text)
    assert (operation.state, operation.standing) == (State.STOPPED, Standing.NOT_DONE)
    assert operation.decided_by == OMAR
    assert OMAR in str((await house.heard(SETTLED)).blocks)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_checking_again_finds_what_came_late(house: House) -> None:
    text = await asked(house)
    trunk = house.sandbox.add_trunk("Sales")
    await house.sandbox.action(ASHA, "trunk.check_again")
    created = await house.heard("created: outbound")
    assert str(trunk["trunk_id"]) in created.words
    assert house.reference(created.words) == house.reference(text)
    assert len(house.sandbox.vobiz_posts) == 1


async def test_checking_again_in_vain_asks_again(house: House) -> None:
    text = await asked(house)
    looks = tried(house, "vobiz")
    await house.sandbox.action(ASHA, "trunk.check_again")
    await house.sandbox.wait_for(lambda: replies(house, QUESTION) and replies(house, ANSWERED))
    assert len(replies(house, QUESTION)) == 1
    assert tried(house, "vobiz") > looks
    operation = await house.operation(text)
    assert (operation.state, operation.asking, operation.round) == (State.UNKNOWN, True, 1)
    # The buttons are where they were, and belong to the question of now.
    assert f"'{operation.id} 1'" in str(first_message(house).blocks)
    assert ASHA in str(first_message(house).blocks)
    assert len(replies(house)) == 2
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_question_that_may_have_been_asked_already_says_so(house: House) -> None:
    await asked(house)
    await house.sandbox.fault("slack", "post_reset_after", times=1)
    await house.sandbox.action(ASHA, "trunk.check_again")
    await house.sandbox.wait_for(lambda: len(replies(house)) == 3)
    await house.sandbox.wait_for(lambda: replies(house, ANSWERED))
    repeated = ["may have seen this already" in question.words for question in replies(house)]
    assert repeated == [False, False, True]


async def test_several_that_fit_are_listed_and_a_person_picks(house: House) -> None:
    await house.sandbox.fault("vobiz", "error_before", times=1)
    await house.sandbox.command(ASHA, VOICE, SALES)
    await house.looked()
    trunks = [house.sandbox.add_trunk("Sales"), house.sandbox.add_trunk("Sales")]
    await house.sandbox.submit_form(ASHA)
    question = await house.heard("which trunk is it?")
    await house.sandbox.wait_for(lambda: has_button(house, "trunk.pick"))
    for trunk in trunks:
        assert str(trunk["trunk_id"]) in first_message(house).words
    operation = await house.operation(question.words)
    picked = str(trunks[0]["trunk_id"])
    await house.sandbox.action(OMAR, "trunk.pick", value=f"{operation.id} 0 {picked}")
    created = await house.heard("created: outbound")
    assert picked in created.words
    assert OMAR in str(created.blocks)
    assert (await house.operation(created.words)).step.found is Found.PERSON


@pytest.mark.parametrize("read", [True, False], ids=["read before", "not read before"])
async def test_a_trunk_that_is_dated_before_it_was_sent_is_not_said_to_be_missing(
    house: House, read: bool
) -> None:
    """As when what dates trunks at Vobiz runs behind what writes its `Date`: a date excludes nothing."""
    await house.sandbox.fault("vobiz", "none" if read else "reads_fail")
    await house.sandbox.command(ASHA, VOICE, SALES)
    if read:
        await house.looked()
    else:
        await house.shown("could not be read")
    made = house.sandbox.add_trunk("Sales")
    made["created_at"] = (datetime.now(UTC) - timedelta(seconds=5)).isoformat()
    await house.sandbox.fault("vobiz", "error_before", times=1)
    await house.sandbox.submit_form(ASHA)
    if read:  # then it is new, and the only one
        assert str(made["trunk_id"]) in (await house.heard("created: outbound")).words
        return
    await house.heard("is this the trunk?")
    assert str(made["trunk_id"]) in first_message(house).words
    assert has_button(house, "trunk.pick")


async def test_a_trunk_that_was_not_listed_cannot_be_picked(house: House) -> None:
    text = await asked(house)
    operation = await house.operation(text)
    await house.sandbox.action(OMAR, "trunk.give_up", value=f"{operation.id} x")
    other = house.sandbox.add_trunk("Other")
    payload = press(f"{operation.id} 0 {other['trunk_id']}", "trunk.pick", OMAR)
    assert (await house.sandbox.interaction(payload)).status == 200
    operation = await house.operation(text)
    assert (operation.asking, operation.step.thing) == (True, None)


STALE = "no longer available"


@pytest.mark.parametrize("seen", [True, False], ids=["candidates", "account unreadable"])
async def test_sending_again_is_only_for_the_question_that_offers_it(house: House, seen: bool) -> None:
    """An answer that only one person sees keeps its buttons, and may be pressed a look later."""
    text = await asked(house)
    operation = await house.operation(text)
    await house.sandbox.command(OMAR, VOICE, f"status {operation.ref}")
    if seen:
        for _ in range(2):  # which of them it is only a person can say
            house.sandbox.add_trunk("Sales")
    else:
        await house.sandbox.fault("vobiz", "reads_fail")
    await house.sandbox.action(ASHA, "trunk.check_again")
    await house.heard("which trunk is it?" if seen else "the account could not be read")
    now = await house.operation(text)
    values = [operation.id, f"{operation.id} 0"]  # of an older version, and as it was shown
    if not seen:
        values.append(f"{operation.id} {now.round}")  # forged
    for number, value in enumerate(values, 1):
        await house.sandbox.interaction(press(value, "trunk.send_again", OMAR))
        await house.sandbox.wait_for(lambda: sum(STALE in t for t in house.said("D0OMAR001", OMAR)) == number)  # noqa: B023
    answer = (await house.heard(STALE, "D0OMAR001", OMAR)).words
    assert ("trunk is it?" in answer) == seen
    assert ("Send again" in answer) == seen
    assert "Check again" in answer
    assert (await house.operation(text)).asking
    assert len(house.sandbox.vobiz_posts) == 1


@pytest.mark.parametrize("choice", ["check_again", "give_up", "pick"])
async def test_a_decision_is_only_for_the_question_that_was_shown(house: House, choice: str) -> None:
    text = await asked(house)
    operation = await house.operation(text)
    trunks = [str(house.sandbox.add_trunk("Sales")["trunk_id"]) for _ in range(2)]
    await house.sandbox.action(ASHA, "trunk.check_again")
    await house.heard("which trunk is it?")
    rest = f" {trunks[0]}" if choice == "pick" else ""
    for before in ("", " 0"):
        await house.sandbox.interaction(press(f"{operation.id}{before}{rest}", f"trunk.{choice}", OMAR))
    await house.sandbox.wait_for(lambda: sum(STALE in t for t in house.said("D0OMAR001", OMAR)) == 2)
    assert (await house.operation(text)).asking
    # The answer has the question's own buttons.
    await house.sandbox.action(OMAR, "trunk.give_up", channel="D0OMAR001")
    await house.heard("closed as not created")


async def test_someone_who_may_not_is_told_so_and_decides_nothing(house: House) -> None:
    text = await asked(house)
    await house.sandbox.action(BEN, "trunk.send_again")
    await house.heard("have access", user=BEN)
    assert (await house.operation(text)).asking
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_late_twin_is_reported(house: House) -> None:
    text = await asked(house)
    await house.sandbox.action(OMAR, "trunk.give_up")
    await house.sandbox.wait_for(lambda: not has_button(house, "trunk.give_up"))
    late = house.sandbox.add_trunk("Sales")
    twin = await house.heard(str(late["trunk_id"]))
    assert house.reference(twin.words) == house.reference(text)
    assert "late_twin" in [event.kind for event in await house.history(text)]


@pytest.mark.parametrize("away", ["slack", "vobiz"])
async def test_a_late_twin_is_reported_when_it_can_be(empty_house: House, away: str) -> None:
    house, clock = empty_house, SkippingClock()
    house.sandbox.space.clock = clock.now
    async with house.bot(clock):
        text = await asked(house)
        await house.sandbox.action(OMAR, "trunk.give_up")
        await house.sandbox.wait_for(lambda: not has_button(house, "trunk.give_up"))
        await house.heard(SETTLED)
        late = str(house.sandbox.add_trunk("Sales")["trunk_id"])
        tries = tried(house, away)
        await house.sandbox.fault(away, "post_error" if away == "slack" else "reads_fail")
        await house.sandbox.wait_for(lambda: tried(house, away) >= tries + (away == "slack") + 1, timeout=10)
        await house.sandbox.fault(away, "none")
        # A look that did not see the account is repeated after ten minutes, and what Slack may have posted
        # is told again ever more slowly.
        await until_it_waits(house, text, away)
        clock.skip(620)
        twin = await house.heard(late)
        assert house.reference(twin.words) == house.reference(text)
        assert twin.thread_ts == first_message(house).ts
        assert ("may have seen this already" in twin.words) == (away == "slack")
        assert [event.kind for event in await house.history(text)].count("late_twin") == 1
        status = await house.sandbox.command(BEN, VOICE, f"status {house.reference(text)}")
        assert late in str(status.seen)


async def until_it_waits(house: House, text: str, away: str) -> None:
    """Wait until the ledger says that it is tried again later."""
    async with asyncio.timeout(5):
        while True:
            record = await house.ledger.by_reference(house.reference(text))
            assert record is not None
            told = await house.ledger.outbox.of(record.operation.id)
            tries = [telling.tries for telling in told if telling.purpose is Purpose.LATE]
            repeated = (record.wake_at or 0) - record.operation.updated_at > 590_000
            if repeated if away == "vobiz" else tries == [2]:
                return
            await asyncio.sleep(0.01)


def tried(house: House, what: str) -> int:
    """Count the posts to Slack, or the looks at the account."""
    to, call = ("Slack", "chat.postMessage") if what == "slack" else ("Vobiz", "trunks")
    return sum(call in delivery.what for delivery in house.sandbox.deliveries if delivery.to == to)


async def test_without_an_account_to_look_at_nothing_is_concluded(house: House) -> None:
    await house.sandbox.fault("vobiz", "hang")
    await house.confirmed()
    await house.heard(UNCONFIRMED)
    await house.sandbox.fault("vobiz", "unreachable")
    await house.sandbox.wait_for(lambda: has_button(house, "trunk.check_again"))
    operation = await house.operation(first_message(house).words)
    assert operation.asking
    assert operation.step.look is not None
    assert not operation.step.look.whole
    assert not has_button(house, "trunk.send_again")


async def test_where_the_bot_may_not_post_the_question_is_asked_all_the_same(house: House) -> None:
    await house.sandbox.fault("vobiz", "error_before", times=1)
    await house.confirmed(channel=WARROOM)
    await house.sandbox.wait_for(
        lambda: any("trunk.give_up" in str(m.blocks) for m in house.sandbox.messages(WARROOM, OMAR))
    )
    await house.sandbox.action(OMAR, "trunk.give_up")
    operation = await house.operation(house.said(WARROOM)[0])
    assert (operation.state, operation.standing) == (State.STOPPED, Standing.NOT_DONE)


def press(value: str, action: str, user: str) -> dict[str, object]:
    return {
        "type": "block_actions",
        "team": {"id": "T0ACME001"},
        "user": {"id": user, "team_id": "T0ACME001"},
        "trigger_id": "1.2.3",
        "channel": {"id": VOICE},
        "actions": [{"type": "button", "block_id": "b", "action_id": action, "value": value}],
    }
