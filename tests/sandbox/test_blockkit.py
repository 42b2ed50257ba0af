"""Every Block Kit limit: exactly at the limit passes, one more is refused with Slack's words."""

from collections.abc import Callable

import pytest

from bot.sandbox.blockkit.validation import Surface, problems
from bot.sandbox.shape import Json


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def modal(*blocks: Json, **fields: object) -> Json:
    view: Json = {"type": "modal", "title": plain("T"), "submit": plain("S"), "blocks": list(blocks)}
    return {**view, **fields}


def message(*blocks: Json) -> Json:
    return {"text": "fallback", "blocks": list(blocks)}


def section(text: str = "x", **fields: object) -> Json:
    return {"type": "section", "text": mrkdwn(text), **fields}


def button(**fields: object) -> Json:
    return {"type": "button", "text": plain("B"), **fields}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def entry(element: Json, **fields: object) -> Json:
    return {"type": "input", "label": plain("L"), "element": element, **fields}


def option(value: str = "v", text: str = "o", **fields: object) -> Json:
    return {"text": plain(text), "value": value, **fields}


def select(count: int, **fields: object) -> Json:
    return {"type": "static_select", "options": [option(f"v{i}") for i in range(count)], **fields}


def number(**fields: object) -> Json:
    return {"type": "number_input", "is_decimal_allowed": False, **fields}


def rich(*parts: Json, kind: str = "rich_text_section") -> Json:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(parts)}]}


def moment(**fields: object) -> Json:
    return rich({"type": "date", "timestamp": 1_800_000_000, "format": "{date_short_pretty}", **fields})


def picker(**fields: object) -> Json:
    return {"type": "conversations_select", "action_id": "where", **fields}


def table(rows: int, columns: int) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


def cell(text: str = "x", **fields: object) -> Json:
    return {"type": "raw_text", "text": text, **fields}


def data_table(rows: int, columns: int, **fields: object) -> Json:
    return rows_of([[cell()] * columns] * rows, **fields)


def rows_of(rows: list[list[Json]], **fields: object) -> Json:
    return {"type": "data_table", "caption": "Trunks", "rows": rows, **fields}


def container(**fields: object) -> Json:
    return {"type": "container", "title": plain("More"), "child_blocks": [{"type": "divider"}], **fields}


def markdown(text: str) -> Json:
    return {"type": "markdown", "text": text}


def image(**fields: object) -> Json:
    return {"type": "image", "image_url": "https://example.com/x.png", "alt_text": "x", **fields}


def card(**fields: object) -> Json:
    return {"type": "card", "title": mrkdwn("t"), **fields}


def confirm(**fields: object) -> Json:
    parts: Json = {"title": plain("t"), "text": mrkdwn("x"), "confirm": plain("y"), "deny": plain("n")}
    return actions(button(confirm={**parts, **fields}))


Made = Callable[[int], Json]

