"""Every registered kind, and the toy, against everything that can go wrong; examples.py says which where."""

import asyncio
import json

import pytest

from bot.domain.operation import Choice, Found, Standing, State, StepState
from tests.durable.houses import on_sqlite
from tests.flow.conftest import APPROVE, ASHA, BEN, OMAR, RIA, TIMEOUT, VOICE, House
from tests.kinds.examples import (
    BOTH,
    EXAMPLES,
    OTHERS,
    SECOND,
    SEVERAL,
    WITH_TOY,
    Example,
    complete,
    confirmed,
    done,
    happen,
    interfere,
    kind_of,
    newest,
    opened,
    posts,
    prepare,
    seen,
    stands,
    submits,
    submitted,
)

every_flow = pytest.mark.parametrize(("url", "example"), BOTH + OTHERS, indirect=["url"], ids=str)
every_kind = pytest.mark.parametrize(("url", "example"), BOTH + OTHERS + SECOND, indirect=["url"], ids=str)
plain_and_several = pytest.mark.parametrize(("url", "example"), BOTH, indirect=["url"], ids=str)
# A kind reads the answers of Vobiz itself, and finds what was done when there was none.
ITS_OWN = ("created_then_reset", "empty_2xx")
SILENT = [
    *((url, example, fault) for url, example in BOTH for fault in (*ITS_OWN, "created_then_500", "garbage")),
    *((url, example, fault) for url, example in OTHERS if not example.unseen for fault in ITS_OWN),
    *((url, example, ITS_OWN[0]) for url, example in SECOND),
]
NOT_DONE = [
    *((url, example, fault) for url, example in BOTH for fault in ("error_before", "hang")),
    *((url, example, "error_before") for url, example in OTHERS),
]
# Each kind's first step, and the last of those that have several.
REFUSED = [
    (url, example, before) for url, example in BOTH + OTHERS for before in sorted({0, example.steps - 1})
]
SEEN = [(url, example) for url, example in BOTH + OTHERS if not example.unseen]
# What a step compares is its stage's, and how it is held back the engine's: the toy, and one of the stages.
LATER = [("sqlite", example) for example in EXAMPLES if example.kind in {"print_badge", "add_credential"}]
UNSEEN = [(url, example) for url, example in OTHERS if example.unseen]


# Events that come whenever they come: of messages, of refusals, and of a look at the trunk afterwards.
_BESIDE = {"delivery", "refused", "examined"}


def test_every_kind_is_tried() -> None:
    assert {example.kind for example in EXAMPLES} == {kind.name for kind in WITH_TOY}


@every_kind
async def test_what_is_confirmed_is_done_once_and_told_in_one_message(house: House, example: Example) -> None:
    async with house.bot():
        record = await confirmed(house, example)
        op = await stands(house, record, State.DONE)
        ref = op.ref
        await house.sandbox.wait_for(lambda: sum(ref in text for text in house.said()) == 1)
        modal = await house.shown(ref)
    assert {step.state for step in op.steps} == {StepState.DONE}
    assert {step.found for step in op.steps} == {Found.ANSWER}
    assert posts(house) == done(house) == len(op.steps) == example.steps
    (told,) = [text for text in house.said() if ref in text]
    for step in op.steps:
        assert step.thing is not None
        assert step.thing.id in told
        assert "could not be read" not in told
    assert ref in modal
    story = await house.ledger.chronicle.story(op.id)
    moves = [event.kind for event in story.events if event.kind not in _BESIDE]
    kind = WITH_TOY.of(op.kind)
    compared = ["comparing"] if kind is not None and kind.guarded else []
    assert moves == ["accepted", *compared, *(["sending", "done"] * len(op.steps))]


@plain_and_several
async def test_two_who_press_at_once_have_one_operation(house: House, example: Example) -> None:
    async with house.bot():
        await opened(house, example)
        view = house.sandbox.view_of(ASHA)
        assert view is not None
        values = house.sandbox.filled(view, example.values)
        presses = (house.sandbox.submit(ASHA, view.id, values) for _ in range(3))
        assert any(result.ok for result in await asyncio.gather(*presses, return_exceptions=False))
        await stands(house, await newest(house), State.DONE)
    assert posts(house) == example.steps


