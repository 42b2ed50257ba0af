"""Every modal: that Slack takes it, that inputs keep their names, that it tells the message's truth."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest

from bot.blockkit.blocks import Block
from bot.blockkit.layout import Message
from bot.blockkit.report import Tone
from bot.domain.operation import LIVE
from bot.domain.outcome import Data
from bot.kinds.base import Limits
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.create_trunk.kind import SHOWN_SAME_NAME
from bot.kinds.create_trunk.request import NAME_MAX
from bot.kinds.registry import KINDS
from bot.kinds.wording import CONSOLE
from bot.sandbox.blockkit.validation import problems
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.trunks import Trunk
from bot.words import answers, deny_form, modal, status
from bot.words.answers import stale_form_message
from bot.words.deny_form import DENY_FORM
from bot.words.form import ASK, BREAK_GLASS, FORM, SHORTCUT_FORM, Approval, Terms, form_modal
from bot.words.modal import notice_modal
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
    said,
)

KIND = CreateTrunk()
operation_modal = said(modal.operation_modal)
deny_modal = said(deny_form.deny_modal)
operation_message = said(status.operation_message)
duplicate_message = said(answers.duplicate_message)

TERMS = Terms(account="MA_SANDBOX1", channel="C0VOICE01", limits=Limits(1000))
ANYWHERE = replace(TERMS, channel=None)


def draft(name: str | None = None, direction: str | None = None, calls: int | None = None) -> Data:
    known = {"name": name, "direction": direction, "calls": calls}
    return {key: value for key, value in known.items() if value is not None}


FULL = draft("Sales", "outbound", 10)
DRAFTS: Mapping[str, Data] = {
    "empty": {},
    "name only": draft("Sales"),
    "inbound": draft("Sales", "inbound"),
    "full": FULL,
    "least": draft("x", "inbound", 1),
    "most": draft("x" * NAME_MAX, "outbound", 1000),
    **{f"named {name}": draft(text, "outbound", 10) for name, text in HOSTILE_NAMES.items()},
}


def saw(*trunks: Trunk, ceiling: int | None = None, readable: bool = True, known: Data = FULL) -> Data:
    """Return what a look at an account showed."""
    renamed = tuple(trunk.model_copy(update={"name": known.get("name")}) for trunk in trunks)
    return KIND.seen(known, Snapshot("MA_SANDBOX1", 0, renamed, whole=True) if readable else None, ceiling)


SEEN: Mapping[str, Data | None] = {
    "none": None,
    "same name": saw(TRUNK),
    "many of the same name": saw(*(HOSTILE_TRUNK, BARE_TRUNK, TRUNK) * 30),
    "above the ceiling": saw(ceiling=5),
    "at the ceiling": saw(ceiling=10),
    "unreachable": saw(readable=False),
    "hostile": {"same_name": [{"id": "x", "name": "<!channel>"}, 7, {}], "same_names": 3, "ceiling": "x"},
    "all": saw(TRUNK, BARE_TRUNK, ceiling=0),
}


def form(
    known: Data,
    terms: Terms = TERMS,
    metadata: str = "",
    seen: Data | None = None,
    approval: Approval | None = None,
    *,
    again: bool = False,
    instead_of: str | None = None,
) -> Block:
    """Build the form of a create."""
    return form_modal(
        KIND, known, terms, metadata, seen, approval=approval, again=again, instead_of=instead_of
    )


def block(view: Mapping[str, object], name: str) -> Mapping[str, object]:
    return next(part for part in dictionaries(view) if part.get("block_id") == name)


def element(view: Mapping[str, object], name: str) -> Mapping[str, object]:
    return next(part for part in dictionaries(view) if part.get("action_id") == name)


def alerts(view: Mapping[str, object]) -> list[str]:
    return [readable(part["text"]) for part in dictionaries(view) if part.get("type") == "alert"]


def is_harmless(view: Mapping[str, object]) -> bool:
    ours = {CONSOLE.url, *(tone.mark.name for tone in Tone if tone.mark)}
    parts = [part for part in dictionaries(view) if ours.isdisjoint({part.get("url"), part.get("name")})]
    return not [part for part in parts if part.get("type") in {"mrkdwn", "link", "broadcast", "emoji"}]


@pytest.mark.parametrize("seen", SEEN.values(), ids=SEEN.keys())
def test_slack_takes_every_form(seen: Data | None) -> None:
    for name, known in DRAFTS.items():
        view = form(known, TERMS, "m" * 3000, seen)
        assert problems("modal", view) == [], name
        assert is_harmless(view), name


def test_a_form_is_prefilled_with_what_is_known() -> None:
    for name, known in DRAFTS.items():
        view = form(known, TERMS, "sealed")
        assert element(view, "name").get("initial_value") == known.get("name"), name
        chosen = element(view, "direction").get("initial_option")
        assert (chosen["value"] if isinstance(chosen, dict) else None) == known.get("direction"), name
        calls = str(known["calls"]) if "calls" in known else None
        assert element(view, "calls").get("initial_value") == calls, name


def test_a_form_carries_its_names_and_its_metadata() -> None:
    view = form(FULL, TERMS, "sealed")
    assert view["callback_id"] == FORM == "operation_form"
    assert view["private_metadata"] == "sealed"
    for name in ("name", "direction", "calls"):
        assert block(view, name)["type"] == "input"
        assert block(view, name)["element"] == element(view, name)


def test_the_deployments_cap_bounds_the_input() -> None:
    view = form(draft(), replace(TERMS, limits=Limits(50)), "sealed")
    calls = element(view, "calls")
    assert (calls["min_value"], calls["max_value"], calls["is_decimal_allowed"]) == ("1", "50", False)
    assert "1 to 50" in readable(view)


def test_a_longest_name_of_four_byte_characters_fits_its_input_however_slack_counts() -> None:
    name = "\U0001f4de" * NAME_MAX
    limit = element(form(draft(name), TERMS, ""), "name")["max_length"]
    assert limit == len(name.encode("utf-16-le")) // 2
    assert element(form(FULL, TERMS, ""), "name")["max_length"] == NAME_MAX


def test_a_form_says_what_vobiz_sets_and_where_the_answer_appears() -> None:
    text = readable(form(FULL, TERMS, ""))
    for words in ("2 new calls per second, UDP, no TLS, active", "MA_SANDBOX1", "C0VOICE01"):
        assert words in text
    direct = readable(form(FULL, replace(TERMS, channel="D0ASHA0010"), ""))
    assert "this direct message" in direct
    assert "D0ASHA0010" not in direct


def test_an_update_with_a_notice_keeps_the_inputs() -> None:
    before = form(FULL, TERMS, "sealed")
    after = form(FULL, TERMS, "sealed", SEEN["all"])
    for name in ("name", "direction", "calls"):
        assert block(before, name) == block(after, name)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (saw(TRUNK), ["A trunk of this name already exists."]),
        (saw(TRUNK, BARE_TRUNK), ["2 trunks of this name exist."]),
        (
            saw(ceiling=5),
            ["The account allows 5 concurrent calls in total"],
        ),
        (saw(ceiling=10), []),
        (saw(readable=False), ["could not be read just now"]),
        (
            saw(TRUNK, ceiling=5),
            ["A trunk of this name already exists", "The account allows 5 concurrent calls in total"],
        ),
    ],
    ids=["one", "two", "above", "at", "unreachable", "both"],
)
def test_a_form_says_what_the_look_showed(seen: Data, words: list[str]) -> None:
    found = alerts(form(FULL, seen=seen))
    assert len(found) == len(words)
    for alert, expected in zip(found, words, strict=True):
        assert expected in alert


def test_a_form_that_is_shown_again_for_a_warning_has_that_above_its_button_too() -> None:
    view = form(FULL, replace(TERMS, warned=True), seen=SEEN["all"])
    assert problems("modal", view) == []
    there, ceiling, again, last = alerts(view)
    assert there == again
    assert "ceiling" not in ceiling
    assert last.endswith("press “Create trunk” again.")
    assert isinstance(blocks := view["blocks"], list)
    assert [block["type"] for block in blocks[-3:]] == ["alert", "rich_text", "alert"]


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("MA_BEFORE", "for another account now, not for MA_BEFORE. Not submitted yet"),
        ("", "of an older version. Nothing was done"),
        ("MA_" + "9" * 61, "for another account now"),
    ],
    ids=["account", "of an older version", "long"],
)
def test_a_form_that_was_for_another_account_says_so(before: str, words: str) -> None:
    view = form(FULL, instead_of=before)
    assert problems("modal", view) == []
    (alert,) = alerts(view)
    assert words in alert


def test_a_form_lists_the_ids_of_trunks_with_the_same_name() -> None:
    assert TRUNK.id in readable(form(FULL, seen=saw(TRUNK)))


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
                assert line.strip() in modal, name


def test_a_modal_of_a_state_can_only_be_closed() -> None:
    assert {op.state for op in OPERATIONS.values()} >= LIVE
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
        ("steps, rejected", "error"),
        ("steps, running", None),
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
    assert "Use the buttons on the message in " in text
    assert "C0VOICE01" in text


def test_creating_shows_the_reference() -> None:
    text = readable(operation_modal(OPERATIONS["sending"]))
    assert "Creating \n" in text
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
    first = form(draft("A", "inbound", 1), TERMS, "")
    second = form(draft("B", "outbound", 2), TERMS, "")
    assert element(first, "name")["initial_value"] == "A"
    assert element(second, "name")["initial_value"] == "B"
    assert element(first, "direction") != element(second, "direction")


def test_a_same_name_list_is_short() -> None:
    text = readable(form(FULL, seen=saw(*(Trunk(id=f"id-{number}") for number in range(50)))))
    assert "50 trunks of this name exist." in text
    assert [f"id-{number}" in text for number in range(6)] == [True] * SHOWN_SAME_NAME + [False]


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
    for (name, known), (told, seen) in product(DRAFTS.items(), SEEN.items()):
        for view in (
            form(known, TERMS, "m" * 3000, seen, approval),
            form(known, TERMS, "m" * 3000, seen, approval, again=True),
            form(known, ANYWHERE, "m" * 3000, seen, approval, again=True),
        ):
            assert problems("modal", view) == [], (name, told)
            assert is_harmless(view), (name, told)


@pytest.mark.parametrize("seen", SEEN.values(), ids=SEEN.keys())
def test_slack_takes_every_form_of_the_shortcut(seen: Data | None) -> None:
    for name, known in DRAFTS.items():
        view = form(known, ANYWHERE, "m" * 3000, seen)
        assert problems("modal", view) == [], name
        assert is_harmless(view), name


@every_approval
def test_a_form_that_asks_is_the_same_form_with_another_button(approval: Approval) -> None:
    plain, asking = form(FULL, TERMS, ""), form(FULL, TERMS, "", approval=approval)
    for name in ("name", "direction", "calls"):
        assert block(plain, name) == block(asking, name)
    assert readable(plain["submit"]) == "Create trunk"
    assert readable(asking["submit"]) == ("Create trunk now" if approval.alone else "Ask for approval")
    assert asking["callback_id"] == FORM
    reason = block(asking, "reason")
    assert reason["optional"] is not approval.alone
    assert element(asking, "reason")["max_length"] == 1000
    assert element(asking, "reason")["multiline"] is True


def test_a_form_that_asks_says_why_and_where() -> None:
    requester = readable(form(FULL, TERMS, "", approval=APPROVALS["requester"]))
    assert "An operator must approve" in requester
    assert "C0VOICE01" in requester
    above = readable(form(FULL, TERMS, "", approval=APPROVALS["above"]))
    assert "Above 50 concurrent calls a second operator must approve" in above
    assert "C0APPROV1" in above


def test_breaking_the_glass_is_offered_only_where_it_is_allowed_and_never_chosen_before() -> None:
    for name, approval in APPROVALS.items():
        view = form(FULL, TERMS, "", approval=approval)
        hows = [part for part in dictionaries(view) if part.get("action_id") == "how"]
        assert bool(hows) == approval.break_glass, name
    how = element(form(FULL, TERMS, "", approval=APPROVALS["above, break glass"]), "how")
    options = how["options"]
    assert isinstance(options, list)
    assert [option["value"] for option in options] == [ASK, BREAK_GLASS] == ["ask", "break_glass"]
    assert how["initial_option"] == options[0]


def test_a_form_that_goes_alone_keeps_its_inputs_and_the_choice() -> None:
    asks = form(FULL, TERMS, "", approval=APPROVALS["above, break glass"])
    alone = form(FULL, TERMS, "", approval=APPROVALS["alone"])
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
        (None, "“Create trunk”, which creates the trunk."),
        (APPROVALS["above"], "“Ask for approval”, which asks for approval."),
        (APPROVALS["alone"], "“Create trunk now”, which creates the trunk at once, without approval."),
    ],
    ids=["create", "ask", "alone"],
)
def test_a_form_that_is_shown_again_says_why_before_anything_else(
    approval: Approval | None, words: str
) -> None:
    view = form(FULL, TERMS, "", SEEN["all"], approval, again=True)
    assert alerts(view)[0] == f"Not submitted yet: the button is now {words} Press it to confirm."
    assert next(dictionaries(view["blocks"]))["type"] == "alert"
    assert "Not submitted yet" not in readable(form(FULL, TERMS, "", SEEN["all"], approval))


def test_an_update_with_a_notice_keeps_the_reason_and_the_choice() -> None:
    approval = APPROVALS["above, break glass"]
    before = form(FULL, TERMS, "sealed", None, approval)
    after = form(FULL, TERMS, "sealed", SEEN["all"], approval)
    for name in ("reason", "how"):
        assert block(before, name) == block(after, name)


def test_a_form_offers_to_go_over_to_others_below_its_inputs() -> None:
    others = tuple(kind for kind in KINDS if kind.guarded)
    view = form(FULL, replace(TERMS, others=others))
    assert problems("modal", view) == []
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    assert [part["block_id"] for part in blocks if "block_id" in part] == [
        "name",
        "direction",
        "calls",
        "over",
    ]
    buttons = block(view, "over")["elements"]
    assert isinstance(buttons, list)
    assert [button["action_id"] for button in buttons] == [f"form.over.{kind.name}" for kind in others]
    assert readable(buttons[0]["text"]) == "Edit trunk…"
    # Going over is what most people do not do: it is built once, as the rest that never changes.
    assert block(form({}, replace(TERMS, others=others)), "over") is block(view, "over")


def test_nothing_is_offered_before_a_form_is_filled() -> None:
    kind = next(kind for kind in KINDS if kind.guarded)
    view = form_modal(kind, {"trunk_id": "x"}, replace(TERMS, others=(KIND,)), "")
    assert not [part for part in dictionaries(view) if part.get("block_id") == "over"]


def test_the_form_of_the_shortcut_asks_for_the_channel() -> None:
    view = form(FULL, ANYWHERE, "sealed")
    assert view["callback_id"] == SHORTCUT_FORM == "operation_form_anywhere"
    assert view["private_metadata"] == "sealed"
    assert "C0VOICE01" not in readable(view)
    assert "The result will be posted in \nthe channel that you choose" in readable(view)
    channel = element(view, "channel")
    assert channel["type"] == "conversations_select"
    assert channel["default_to_current_conversation"] is True
    assert block(view, "channel")["element"] == channel
    with_approval = form(FULL, ANYWHERE, "", None, APPROVALS["requester"])
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
        assert "The requester and everyone who sees the approval message will read it." in readable(view)
        assert op.ref in readable(view), name
        assert op.requester in readable(view), name


def test_a_modal_that_waits_says_how_to_withdraw_without_its_own_button() -> None:
    text = readable(operation_modal(OPERATIONS["awaiting, in full"], approvals="C0APPROV1"))
    for words in ("Waiting for approval", "C0APPROV1", "To withdraw it", OPERATION.ref):
        assert words in text
