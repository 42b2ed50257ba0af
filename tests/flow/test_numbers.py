"""Phone numbers, from outside: assigned, moved, stopped in the middle and gone on with, and taken off."""

from bot.domain.operation import Choice, Found, State, StepState
from bot.sandbox.shape import Json
from tests.flow.conftest import ASHA, House
from tests.flow.test_change import done, filled, submits

ONE, TWO, THREE = "+14155550101", "+14155550102", "+14155550103"
MOVING = "Moving a number takes two steps."


def added(house: House) -> tuple[Json, Json]:
    """Put two trunks into the account, and a number on none, on the other, and again on none."""
    account = house.sandbox.vobiz.account
    trunk, other = house.sandbox.add_trunk("Sales"), house.sandbox.add_trunk("Support")
    trunk["trunk_direction"] = "inbound"
    account.add_number(ONE)
    account.add_number(TWO, other)
    account.add_number(THREE)
    return trunk, other


def on(house: House, number: str) -> object:
    return next(row for row in house.sandbox.vobiz.account.numbers if row["e164"] == number).get(
        "trunk_group_id"
    )


def sent(house: House) -> list[tuple[str, str]]:
    return [(post.method, post.about) for post in house.sandbox.vobiz_posts]


async def hurried(house: House, *numbers: str) -> None:
    """Choose numbers and submit, before the form is drawn anew with what that takes."""
    view = house.sandbox.view_of(ASHA)
    assert view is not None
    values = house.sandbox.filled(view, {"phone_numbers": list(numbers)})
    assert (await house.sandbox.submit(ASHA, view.id, values)).ok


async def over(house: House) -> None:
    """Go over from the form that assigns numbers to that which takes them off."""
    await house.sandbox.action(ASHA, "form.over.unassign_number")
    await house.sandbox.wait_for(lambda: submits(house) and "On this trunk" not in house.modal())


async def test_a_number_is_moved_in_two_steps_once_the_form_had_said_so(house: House) -> None:
    trunk, _ = added(house)
    await filled(house, "number Sales")
    assert MOVING not in house.modal()
    await hurried(house, ONE, TWO)
    assert MOVING in house.modal()
    assert sent(house) == []
    assert (await house.sandbox.submit_form(ASHA)).ok
    told = (await house.heard("2 numbers assigned to trunk “Sales”")).words
    assert f"Assign {ONE}" in told
    assert f"Take {TWO} off its trunk" in told
    assert sent(house) == [("POST", ONE), ("DELETE", TWO), ("POST", TWO)]
    assert {on(house, ONE), on(house, TWO)} == {trunk["trunk_id"]}
    assert house.sandbox.released == []


async def test_what_was_refused_in_the_middle_is_told_and_a_button_does_the_rest(house: House) -> None:
    trunk, _ = added(house)
    await house.sandbox.fault("vobiz", "refuse", times=1, after=2)
    await filled(house, "number Sales +1 (415) 555-0102")
    assert MOVING in house.modal()
    await hurried(house, ONE, TWO, THREE)
    assert (await house.sandbox.submit_form(ASHA)).ok
    told = (await house.heard("Vobiz refused step 3 of 4")).words
    assert f"{TWO} is on no trunk as far as I know" in told
    assert f"Assign {THREE}\nNot started" in told
    assert on(house, TWO) is None
    op = await house.operation(told)
    assert [step.state for step in op.steps] == [
        StepState.DONE,
        StepState.DONE,
        StepState.REJECTED,
        StepState.WAITING,
    ]
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, f"trunk.{Choice.TRY_AGAIN}")
    await house.sandbox.wait_for(lambda: submits(house))
    assert MOVING not in house.modal()
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("2 numbers assigned to trunk “Sales”")
    assert sent(house)[3:] == [("POST", TWO), ("POST", THREE)]
    assert {on(house, one) for one in (ONE, TWO, THREE)} == {trunk["trunk_id"]}


async def test_a_refusal_that_comes_after_a_success_is_looked_up_and_not_believed(house: House) -> None:
    trunk, _ = added(house)
    # Something on the way sends each request twice: the second is refused, since the first was done.
    await house.sandbox.fault("vobiz", "sent_twice")
    await filled(house, f"number Sales {TWO}")
    assert (await house.sandbox.submit_form(ASHA)).ok
    told = (await house.heard(f"Number {TWO} assigned to trunk “Sales”")).words
    op = await house.operation(told)
    assert [step.found for step in op.steps] == [Found.LOOK, Found.LOOK]
    assert on(house, TWO) == trunk["trunk_id"]


async def test_a_number_that_was_moved_meanwhile_is_left_alone_and_it_is_told_where_it_is(
    house: House,
) -> None:
    _, other = added(house)
    await filled(house, f"number Sales {ONE}")
    house.sandbox.vobiz.account.assign(
        next(row for row in house.sandbox.vobiz.account.numbers if row["e164"] == ONE),
        str(other["trunk_id"]),
    )
    assert (await house.sandbox.submit_form(ASHA)).ok
    told = (await house.heard("Not sent: assign numbers to trunk “Sales”")).words
    assert f"{ONE} is on trunk “Support” now." in told
    assert sent(house) == []
    op = await house.operation(told)
    assert op.state is State.STOPPED


async def test_a_typed_number_that_cannot_be_assigned_is_told_under_its_input(house: House) -> None:
    added(house)
    house.sandbox.vobiz.account.add_number("+14155550104")["is_blocked"] = True
    await filled(house, "number Sales 14155550101")
    assert "The + is missing." in house.modal()
    for typed, says in (
        ("1 415 555 0101", "enter +14155550101"),
        ("+1 415 555 0104", "+14155550104 is blocked by Vobiz."),
        ("+14155559999", "is not a number of this account"),
    ):
        refused = await house.sandbox.submit_form(ASHA, typed_number=typed)
        assert says in str(refused.errors)
    assert (await house.sandbox.submit_form(ASHA, typed_number="+1 (415) 555-0101")).ok
    await house.heard(f"Number {ONE} assigned to trunk “Sales”")


async def test_the_last_number_is_taken_off_after_a_warning_and_assigned_again_by_undo(house: House) -> None:
    trunk, _ = added(house)
    account = house.sandbox.vobiz.account
    account.assign(next(row for row in account.numbers if row["e164"] == ONE), str(trunk["trunk_id"]))
    await filled(house, "number Sales")
    await over(house)
    await hurried(house, ONE)
    assert "its last numbers" in house.modal()
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard(f"Number {ONE} taken off trunk “Sales”")
    await done(house)
    assert on(house, ONE) is None
    await house.sandbox.close(ASHA)
    await house.sandbox.action(ASHA, "trunk.undo")
    await house.sandbox.wait_for(lambda: submits(house))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard(f"Number {ONE} assigned to trunk “Sales”")
    assert sent(house) == [("DELETE", ONE), ("POST", ONE)]
    assert house.sandbox.released == []
