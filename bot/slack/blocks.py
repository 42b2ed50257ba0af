"""Lays reports out as Slack messages: Block Kit blocks, and the fallback text that says the same.

Only `rich_text` and `plain_text` are used, so nothing that a person or Vobiz wrote is ever read as
markup; the fallback is the same lines as escaped mrkdwn. Limits: docs.slack.dev/reference/block-kit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from bot.operations import Operation, State
from bot.slack.outcomes import late_twins, report
from bot.slack.phrases import REPEATED, ending
from bot.slack.report import Button, Confirm, Report, Sample, Tone
from bot.slack.requests import nobody_heard
from bot.slack.text import (
    CODE_MAX,
    Code,
    Group,
    Line,
    Person,
    Piece,
    Place,
    Said,
    When,
    code,
    moment,
    mrkdwn,
    plain,
    shown,
)
from bot.vobiz.models import Trunk

Block = dict[str, object]

FALLBACK_MAX: Final = (
    4000  # characters of `text` that chat.update takes (docs.slack.dev/reference/methods/chat.update)
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as Slack takes it. `text` holds all that the blocks say, but for the buttons.

    Screen readers and notifications read `text` only, and it can be sent alone if blocks are refused.
    """

    text: str
    blocks: tuple[Block, ...]


def operation_message(
    op: Operation,
    *,
    settle: int | None = None,
    repeat: bool = False,
    instead_of: str | None = None,
    approvals: str | None = None,
    unheard: bool = False,
) -> Message:
    """Lay out what is true of an operation now.

    `settle` is for how many seconds the trunk was looked for; `repeat` says that it may have been posted
    before; `instead_of` is the channel that the bot may not post in, when the message goes elsewhere;
    `approvals` is the channel where the approval was asked for, when it is known; `unheard` says that no
    operator could be reached.
    """
    notes: list[Line] = []
    if repeat:
        notes.append(REPEATED)
    if unheard:
        notes.append(nobody_heard(op))
    if instead_of is not None and not instead_of.startswith("D"):
        notes.append(
            (
                "The bot could not post in ",
                Place(instead_of),
                ". To let it, use /invite there.",
            )
        )
    told = report(op, settle, approvals)
    return lay_out(replace(told, body=(*told.body, *notes)) if notes else told)


def replaced_message(op: Operation) -> Message:
    """Replace an older message, which a newer one follows, by one line without buttons."""
    newer = "A newer message follows. " if op.state is State.UNKNOWN else "Settled: "
    return lay_out(Report(Tone.INFO, body=((newer, *ending(op), " Reference: ", Code(op.ref)),)))


def late_twin_message(op: Operation, twins: tuple[Trunk, ...], *, repeat: bool = False) -> Message:
    """Report trunks that turned up after an operation was settled and may be its second result.

    `repeat` says that they may have been reported before.
    """
    told = late_twins(op, twins)
    return lay_out(replace(told, body=(*told.body, REPEATED)) if repeat else told)


def lay_out(told: Report) -> Message:
    """Lay a report out as a message."""
    blocks = [*opening(told), *details(told), *buttons(told)]
    return Message(fallback(told), tuple(blocks))


def opening(told: Report) -> list[Block]:
    """Lay out the headline and the body."""
    parts: list[object] = []
    lines: list[Line] = []
    elements = [_bold(told.headline)] if told.headline else []
    for entry in told.body:
        if isinstance(entry, Sample):
            parts += _section(elements, lines)
            parts.append(_preformatted(entry))
            elements, lines = [], []
        else:
            lines.append(entry)
    parts += _section(elements, lines)
    return [_rich(*parts)] if parts else []


def details(told: Report) -> Iterator[Block]:
    """Lay out warnings, facts, next steps and listed items, with the items' own buttons."""
    if told.warnings:
        yield paragraph(told.warnings)
    if told.facts:
        facts: list[Block] = []
        for fact in told.facts:
            facts += [_bold(f"{fact.label}: "), *rich(fact.value), _BREAK]
        yield _rich(_elements("rich_text_section", facts[:-1]))
    if told.steps:
        yield _rich(*_section([_bold("Next")], ()), _list("ordered", told.steps))
    if any(item.button for item in told.items):
        for number, item in enumerate(told.items):
            yield paragraph((item.line,))
            if item.button is not None:
                yield actions(f"pick.{number}", [item.button])
    elif told.items:
        yield bullets(item.line for item in told.items)


def buttons(told: Report) -> Iterator[Block]:
    """Lay out the buttons below a report."""
    if told.buttons:
        yield actions("decide", told.buttons)


def fallback(told: Report) -> str:
    """Write a report as mrkdwn, at most `FALLBACK_MAX` characters.

    What does not fit is left out in whole lines: longest first, headline and facts last.
    """
    lines = list(_fallback_lines(told))
    room = FALLBACK_MAX - len("\n…")
    kept: set[int] = set()
    for number in sorted(range(len(lines)), key=lambda number: (lines[number][0], len(lines[number][1]))):
        room -= len(lines[number][1]) + 1
        if room >= 0:
            kept.add(number)
    text = "\n".join(line for number, (_, line) in enumerate(lines) if number in kept)
    return text if len(kept) == len(lines) else f"{text}\n…"


def _fallback_lines(told: Report) -> Iterator[tuple[int, str]]:
    if told.headline:
        yield 0, told.headline
    for entry in told.body:
        yield 2, code(plain(entry.text, CODE_MAX)) if isinstance(entry, Sample) else mrkdwn(entry)
    yield from ((1, mrkdwn(line)) for line in told.warnings)
    yield from ((1, f"{fact.label}: {mrkdwn(fact.value)}") for fact in told.facts)
    yield from ((1, f"{number}. {mrkdwn(step)}") for number, step in enumerate(told.steps, 1))
    yield from ((2, f"• {mrkdwn(item.line)}") for item in told.items)


def paragraph(lines: Iterable[Line]) -> Block:
    """Lay lines out below each other."""
    return _rich(*_section([], lines))


def bullets(lines: Iterable[Line]) -> Block:
    """Lay lines out as a bulleted list."""
    return _rich(_list("bullet", lines))


def rich(line: Line) -> list[Block]:
    """Write a line as the elements of a rich text section."""
    return [_element(piece) for piece in line]


def wording(text: str) -> Block:
    """Make a plain_text object; Slack's `:name:` shorthand stays text."""
    return {"type": "plain_text", "text": text, "emoji": False}


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


_BREAK: Final[Block] = {"type": "text", "text": "\n"}


def _bold(text: str) -> Block:
    return {"type": "text", "text": text, "style": {"bold": True}}


def _rich(*elements: object) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _elements(kind: str, elements: list[Block]) -> Block:
    return {"type": kind, "elements": elements}


def _section(elements: list[Block], lines: Iterable[Line]) -> list[Block]:
    for line in lines:
        if elements:
            elements.append(_BREAK)
        elements += rich(line)
    return [_elements("rich_text_section", elements)] if elements else []


def _preformatted(sample: Sample) -> Block:
    text = (
        f"{plain(sample.text, CODE_MAX)}\n{sample.carets}" if sample.carets else plain(sample.text, CODE_MAX)
    )
    return _elements("rich_text_preformatted", [{"type": "text", "text": text}])


def _list(style: str, lines: Iterable[Line]) -> Block:
    return {
        "type": "rich_text_list",
        "style": style,
        "elements": [_elements("rich_text_section", rich(line)) for line in lines],
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
