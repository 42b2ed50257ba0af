"""A trunk's SIP login from the command to the password that Vobiz takes, from outside."""

import pytest

from bot.domain.operation import Choice, Found, Operation, State, StepState
from bot.sandbox.shape import Json
from tests.flow.conftest import ASHA, OMAR, VOICE, House, Logged
from tests.flow.test_passwords import SHOW, kept_secret
from tests.kinds.examples import LOGIN, newest, stands, submits
from tests.kinds.test_faults import button


@pytest.fixture
def trunk(empty_house: House) -> Json:
    return empty_house.sandbox.add_trunk("Sales")


def attach(house: House, trunk: Json) -> Json:
    """Give a trunk a login in the console."""
    (row,) = LOGIN.values()
    return house.sandbox.vobiz.account.attach(trunk, "credential_uuid", dict(row))


async def opened(house: House, over: str = "", title: str = "SIP login") -> None:
    await house.sandbox.command(ASHA, VOICE, "credential Sales")
    await house.sandbox.wait_for(lambda: submits(house))
    if over:
        await house.sandbox.action(ASHA, f"form.over.{over}")
        await house.sandbox.wait_for(lambda: submits(house, ASHA, title))


async def password(house: House, op: Operation) -> str:
    """Press “Show password”, and return what the window shows."""
    await house.sandbox.wait_for(lambda: button(house, SHOW))
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, SHOW)
    await house.shown(op.ref)
    (sent,) = {str(post.body["password"]) for post in house.sandbox.vobiz_posts if "password" in post.body}
    assert sent in house.modal()
    return sent


@pytest.mark.parametrize("fault", ["none", "created_then_reset", "sent_twice"])
async def test_a_new_login_opens_with_the_password_that_is_shown(
    empty_house: House, trunk: Json, logged: Logged, fault: str
) -> None:
    house, account = empty_house, empty_house.sandbox.vobiz.account
    async with house.bot() as bot, kept_secret(house, bot, logged):
        await opened(house)
        await house.sandbox.fault("vobiz", fault, times=1)
        assert (await house.sandbox.submit_form(ASHA, username="front1")).ok
        record = await newest(house)
        if fault == "sent_twice":
            # The account had no such login a moment before, and Vobiz says that it has.
            await stands(house, record, State.UNKNOWN, asking=True)
            await house.sandbox.wait_for(lambda: button(house, Choice.PICK))
            await house.sandbox.action(OMAR, f"trunk.{Choice.PICK}")
        op = await stands(house, record, State.DONE)
        found = {"none": Found.ANSWER, "created_then_reset": Found.LOOK, "sent_twice": Found.PERSON}
        assert op.steps[0].found is found[fault]
        assert account.opens("front1", await password(house, op))
        assert ("does not work" in house.modal()) == (fault != "none")
    (row,) = account.lists["credentials"]
    assert trunk["credential_uuid"] == row["id"]
    assert f"{house.settings.vobiz_auth_id}.sip.vobiz.ai" in house.modal()


async def test_a_taken_name_stands_under_its_input_and_the_login_can_be_used_instead(
    empty_house: House, trunk: Json
) -> None:
    house = empty_house
    row = house.sandbox.vobiz.account.add("credentials", {"username": "front1", "password": "old-password"})
    async with house.bot():
        await opened(house)
        refused = await house.sandbox.submit_form(ASHA, username="Front1")
        assert "user name" in refused.errors["username"]
        view = house.sandbox.view_of(ASHA)
        assert view is not None
        await house.sandbox.action(ASHA, "which_login", value=str(row["id"]))
        await house.sandbox.wait_for(lambda: "User name of the new login" not in house.modal())
        assert (await house.sandbox.submit_form(ASHA)).ok
        op = await stands(house, await newest(house), State.DONE)
        await house.sandbox.wait_for(lambda: any(op.ref in text for text in house.said()))
    assert trunk["credential_uuid"] == row["id"]
    assert len(op.steps) == 1
    assert not button(house, SHOW)


async def test_a_login_that_could_not_be_attached_is_told_and_can_be(empty_house: House, trunk: Json) -> None:
    house, account = empty_house, empty_house.sandbox.vobiz.account
    async with house.bot():
        await opened(house)
        await house.sandbox.fault("vobiz", "refuse", times=1, after=1)
        assert (await house.sandbox.submit_form(ASHA)).ok
        op = await stands(house, await newest(house), State.STOPPED)
        assert [step.state for step in op.steps] == [StepState.DONE, StepState.REJECTED]
        await house.sandbox.wait_for(lambda: button(house, "trunk.change.credential"))
        assert account.opens("sales", await password(house, op))
        await house.sandbox.close(ASHA)
        await house.sandbox.action(ASHA, "trunk.change.credential")
        await house.sandbox.wait_for(lambda: submits(house))
        assert (await house.sandbox.submit_form(ASHA)).ok
        await stands(house, await newest(house), State.DONE)
    (row,) = account.lists["credentials"]
    assert trunk["credential_uuid"] == row["id"]


async def test_a_new_password_that_vobiz_did_not_confirm_is_sent_again_the_same(
    empty_house: House, trunk: Json, logged: Logged
) -> None:
    house, account = empty_house, empty_house.sandbox.vobiz.account
    attach(house, trunk)
    async with house.bot() as bot, kept_secret(house, bot, logged):
        await opened(house, "rotate_credential", "New SIP password")
        await house.sandbox.fault("vobiz", "created_then_reset", times=1)
        assert (await house.sandbox.submit_form(ASHA)).ok
        record = await newest(house)
        await stands(house, record, State.UNKNOWN, asking=True)
        await house.heard("sends the same password")
        await house.sandbox.action(OMAR, f"trunk.{Choice.SEND_AGAIN}")
        op = await stands(house, record, State.DONE)
        assert len(house.sandbox.vobiz_posts) == 2
        assert account.opens("desk", await password(house, op))


async def test_a_login_that_others_use_is_told_of_and_goes_for_all_when_it_is_deleted(
    empty_house: House, trunk: Json
) -> None:
    house, account = empty_house, empty_house.sandbox.vobiz.account
    row = attach(house, trunk)
    account.attach(house.sandbox.add_trunk("Support"), "credential_uuid", row)
    async with house.bot():
        await opened(house, "remove_credential", "Remove SIP login")
        assert "also used by “Support”" in house.modal()
        assert (await house.sandbox.submit_form(ASHA)).ok
        await stands(house, await newest(house), State.DONE)
        assert "credential_uuid" not in trunk
        assert account.opens("desk", "old-password")
