"""After a restart for another Vobiz account: what was confirmed for one is never done in the other."""

from typing import Final

from bot.domain.operation import State
from bot.sandbox.slack.messages import Message
from tests.flow.conftest import APPROVE, ASHA, OMAR, SALES, VOICE, House
from tests.flow.test_approvals import APPROVE_BUTTON, DENY_BUTTON, ask, now
from tests.flow.test_trouble import UNCONFIRMED, asked, has_button

OTHER: Final = "MA_OTHER99"


def move_house(house: House) -> str:
    """Have the next bot, and the sandbox's Vobiz, work for another account; returns the one of before."""
    before = house.settings.vobiz_auth_id
    house.settings = house.settings.model_copy(update={"vobiz_auth_id": OTHER})
    house.sandbox.settings.vobiz_auth_id = OTHER
    return before


async def refusals(house: House, message: Message) -> list[tuple[str, object]]:
    events = await house.history(message.words)
    return [(event.actor, event.evidence["reason"]) for event in events if event.kind == "refused"]


async def test_a_request_for_one_account_is_not_approved_in_another(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        question = await ask(house)
    before = move_house(house)
    async with house.bot():
        await house.sandbox.action(OMAR, APPROVE_BUTTON)
        told = await house.heard("Nothing was done", APPROVE, OMAR)
        assert before in told.words
        assert OTHER in told.words
        assert (await house.operation(question.words)).state is State.AWAITING_APPROVAL
        await house.sandbox.action(OMAR, DENY_BUTTON)
        await house.shown("denied it, and why", OMAR)
        assert (await house.sandbox.submit_form(OMAR, reason="Another account.")).ok
        await house.sandbox.wait_for(lambda: "Request denied" in now(house, question).words)
    assert await refusals(house, question) == [(OMAR, "other_account")]
    assert house.sandbox.vobiz_posts == []


async def test_the_list_of_another_account_proves_nothing(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        text = await asked(house)
    before = move_house(house)
    house.sandbox.add_trunk("Sales")  # as it happens, the other account gets one that would fit
    async with house.bot():
        await house.sandbox.action(OMAR, "trunk.send_again")
        told = await house.heard("Nothing was done", user=OMAR)
        assert before in told.words
        assert OTHER in told.words
        assert (await house.operation(text)).asking
        await house.sandbox.action(OMAR, "trunk.check_again")
        question = await house.heard("; I work for ")
        assert OTHER in question.words
        assert before in question.words
        operation = await house.operation(text)
        look = operation.step.look
        assert look is not None
        assert (operation.asking, look.whole, look.candidates, look.elsewhere) == (True, False, (), OTHER)
        await house.sandbox.wait_for(lambda: not has_button(house, "trunk.send_again"))
        assert has_button(house, "trunk.give_up")
    assert await refusals(house, question) == [(OMAR, "other_account")]
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_search_that_goes_on_in_another_account_asks_at_once(empty_house: House) -> None:
    house = empty_house
    house.settings = house.settings.model_copy(update={"vobiz_settle": 30.0})
    async with house.bot():
        await house.sandbox.fault("vobiz", "created_then_reset", times=1)
        await house.confirmed()
        await house.heard(UNCONFIRMED)
    move_house(house)
    async with house.bot():
        question = await house.heard("; I work for ")
        assert OTHER in question.words
        assert (await house.operation(question.words)).state is State.UNKNOWN
    assert len(house.sandbox.vobiz_posts) == 1


async def test_a_form_for_another_account_is_shown_again_for_the_one_of_now(empty_house: House) -> None:
    house = empty_house
    async with house.bot():
        await house.sandbox.command(ASHA, VOICE, SALES)
        await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
    before = move_house(house)
    async with house.bot():
        assert before in house.modal()
        assert (await house.sandbox.submit_form(ASHA, name="Sales East", calls="12")).ok
        modal = await house.shown(OTHER)
        assert before not in modal.replace(f"not for {before}", "")
        assert "Not submitted yet" in modal
        assert house.sandbox.vobiz_posts == []
        assert (await house.sandbox.submit_form(ASHA)).ok
        created = await house.heard("created: outbound")
    assert (await house.operation(created.words)).account == OTHER
    (post,) = house.sandbox.vobiz_posts
    assert (post.body["name"], post.body["max_concurrent_calls"]) == ("Sales East", 12)