LIMITS: dict[str, tuple[Surface, int, Made]] = {
    "title": ("modal", 24, lambda n: modal(section(), title=plain("x" * n))),
    "submit": ("modal", 24, lambda n: modal(section(), submit=plain("x" * n))),
    "close": ("modal", 24, lambda n: modal(section(), close=plain("x" * n))),
    "private_metadata": ("modal", 3000, lambda n: modal(section(), private_metadata="x" * n)),
    "callback_id": ("modal", 255, lambda n: modal(section(), callback_id="x" * n)),
    "external_id": ("modal", 255, lambda n: modal(section(), external_id="x" * n)),
    "blocks of a modal": ("modal", 100, lambda n: modal(*[section()] * n)),
    "blocks of a home": ("home", 100, lambda n: {"type": "home", "blocks": [section()] * n}),
    "blocks of a message": ("message", 50, lambda n: message(*[section()] * n)),
    "text of a message": ("message", 40_000, lambda n: {"text": "x" * n}),
    "attachments": ("message", 100, lambda n: {"text": "x", "attachments": [{}] * n}),
    "block_id": ("message", 255, lambda n: message(section(block_id="x" * n))),
    "action_id": ("message", 255, lambda n: message(actions(button(action_id="x" * n)))),
    "section text": ("message", 3000, lambda n: message(section("x" * n))),
    "section text, 4-byte": ("message", 3000, lambda n: message(section("😀" * n))),
    "section fields": ("message", 10, lambda n: message(section(fields=[mrkdwn("x")] * n))),
    "section field": ("message", 2000, lambda n: message(section(fields=[mrkdwn("x" * n)]))),
    "header": ("message", 150, lambda n: message({"type": "header", "text": plain("x" * n)})),
    "context": ("message", 10, lambda n: message({"type": "context", "elements": [mrkdwn("x")] * n})),
    "actions": ("message", 25, lambda n: message(actions(*[button()] * n))),
    "button text": ("message", 75, lambda n: message(actions(button(text=plain("x" * n))))),
    "button value": ("message", 2000, lambda n: message(actions(button(value="x" * n)))),
    "button url": ("message", 3000, lambda n: message(actions(button(url="x" * n)))),
    "primary buttons": ("message", 1, lambda n: message(actions(*[button(style="primary")] * n))),
    "confirm title": ("message", 100, lambda n: message(confirm(title=plain("x" * n)))),
    "confirm text": ("message", 300, lambda n: message(confirm(text=plain("x" * n)))),
    "confirm button": ("message", 30, lambda n: message(confirm(confirm=plain("x" * n)))),
    "deny button": ("message", 30, lambda n: message(confirm(deny=plain("x" * n)))),
    "input label": ("modal", 2000, lambda n: modal(entry(select(1), label=plain("x" * n)))),
    "input hint": ("modal", 2000, lambda n: modal(entry(select(1), hint=plain("x" * n)))),
    "placeholder": ("modal", 150, lambda n: modal(entry(select(1, placeholder=plain("x" * n))))),
    "max_length": ("modal", 3000, lambda n: modal(entry({"type": "plain_text_input", "max_length": n}))),
    "min_length": ("modal", 3000, lambda n: modal(entry({"type": "plain_text_input", "min_length": n}))),
    "initial_value": (
        "modal",
        5,
        lambda n: modal(entry({"type": "plain_text_input", "max_length": 5, "initial_value": "x" * n})),
    ),
    "number": (
        "modal",
        9,
        lambda n: modal(entry(number(min_value="1", max_value="9", initial_value=str(n)))),
    ),
    "options": ("modal", 100, lambda n: modal(entry(select(n)))),
    "option groups": (
        "modal",
        100,
        lambda n: modal(
            entry(
                {
                    "type": "static_select",
                    "option_groups": [{"label": plain("g"), "options": [option()]}] * n,
                }
            )
        ),
    ),
    "option text": ("modal", 75, lambda n: modal(entry({**select(0), "options": [option(text="x" * n)]}))),
    "option value": ("modal", 150, lambda n: modal(entry({**select(0), "options": [option("x" * n)]}))),
    "radio buttons": ("modal", 10, lambda n: modal(entry({**select(n), "type": "radio_buttons"}))),
    "checkboxes": ("modal", 10, lambda n: modal(entry({**select(n), "type": "checkboxes"}))),
    "overflow": ("message", 5, lambda n: message(actions({**select(n), "type": "overflow"}))),
    "image url": ("message", 3000, lambda n: message(image(image_url="x" * n))),
    "image alt": ("message", 2000, lambda n: message(image(alt_text="x" * n))),
    "image title": ("message", 2000, lambda n: message(image(title=plain("x" * n)))),
    "alert": ("modal", 200, lambda n: modal({"type": "alert", "text": mrkdwn("x" * n)})),
    "card title": ("message", 150, lambda n: message(card(title=mrkdwn("x" * n)))),
    "card subtitle": ("message", 150, lambda n: message(card(subtitle=mrkdwn("x" * n)))),
    "card body": ("message", 200, lambda n: message(card(body=mrkdwn("x" * n)))),
    "table rows": ("message", 100, lambda n: message(table(n, 1))),
    "table columns": ("message", 20, lambda n: message(table(1, n))),
    "tables": ("message", 1, lambda n: message(*[table(1, 1)] * n)),
    "markdown": ("message", 12_000, lambda n: message({"type": "markdown", "text": "x" * n})),
    "markdown together": (
        "message",
        6000,
        lambda n: message(*[markdown("x" * n)] * 2),
    ),
    "carousel": ("message", 10, lambda n: message({"type": "carousel", "elements": [card()] * n})),
    "focus": ("modal", 1, lambda n: modal(*[entry(select(1, focus_on_load=True))] * n)),
}


def test_a_limit_is_reached_but_not_passed() -> None:
    for name, (surface, limit, made) in LIMITS.items():
        assert problems(surface, made(limit)) == [], name
        assert problems(surface, made(limit + 1)) != [], name