@pytest.mark.parametrize(("url", "example", "before"), REFUSED, indirect=["url"], ids=str)
async def test_a_refusal_stops_it_and_nothing_after_it_is_begun(
    house: House, example: Example, before: int
) -> None:
    async with house.bot():
        await house.sandbox.fault("vobiz", "refuse", after=before)
        record = await confirmed(house, example)
        op = await stands(house, record, State.STOPPED)
        words = WITH_TOY.words(op)
        await house.sandbox.wait_for(lambda: any(op.ref in text for text in house.said()))
    assert op.standing is Standing.REJECTED
    waiting = [StepState.WAITING] * (len(op.steps) - before - 1)
    assert [step.state for step in op.steps] == [StepState.DONE] * before + [StepState.REJECTED] + waiting
    assert posts(house) == before + 1
    assert done(house) == before
    told = "\n".join(text for text in house.said() if op.ref in text)
    assert "not allowed on this account" in told
    assert (words.nothing in told) == (before == 0)  # what was done before is not “nothing”


@every_flow
async def test_what_cannot_be_sent_is_told_so_and_can_be_tried_again(house: House, example: Example) -> None:
    async with house.bot():
        await opened(house, example)
        await house.sandbox.fault("vobiz", "unreachable")
        assert (await submitted(house, example)).ok
        first = await newest(house)
        op = await stands(house, first, State.STOPPED)
        await house.sandbox.wait_for(lambda: any(op.ref in text for text in house.said()))
        assert op.standing is Standing.NOT_SENT
        await house.sandbox.fault("vobiz", "none")
        await house.sandbox.close(ASHA)
        await house.sandbox.action(ASHA, f"trunk.{Choice.TRY_AGAIN}")
        await house.sandbox.wait_for(lambda: submits(house))
        if kind_of(example).resource is not None:
            await house.sandbox.wait_for(lambda: seen(house) >= 2)
        await house.sandbox.wait_for(lambda: complete(house, example))
        assert (await submitted(house, example)).ok
        second = await newest(house)
        again = await stands(house, second, State.DONE)
    assert again.id != op.id
    assert again.request == op.request
    assert posts(house) == example.steps


@pytest.mark.parametrize(("url", "example", "fault"), SILENT, indirect=["url"], ids=str)
async def test_what_was_done_in_silence_is_found_and_it_goes_on(
    house: House, example: Example, fault: str
) -> None:
    async with house.bot():
        await house.sandbox.fault("vobiz", fault, times=1)
        op = await stands(house, await confirmed(house, example), State.DONE)
    assert op.steps[0].found is (Found.ANSWER if fault in example.silent else Found.LOOK)
    assert posts(house) == done(house) == example.steps


@pytest.mark.parametrize(("url", "example", "fault"), NOT_DONE, indirect=["url"], ids=str)
async def test_what_was_not_done_is_asked_about_and_sent_again_by_a_person_only(
    house: House, example: Example, fault: str
) -> None:
    if fault == "hang":
        impatient(house)
    async with house.bot():
        await house.sandbox.fault("vobiz", fault, times=1)
        record = await confirmed(house, example)
        await stands(house, record, State.UNKNOWN, asking=True)
        assert posts(house) == 1
        await house.heard("lease decide")
        # The reply that asks and the message with the buttons come one after the other.
        await house.sandbox.wait_for(lambda: button(house, Choice.SEND_AGAIN))
        presses = (house.sandbox.action(user, f"trunk.{Choice.SEND_AGAIN}") for user in (ASHA, OMAR))
        await asyncio.gather(*presses)
        await stands(house, record, State.DONE)
        await house.sandbox.wait_for(lambda: not button(house, Choice.SEND_AGAIN))
        await house.sandbox.wait_for(
            lambda: any("No decision is needed any more" in text for text in house.said())
        )
    assert posts(house) == example.steps + 1
    assert done(house) == example.steps
    # Nothing that anybody can scroll up to still asks.
    assert not any("lease decide" in text for text in house.said())


