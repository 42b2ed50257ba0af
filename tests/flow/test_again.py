"""After a refusal nobody types anything again: a button opens the form, filled in."""

import pytest

from tests.flow.conftest import APPROVE, ASHA, OMAR, RIA, VOICE, House

AGAIN = "trunk.try_again"


def value(house: House, user: str, block: str) -> object:
    view = house.sandbox.view_of(user)
    assert view is not None
    return view.values[block][block].get("value")


@pytest.mark.parametrize(
    ("fault", "label"),
    [("refuse", "Change and try again"), ("no_balance", "Try again"), ("rate_limited", "Try again")],
)
async def test_a_refusal_of_vobiz_has_a_button_that_opens_the_form_filled_in(
    house: House, fault: str, label: str
) -> None:
    await house.sandbox.fault("vobiz", fault, times=1)
    await house.confirmed()
    told = await house.heard("Vobiz refused to create")
    assert label in told.words
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, AGAIN)
    await house.sandbox.wait_for(lambda: house.sandbox.view_of(ASHA))
    assert (value(house, ASHA, "name"), value(house, ASHA, "calls")) == ("Sales", "10")
    assert (await house.sandbox.submit_form(ASHA, name="Sales 2")).ok
    await house.heard("created: outbound")
    assert len(house.sandbox.vobiz_posts) == 2


async def test_after_an_approved_request_was_refused_the_requester_is_offered_a_new_request(
    house: House,
) -> None:
    await house.sandbox.fault("vobiz", "refuse", times=1)
    await house.sandbox.command(RIA, VOICE, 'create "Sales" outbound 10')
    assert (await house.sandbox.submit_form(RIA)).ok
    await house.heard("Approval needed: ", APPROVE, OMAR)
    await house.sandbox.action(OMAR, "approval.approve")
    told = await house.heard("Vobiz refused to create", "D0RIA0001", RIA)
    assert "Request again" in told.words
    await house.sandbox.close(RIA)
    await house.sandbox.action(RIA, AGAIN)
    await house.sandbox.wait_for(lambda: house.sandbox.view_of(RIA))
    view = house.sandbox.view_of(RIA)
    assert view is not None
    assert view.spec["submit"]["text"] == "Ask for approval"  # type: ignore[index]  # the sandbox's JSON
    assert value(house, RIA, "name") == "Sales"
