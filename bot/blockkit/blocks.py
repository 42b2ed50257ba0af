"""Writes lines, lists and buttons as Block Kit: the pieces of every message, modal and Home tab.

Only `rich_text` and `plain_text` are used, so nothing that a person or Vobiz wrote is ever read as
markup. Limits: docs.slack.dev/reference/block-kit.
"""

from collections.abc import Iterable
from typing import Final

from bot.blockkit.report import Button, Confirm, Sample, Table, Task, Tone
from bot.blockkit.text import (
    CODE_MAX,
    DATE_FORMAT,
    Code,
    Group,
    Line,
    Link,
    Mark,
    Person,
    Piece,
    Place,
    Said,
    When,
    moment,
    plain,
    shown,
    spoken,
)

Block = dict[str, object]

_NOTHING: Final = "\u2013"  # Slack takes no empty cell
ALERT_MAX: Final = 200  # characters
_LEVELS: Final = {Tone.QUESTION: Tone.WARNING.value}
BREAK: Final[Block] = {"type": "text", "text": "\n"}  # between two lines of a section


def paragraph(lines: Iterable[Line]) -> Block:
    """Lay lines out below each other."""
    return rich_text(*section([], lines))


def bullets(lines: Iterable[Line]) -> Block:
    """Lay lines out as a bulleted list."""
    return rich_text(rich_list("bullet", lines))


def rich(line: Line) -> list[Block]:
    """Write a line as the elements of a rich text section."""
    return [_element(piece) for piece in line]


def wording(text: str) -> Block:
    """Make a plain_text object; Slack's `:name:` shorthand stays text."""
    return {"type": "plain_text", "text": text, "emoji": False}


def alert(text: str, tone: Tone) -> Block:
    """Say something that must not be missed, in a modal; at most 200 characters."""
    return {"type": "alert", "level": _LEVELS.get(tone, tone.value), "text": wording(plain(text, ALERT_MAX))}


def _element(piece: Piece) -> Block:
    match piece:
        case str():
            return {"type": "text", "text": piece}
        case Code():
            return {"type": "text", "text": shown(piece), "style": {"code": True}}
        case Said():
            return {"type": "text", "text": shown(piece)}
        case When(at):
            return {
                "type": "date",
                "timestamp": at // 1000,
                "format": DATE_FORMAT,
                "fallback": moment(piece),
            }
        case Link(url, label):
            return {"type": "link", "url": url, "text": label}
        case _:
            return _drawn(piece)


def _drawn(piece: Person | Group | Place | Mark) -> Block:
    match piece:
        case Mark(name):
            return {"type": "emoji", "name": name}
        case Person(user):
            return {"type": "user", "user_id": user}
        case Group(group):
            return {"type": "usergroup", "usergroup_id": group}
        case Place(channel):
            return {"type": "channel", "channel_id": channel}


def bold(text: str) -> Block:
    """Write text in bold."""
    return {"type": "text", "text": text, "style": {"bold": True}}


def marked(tone: Tone) -> list[Block]:
    """Write the mark of a tone, for the front of a headline; nothing where it has none."""
    return rich((tone.mark, " ")) if tone.mark is not None else []


def bold_line(line: Line) -> list[Block]:
    """Write a line in bold."""
    return [
        element | {"style": {"bold": True} | styled}
        for element in rich(line)
        if isinstance(styled := element.get("style", {}), dict)
    ]


def rich_text(*elements: object) -> Block:
    """Make a rich_text block."""
    return {"type": "rich_text", "elements": list(elements)}


def nested(kind: str, elements: list[Block]) -> Block:
    """Make one element of a rich_text block out of smaller ones."""
    return {"type": kind, "elements": elements}


def section(elements: list[Block], lines: Iterable[Line]) -> list[Block]:
    """Write lines below each other, after `elements`; there is no section without any."""
    for line in lines:
        if elements:
            elements.append(BREAK)
        elements += rich(line)
    return [nested("rich_text_section", elements)] if elements else []


def preformatted(sample: Sample) -> Block:
    """Write a sample as it was typed, with what is wrong in it marked."""
    lines = [plain(line, CODE_MAX) for line in (sample.text, *sample.more)]
    text = "\n".join((*lines, sample.carets) if sample.carets else lines)
    return nested("rich_text_preformatted", [{"type": "text", "text": text}])


def rich_list(style: str, lines: Iterable[Line]) -> Block:
    """Write lines as a list: `bullet` or `ordered`."""
    return {
        "type": "rich_text_list",
        "style": style,
        "elements": [nested("rich_text_section", rich(line)) for line in lines],
    }


def plan(title: str, tasks: Iterable[Task]) -> Block:
    """Show tasks and how far each is; Slack takes it in messages only."""
    return {
        "type": "plan",
        "title": title,
        "tasks": [
            {
                "type": "task_card",
                "task_id": f"step.{number}",
                "title": task.title,
                "status": task.progress.value,
                "details": paragraph((task.detail,)),
            }
            for number, task in enumerate(tasks, 1)
        ],
    }


def data_table(table: Table) -> Block:
    """Show rows as a table."""
    header = [{"type": "raw_text", "text": name} for name in table.header]
    rows = [[_cell(line) for line in row] for row in table.rows]
    return {
        "type": "data_table",
        "caption": table.caption,
        "page_size": min(max(len(rows), 1), table.page),
        "row_header_column_index": 0,
        "rows": [header, *rows],
    }


def _cell(line: Line) -> Block:
    if all(isinstance(piece, str | Said) for piece in line):
        return {"type": "raw_text", "text": spoken(line) or _NOTHING}
    return paragraph((line,))


def actions(block_id: str, row: Iterable[Button]) -> Block:
    """Lay buttons out in a row."""
    return {"type": "actions", "block_id": block_id, "elements": [_button(button) for button in row]}


def _button(button: Button) -> Block:
    made: Block = {
        "type": "button",
        "action_id": button.action_id,
        "text": wording(button.label),
        "value": button.value,
    }
    if button.danger or button.primary:
        made["style"] = "danger" if button.danger else "primary"
    if button.confirm is not None:
        made["confirm"] = _confirm(button.confirm) | ({"style": "danger"} if button.danger else {})
    return made


def _confirm(confirm: Confirm) -> Block:
    return {
        "title": wording(confirm.title),
        "text": wording(confirm.text),
        "confirm": wording(confirm.yes),
        "deny": wording(confirm.no),
    }
