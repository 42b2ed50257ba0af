"""Changing a trunk that exists: the form is filled with what is there, and nothing else is changed unseen."""

import json

import pytest

from bot.domain.operation import Operation, State
from bot.kinds.registry import KINDS
from bot.sandbox.shape import Json
from bot.sandbox.slack.forms import Values
from tests.flow.conftest import APPROVE, ASHA, OMAR, RIA, VOICE, House, SkippingClock
from tests.kinds.examples import WITH_TOY

DEAD = "aabbccdd-1234-5678-90ab-cdef12345678"


async def filled(house: House, command: str, user: str = ASHA) -> None:
    """Type the command, and wait until the form shows the trunk."""
    await house.opened(command, user)
    await house.sandbox.wait_for(lambda: "Reading the trunk" not in house.modal(user))


def submits(house: House, user: str = ASHA) -> bool:
    view = house.sandbox.view_of(user)
    return view is not None and view.json().get("submit") is not None


async def done(house: House, state: State = State.DONE) -> Operation:
    """Wait until the newest operation has ended so, and was told."""
    text = (await house.heard("Reference")).words
    op = await house.operation(text)
    assert op.state is state, op
    return op


def writes(house: House) -> list[tuple[str, Json]]:
    return [(post.method, post.body) for post in house.sandbox.vobiz_posts]