@plain_and_several
async def test_giving_up_ends_it_and_begins_nothing_more(house: House, example: Example) -> None:
    async with house.bot():
        await house.sandbox.fault("vobiz", "error_before", times=1)
        record = await confirmed(house, example)
        await stands(house, record, State.UNKNOWN, asking=True)
        await house.sandbox.wait_for(lambda: button(house, Choice.GIVE_UP))
        await house.sandbox.action(OMAR, f"trunk.{Choice.GIVE_UP}")
        op = await stands(house, record, State.STOPPED)
        await house.sandbox.wait_for(lambda: not button(house, Choice.GIVE_UP))
    assert op.standing is Standing.NOT_DONE
    assert op.step.decided_by == OMAR
    assert posts(house) == 1


@pytest.mark.parametrize(("url", "example"), UNSEEN, indirect=["url"], ids=str)
async def test_what_no_look_can_show_is_asked_about(house: House, example: Example) -> None:
    async with house.bot():
        await house.sandbox.fault("vobiz", "created_then_reset", times=1)
        await stands(house, await confirmed(house, example), State.UNKNOWN, asking=True)
    assert posts(house) == done(house) == 1


@pytest.mark.parametrize(("url", "example"), SEEN, indirect=["url"], ids=str)
async def test_before_it_is_sent_again_the_account_is_looked_at_once_more(
    house: House, example: Example
) -> None:
    async with house.bot():
        await house.sandbox.fault("vobiz", "error_before", times=1)
        record = await confirmed(house, example)
        op = await stands(house, record, State.UNKNOWN, asking=True)
        await house.sandbox.wait_for(lambda: button(house, Choice.SEND_AGAIN))
        happen(house)
        await house.sandbox.action(ASHA, f"trunk.{Choice.SEND_AGAIN}")
        await house.sandbox.wait_for(lambda: button(house, Choice.PICK))
        back = await stands(house, record, State.UNKNOWN, asking=True)
    assert back.round == op.round + 1
    assert posts(house) == 1


@every_flow
async def test_the_same_again_is_not_begun_while_it_is_under_way(house: House, example: Example) -> None:
    impatient(house)  # the first ends as unknown before its slow answer comes
    async with house.bot():
        await opened(house, example, OMAR)
        await house.sandbox.fault("vobiz", "slow")
        first = await confirmed(house, example)
        await house.sandbox.wait_for(lambda: posts(house) == 1)
        await submitted(house, example, OMAR)
        await house.shown(first.operation.ref, OMAR)
        assert (await newest(house)).operation.id == first.operation.id
        await house.sandbox.fault("vobiz", "none")
        await stands(house, first, State.DONE, State.UNKNOWN)


@plain_and_several
async def test_who_may_not_gets_no_form_and_hears_who_can_help(house: House, example: Example) -> None:
    async with house.bot():
        prepare(house, example)
        result = await house.sandbox.command(BEN, VOICE, example.typed)
    assert house.sandbox.view_of(BEN) is None
    assert "have access" in (result.seen or "")
    assert posts(house) == 0


@every_flow
async def test_a_requester_asks_and_another_person_approves(house: House, example: Example) -> None:
    async with house.bot():
        record = await confirmed(house, example, RIA)
        await house.sandbox.wait_for(lambda: button(house, "approval.approve", APPROVE))
        assert posts(house) == 0
        await house.sandbox.action(OMAR, "approval.approve")
        op = await stands(house, record, State.DONE)
        await house.sandbox.wait_for(lambda: not button(house, "approval.approve", APPROVE))
    assert op.approved_by == OMAR
    assert posts(house) == example.steps


