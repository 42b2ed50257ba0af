"""`/trunk list` and `/trunk show`: what is there, from the command, a menu, a result, the Home tab."""

import json
from collections.abc import Sequence

import pytest

from bot.sandbox.slack.messages import Message
from tests.flow.conftest import ASHA, BEN, OMAR, VOICE, House
from tests.plain_blocks import written

DEAD = "aabbccdd-1234-5678-90ab-cdef12345678"


async def asked(house: House, command: str, words: str, user: str = ASHA) -> Message:
    """Type a command, and wait for the answer that only the person sees."""
    await house.sandbox.command(user, VOICE, command)
    return await house.heard(words, user=user)


def rows(message: Message) -> list[list[str]]:
    (table,) = [block for block in message.blocks if block["type"] == "data_table"]
    listed = table["rows"]
    assert isinstance(listed, list)
    return [[cell.get("text") or written([cell]) for cell in row] for row in listed]


def names(message: Message) -> Sequence[str]:
    return [row[0] for row in rows(message)[1:]]


async def test_the_trunks_are_listed_by_name_in_a_table(house: House) -> None:
    for name, direction in (("support", "inbound"), ("Sales", "outbound")):
        house.sandbox.add_trunk(name, direction, 20)
    message = await asked(house, "list", "2 SIP trunks")
    assert names(message) == ["Sales", "support"]
    assert rows(message)[1][1:5] == ["outbound", "20", "2", "active"]
    assert message.to == ASHA
    assert "Sales" in message.text


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("sal", ["Sales"]),
        ("inactive", ["Support"]),
        ("disabled inbound", ["Support"]),
        ("outbound", ["Sales"]),
        ("+1415", ["Support"]),
        ("incomplete", ["Support"]),
        ("active", ["Sales"]),
        ("nothing such", []),
    ],
)
async def test_words_narrow_the_list(house: House, words: str, found: list[str]) -> None:
    sales, support = house.sandbox.add_trunk("Sales"), house.sandbox.add_trunk("Support", "inbound")
    support["trunk_status"] = "inactive"
    house.sandbox.vobiz.account.attach(sales, "credential_uuid", {"username": "sales"})
    house.sandbox.vobiz.account.add_number("+14155550100", support)
    message = await asked(house, f"list {words}", "of 2 SIP trunks")
    assert [name for name in ("Sales", "Support") if name in message.text] == found


