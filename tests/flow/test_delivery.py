"""A result reaches people whatever Slack does, and `/trunk status` knows it in any case."""

import asyncio

from bot.domain.operation import State
from tests.flow.conftest import ASHA, BEN, OMAR, SALES, VOICE, WARROOM, House


async def routes(house: House, text: str) -> list[tuple[object, object]]:
    """Return the routes that were tried, once one of them has worked."""
    async with asyncio.timeout(5):
        while True:
            events = [event.evidence for event in await house.history(text) if event.kind == "delivery"]
            if events and events[-1]["error"] is None:
                return [(evidence["route"], evidence["error"]) for evidence in events]


async def test_a_dead_response_url_ends_in_a_direct_message(house: House) -> None:
    await house.sandbox.fault("slack", "response_url_dead")
    await house.confirmed(channel=WARROOM)
    dm = next(c.id for c in house.sandbox.space.channels.values() if c.kind == "dm" and ASHA in c.people)
    message = await house.heard("created: outbound", channel=dm)
    assert "/invite" in message.words
    assert [route for route, _ in await routes(house, message.words)] == [
        "channel",
        "response_url",
        "direct_message",
    ]
    assert len(house.sandbox.vobiz_posts) == 1


async def test_an_error_that_may_pass_is_tried_again(house: House) -> None:
    await house.sandbox.fault("slack", "post_error", times=1)
    await house.confirmed()
    message = await house.heard("created: outbound")
    assert len([text for text in house.said() if "created: outbound" in text]) == 1
    assert "may have seen this already" in message.words
    assert await routes(house, message.words) == [("channel", "unreadable"), ("channel", None)]


async def test_a_rate_limit_is_waited_out(house: House) -> None:
    await house.sandbox.fault("slack", "post_rate_limited", times=1)
    await house.confirmed()
    await house.heard("created: outbound")
    limited = [call for call in house.sandbox.slack_calls if call.error == "ratelimited"]
    assert len(limited) == 1


async def test_a_modal_that_does_not_open_says_so_and_keeps_the_command(house: House) -> None:
    await house.sandbox.fault("slack", "views_open_error")
    told = await house.sandbox.command(ASHA, VOICE, SALES)
    assert told.status == 200
    assert told.seen
    assert '/trunk create "Sales" outbound 10' in told.seen
    assert house.sandbox.vobiz_posts == []


async def test_a_slow_slack_is_given_up_in_time_to_say_so(house: House) -> None:
    await house.sandbox.fault("slack", "views_open_slow")
    told = await house.sandbox.command(ASHA, VOICE, SALES)
    assert told.ms < 3000
    assert '/trunk create "Sales" outbound 10' in (told.seen or "")


async def test_a_closed_modal_does_not_matter(house: House) -> None:
    await house.sandbox.fault("vobiz", "slow")
    house.sandbox.settings.delays.slow = 0.2
    await house.confirmed()
    await house.sandbox.close(ASHA)
    await house.heard("created: outbound")
    assert house.sandbox.view_of(ASHA) is None


async def test_every_answer_came_within_slacks_three_seconds(house: House) -> None:
    await house.confirmed()
    await house.heard("created: outbound")
    from_slack = [entry for entry in house.sandbox.deliveries if entry.sender == "Slack"]
    assert from_slack
    assert all(entry.ms is not None and entry.ms < 3000 for entry in from_slack)


async def test_a_group_that_cannot_be_read_refuses_in_other_words(empty_house: House) -> None:
    sandbox = empty_house.sandbox
    sandbox.settings.scopes = frozenset({"commands", "chat:write"})  # without usergroups:read
    async with empty_house.bot():
        unsure = await sandbox.command(OMAR, VOICE, SALES)
        stranger = await sandbox.command(BEN, VOICE, SALES)
        assert unsure.seen
        assert "S0ONCALL1" in unsure.seen
        assert stranger.seen == unsure.seen.replace(OMAR, BEN)
        assert sandbox.view_of(OMAR) is None
        assert (await sandbox.command(ASHA, VOICE, SALES)).seen is None


async def test_slack_being_down_delays_the_message_and_not_the_search(house: House) -> None:
    await house.sandbox.fault("slack", "post_error")
    await house.sandbox.fault("vobiz", "created_then_500", times=1)
    await house.confirmed()
    shown = await house.shown("created: outbound")
    assert house.said() == []
    assert (await house.operation(shown)).state is State.DONE
    await house.sandbox.fault("slack", "none")
    await house.sandbox.wait_for(house.said, timeout=10)
    message = await house.heard("created: outbound")
    assert "may have seen this already" in message.words
    assert "I am looking" not in message.words
    # Who missed the message is called by a reply; there is nothing else in the channel.
    settled = await house.heard("Settled: ")
    assert settled.thread_ts == message.ts
    assert len(house.said()) == 2
    assert len(house.sandbox.vobiz_posts) == 1