@plain_and_several
async def test_what_is_denied_is_never_begun(house: House, example: Example) -> None:
    async with house.bot():
        record = await confirmed(house, example, RIA)
        await house.sandbox.wait_for(lambda: button(house, "approval.deny", APPROVE))
        await house.sandbox.action(OMAR, "approval.deny")
        await house.sandbox.wait_for(lambda: house.sandbox.view_of(OMAR))
        assert (await house.sandbox.submit_form(OMAR, reason="not now")).ok
        await stands(house, record, State.DENIED)
    assert posts(house) == 0


@plain_and_several
async def test_slack_away_delays_words_and_nothing_else(house: House, example: Example) -> None:
    async with house.bot():
        await opened(house, example)
        await house.sandbox.fault("slack", "post_error", times=1)
        assert (await submitted(house, example)).ok
        op = await stands(house, await newest(house), State.DONE)
        await house.sandbox.wait_for(lambda: any(op.ref in text for text in house.said()), 10)
    assert posts(house) == example.steps


@every_flow
async def test_what_changed_since_it_was_seen_is_not_touched_where_the_kind_compares(
    house: House, example: Example
) -> None:
    async with house.bot():
        await opened(house, example)
        interfere(house, example)
        assert (await submitted(house, example)).ok
        record = await newest(house)
        kind = WITH_TOY.of(record.operation.kind)
        assert kind is not None
        op = await stands(house, record, State.STOPPED if kind.guarded else State.DONE)
        await house.sandbox.wait_for(lambda: any(op.ref in text for text in house.said()))
    if kind.guarded:
        assert op.step.reason == "changed"
        assert posts(house) == 0
    else:
        assert posts(house) == example.steps


@pytest.mark.parametrize(("url", "example"), LATER, indirect=["url"], ids=str)
async def test_a_later_step_is_held_back_where_others_changed_what_it_rests_on(
    house: House, example: Example
) -> None:
    house.sandbox.settings.delays.slow = 0.2
    async with house.bot():
        await opened(house, example)
        await house.sandbox.fault("vobiz", "slow", times=1)
        assert (await submitted(house, example)).ok
        await house.sandbox.wait_for(lambda: posts(house) == 1)
        interfere(house, example)
        op = await stands(house, await newest(house), State.STOPPED)
        await house.sandbox.wait_for(lambda: any(op.ref in text for text in house.said()))
    waiting = [StepState.WAITING] * (len(op.steps) - 2)
    assert [step.state for step in op.steps] == [StepState.DONE, StepState.NOT_SENT, *waiting]
    assert op.step.reason == "changed"
    assert posts(house) == done(house) == 1


@on_sqlite
async def test_a_kind_that_this_version_does_not_know_is_kept_and_never_run(house: House) -> None:
    async with house.bot():
        record = await confirmed(house, SEVERAL, RIA)
        await house.sandbox.wait_for(lambda: button(house, "approval.approve", APPROVE))
    house.kinds = type(WITH_TOY)(kind for kind in WITH_TOY if kind.name != record.operation.kind)
    async with house.bot():
        await house.sandbox.action(OMAR, "approval.approve")
        answer = await house.sandbox.command(OMAR, VOICE, f"status {record.operation.ref}")
        assert "newer version" in (answer.seen or "")
        await house.sandbox.command(ASHA, VOICE, "history")
        ref = record.operation.ref
        await house.sandbox.wait_for(
            lambda: any("All requests" in text and ref in text for text in house.said())
        )
        assert (await newest(house)).operation.state is State.AWAITING_APPROVAL
    house.kinds = WITH_TOY
    async with house.bot():
        await house.sandbox.action(OMAR, "approval.approve")
        await stands(house, record, State.DONE)
    assert posts(house) == SEVERAL.steps


def impatient(house: House) -> None:
    """Have the next bot give up soon what Vobiz does not answer."""
    house.settings = house.settings.model_copy(update={"vobiz_timeout": TIMEOUT})


def button(house: House, action: str, channel: str = VOICE) -> bool:
    """Whether a person sees a button in a channel."""
    name = f"trunk.{action}" if action in {*Choice} else action
    return any(f'"{name}"' in json.dumps(message.blocks) for message in house.sandbox.messages(channel, OMAR))
