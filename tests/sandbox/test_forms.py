"""What a modal's inputs hold before and after a person uses them."""

import pytest

from bot.sandbox.shape import Json
from bot.sandbox.slack import forms, pickers
from bot.sandbox.slack.people import Channel


def option(value: str) -> Json:
    return {"text": {"type": "plain_text", "text": value.title()}, "value": value}


def entry(kind: str, block_id: str = "b", **element: object) -> Json:
    made: Json = {"type": kind, "action_id": "a", **element}
    return {"type": "input", "block_id": block_id, "element": made}


SELECT = entry("static_select", options=[option("in"), option("out")], initial_option=option("out"))
GROUPS = entry("static_select", option_groups=[{"options": [option("in")]}])


@pytest.mark.parametrize(
    ("block", "state"),
    [
        (entry("plain_text_input"), {"type": "plain_text_input", "value": None}),
        (entry("number_input", initial_value="3"), {"type": "number_input", "value": "3"}),
        (SELECT, {"type": "static_select", "selected_option": option("out")}),
        (entry("radio_buttons"), {"type": "radio_buttons", "selected_option": None}),
        (
            entry("conversations_select", initial_conversation="C1"),
            {"type": "conversations_select", "selected_conversation": "C1"},
        ),
        (entry("checkboxes"), {"type": "checkboxes", "selected_options": []}),
        (
            entry("multi_static_select", options=[option("in")], initial_options=[option("in")]),
            {"type": "multi_static_select", "selected_options": [option("in")]},
        ),
    ],
    ids=["empty", "number", "chosen", "radio", "conversation", "boxes", "several"],
)
def test_a_fresh_form_holds_the_initial_values(block: Json, state: Json) -> None:
    assert forms.initial([block]) == {"b": {"a": state}}


@pytest.mark.parametrize("block", [SELECT, GROUPS], ids=["options", "groups"])
def test_choosing_holds_the_whole_option(block: Json) -> None:
    values = forms.filled([block], {}, {"b": "in"})
    assert values["b"]["a"]["selected_option"] == option("in")


def test_of_several_all_that_are_chosen_are_held_and_no_more_than_may_be() -> None:
    several = entry(
        "multi_static_select", options=[option(one) for one in ("a", "b", "c")], max_selected_items=2
    )
    values = forms.filled([several], {}, {"b": ["c", "a"]})
    assert values["b"]["a"]["selected_options"] == [option("c"), option("a")]
    assert forms.filled([several], values, {"b": []})["b"]["a"]["selected_options"] == []
    with pytest.raises(LookupError, match="at most 2"):
        forms.filled([several], {}, {"b": ["a", "b", "c"]})


def test_an_option_that_is_not_offered_can_not_be_chosen() -> None:
    with pytest.raises(LookupError, match="no option 'up'"):
        forms.filled([SELECT], {}, {"b": "up"})
    with pytest.raises(LookupError, match="no option 'up'"):
        forms.filled([entry("checkboxes", options=[option("in")])], {}, {"b": ["in", "up"]})


def test_an_accessory_and_an_actions_block_hold_values_too() -> None:
    select: Json = {"type": "static_select", "action_id": "a"}
    section: Json = {"type": "section", "block_id": "s", "accessory": select}
    actions: Json = {"type": "actions", "block_id": "x", "elements": [select, {"type": "button"}]}
    assert set(forms.initial([section, actions])) == {"s", "x"}


def test_an_input_of_another_kind_does_not_take_the_old_value() -> None:
    old = forms.filled([entry("plain_text_input")], {}, {"b": "ten"})
    assert forms.kept(old, [entry("number_input")])["b"]["a"]["value"] is None


DM = Channel("D1", "bot", "dm", frozenset(), "", bot=True)
OPEN = Channel("C1", "open", "public", frozenset(), "")
CLOSED = Channel("G1", "closed", "private", frozenset(), "")
SHARED = Channel("C2", "shared", "public", frozenset(), "", shared=True)


@pytest.mark.parametrize(
    ("rule", "offered"),
    [
        ({}, ["D1", "C1", "G1", "C2"]),
        ({"include": ["public"]}, ["C1", "C2"]),
        ({"include": ["private", "im"]}, ["D1", "G1"]),
        ({"exclude_external_shared_channels": True}, ["D1", "C1", "G1"]),
        ({"exclude_bot_users": True, "exclude_external_shared_channels": False}, ["C1", "G1", "C2"]),
    ],
    ids=str,
)
def test_a_filter_decides_which_conversations_are_offered(rule: Json, offered: list[str]) -> None:
    element: Json = {"type": "conversations_select", "filter": rule}
    assert [place.id for place in (DM, OPEN, CLOSED, SHARED) if pickers.offers(element, place)] == offered


@pytest.mark.parametrize(
    ("element", "start"),
    [
        ({}, None),
        ({"default_to_current_conversation": True}, "C1"),
        ({"default_to_current_conversation": True, "initial_conversation": "G1"}, "G1"),
        ({"default_to_current_conversation": True, "filter": {"include": ["im"]}}, None),
    ],
    ids=["none", "here", "named", "filtered"],
)
def test_a_picker_starts_with_what_it_names_or_where_the_person_is(element: Json, start: str | None) -> None:
    block = entry("conversations_select", "b", **element)
    assert forms.initial([block], OPEN)["b"]["a"]["selected_conversation"] == start


def test_a_choice_stays_when_the_view_is_updated_and_can_be_taken_back() -> None:
    block = entry("conversations_select", default_to_current_conversation=True)
    chosen = forms.filled([block], forms.initial([block], OPEN), {"b": "G1"}, [OPEN, CLOSED])
    assert forms.kept(chosen, [block], OPEN)["b"]["a"]["selected_conversation"] == "G1"
    cleared = forms.filled([block], chosen, {"b": None}, [OPEN])
    assert forms.refusals([block], cleared) == {"b": forms.REQUIRED}


def test_a_text_of_many_lines_is_held_as_it_was_typed() -> None:
    block = entry("plain_text_input", multiline=True)
    assert forms.filled([block], {}, {"b": "one\n\ntwo"})["b"]["a"]["value"] == "one\n\ntwo"


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("x", "Please use at least 2 characters."),
        ("xxxxx", "Please use at most 4 characters."),
        ("xxx", None),
    ],
)
def test_lengths_are_checked_before_sending(typed: str, refusal: str | None) -> None:
    block = entry("plain_text_input", min_length=2, max_length=4)
    assert forms.refusals([block], forms.filled([block], {}, {"b": typed})).get("b") == refusal


def test_an_optional_input_may_stay_empty() -> None:
    block = {**entry("plain_text_input"), "optional": True}
    assert forms.refusals([block], forms.initial([block])) == {}