async def test_a_table_that_slack_refuses_comes_as_a_list(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await house.sandbox.fault("slack", "no_tables", times=-1)
    message = await asked(house, "list", "1 SIP trunk")
    assert not [block for block in message.blocks if block["type"] == "data_table"]
    assert "Sales" in message.words


async def test_a_list_that_cannot_be_read_says_so_and_half_of_it_too(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await house.sandbox.fault("vobiz", "reads_fail")
    await asked(house, "list", "I could not read the trunks")
    await house.sandbox.fault("vobiz", "lists_fail")
    await asked(house, "list 555", "I could not read all phone numbers")


async def test_many_trunks_are_cut_and_that_is_said(house: House) -> None:
    for number in range(250):
        house.sandbox.add_trunk(f"Trunk {number:03}")
    message = await asked(house, "list", "250 SIP trunks")
    assert len(rows(message)) == 101
    assert "The first 100 by name" in message.words


async def test_a_trunk_is_shown_with_what_it_points_to_and_a_button_for_each_change(house: House) -> None:
    trunk, account = house.sandbox.add_trunk("Sales", "inbound"), house.sandbox.vobiz.account
    account.attach(trunk, "primary_uri_uuid", {"uri": "sip:pbx.example.com"})
    account.add_number("+14155550100", trunk)
    before = len(house.sandbox.deliveries)
    message = await asked(house, "show sales", "SIP trunk")
    for words in ("sip:pbx.example.com", "+14155550100", str(trunk["trunk_id"]), "UDP", "active"):
        assert words in message.words, words
    reads = [one for one in house.sandbox.deliveries[: -before or None] if one.what.startswith("GET ")]
    assert len(reads) <= 4
    labels = json.dumps(message.blocks, ensure_ascii=False)
    assert all(f'"{label}…"' in labels for label in ("Edit", "Disable", "Delete"))
    assert '"Enable…"' not in labels


async def test_who_made_it_and_what_was_changed_outside_is_shown(house: House) -> None:
    await house.confirmed()
    created = (await house.heard("Trunk “Sales” created")).words
    (trunk,) = house.sandbox.trunks
    message = await asked(house, "show Sales", "SIP trunk")
    assert house.reference(created) in message.words
    assert "outside" not in message.words
    trunk["concurrent_calls_limit"] = 60
    house.sandbox.add_trunk("Other")  # so that what was read in the last 10 s is not all there is
    await house.sandbox.command(ASHA, VOICE, f"show {trunk['trunk_id']}")
    told = (await house.heard("Changed outside this bot since")).words
    assert "concurrent calls: was 10, is 60" in told


async def test_what_a_row_of_the_list_leaves_out_was_not_changed_outside(house: House) -> None:
    """Found by its name, a trunk is shown from the list, whose rows say less than what an edit read back."""
    await house.confirmed()
    await house.heard("Trunk “Sales” created")
    await house.sandbox.close(ASHA, everything=True)
    await house.sandbox.command(ASHA, VOICE, "edit Sales 50")
    await house.sandbox.wait_for(lambda: "Max concurrent calls" in house.modal(ASHA))
    assert (await house.sandbox.submit_form(ASHA)).ok
    await house.heard("changed: 10 → 50 calls")
    message = await asked(house, "show Sales", "SIP trunk")
    assert "outside" not in message.words


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("Sal", "Did you mean"),
        ("Nobody", "No trunk “Nobody”"),
        ("credentials", "No trunk “credentials”"),
        (DEAD, "There is no trunk"),
        (DEAD.upper(), "There is no trunk"),
        ("Twice", "Which trunk is “Twice”?"),
    ],
)
async def test_what_is_not_clear_is_asked_back(house: House, typed: str, says: str) -> None:
    for name in ("Sales", "Twice", "Twice"):
        house.sandbox.add_trunk(name)
    message = await asked(house, f"show {typed}", says)
    assert message.to == ASHA


async def test_a_trunk_is_shown_and_changed_from_the_message_about_it(house: House) -> None:
    await house.confirmed()
    await house.heard("Trunk “Sales” created")
    await house.sandbox.close(ASHA)
    await house.sandbox.action(OMAR, "trunk.show")
    await house.heard("SIP trunk", user=OMAR)
    await house.sandbox.action(
        OMAR, "trunk.change.disable", value=f"disable_trunk {house.sandbox.trunks[0]['trunk_id']}"
    )
    await house.shown("rejects new calls at once", OMAR)


async def test_the_home_tab_lists_them_in_a_direct_message(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await house.sandbox.entrances.open_home(ASHA)
    await house.sandbox.wait_for(lambda: house.sandbox.home_of(ASHA))
    await house.sandbox.action(ASHA, "home.list", home=True)
    await house.sandbox.wait_for(
        lambda: any("1 SIP trunk" in one.text for one in house.sandbox.space.messages.all)
    )


async def test_who_may_ask_for_nothing_is_shown_nothing(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    for command in ("list", "show Sales"):
        result = await house.sandbox.command(BEN, VOICE, command)
        assert "You don't have access" in (result.seen or "")
        assert "active" not in (result.seen or "")


async def test_what_was_read_lately_is_not_read_again(house: House) -> None:
    house.sandbox.add_trunk("Sales")
    await asked(house, "list", "1 SIP trunk")
    reads = len(house.sandbox.deliveries)
    await house.sandbox.command(OMAR, VOICE, "list")
    await house.heard("1 SIP trunk", user=OMAR)
    assert not [one for one in house.sandbox.deliveries[:-reads] if one.what == "GET trunks"]
