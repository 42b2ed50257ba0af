"""What people read when Vobiz' answer leaves something out, says two things, or is not believed."""

from bot.domain.operation import Found, Standing
from tests.flow.conftest import House
from tests.flow.test_trouble import replies

YET = "not stated by Vobiz yet"


async def test_a_sip_domain_that_comes_later_is_added_to_the_message(house: House) -> None:
    await house.sandbox.fault("vobiz", "domain_later", times=1)
    await house.confirmed()
    told = await house.heard("Trunk created")
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
