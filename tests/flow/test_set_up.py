"""A trunk that is set up in one confirmation, in both directions, from outside."""

from typing import Final

from bot.sandbox.slack.messages import Message
from tests.flow.conftest import APPROVE, ASHA, OMAR, RIA, SALES, VOICE, House
from tests.flow.test_login import password

OVER: Final = "form.over.set_up_trunk"
INBOUND: Final = 'create "Support" inbound 5'
NUMBERS: Final = ("+14155550100", "+14155550101")


async def opened(house: House, command: str = SALES, user: str = ASHA, block: str = "login") -> None:
    """Open the form of a create, go over to setting up, and wait for an input."""
    await house.opened(command, user)
    await house.looked()
    await house.sandbox.action(user, OVER)
    await house.sandbox.wait_for(lambda: block in blocks(house, user))


def blocks(house: House, user: str = ASHA) -> list[object]:
    view = house.sandbox.view_of(user)
    return [] if view is None else [block.get("block_id") for block in view.blocks]


def sent(house: House) -> list[tuple[str, str]]:
    return [(post.method, post.path) for post in house.sandbox.vobiz_posts]


def buttons(message: Message) -> dict[str, str]:
    """Return the action and the value of each button."""
    found = [part for block in message.blocks for part in block.get("elements", [])]  # type: ignore[attr-defined]  # JSON
    return {str(part["action_id"]): str(part["value"]) for part in found if "action_id" in part}


async def test_an_outbound_trunk_gets_its_login_and_its_address(house: House) -> None:
    await opened(house)
    listed = house.modal()
    steps = ("Create the trunk", "Create the SIP login", "Attach the login to the trunk")
    assert listed.index(steps[0]) < listed.index(steps[1]) < listed.index(steps[2])
    assert (await house.sandbox.submit_form(ASHA, address="203.0.114.5")).ok
    told = await house.heard("Trunk “Sales” set up: outbound, 10 calls")
    trunk = house.sandbox.trunks[0]
    login, address = (house.sandbox.vobiz.account.lists[name][0] for name in ("credentials", "ip-acl"))
    assert (login["username"], address["ip_address"], address["description"]) == (
        "sales",
        "203.0.114.5",
        "Sales",
    )
    assert (trunk["credential_uuid"], trunk["ipacl_uuid"]) == (login["id"], address["id"])
    assert sent(house) == [
        ("POST", "trunks"),
        ("POST", "credentials"),
        ("POST", "ip-acl"),
        ("PUT", f"trunks/{trunk['trunk_id']}"),
    ]
    for words in (
        str(trunk["trunk_id"]),
        str(trunk["trunk_domain"]),
        "sales",
        "203.0.114.5",
        str(login["realm"]),
    ):
        assert words in told.words
    assert house.sandbox.vobiz.account.opens(
        "sales", await password(house, await house.operation(told.words))
    )
    for words in (str(login["realm"]), str(trunk["trunk_domain"]), "UDP"):
        assert words in house.modal()


async def test_an_inbound_trunk_gets_its_route_and_its_numbers(house: House) -> None:
    account = house.sandbox.vobiz.account
    for number in NUMBERS:
        account.add_number(number)
    await opened(house, INBOUND, block="phone_numbers")
    values = {"route": "sip:pbx.example.com", "phone_numbers": NUMBERS}
    assert (await house.sandbox.submit_form(ASHA, **values)).ok
    told = await house.heard("Trunk “Support” set up: inbound, 5 calls")
    trunk = house.sandbox.trunks[0]
    assert [number["trunk_group_id"] for number in account.numbers] == [trunk["trunk_id"]] * 2
    assert sent(house) == [
        ("POST", "trunks"),
        ("POST", "origination-uris"),
        ("PUT", f"trunks/{trunk['trunk_id']}"),
        *(("POST", f"numbers/{number}/assign") for number in NUMBERS),
    ]
    assert "sip:pbx.example.com" in told.words


async def test_a_user_name_that_is_taken_is_refused_before_anything_is_created(house: House) -> None:
    account = house.sandbox.vobiz.account
    account.add("credentials", {"username": "sales", "password": "of-somebody-else"})
    await opened(house)
    await house.shown("Choose another one, such as sales2.")
    refused = await house.sandbox.submit_form(ASHA)
    assert "such as sales2." in refused.errors["username"]
    assert sent(house) == []
    assert (await house.sandbox.submit_form(ASHA, username="sales2")).ok
    await house.heard("set up: outbound")


async def test_the_direction_decides_what_the_form_asks_for(house: House) -> None:
    house.sandbox.vobiz.account.add_number(NUMBERS[0])
    await opened(house)
    await house.sandbox.action(ASHA, "direction", value="inbound")
    await house.sandbox.wait_for(lambda: "phone_numbers" in blocks(house))
    assert "login" not in blocks(house)
    await house.sandbox.action(ASHA, "phone_numbers", value=[NUMBERS[0]])
    await house.shown(f"Assign {NUMBERS[0]}")


async def test_numbers_can_be_typed_where_they_cannot_be_read(house: House) -> None:
    house.sandbox.vobiz.account.add_number(NUMBERS[0])
    await house.sandbox.fault("vobiz", "lists_fail")
    await opened(house, INBOUND, block="typed_number")
    assert (await house.sandbox.submit_form(ASHA, typed_number="+1 415 555 0100")).ok
    await house.heard("set up: inbound")
    assert house.sandbox.vobiz.account.numbers[0]["trunk_group_id"] == house.sandbox.trunks[0]["trunk_id"]


async def test_a_trunk_alone_is_no_set_up_and_the_way_back_creates_it(house: House) -> None:
    await opened(house)
    refused = await house.sandbox.submit_form(ASHA, login=[])
    assert "Only create the trunk" in refused.errors["login"]
    await house.sandbox.action(ASHA, "form.over.create_trunk")
    await house.sandbox.wait_for(lambda: blocks(house)[:3] == ["name", "direction", "calls"])
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("Trunk “Sales” created: outbound, 10 calls")
    assert sent(house) == [("POST", "trunks")]


async def test_what_was_not_done_is_offered_for_the_trunk_that_was_created(house: House) -> None:
    await opened(house)
    await house.sandbox.fault("vobiz", "refuse", after=2)
    assert (await house.sandbox.submit_form(ASHA, address="203.0.114.5")).ok
    told = await house.heard("Vobiz refused step 3 of 4 for trunk “Sales”")
    trunk, login = house.sandbox.trunks[0], house.sandbox.vobiz.account.lists["credentials"][0]
    assert "Not started" in told.words
    offered = buttons(told)
    assert offered["trunk.change.credential"] == f"add_credential {trunk['trunk_id']} {login['id']}"
    assert offered["trunk.change.allow"] == f"allow_address {trunk['trunk_id']}"
    await house.sandbox.fault("vobiz", "none")
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, "trunk.change.credential")
    await house.sandbox.wait_for(lambda: (view := house.sandbox.view_of(ASHA)) and view.spec.get("submit"))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("SIP login for trunk “Sales” set")
    assert trunk["credential_uuid"] == login["id"]


async def test_an_approver_sees_all_that_will_be_done(house: House) -> None:
    await opened(house, user=RIA)
    assert (await house.sandbox.submit_form(RIA, address="203.0.114.5")).ok
    question = await house.heard("Approval needed: ", APPROVE)
    for words in ("Sales", "outbound", "sales", "203.0.114.5"):
        assert words in question.words
    assert sent(house) == []
    await house.sandbox.action(OMAR, "approval.approve")
    await house.heard("set up: outbound", VOICE, RIA)
    assert len(sent(house)) == 4
