"""Writes lines, lists and buttons as Block Kit: the pieces of every message, modal and Home tab.

Only `rich_text` and `plain_text` are used, so nothing that a person or Vobiz wrote is ever read as
markup. Limits: docs.slack.dev/reference/block-kit.
"""

from collections.abc import Iterable
from typing import Final

from bot.blockkit.report import Button, Confirm, Sample, Task, Tone
from bot.blockkit.text import (
    CODE_MAX,
    Code,
    Group,
    Line,
    Person,
    Piece,
    Place,
    Said,
    When,
    moment,
    plain,
    shown,
)

Block = dict[str, object]

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
    return {"type": "alert", "level": tone.value, "text": wording(text)}


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
                "format": "{date_short_pretty} at {time}",
                "fallback": moment(piece),
            }
        case _:
            return _mention(piece)


def _mention(piece: Person | Group | Place) -> Block:
    match piece:
        case Person(user):
            return {"type": "user", "user_id": user}
        case Group(group):
            return {"type": "usergroup", "usergroup_id": group}
        case Place(channel):
            return {"type": "channel", "channel_id": channel}


def bold(text: str) -> Block:
    """Write text in bold."""
    return {"type": "text", "text": text, "style": {"bold": True}}


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
    text = (
        f"{plain(sample.text, CODE_MAX)}\n{sample.carets}" if sample.carets else plain(sample.text, CODE_MAX)
    )
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
