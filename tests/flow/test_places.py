"""Allowed addresses and routes of a trunk, from the command to what the account has afterwards."""

from bot.domain.operation import State
from bot.sandbox.shape import Json
from tests.flow.conftest import ASHA, House
from tests.flow.test_change import done, filled, submits

ATTACH = "trunk.change.allow"


def writes(house: House) -> list[tuple[str, str]]:
    return [(post.method, post.path) for post in house.sandbox.vobiz_posts]


def listed(house: House, name: str) -> list[Json]:
    return house.sandbox.vobiz.account.lists[name]


async def test_a_typed_address_that_the_account_has_is_attached_and_none_is_made(house: House) -> None:
    trunk, other = house.sandbox.add_trunk("Sales"), house.sandbox.add_trunk("Support")
    account = house.sandbox.vobiz.account
    shared = account.attach(other, "ipacl_uuid", {"ip_address": "203.0.114.5/32"})
    account.attach(trunk, "ipacl_uuid", {"ip_address": "10.1.2.3"})
    await filled(house, "allow Sales 203.0.114.5")
    assert "another one replaces it" in house.modal()
    assert (await house.sandbox.submit_form(ASHA)).ok
    told = (await house.heard("Trunk “Sales” now takes calls from 203.0.114.5/32")).words
    assert f"IP ACL record of the account, {shared['id']}" in told
    assert "in place of 10.1.2.3" in told
    assert writes(house) == [("PUT", f"trunks/{trunk['trunk_id']}")]
    assert trunk["ipacl_uuid"] == shared["id"]


async def test_a_private_address_is_warned_of_once_before_it_is_sent(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await filled(house, "allow Sales")
    assert (await house.sandbox.submit_form(ASHA, ip="2001:db8::1")).errors
    await house.sandbox.submit_form(ASHA, ip="10.1.2.3")
    assert "10.1.2.3 is private" in house.modal()
    assert writes(house) == []
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("Trunk “Sales” now takes calls from 10.1.2.3")
    assert [row["ip_address"] for row in listed(house, "ip-acl")] == ["10.1.2.3"]


async def test_a_record_that_was_made_and_not_attached_is_attached_by_a_button(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await filled(house, "allow Sales 203.0.114.5")
    await house.sandbox.fault("vobiz", "refuse", after=1)
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("is not attached to the trunk")
    await house.sandbox.fault("vobiz", "none")
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, ATTACH)
    await house.sandbox.wait_for(lambda: submits(house))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("Trunk “Sales” now takes calls from 203.0.114.5")
    (made,) = listed(house, "ip-acl")
    assert trunk["ipacl_uuid"] == made["id"]
    assert [method for method, _ in writes(house)] == ["POST", "PUT", "PUT"]


async def test_what_was_made_by_somebody_else_meanwhile_is_not_made_again(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await filled(house, "allow Sales 203.0.114.5")
    house.sandbox.vobiz.account.add("ip-acl", {"name": "Theirs", "ip_address": "203.0.114.5"})
    assert (await house.sandbox.submit_form(ASHA)).ok
    op = await done(house, State.STOPPED)
    assert op.step.reason == "changed"
    assert "I did not make another one" in (await house.heard("Not sent")).words
    assert writes(house) == []


async def test_deleting_what_others_use_is_said_once_more_and_takes_it_from_them(house: House) -> None:
    trunk, other = house.sandbox.add_trunk("Sales"), house.sandbox.add_trunk("Support")
    account = house.sandbox.vobiz.account
    shared = account.attach(trunk, "primary_uri_uuid", {"uri": "sip:pbx.example.com"})
    account.attach(other, "primary_uri_uuid", shared)
    await filled(house, "route Sales")
    await house.sandbox.action(ASHA, "form.over.remove_route")
    await house.sandbox.wait_for(lambda: "How" in house.modal())
    assert "Support" in house.modal()
    await house.sandbox.submit_form(ASHA, removal="delete")
    assert "takes it from 1 other trunk too" in house.modal()
    assert writes(house) == []
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("Primary route pbx.example.com taken off trunk “Sales”, and deleted")
    assert [method for method, _ in writes(house)] == ["PUT", "DELETE"]
    assert "primary_uri_uuid" not in trunk
    assert listed(house, "origination-uris") == []


async def test_a_second_route_becomes_the_fallback_and_undo_takes_it_off_again(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales", direction="inbound")
    first = house.sandbox.vobiz.account.attach(trunk, "primary_uri_uuid", {"uri": "sip:pbx.example.com"})
    await filled(house, "route Sales pbx2.example.com")
    assert "Enter sip:pbx2.example.com" in house.modal()
    refused = await house.sandbox.submit_form(ASHA)
    assert "Enter sip:pbx2.example.com" in refused.errors["uri"]
    assert (await house.sandbox.submit_form(ASHA, uri="sip:pbx2.example.com")).ok
    await house.heard("Trunk “Sales” now falls back to pbx2.example.com")
    made = listed(house, "origination-uris")[-1]
    assert (trunk["primary_uri_uuid"], trunk["fallback_uri_uuid"]) == (first["id"], made["id"])
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, "trunk.undo")
    await house.sandbox.wait_for(lambda: submits(house))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.sandbox.wait_for(lambda: "fallback_uri_uuid" not in trunk)
    assert trunk["primary_uri_uuid"] == first["id"]
