"""Every registered kind, and the toy, with the real process killed. Kinds times points is in tests/crash."""

import asyncio
from typing import Final

import pytest

from bot.domain.operation import Choice, State
from tests.durable.processes import Fleet, Process
from tests.flow.conftest import ASHA, OMAR, VOICE, House
from tests.flow.test_passwords import SHOW, sent
from tests.kinds.examples import OTHERS, PLAIN, SEVERAL, Example, confirmed, done, posts, rests, stands
from tests.kinds.test_faults import button

pytestmark = pytest.mark.long

# What a restarted process goes on with is the engine's; what it may conclude from a look is each kind's own.
engine = pytest.mark.parametrize(
    ("url", "example"), [("sqlite", PLAIN), ("postgres", SEVERAL)], indirect=["url"], ids=str
)
every_kind = pytest.mark.parametrize(
    ("url", "example"),
    [
        *(("sqlite", PLAIN), ("sqlite", SEVERAL), ("postgres", SEVERAL)),
        *((url, example) for url, example in OTHERS if not example.unseen),
    ],
    indirect=["url"],
    ids=str,
)
SERVE: Final = ("-m", "tests.kinds.serve")
REPEATS: Final = ("You may have seen this already", "Repeat (Slack did not confirm")


async def started(fleet: Fleet, process: Process) -> None:
    process.start()
    await process.ready()
    fleet.house.sandbox.connect(process.url)


async def told_once(house: House, ref: str) -> None:
    """Wait until the operation is told, and check that a second message of it says that it may be one."""
    await house.sandbox.wait_for(lambda: any(ref in text for text in house.said()), 45)
    messages = [one for one in house.sandbox.messages(VOICE, ASHA) if one.bot and not one.thread_ts]
    plain = [one.text for one in messages if ref in one.text]
    assert len([text for text in plain if not any(sign in text for sign in REPEATS)]) <= 1


@engine
async def test_killed_right_after_it_was_acknowledged(house: House, fleet: Fleet, example: Example) -> None:
    bot = fleet.process(arguments=SERVE)
    await started(fleet, bot)
    record = await confirmed(house, example)
    bot.kill()
    left = await house.ledger.get(record.operation.id)
    assert left is not None
    intents = sum(step.sendings for step in left.operation.steps)
    await started(fleet, bot)
    op = await rests(house, record)
    if op.asking:
        # It died between an intent and its request, and for no other reason may it ask.
        assert posts(house) == done(house) < intents
        await house.sandbox.wait_for(lambda: button(house, Choice.SEND_AGAIN), 45)
        await house.sandbox.action(OMAR, f"trunk.{Choice.SEND_AGAIN}")
        op = await stands(house, record, State.DONE)
    await told_once(house, op.ref)
    assert posts(house) == done(house) == example.steps


@every_kind
async def test_killed_while_vobiz_works(house: House, fleet: Fleet, example: Example) -> None:
    bot = fleet.process(arguments=SERVE)
    await started(fleet, bot)
    await house.sandbox.fault("vobiz", "slow", times=1)
    record = await confirmed(house, example)
    await house.sandbox.wait_for(lambda: posts(house) == 1)
    bot.kill()
    await started(fleet, bot)
    op = await stands(house, record, State.DONE)
    await told_once(house, op.ref)
    assert posts(house) == done(house) == example.steps


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_password_whose_answer_was_killed_is_still_the_right_one(house: House, fleet: Fleet) -> None:
    bot = fleet.process(arguments=SERVE)
    await started(fleet, bot)
    await house.sandbox.fault("vobiz", "slow", times=1)
    record = await confirmed(house, next(one for _, one in OTHERS if one.kind == "add_credential"))
    await house.sandbox.wait_for(lambda: posts(house) == 1)
    bot.kill()
    await started(fleet, bot)
    op = await stands(house, record, State.DONE)
    await house.sandbox.wait_for(lambda: button(house, SHOW), 45)
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, SHOW)
    (password,) = sent(house)
    await house.shown(password)
    thing = op.steps[0].thing
    assert thing is not None
    assert house.sandbox.vobiz.account.opens(str(thing.data["username"]), password)
    assert password not in bot.said


@engine
async def test_killed_while_vobiz_keeps_silent_and_did_nothing(
    house: House, fleet: Fleet, example: Example
) -> None:
    bot = fleet.process(arguments=SERVE)
    await started(fleet, bot)
    await house.sandbox.fault("vobiz", "hang", times=1)
    record = await confirmed(house, example)
    await house.sandbox.wait_for(lambda: posts(house) == 1)
    bot.kill()
    await started(fleet, bot)
    await stands(house, record, State.UNKNOWN, asking=True)
    assert posts(house) == 1
    await house.sandbox.wait_for(lambda: button(house, Choice.SEND_AGAIN), 45)
    await house.sandbox.action(OMAR, f"trunk.{Choice.SEND_AGAIN}")
    await stands(house, record, State.DONE)
    assert posts(house) == example.steps + 1
    assert done(house) == example.steps


@engine
async def test_killed_while_slack_is_told(house: House, fleet: Fleet, example: Example) -> None:
    bot = fleet.process(arguments=SERVE)
    await started(fleet, bot)
    record = await confirmed(house, example)
    ref = record.operation.ref
    await house.sandbox.wait_for(lambda: any(ref in text for text in house.said()), 45)
    bot.kill()
    await started(fleet, bot)
    await stands(house, record, State.DONE)
    await told_once(house, ref)
    assert posts(house) == example.steps


@pytest.mark.parametrize(
    ("url", "example"), [("postgres", PLAIN), ("postgres", SEVERAL)], indirect=["url"], ids=str
)
async def test_of_two_instances_one_sends_and_the_other_goes_on_when_it_dies(
    house: House, fleet: Fleet, example: Example
) -> None:
    async with fleet.two(arguments=SERVE) as (one, other):
        await house.sandbox.fault("vobiz", "slow", times=1)
        record = await confirmed(house, example)
        await house.sandbox.wait_for(lambda: posts(house) == 1)
        doomed = one if f'"ref": "{record.operation.ref}", "kind": "sending"' in one.said else other
        doomed.kill()
        op = await stands(house, record, State.DONE)
        await told_once(house, op.ref)
    assert posts(house) == done(house) == example.steps


@engine
async def test_a_second_press_after_the_kill_is_the_same_operation(
    house: House, fleet: Fleet, example: Example
) -> None:
    bot = fleet.process(arguments=SERVE)
    await started(fleet, bot)
    record = await confirmed(house, example)
    view = house.sandbox.view_of(ASHA)
    # Killed between an intent and its request it would ask, as another test says.
    await house.sandbox.wait_for(lambda: posts(house) == example.steps)
    bot.kill()
    await started(fleet, bot)
    assert view is not None
    await asyncio.gather(*(house.sandbox.submit(ASHA, view.id, dict(view.values)) for _ in range(2)))
    await stands(house, record, State.DONE)
    assert posts(house) == example.steps
