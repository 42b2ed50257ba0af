"""Writes blocks as plain text, as a person reads them in Slack: for messages that are kept as files."""

import re
from collections.abc import Iterator, Mapping, Sequence

Json = Mapping[str, object]
_STYLES = {"code": "`", "bold": "*"}


def written(blocks: Sequence[Json]) -> str:
    """Write blocks one below the other; buttons in brackets, people, groups and channels by their ids."""
    return "\n".join(line for block in blocks for line in _block(block))


def _block(block: Json) -> Iterator[str]:
    match block["type"]:
        case "rich_text":
            for part in _parts(block):
                yield from _rich(part)
        case "header":
            yield f"== {_text(block['text'])} =="
        case "alert":
            yield f"({block['level']}) {_text(block['text'])}"
        case "plan" | "data_table":
            yield from _progress(block) if block["type"] == "plan" else _table(block)
        case "actions":
            yield " ".join(_element(one) for one in _parts(block))
        case "input":
            yield f"{_text(block['label'])}: {_element(_json(block['element']))}"
            if "hint" in block:
                yield f"    {_text(block['hint'])}"
        case other:
            raise AssertionError(f"no way to write a block of type {other}")


def _progress(block: Json) -> Iterator[str]:
    for task in _parts(block, "tasks"):
        yield f"({task['status']}) {task['title']}: {written([_json(task['details'])])}"


def _table(block: Json) -> Iterator[str]:
    for row in _rows(block):
        yield "| " + " | ".join(_cell(cell) for cell in row) + " |"


def _rich(part: Json) -> Iterator[str]:
    match part["type"]:
        case "rich_text_list":
            for number, one in enumerate(_parts(part), 1):
                yield f"{f'{number}.' if part['style'] == 'ordered' else '•'} {_section(one)}"
        case "rich_text_preformatted":
            yield from (f"    {line}" for line in _section(part).splitlines())
        case _:
            yield _section(part)


def _section(part: Json) -> str:
    text = "".join(_piece(piece) for piece in _parts(part))
    return re.sub(r"\*\*", "", text)  # where two pieces in bold meet


def _piece(piece: Json) -> str:
    match piece["type"]:
        case "text":
            style = piece.get("style")
            marks = "".join(
                mark for name, mark in _STYLES.items() if isinstance(style, Mapping) and name in style
            )
            return f"{marks}{piece['text']}{marks[::-1]}"
        case "emoji":
            return f":{piece['name']}:"
        case "link":
            return f"[{piece['text']}]({piece['url']})"
        case "date":
            return f"<{piece['fallback']}>"
        case "channel":
            return f"#{piece['channel_id']}"
        case kind:
            return f"@{piece[f'{kind}_id']}"


def _cell(cell: Json) -> str:
    return written([cell]) if cell["type"] == "rich_text" else str(cell["text"])


def _element(element: Json) -> str:
    match element["type"]:
        case "button":
            label, confirm = _text(element["text"]), element.get("confirm")
            asked = (
                f" → “{_text(_json(confirm)['title'])} {_text(_json(confirm)['text'])}”" if confirm else ""
            )
            return f"[{label}]{asked}"
        case "radio_buttons":
            return " / ".join(_option(one, element) for one in _parts(element, "options"))
        case "plain_text_input":
            return f"[{element.get('initial_value', '')}        ]"
        case kind:
            return f"[{kind}]"


def _option(option: Json, element: Json) -> str:
    return f"({'x' if option == element.get('initial_option') else ' '}) {_text(option['text'])}"


def _text(value: object) -> str:
    return str(_json(value)["text"])


def _json(value: object) -> Json:
    assert isinstance(value, Mapping)
    return value


def _parts(value: Json, key: str = "elements") -> Iterator[Json]:
    parts = value[key]
    assert isinstance(parts, list)
    yield from map(_json, parts)


def _rows(value: Json) -> Iterator[Iterator[Json]]:
    rows = value["rows"]
    assert isinstance(rows, list)
    for row in rows:
        yield map(_json, row)