REFUSED: dict[str, tuple[Surface, Json, str]] = {
    "unknown block": ("message", message({"type": "nonsense"}), "unsupported type: nonsense"),
    "no type": ("message", message({}), "missing required field: type"),
    "alert in a message": (
        "message",
        message({"type": "alert", "text": mrkdwn("x")}),
        "unsupported type: alert",
    ),
    "table in a modal": ("modal", modal(table(1, 1)), "unsupported type: table"),
    "markdown in a modal": ("modal", modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
    "block_id twice": (
        "message",
        message(section(block_id="a"), section(block_id="a")),
        "block_id already exists: a [json-pointer:/blocks/1/block_id]",
    ),
    "action_id twice": (
        "message",
        message(actions(button(action_id="a"), button(action_id="a"))),
        "action_id already exists in this block: a",
    ),
    "empty text": ("message", message(section("")), "must be more than 0 characters"),
    "empty message": ("message", {"text": ""}, "missing required field: text"),
    "header in mrkdwn": (
        "message",
        message({"type": "header", "text": mrkdwn("x")}),
        "unsupported type: mrkdwn",
    ),
    "text as a string": ("message", message({"type": "section", "text": "x"}), "must provide an object"),
    "unknown field": ("message", message(section(colour="red")), "invalid additional property: colour"),
    "emoji in mrkdwn": (
        "message",
        message({"type": "section", "text": {**mrkdwn("x"), "emoji": True}}),
        "invalid additional property: emoji",
    ),
    "button style": ("message", message(actions(button(style="green"))), "must be a valid enum value"),
    "input in actions": (
        "message",
        message(actions({"type": "plain_text_input"})),
        "unsupported type: plain_text_input",
    ),
    "button as an input": ("modal", modal(entry(button())), "unsupported type: button"),
    "input without submit": (
        "modal",
        {"type": "modal", "title": plain("T"), "blocks": [entry(select(1))]},
        "submit is required",
    ),
    "no title": ("modal", {"type": "modal", "blocks": [section()]}, "missing required field: title"),
    "no blocks": ("modal", {"type": "modal", "title": plain("T")}, "missing required field: blocks"),
    "wrong surface": ("modal", {**modal(section()), "type": "home"}, "unsupported type: home"),
    "title in a home": ("home", {**modal(section()), "type": "home"}, "invalid additional property: title"),
    "view id sent back": ("modal", modal(section(), id="V1"), "invalid additional property: id"),
    "number as a number": (
        "modal",
        modal(entry(number(min_value=1))),
        "must be a string that holds a number",
    ),
    "no is_decimal_allowed": (
        "modal",
        modal(entry({"type": "number_input"})),
        "missing required field: is_decimal_allowed",
    ),
    "min above max": (
        "modal",
        modal(entry(number(min_value="9", max_value="1"))),
        "min_value must not exceed max_value",
    ),
    "decimal default": (
        "modal",
        modal(entry(number(initial_value="1.5"))),
        "decimal numbers are not allowed",
    ),
    "lengths crossed": (
        "modal",
        modal(entry({"type": "plain_text_input", "min_length": 5, "max_length": 4})),
        "min_length must not exceed max_length",
    ),
    "initial option not offered": (
        "modal",
        modal(entry(select(2, initial_option=option("other")))),
        "initial option must match",
    ),
    "no options": ("modal", modal(entry({"type": "static_select"})), "missing required field: options"),
    "empty rich text": (
        "message",
        message(rich({"type": "text", "text": ""})),
        "must be more than 0 characters",
    ),
    "unknown rich text": ("message", message(rich({"type": "bold", "text": "x"})), "unsupported type: bold"),
    "alert level": (
        "modal",
        modal({"type": "alert", "text": mrkdwn("x"), "level": "loud"}),
        "must be a valid enum value",
    ),
    "over 250 kB": (
        "modal",
        modal(*[section("😀" * 3000) for _ in range(21)]),
        "must be less than 250001 bytes",
    ),
    "blocks as text": ("message", {"text": "x", "blocks": "[]"}, "must be an array"),
    "block as text": ("message", {"text": "x", "blocks": ["x"]}, "must be an object"),
}


@pytest.mark.parametrize(("surface", "payload", "words"), REFUSED.values(), ids=REFUSED)
def test_what_slack_refuses_is_named(surface: Surface, payload: Json, words: str) -> None:
    assert any(words in line for line in problems(surface, payload))


def test_an_objection_reads_as_slack_writes_it() -> None:
    assert problems("message", message(section(), section("x" * 3001))) == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]