async def test_an_edit_sends_what_changes_in_both_dialects_and_tells_old_and_new(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await filled(house, 'edit "Sales" 50')
    assert submits(house)
    assert (await house.sandbox.submit_form(ASHA)).ok
    op = await done(house)
    assert writes(house) == [
        (
            "PUT",
            {
                "name": "Sales",
                "max_concurrent_calls": 50,
                "concurrent_calls_limit": 50,
                "enabled": True,
            },
        )
    ]
    told = (await house.heard("Trunk “Sales” changed: 10 → 50 calls")).words
    assert str(trunk["trunk_id"]) in told
    assert "Also changed" not in told
    assert op.subject == "Sales"


async def test_a_limit_above_the_accounts_is_warned_of(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    house.sandbox.vobiz.account.ceiling = 40
    await filled(house, 'edit "Sales" 41')
    warned = "The account allows 40 concurrent calls in total, so this trunk may never reach 41."
    assert warned in house.modal()
    assert (await house.sandbox.submit_form(ASHA)).ok
    op = await done(house)
    # Who is asked for an approval is warned too.
    assert (warned,) in KINDS.words(op).warnings(op.request, op.seen)
    await filled(house, 'edit "Sales" 40')
    assert "The account allows" not in house.modal()


async def test_what_else_a_put_changed_is_told(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    trunk |= {"cps_limit": 9, "webhook_url": "https://example.com/hook"}
    await house.sandbox.fault("vobiz", "put_replaces")
    await filled(house, 'edit "Sales" 50')
    assert (await house.sandbox.submit_form(ASHA)).ok
    told = (await house.heard("Trunk “Sales” changed")).words
    assert "Also changed: new calls per second (CPS): was 9, is 2" in told


async def test_what_vobiz_ignores_is_told_as_not_as_asked(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await house.sandbox.fault("vobiz", "put_ignores")
    await filled(house, "edit Sales")
    assert (await house.sandbox.submit_form(ASHA, signalling="tls")).ok
    told = (await house.heard("changed, but not as requested")).words
    assert "Transport: you asked for “tls”, Vobiz answered “udp”." in told


async def test_tls_and_srtp_are_one_choice(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await filled(house, "edit Sales")
    assert (await house.sandbox.submit_form(ASHA, signalling="tls")).ok
    await done(house)
    ((_, body),) = writes(house)
    assert (body["transport"], body["secure"]) == ("tls", True)
    assert "concurrent_calls_limit" not in body


@pytest.mark.parametrize(
    ("verb", "before", "after"), [("disable", "active", "inactive"), ("enable", "inactive", "active")]
)
async def test_a_trunk_is_switched_and_back_again_by_undo(
    house: House, verb: str, before: str, after: str
) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    trunk["trunk_status"] = before
    await filled(house, f"{verb} sales")
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard(f"Trunk “Sales” {verb}d")
    assert trunk["trunk_status"] == after
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, "trunk.undo")
    await house.sandbox.wait_for(lambda: submits(house))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.sandbox.wait_for(lambda: trunk["trunk_status"] == before)
    assert len(writes(house)) == 2


async def test_undo_of_an_edit_is_filled_in_with_what_was_there_before(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await filled(house, 'edit "Sales" 50')
    assert (await house.sandbox.submit_form(ASHA, name="Sales 2", description="since May")).ok
    await house.heard("Trunk “Sales” changed")
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, "trunk.undo")
    await house.sandbox.wait_for(lambda: submits(house))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.sandbox.wait_for(lambda: trunk["name"] == "Sales")
    assert (trunk["concurrent_calls_limit"], trunk["description"]) == (10, "")


async def test_a_delete_wants_the_name_and_tells_what_is_lost_and_what_is_gone(house: House) -> None:
    trunk, other = house.sandbox.add_trunk("Sales"), house.sandbox.add_trunk("Support")
    account = house.sandbox.vobiz.account
    shared = account.attach(trunk, "credential_uuid", {"username": "both"})
    account.attach(other, "credential_uuid", shared)
    account.attach(trunk, "ipacl_uuid", {"ip_address": "203.0.114.7"})
    account.add_number("+14155550100", trunk)
    await filled(house, "delete Sales")
    shown = house.modal()
    for words in (
        "1 number loses its route",
        "+14155550100",
        "both",
        "also used by",
        "Support",
        "203.0.114.7",
    ):
        assert words in shown, words
    refused = await house.sandbox.submit_form(ASHA, typed_name="Sale")
    assert refused.errors
    assert writes(house) == []
    assert (await house.sandbox.submit_form(ASHA, typed_name="sales")).ok
    told = (await house.heard("Trunk “Sales” deleted")).words
    assert "is still there" in told
    assert "is gone too" in told
    assert house.sandbox.trunks == [other]
    assert [method for method, _ in writes(house)] == ["DELETE"]


async def test_a_trunk_with_calls_is_not_deleted_and_can_be_disabled_instead(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await house.sandbox.fault("vobiz", "busy")
    await filled(house, "delete Sales")
    assert (await house.sandbox.submit_form(ASHA, typed_name="Sales")).ok
    told = (await house.heard("Nothing was deleted")).words
    assert "Disable it instead" in told
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, "trunk.change.disable")
    await house.sandbox.wait_for(lambda: submits(house))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.sandbox.wait_for(lambda: trunk["trunk_status"] == "inactive")


async def test_a_delete_whose_answer_was_lost_is_found_done_and_not_repeated(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await house.sandbox.fault("vobiz", "created_then_reset")
    await filled(house, "delete Sales")
    assert (await house.sandbox.submit_form(ASHA, typed_name="Sales")).ok
    await house.heard("Trunk “Sales” deleted")
    assert len(writes(house)) == 1


async def test_what_changed_while_the_form_was_open_is_told_and_nothing_is_sent(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await filled(house, 'edit "Sales" 50')
    trunk["cps_limit"] = 7
    assert (await house.sandbox.submit_form(ASHA)).ok
    told = (await house.heard("Not sent")).words
    assert "new calls per second (CPS): was 2, is 7" in told
    assert writes(house) == []


async def test_a_trunk_that_was_deleted_meanwhile_is_told_and_nothing_is_sent(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await filled(house, 'edit "Sales" 50')
    house.sandbox.vobiz.account.delete(trunk)
    assert (await house.sandbox.submit_form(ASHA)).ok
    assert "The trunk is not there any more" in (await house.heard("Not sent")).words
    assert writes(house) == []


async def test_a_delete_that_vobiz_only_claims_is_told_so(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await house.sandbox.fault("vobiz", "soft_delete")
    await filled(house, "delete Sales")
    assert (await house.sandbox.submit_form(ASHA, typed_name="Sales")).ok
    await house.heard("Trunk “Sales” is still there, although Vobiz confirmed its deletion")


async def test_names_that_are_not_unique_are_chosen_from(house: House) -> None:
    first, second = (house.sandbox.add_trunk("Sales", calls=calls) for calls in (10, 20))
    await filled(house, 'edit "Sales" 50')
    assert not submits(house)
    assert str(first["trunk_id"]) in house.modal()
    await house.sandbox.action(ASHA, "form.pick", value=str(second["trunk_id"]))
    await house.sandbox.wait_for(lambda: submits(house))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await done(house)
    assert (first["concurrent_calls_limit"], second["concurrent_calls_limit"]) == (10, 50)


async def test_what_means_no_trunk_is_answered_and_nothing_can_be_submitted(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    for typed, says in (
        ("Sall", "No trunk is called"),
        (DEAD, "There is no trunk of this ID"),
        ("credentials", "No trunk is called"),
        ("", "Choose a trunk"),
        ("Sal", "Did you mean"),
        ("x" * 255, "No trunk is called"),
    ):
        await filled(house, f"delete {typed}")
        assert says in house.modal(), typed
        assert not submits(house), typed
    assert writes(house) == []


@pytest.mark.parametrize(
    "name", ['5" pipe', "O'Neill's", "Sales 🚀", "Sales 50", "é" * 255, "🚀" * 255, "<@U0ASHA001> & co"]
)
async def test_any_name_finds_its_trunk_and_stays_as_it_is(house: House, name: str) -> None:
    trunk = house.sandbox.add_trunk(name)
    trunk["description"] = "y" * 500
    await filled(house, f"edit {name}")
    assert submits(house), house.modal()
    assert (await house.sandbox.submit_form(ASHA, calls="11")).ok
    await done(house)
    assert (trunk["name"], trunk["concurrent_calls_limit"], trunk["description"]) == (name, 11, "y" * 500)


async def test_a_trunk_is_found_by_id_domain_and_reference_in_any_case(house: House) -> None:
    await house.confirmed()
    ref = house.reference((await house.heard("Trunk “Sales” created")).words)
    (trunk,) = house.sandbox.trunks
    for typed in (str(trunk["trunk_id"]).upper(), f"sip:{trunk['trunk_domain']}", ref.lower()):
        await house.sandbox.close(ASHA)
        await filled(house, f"edit {typed} 50")
        assert submits(house), typed


async def test_a_limit_that_is_none_is_refused_under_its_input(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await filled(house, "edit Sales")
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    for calls in ("0", "-1", "1000000000", "10.5", "", "1001"):
        values: Values = {**view.values, "calls": {"calls": {"type": "number_input", "value": calls}}}
        result = await house.sandbox.submit(ASHA, view.id, values)
        assert "calls" in (result.errors or {}), calls
    assert writes(house) == []


async def test_an_edit_that_changes_nothing_is_refused(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await filled(house, "edit Sales")
    result = await house.sandbox.submit_form(ASHA)
    assert "Nothing is changed" in str(result.errors)


async def test_what_is_so_already_has_nothing_to_submit(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await filled(house, "enable Sales")
    assert "enabled already" in house.modal()
    assert not submits(house)


@pytest.mark.parametrize("fault", ["reads_fail", "lists_fail"])
async def test_what_cannot_be_read_is_not_deleted(house: House, fault: str) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await house.sandbox.fault("vobiz", fault)
    await filled(house, f"delete {trunk['trunk_id']}")
    assert "could" in house.modal()
    assert not submits(house)


async def test_a_change_outside_is_told_in_the_form(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await filled(house, 'edit "Sales" 50')
    assert (await house.sandbox.submit_form(ASHA)).ok
    await done(house)
    trunk["concurrent_calls_limit"] = 60
    await house.sandbox.close(ASHA)
    await filled(house, "disable Sales")
    assert "Changed outside this bot since" in house.modal()
    assert "was 50, is 60" in house.modal()


async def test_a_form_that_showed_nothing_yet_cannot_be_submitted(house: House) -> None:
    await house.sandbox.fault("vobiz", "reads_fail")
    house.sandbox.add_trunk("Sales")
    await house.sandbox.command(ASHA, VOICE, "disable Sales")
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    assert not submits(house)
    await house.sandbox.submit(ASHA, view.id, {})
    assert "not shown yet" in house.modal() or not submits(house)
    assert writes(house) == []


async def test_two_changes_of_one_trunk_take_turns(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await filled(house, 'edit "Sales" 50')
    await filled(house, "disable Sales", OMAR)
    await house.sandbox.fault("vobiz", "slow")
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.sandbox.wait_for(lambda: len(writes(house)) == 1)
    await house.sandbox.submit_form(OMAR)
    assert "Another change of this trunk is in progress" in await house.shown("in progress", OMAR)
    assert len(writes(house)) == 1


async def test_a_requester_needs_an_operator_to_disable(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await filled(house, "disable Sales", RIA)
    assert (await house.sandbox.submit_form(RIA)).ok
    await house.shown("approv", RIA)
    assert writes(house) == []
    assert trunk["trunk_status"] == "active"


def rules(house: House, **given: object) -> None:
    house.settings = house.settings.model_copy(update=given)


async def test_raising_calls_above_the_threshold_needs_a_second_person_and_lowering_does_not(
    empty_house: House,
) -> None:
    house = empty_house
    rules(house, trunk_approval_above=50)
    trunk = house.sandbox.add_trunk("Sales")
    async with house.bot():
        await filled(house, 'edit "Sales" 60')
        assert "Above 50 concurrent calls a second operator" in house.modal()
        assert (await house.sandbox.submit_form(ASHA)).ok
        await house.sandbox.wait_for(lambda: asked(house))
        assert writes(house) == []
        await house.sandbox.action(OMAR, "approval.approve")
        await house.sandbox.wait_for(lambda: trunk["concurrent_calls_limit"] == 60)
        await house.sandbox.close(ASHA)
        await filled(house, 'edit "Sales" 55')
        assert (await house.sandbox.submit_form(ASHA)).ok
        await house.sandbox.wait_for(lambda: trunk["concurrent_calls_limit"] == 55)


async def test_a_kind_that_is_named_always_needs_a_second_person(empty_house: House) -> None:
    house = empty_house
    rules(house, trunk_approval_for=frozenset({"delete_trunk"}), trunk_approval_above=1)
    trunk = house.sandbox.add_trunk("Sales")
    async with house.bot():
        await filled(house, "delete Sales")
        assert (await house.sandbox.submit_form(ASHA, typed_name="Sales")).ok
        asked = (await house.heard("delete trunk", APPROVE, OMAR)).words
        assert "For good" in asked
        assert writes(house) == []
        await house.sandbox.close(ASHA)
        await filled(house, "disable Sales")
        assert (await house.sandbox.submit_form(ASHA)).ok
        await house.sandbox.wait_for(lambda: trunk["trunk_status"] == "inactive")


async def test_an_approved_change_is_not_made_of_a_trunk_that_changed_while_it_waited(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    await filled(house, "disable Sales", RIA)
    assert (await house.sandbox.submit_form(RIA)).ok
    await house.sandbox.wait_for(lambda: asked(house))
    trunk["name"] = "Not for you to touch"
    await house.sandbox.action(OMAR, "approval.approve")
    await told(house, "name: was Sales, is Not for you to touch")
    assert writes(house) == []


async def told(house: House, words: str) -> None:
    """Wait until anybody was told so, wherever."""
    await house.sandbox.wait_for(lambda: any(words in one.words for one in house.sandbox.space.messages.all))


def asked(house: House) -> bool:
    """Tell whether an operator sees the button that approves."""
    seen = [one for channel in (VOICE, APPROVE) for one in house.sandbox.messages(channel, OMAR)]
    return any('"approval.approve"' in json.dumps(one.blocks) for one in seen)


async def test_a_form_that_was_filled_for_one_record_is_not_taken_for_another(empty_house: House) -> None:
    house = empty_house
    house.kinds = WITH_TOY
    async with house.bot():
        await house.sandbox.command(ASHA, VOICE, "badge Ann 1")
        await house.sandbox.wait_for(lambda: submits(house))
        await house.sandbox.submit_form(ASHA, label="Ben")
        await house.sandbox.wait_for(lambda: submits(house))
        assert writes(house) == []
        assert (await house.sandbox.submit_form(ASHA)).ok
        op = await done(house)
        assert op.subject == "Ben"


async def test_half_a_list_means_no_trunk_by_name_and_one_by_id(house: House) -> None:
    trunk = house.sandbox.add_trunk("Sales")
    for number in range(120):
        house.sandbox.add_trunk(f"Other {number}")
    house.sandbox.trunks[100]["trunk_id"] = house.sandbox.trunks[0]["trunk_id"]
    await filled(house, "disable Sales")
    assert "Not all trunks could be read" in house.modal()
    assert not submits(house)
    await house.sandbox.close(ASHA)
    await filled(house, f"disable {trunk['trunk_id']}")
    assert submits(house)


async def test_a_form_that_was_open_for_an_hour_sends_what_it_showed_or_nothing(empty_house: House) -> None:
    house, clock = empty_house, SkippingClock()
    house.sandbox.space.clock = clock.now
    trunk = house.sandbox.add_trunk("Sales")
    async with house.bot(clock):
        await filled(house, 'edit "Sales" 50')
        clock.skip(3600)
        trunk["concurrent_calls_limit"] = 20
        await house.sandbox.submit_form(ASHA)
        await told(house, "was 10, is 20")
        assert writes(house) == []


async def test_what_others_changed_while_a_question_was_open_is_not_changed_back(house: House) -> None:
    """The PUT repeats what it does not change: sent again as it was, it would switch the trunk on."""
    trunk = house.sandbox.add_trunk("Sales")
    await house.sandbox.fault("vobiz", "error_before", times=1)
    await filled(house, 'edit "Sales" 50')
    assert (await house.sandbox.submit_form(ASHA)).ok

    def asks() -> bool:
        return any("trunk.send_again" in str(message.blocks) for message in house.sandbox.messages(VOICE))

    await house.sandbox.wait_for(asks)
    trunk["trunk_status"] = "inactive"
    await house.sandbox.action(OMAR, "trunk.send_again")
    await house.sandbox.wait_for(lambda: not asks())
    assert [method for method, _ in writes(house)] == ["PUT"]
    op = await house.operation((await house.heard("does not show what became of the request")).words)
    assert (op.state, op.asking) == (State.UNKNOWN, True)
    assert trunk["trunk_status"] == "inactive"
