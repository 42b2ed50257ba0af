"""What people read when Vobiz' answer leaves something out, says two things, or is not believed."""

import asyncio

import pytest

from bot.domain.operation import Found, Standing
from tests.flow.conftest import ASHA, OMAR, SALES, VOICE, WARROOM, House, SkippingClock
from tests.flow.test_trouble import first_message, has_button, replies

YET = "has not stated yet"


async def test_a_sip_domain_that_comes_later_is_added_to_the_message(house: House) -> None:
    await house.sandbox.fault("vobiz", "domain_later", times=1)
    await house.confirmed()
    told = await house.heard("created: outbound")
    assert YET in told.words
    trunk = house.sandbox.trunks[0]
    domain = f"{str(trunk['trunk_id'])[:8]}.sip.vobiz.ai"
    assert domain not in told.words
    whole = await house.heard(domain)
    assert (whole.ts, YET in whole.words) == (told.ts, False)
    assert domain in await house.shown(domain)
    # Nobody is called for it: it is the same message, and the same trunk.
    assert replies(house) == []
    operation = await house.operation(whole.words)
    assert (operation.standing, operation.step.found) == (Standing.DONE, Found.ANSWER)
    assert [event.kind for event in await house.history(whole.words)].count("stated") == 1
    assert len(house.sandbox.vobiz_posts) == len(house.said()) == 1


async def settled(house: House, operation: str) -> bool:
    """Tell whether nothing is waited for any more, and all of it is told."""
    record = await house.ledger.get(operation)
    notices = await house.ledger.outbox.of(operation)
    assert record is not None
    return not record.operation.awaits and all(notice.due_at is None for notice in notices)


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("answered", ["response_url", "direct_message"])
async def test_what_is_added_calls_nobody_and_is_said_where_nothing_can_be_edited(
    empty_house: House, answered: str, stated: bool
) -> None:
    house, clock = empty_house, SkippingClock()
    house.sandbox.settings.delays.domain = 0.5 if stated else 60
    await house.sandbox.fault("vobiz", "domain_later", times=1)
    if answered == "direct_message":
        await house.sandbox.fault("slack", "response_url_dead")
    async with house.bot(clock):
        await house.confirmed(channel=WARROOM)
        place = WARROOM if answered == "response_url" else "D0ASHA001"
        told = await house.heard("created: outbound", place)
        operation = await house.operation(told.words)
        if not stated:
            clock.skip(20)
        while not await settled(house, operation.id):  # noqa: ASYNC110 - the database wakes nobody
            await asyncio.sleep(0.02)
        said = [text for text in house.said(place) if "created: outbound" in text]
    domain = f"{str(house.sandbox.trunks[0]['trunk_id'])[:8]}.sip.vobiz.ai"
    assert (domain in said[-1]) == stated
    assert len(said) == (2 if stated and answered == "response_url" else 1)
    assert (YET in said[-1]) == (not stated and answered == "response_url")  # nothing there can be changed


async def test_a_sip_domain_that_comes_after_a_crash_is_added_all_the_same(empty_house: House) -> None:
    house = empty_house
    house.sandbox.settings.delays.domain = 60
    async with house.bot():
        await house.sandbox.fault("vobiz", "domain_later", times=1)
        await house.confirmed()
        await house.heard(YET)
    house.sandbox.trunks[0]["trunk_domain"] = "late.sip.vobiz.ai"
    async with house.bot():
        await house.heard("late.sip.vobiz.ai")
    assert len(house.sandbox.vobiz_posts) == 1


async def test_the_same_once_more_takes_a_second_press(house: House) -> None:
    """Two forms are open, as after Slack said that the first command had failed."""
    await house.sandbox.command(ASHA, VOICE, SALES)
    await house.sandbox.command(OMAR, VOICE, SALES)
    await house.looked()
    assert (await house.sandbox.submit_form(ASHA)).ok
    made = await house.heard("created: outbound")
    assert (await house.sandbox.submit_form(OMAR)).ok
    said = await house.shown("Exactly this was created", OMAR)
    assert house.reference(made.words) in said
    assert str(house.sandbox.trunks[0]["trunk_id"]) in said
    assert len(house.sandbox.vobiz_posts) == 1
    # Who wants two has two.
    assert (await house.sandbox.submit_form(OMAR)).ok
    await house.sandbox.wait_for(lambda: len(house.sandbox.vobiz_posts) == 2)


async def test_a_name_that_exists_typed_into_an_empty_form_takes_a_second_press(house: House) -> None:
    there = house.sandbox.add_trunk("Sales")
    await house.sandbox.command(ASHA, VOICE, "create")
    await house.looked()
    assert (await house.sandbox.submit_form(ASHA, name="sales", direction="outbound", calls="10")).ok
    said = await house.shown("A trunk of this name already exists")
    assert str(there["trunk_id"]) in said
    assert house.sandbox.vobiz_posts == []
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.sandbox.wait_for(lambda: house.sandbox.vobiz_posts)


async def test_the_reason_of_a_refusal_in_a_success_is_quoted_and_still_looked_for(house: House) -> None:
    await house.sandbox.fault("vobiz", "refused_200", times=1)
    await house.confirmed()
    told = await house.heard("Vobiz did not confirm")
    assert "Account balance too low" in told.words
    assert "Nothing was created" not in told.words
    await house.heard("please decide")
    question = first_message(house)
    assert "Account balance too low" in question.words
    assert "the trunk was not found" in question.words


@pytest.mark.parametrize("fault", ["renamed", "no_zone", "list_lags", "sent_twice"])
async def test_a_trunk_that_vobiz_shows_otherwise_is_found(house: House, fault: str) -> None:
    house.sandbox.settings.delays.late = 0.2
    await house.sandbox.fault("vobiz", fault, times=1)
    await house.confirmed(command='create "Sales  Team" outbound 10')
    told = await house.heard("I found the trunk in the account")
    assert str(house.sandbox.trunks[0]["trunk_id"]) in told.words
    assert (await house.operation(told.words)).step.found is Found.LOOK
    assert len(house.sandbox.trunks) == len(house.sandbox.vobiz_posts) == 1


async def test_a_create_that_something_on_the_way_sent_twice_is_a_question_with_both(house: House) -> None:
    await house.sandbox.fault("vobiz", "doubled", times=1)
    await house.confirmed()
    await house.heard("which trunk is it?")
    shown = first_message(house).words
    assert all(str(trunk["trunk_id"]) in shown for trunk in house.sandbox.trunks)
    assert len(house.sandbox.vobiz_posts) == 1
    # It is neither of them, says who knows the account: these two are no reason against it any more.
    assert has_button(house, "trunk.send_again")
    await house.sandbox.action(OMAR, "trunk.send_again")
    told = await house.heard("created: outbound")
    assert str(house.sandbox.trunks[0]["trunk_id"]) in told.words
    assert (len(house.sandbox.vobiz_posts), len(house.sandbox.trunks)) == (2, 3)