@pytest.mark.parametrize("surface", ["message", "home", "modal"])
def test_ordinary_blocks_stand_everywhere(surface: Surface) -> None:
    code: Json = {"type": "text", "text": "x", "style": {"code": True}}
    blocks: list[Json] = [
        section(accessory=button(action_id="a", style="danger")),
        {"type": "divider"},
        rich(code, {"type": "link", "url": "https://example.com"}, {"type": "user", "user_id": "U1"}),
        {"type": "context", "elements": [image(), plain("x")]},
        card(actions=[button()], hero_image=image()),
        entry(select(2, initial_option=option("v1"))),
    ]
    payload: Json = modal(*blocks) if surface == "modal" else {"blocks": blocks}
    assert problems(surface, payload if surface != "home" else {"type": "home", **payload}) == []


@pytest.mark.parametrize(
    "payload", [{"blocks": [[]]}, {"blocks": [{"type": ["x"]}]}, {"blocks": {}}], ids=str
)
@pytest.mark.parametrize("surface", ["message", "home", "modal"])
def test_nonsense_is_refused_without_a_crash(surface: Surface, payload: Json) -> None:
    assert problems(surface, payload)


ODD: dict[str, tuple[Surface, Json, str]] = {
    "task state": (
        "message",
        message({"type": "task_card", "task_id": "1", "title": "t", "status": "maybe"}),
        "must be a valid enum value",
    ),
    "task without id": (
        "message",
        message({"type": "task_card", "title": "t", "status": "error"}),
        "missing required field: task_id",
    ),
    "video author": (
        "message",
        message({"type": "video", "title": plain("t"), "author_name": "x" * 50}),
        "must be less than 50 characters",
    ),
    "table without rows": ("message", message({"type": "table"}), "missing required field: rows"),
    "odd table cell": (
        "message",
        message({"type": "table", "rows": [[{"type": "button"}]]}),
        "unsupported type: button",
    ),
    "empty table cell": (
        "message",
        message({"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}),
        "must be more than 0 characters",
    ),
    "data table without a caption": (
        "message",
        message({"type": "data_table", "rows": [[cell()], [cell()]]}),
        "missing required field: caption",
    ),
    "data table of a header only": ("message", message(data_table(1, 1)), "no fewer than 2 items allowed"),
    "data table that is too long": ("message", message(data_table(102, 1)), "no more than 101 items allowed"),
    "data table that is too wide": ("message", message(data_table(2, 21)), "no more than 20 items allowed"),
    "data table with a short row": (
        "message",
        message(rows_of([[cell(), cell()], [cell()]])),
        "all rows must have the same number of cells",
    ),
    "data table with a rich header": (
        "message",
        message(rows_of([[rich({"type": "text", "text": "x"})], [cell()]])),
        "unsupported type: rich_text [json-pointer:/blocks/0/rows/0/0/type]",
    ),
    "data table with a number that is none": (
        "message",
        message(rows_of([[cell()], [cell(type="raw_number", value="5")]])),
        "must be a number [json-pointer:/blocks/0/rows/1/0/value]",
    ),
    "pages of a data table": (
        "message",
        message(data_table(2, 1, page_size=101)),
        "must be an integer between 1 and 100",
    ),
    "column that a data table has not": (
        "message",
        message(data_table(2, 2, row_header_column_index=2)),
        "must be an integer between 0 and 1",
    ),
    "data table in a modal": ("modal", modal(data_table(2, 1)), "unsupported type: data_table"),
    "container without a title": (
        "message",
        message({"type": "container", "child_blocks": [{"type": "divider"}]}),
        "missing required field: title",
    ),
    "container in a container": (
        "message",
        message(container(child_blocks=[container()])),
        "unsupported type: container",
    ),
    "too much in a container": (
        "message",
        message(container(child_blocks=[{"type": "divider"}] * 11)),
        "no more than 10 items allowed",
    ),
    "columns": (
        "message",
        message({**table(1, 1), "column_settings": [{}] * 21}),
        "no more than 20 items allowed",
    ),
    "section without text": ("message", message({"type": "section"}), "missing required field: text"),
    "input without element": (
        "modal",
        modal({"type": "input", "label": plain("L")}),
        "missing required field: element",
    ),
    "input without label": (
        "modal",
        modal({"type": "input", "element": select(1)}),
        "missing required field: label",
    ),
    "empty card": ("message", message({"type": "card"}), "missing required field: title"),
    "odd rich text section": (
        "message",
        message(rich(kind="rich_text_box")),
        "unsupported type: rich_text_box",
    ),
    "odd item of a list": (
        "message",
        message(rich({"type": "text", "text": "x"}, kind="rich_text_list")),
        "unsupported type: text",
    ),
    "odd date": (
        "message",
        message(rich({"type": "date", "timestamp": 1, "format": "{date}", "text": "x"})),
        "invalid additional property: text",
    ),
    "odd kind of conversation": (
        "modal",
        modal(entry({"type": "conversations_select", "filter": {"include": ["open"]}})),
        "must be a valid enum value",
    ),
    "element without a type": ("message", message(actions({})), "missing required field: type"),
    "image without an address": (
        "message",
        message({"type": "image", "alt_text": "x"}),
        "missing required field: image_url",
    ),
    "image without words": (
        "message",
        message({"type": "image", "image_url": "https://example.com/x.png"}),
        "missing required field: alt_text",
    ),
    "both kinds of options": (
        "modal",
        modal(entry(select(1, option_groups=[{"label": plain("g"), "options": [option()]}]))),
        "only one of options and option_groups",
    ),
    "long description": (
        "modal",
        modal(entry({**select(0), "options": [option(description=plain("x" * 76))]})),
        "must be less than 76 characters",
    ),
    "not a number": ("modal", modal(entry(number(max_value="many"))), "must be a string that holds a number"),
    "date without a time": ("message", message(moment(timestamp="soon")), "must be a number"),
    "date without a format": ("message", message(moment(format="")), "must be more than 0 characters"),
    "date with a slip": ("message", message(moment(format="{date_shrt}")), "unknown date token: {date_shrt}"),
    "date with an odd field": ("message", message(moment(text="x")), "invalid additional property: text"),
    "picker with another name's default": (
        "modal",
        modal(entry(picker(default_conversation="C1"))),
        "invalid additional property: default_conversation",
    ),
    "picker's flag as text": (
        "modal",
        modal(entry(picker(default_to_current_conversation="yes"))),
        "must be a boolean",
    ),
    "filter without a rule": ("modal", modal(entry(picker(filter={}))), "must have at least one property"),
    "filter without a kind": (
        "modal",
        modal(entry(picker(filter={"include": []}))),
        "no fewer than 1 items allowed",
    ),
    "filter with an odd kind": (
        "modal",
        modal(entry(picker(filter={"include": ["dm"]}))),
        "must be a valid enum value",
    ),
    "filter with an odd rule": (
        "modal",
        modal(entry(picker(filter={"exclude": True}))),
        "invalid additional property: exclude",
    ),
    "flag as text": ("modal", modal(section(), notify_on_close="yes"), "must be a boolean"),
    "text as a number": ("modal", modal(section(), callback_id=5), "must be a string"),
}


def test_a_part_of_the_wrong_shape_is_named() -> None:
    for name, (surface, payload, words) in ODD.items():
        assert any(words in line for line in problems(surface, payload)), name


WHOLE: dict[str, tuple[Surface, Json]] = {
    "date": (
        "message",
        message(moment(fallback="soon", url="https://example.com", style={"bold": True})),
    ),
    "date in a list": ("home", {"type": "home", "blocks": [moment(format="{date} at {time}, {ago}")]}),
    "picker": (
        "modal",
        modal(
            entry(
                picker(
                    default_to_current_conversation=True,
                    initial_conversation="C0VOICE01",
                    response_url_enabled=True,
                    filter={"include": ["public", "private"], "exclude_bot_users": True},
                )
            )
        ),
    ),
    "data table": (
        "message",
        message(
            rows_of(
                [
                    [cell("Name"), cell("Calls")],
                    [cell("Sales"), cell("10 calls", type="raw_number", value=10)],
                    [rich({"type": "text", "text": "Launch"}), cell("none")],
                ],
                page_size=100,
                row_header_column_index=1,
            )
        ),
    ),
    "largest data table": ("home", {"type": "home", "blocks": [data_table(101, 20)]}),
    "container": (
        "message",
        message(container(subtitle=plain("x"), is_collapsible=True, default_collapsed=True, width="full")),
    ),
    "many lines": ("modal", modal(entry({"type": "plain_text_input", "multiline": True}))),
}


@pytest.mark.parametrize(("surface", "payload"), WHOLE.values(), ids=WHOLE)
def test_every_field_that_slack_documents_is_taken(surface: Surface, payload: Json) -> None:
    assert problems(surface, payload) == []
