"""Every modal: that Slack takes it, that inputs keep their names, that it tells the message's truth."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest

from bot.blockkit.layout import Message
from bot.domain.operation import NAME_MAX, Direction, State
from bot.domain.resources import Trunk
from bot.sandbox.blockkit.validation import problems
from bot.words.answers import duplicate_message, stale_form_message
from bot.words.approval_form import ASK, BREAK_GLASS, Approval
from bot.words.create_form import (
    CREATE_FORM,
    Draft,
    Notice,
    Terms,
    create_modal,
    notice_modal,
    operation_modal,
)
from bot.words.request_forms import DENY_FORM, SHORTCUT_FORM, deny_modal, shortcut_modal
from bot.words.results import operation_message
from tests.wording_samples import (
    BARE_TRUNK,
    HOSTILE_NAMES,
    HOSTILE_TRUNK,
    OPERATION,
    OPERATIONS,
    TRUNK,
    dictionaries,
    named,
    readable,
)

TERMS = Terms(account="MA_SANDBOX1", channel="C0VOICE01", max_calls=1000)
FULL = Draft("Sales", Direction.OUTBOUND, 10)
DRAFTS: Mapping[str, Draft] = {
    "empty": Draft(),
    "name only": Draft("Sales"),
    "inbound": Draft("Sales", Direction.INBOUND),
    "full": FULL,
    "least": Draft("x", Direction.INBOUND, 1),
    "most": Draft("x" * NAME_MAX, Direction.OUTBOUND, 1000),
    **{f"named {name}": Draft(text, Direction.OUTBOUND, 10) for name, text in HOSTILE_NAMES.items()},
}
NOTICES: Mapping[str, Notice | None] = {
    "none": None,
    "same name": Notice((TRUNK,)),
    "many of the same name": Notice((HOSTILE_TRUNK, BARE_TRUNK, TRUNK) * 30),
    "above the ceiling": Notice(ceiling=5),
    "at the ceiling": Notice(ceiling=10),
    "unreachable": Notice(reachable=False),
    "another account": Notice(instead_of="MA_" + "9" * 61),
    "all": Notice((TRUNK, BARE_TRUNK), 0, reachable=False),
}


def block(view: Mapping[str, object], name: str) -> Mapping[str, object]:
    return next(part for part in dictionaries(view) if part.get("block_id") == name)


def element(view: Mapping[str, object], name: str) -> Mapping[str, object]:
    return next(part for part in dictionaries(view) if part.get("action_id") == name)


def alerts(view: Mapping[str, object]) -> list[str]:
    return [readable(part["text"]) for part in dictionaries(view) if part.get("type") == "alert"]


def is_harmless(view: Mapping[str, object]) -> bool:
    return not [p for p in dictionaries(view) if p.get("type") in {"mrkdwn", "link", "broadcast", "emoji"}]


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES.keys())
def test_slack_takes_every_form(notice: Notice | None) -> None:
    for name, draft in DRAFTS.items():
        view = create_modal(draft, TERMS, "m" * 3000, notice)
        assert problems("modal", view) == [], name
        assert is_harmless(view), name


def test_a_form_is_prefilled_with_what_is_known() -> None:
    for name, draft in DRAFTS.items():
        view = create_modal(draft, TERMS, "sealed")
        assert element(view, "name").get("initial_value") == draft.name, name
        chosen = element(view, "direction").get("initial_option")
        assert (chosen["value"] if isinstance(chosen, dict) else None) == draft.direction, name
        calls = None if draft.calls is None else str(draft.calls)
        assert element(view, "calls").get("initial_value") == calls, name


def test_a_form_carries_its_names_and_its_metadata() -> None:
    view = create_modal(FULL, TERMS, "sealed")
    assert view["callback_id"] == CREATE_FORM == "create_trunk"
    assert view["private_metadata"] == "sealed"
    for name in ("name", "direction", "calls"):
        assert block(view, name)["type"] == "input"
        assert block(view, name)["element"] == element(view, name)


def test_the_deployments_cap_bounds_the_input() -> None:
    view = create_modal(Draft(), replace(TERMS, max_calls=50), "sealed")
    calls = element(view, "calls")
    assert (calls["min_value"], calls["max_value"], calls["is_decimal_allowed"]) == ("1", "50", False)
    assert "1 to 50" in readable(view)


def test_a_longest_name_of_four_byte_characters_fits_its_input_however_slack_counts() -> None:
    name = "\U0001f4de" * NAME_MAX
    limit = element(create_modal(Draft(name), TERMS, ""), "name")["max_length"]
    assert limit == len(name.encode("utf-16-le")) // 2
    assert element(create_modal(FULL, TERMS, ""), "name")["max_length"] == NAME_MAX


def test_a_form_says_what_vobiz_sets_and_where_the_answer_appears() -> None:
    text = readable(create_modal(FULL, TERMS, ""))
    for words in ("2 new calls per second, UDP, no TLS, active", "MA_SANDBOX1", "C0VOICE01"):
        assert words in text
    direct = readable(create_modal(FULL, replace(TERMS, channel="D0ASHA0010"), ""))
    assert "this direct message" in direct
    assert "D0ASHA0010" not in direct


def test_an_update_with_a_notice_keeps_the_inputs() -> None:
    before = create_modal(FULL, TERMS, "sealed")
    after = create_modal(FULL, TERMS, "sealed", NOTICES["all"])
    for name in ("name", "direction", "calls"):
        assert block(before, name) == block(after, name)


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (Notice((TRUNK,)), ["A trunk of this name exists already."]),
        (Notice((TRUNK, BARE_TRUNK)), ["2 trunks of this name exist already."]),
        (Notice(ceiling=5), ["10 concurrent calls is above the account's ceiling of 5"]),
        (Notice(ceiling=10), []),
        (Notice(reachable=False), ["could not be read just now"]),
        (Notice(instead_of="MA_BEFORE"), ["for another account now, not for MA_BEFORE. Nothing was done"]),
        (Notice(instead_of=""), ["of an older version. Nothing was done"]),
    ],
    ids=["one", "two", "above", "at", "unreachable", "account", "of an older version"],
)
def test_a_notice_says_what_the_look_showed(notice: Notice, words: list[str]) -> None:
    found = alerts(create_modal(FULL, TERMS, "", notice))
    assert len(found) == len(words)
    for alert, expected in zip(found, words, strict=True):
        assert expected in alert


def test_a_notice_lists_the_ids_of_trunks_with_the_same_name() -> None:
    assert TRUNK.id in readable(create_modal(FULL, TERMS, "", Notice((TRUNK,))))


def test_slack_takes_the_modal_of_every_state() -> None:
    for (name, op), (kind, text) in product(OPERATIONS.items(), HOSTILE_NAMES.items()):
        view = operation_modal(named(op, text), settle=60)
        assert problems("modal", view) == [], (name, kind)
        assert is_harmless(view), (name, kind)


def test_a_modal_tells_the_truth_of_the_message() -> None:
    for name, op in OPERATIONS.items():
        modal = readable(operation_modal(op)["blocks"])
        for block_of_message in operation_message(op).blocks:
            if block_of_message["type"] != "rich_text":
                continue
            for line in readable(block_of_message).splitlines():
                assert line in modal, name


def test_a_modal_of_a_state_can_only_be_closed() -> None:
    assert {op.state for op in OPERATIONS.values()} == set(State)
    for name, op in OPERATIONS.items():
        view = operation_modal(op)
        assert "submit" not in view, name
        assert readable(view["close"]) == "Close", name
        assert not [part for part in dictionaries(view) if "action_id" in part], name


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("rejected", "error"),
        ("not sent", "error"),
        ("unknown", "warning"),
        ("asking, nothing found", "warning"),
        ("not created", "warning"),
        ("created", None),
        ("sending", None),
        ("accepted", None),
    ],
)
def test_states_that_need_attention_are_an_alert(name: str, level: str | None) -> None:
    levels = [part["level"] for part in dictionaries(operation_modal(OPERATIONS[name])) if "level" in part]
    assert levels == ([level] if level else [])


def test_a_modal_says_where_to_decide() -> None:
    text = readable(operation_modal(OPERATIONS["asking, nothing found"]))
    assert "Decide with the buttons of the message in " in text
    assert "C0VOICE01" in text


def test_creating_shows_the_reference() -> None:
    text = readable(operation_modal(replace(OPERATION, state=State.SENDING)))
    assert "Creating…" in text
    assert OPERATION.ref in text


@pytest.mark.parametrize(
    "message",
    [
        stale_form_message("/trunk"),
        duplicate_message(OPERATIONS["sending"]),
        operation_message(OPERATIONS["asking, too many"]),
    ],
    ids=["stale", "duplicate", "with buttons"],
)
def test_slack_takes_a_message_in_place_of_a_form(message: Message) -> None:
    view = notice_modal(message)
    assert problems("modal", view) == []
    assert "submit" not in view


def test_two_forms_share_no_input_that_differs() -> None:
    first = create_modal(Draft("A", Direction.INBOUND, 1), TERMS, "")
    second = create_modal(Draft("B", Direction.OUTBOUND, 2), TERMS, "")
    assert element(first, "name")["initial_value"] == "A"
    assert element(second, "name")["initial_value"] == "B"
    assert element(first, "direction") != element(second, "direction")


def test_a_same_name_list_is_short() -> None:
    trunks = tuple(Trunk(id=f"id-{number}") for number in range(50))
    text = readable(create_modal(FULL, TERMS, "", Notice(trunks)))
    assert "id-4" in text
    assert "id-5" not in text


APPROVALS: Mapping[str, Approval] = {
    "requester": Approval(above=None, break_glass=False),
    "requester, elsewhere": Approval(above=None, break_glass=False, channel="C0APPROV1"),
    "above": Approval(above=50, break_glass=False, channel="C0APPROV1"),
    "above, break glass": Approval(above=50, break_glass=True, channel="C0APPROV1"),
    "alone": Approval(above=50, break_glass=True, channel="C0APPROV1", alone=True),
    "in a direct message": Approval(above=50, break_glass=True, channel="D0ASHA0010"),
}
every_approval = pytest.mark.parametrize("approval", APPROVALS.values(), ids=APPROVALS.keys())


@every_approval
def test_slack_takes_every_form_that_asks(approval: Approval) -> None:
    for (name, draft), (told, notice) in product(DRAFTS.items(), NOTICES.items()):
        for view in (
            create_modal(draft, TERMS, "m" * 3000, notice, approval),
            create_modal(draft, TERMS, "m" * 3000, notice, approval, again=True),
            shortcut_modal(draft, TERMS, "m" * 3000, notice, approval, again=True),
        ):
            assert problems("modal", view) == [], (name, told)
            assert is_harmless(view), (name, told)


@pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES.keys())
def test_slack_takes_every_form_of_the_shortcut(notice: Notice | None) -> None:
    for name, draft in DRAFTS.items():
        view = shortcut_modal(draft, TERMS, "m" * 3000, notice)
        assert problems("modal", view) == [], name
        assert is_harmless(view), name


@every_approval
def test_a_form_that_asks_is_the_same_form_with_another_button(approval: Approval) -> None:
    plain, asking = create_modal(FULL, TERMS, ""), create_modal(FULL, TERMS, "", approval=approval)
    for name in ("name", "direction", "calls"):
        assert block(plain, name) == block(asking, name)
    assert readable(plain["submit"]) == "Create trunk"
    assert readable(asking["submit"]) == ("Create trunk now" if approval.alone else "Ask for approval")
    assert asking["callback_id"] == CREATE_FORM
    reason = block(asking, "reason")
    assert reason["optional"] is not approval.alone
    assert element(asking, "reason")["max_length"] == 1000
    assert element(asking, "reason")["multiline"] is True


def test_a_form_that_asks_says_why_and_where() -> None:
    requester = readable(create_modal(FULL, TERMS, "", approval=APPROVALS["requester"]))
    assert "An operator must approve" in requester
    assert "C0VOICE01" in requester
    above = readable(create_modal(FULL, TERMS, "", approval=APPROVALS["above"]))
    assert "Above 50 concurrent calls a second operator must approve" in above
    assert "C0APPROV1" in above


def test_breaking_the_glass_is_offered_only_where_it_is_allowed_and_never_chosen_before() -> None:
    for name, approval in APPROVALS.items():
        view = create_modal(FULL, TERMS, "", approval=approval)
        hows = [part for part in dictionaries(view) if part.get("action_id") == "how"]
        assert bool(hows) == approval.break_glass, name
    how = element(create_modal(FULL, TERMS, "", approval=APPROVALS["above, break glass"]), "how")
    options = how["options"]
    assert isinstance(options, list)
    assert [option["value"] for option in options] == [ASK, BREAK_GLASS] == ["ask", "break_glass"]
    assert how["initial_option"] == options[0]


def test_a_form_that_goes_alone_keeps_its_inputs_and_the_choice() -> None:
    asks = create_modal(FULL, TERMS, "", approval=APPROVALS["above, break glass"])
    alone = create_modal(FULL, TERMS, "", approval=APPROVALS["alone"])
    for name in ("name", "direction", "calls"):
        assert block(asks, name) == block(alone, name)
    # By these Slack keeps what was typed; that a reason is needed shows.
    assert block(asks, "reason")["element"] == block(alone, "reason")["element"]
    assert (block(asks, "reason")["optional"], block(alone, "reason")["optional"]) == (True, False)
    how = element(alone, "how")
    assert how["options"] == element(asks, "how")["options"]
    assert readable(how["initial_option"]) == readable(element(asks, "how")["options"][1])  # type: ignore[index]  # JSON
    assert block(asks, "how")["dispatch_action"] is True


@pytest.mark.parametrize(
    ("approval", "words"),
    [
        (None, "“Create trunk”: it creates the trunk."),
        (APPROVALS["above"], "“Ask for approval”: it asks for approval."),
        (APPROVALS["alone"], "“Create trunk now”: it creates the trunk at once, without a second operator."),
    ],
    ids=["create", "ask", "alone"],
)
def test_a_form_that_is_shown_again_says_why_before_anything_else(
    approval: Approval | None, words: str
) -> None:
    view = create_modal(FULL, TERMS, "", NOTICES["all"], approval, again=True)
    assert (
        alerts(view)[0]
        == f"Nothing was done by this press. The button is now {words} Press it if you mean that."
    )
    assert next(dictionaries(view["blocks"]))["type"] == "alert"
    assert "Nothing was done by this press" not in readable(
        create_modal(FULL, TERMS, "", NOTICES["all"], approval)
    )


def test_an_update_with_a_notice_keeps_the_reason_and_the_choice() -> None:
    approval = APPROVALS["above, break glass"]
    before = create_modal(FULL, TERMS, "sealed", None, approval)
    after = create_modal(FULL, TERMS, "sealed", NOTICES["all"], approval)
    for name in ("reason", "how"):
        assert block(before, name) == block(after, name)


def test_the_form_of_the_shortcut_asks_for_the_channel() -> None:
    view = shortcut_modal(FULL, TERMS, "sealed")
    assert view["callback_id"] == SHORTCUT_FORM == "create_from_shortcut"
    assert view["private_metadata"] == "sealed"
    assert "C0VOICE01" not in readable(view)
    assert "The answer will appear in \nthe channel that you choose" in readable(view)
    channel = element(view, "channel")
    assert channel["type"] == "conversations_select"
    assert channel["default_to_current_conversation"] is True
    assert block(view, "channel")["element"] == channel
    with_approval = shortcut_modal(FULL, TERMS, "", None, APPROVALS["requester"])
    assert readable(with_approval).count("the channel that you choose") == 2


@pytest.mark.parametrize("state", ["awaiting, in full", "awaiting, hostile", "awaiting, right to left"])
def test_a_denial_asks_for_a_reason(state: str) -> None:
    for name, text in HOSTILE_NAMES.items():
        op = named(OPERATIONS[state], text)
        view = deny_modal(op, "m" * 3000)
        assert problems("modal", view) == [], name
        assert is_harmless(view), name
        assert view["callback_id"] == DENY_FORM == "deny_request"
        assert readable(view["submit"]) == "Deny"
        assert block(view, "reason")["optional"] is False
        # It is in the settled message too, where approval was asked.
        assert "Who asked will read it, and so will all who see the approval message." in readable(view)
        assert op.ref in readable(view), name
        assert op.requester in readable(view), name


def test_a_modal_that_waits_says_how_to_withdraw_without_its_own_button() -> None:
    text = readable(operation_modal(OPERATIONS["awaiting, in full"], approvals="C0APPROV1"))
    for words in ("Waiting for approval", "C0APPROV1", "To withdraw it", OPERATION.ref):
        assert words in text
