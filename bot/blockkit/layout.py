"""Lays reports out as Slack messages: Block Kit blocks, and the fallback text that says the same.

The fallback is the lines of the blocks as escaped mrkdwn.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from bot.blockkit.blocks import (
    BREAK,
    Block,
    actions,
    bold,
    bold_line,
    bullets,
    data_table,
    marked,
    nested,
    paragraph,
    plan,
    preformatted,
    rich,
    rich_list,
    rich_text,
    section,
)
from bot.blockkit.report import Fact, Report, Sample, Task, Tone
from bot.blockkit.text import CODE_MAX, Line, code, mrkdwn, plain

FALLBACK_MAX: Final = (
    4000  # characters of `text` that chat.update takes (docs.slack.dev/reference/methods/chat.update)
)


_STEPS: Final = "Steps"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as Slack takes it. `text` holds all that the blocks say, but for the buttons.

    Screen readers and notifications read `text` only, and it can be sent alone if blocks are refused.
    `simpler` are blocks that say the same, for where Slack does not take the newest kinds.
    """

    text: str
    blocks: tuple[Block, ...]
    simpler: tuple[Block, ...] = ()


def lay_out(told: Report) -> Message:
    """Lay a report out as a message."""
    blocks = (*opening(told), *_middle(told), *buttons(told))
    if told.table is None or not told.table.rows:
        return Message(fallback(told), blocks)
    listed = replace(told, items=())
    better = (*opening(told), *_middle(listed), data_table(told.table), *buttons(told))
    return Message(fallback(told), better, blocks)


def _middle(told: Report) -> tuple[Block, ...]:
    """Lay out tasks and details: once all is done, what came of it is what people look for."""
    progress = (plan(_STEPS, told.tasks),) if told.tasks else ()
    ended = told.tone is Tone.SUCCESS
    return (*details(told), *progress) if ended else (*progress, *details(told))


def note(tone: Tone, *body: Line | Sample) -> Message:
    """Lay out a few lines without a headline."""
    return lay_out(Report(tone, body=body))


def opening(told: Report) -> list[Block]:
    """Lay out the headline and the body."""
    parts: list[object] = []
    lines: list[Line] = []
    elements = [*marked(told.tone), *bold_line(told.headline)] if told.headline else []
    for entry in told.body:
        if isinstance(entry, Sample):
            parts += section(elements, lines)
            parts.append(preformatted(entry))
            elements, lines = [], []
        else:
            lines.append(entry)
    parts += section(elements, lines)
    return [rich_text(*parts)] if parts else []


def head(told: Report) -> Line:
    """Return the headline with the mark of its tone."""
    mark = told.tone.mark
    return (mark, " ", *told.headline) if mark is not None and told.headline else told.headline


def listed_tasks(told: Report) -> list[Block]:
    """List the tasks in words, for a place that takes no plan (a modal)."""
    return [rich_text(rich_list("ordered", map(_task, told.tasks)))] if told.tasks else []


def _task(task: Task) -> Line:
    return (f"{task.title}: ", *task.detail)


def details(told: Report) -> Iterator[Block]:
    """Lay out warnings, facts, checks, next steps and listed items, with the items' own buttons."""
    if told.warnings:
        yield paragraph(told.warnings)
    if told.facts:
        yield _facts(told.facts)
    if told.checks:
        yield paragraph(told.checks)
    if len(told.steps) == 1:
        yield rich_text(*section([bold("Next: "), *rich(told.steps[0])], ()))
    elif told.steps:
        yield rich_text(*section([bold("Next")], ()), rich_list("ordered", told.steps))
    if any(item.button for item in told.items):
        for number, item in enumerate(told.items):
            yield paragraph((item.line,))
            if item.button is not None:
                yield actions(f"pick.{number}", [item.button])
    elif told.items:
        yield bullets(item.line for item in told.items)


def _facts(facts: Iterable[Fact]) -> Block:
    lines: list[Block] = []
    for fact in facts:
        label = [bold(f"{fact.label}: ")] if fact.label else []
        lines += [*label, *rich(fact.value), BREAK]
    return rich_text(nested("rich_text_section", lines[:-1]))


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


def _sampled(sample: Sample) -> str:
    return "\n".join(code(plain(line, CODE_MAX)) for line in (sample.text, *sample.more))


def _fallback_lines(told: Report) -> Iterator[tuple[int, str]]:
    if told.headline:
        yield 0, mrkdwn(head(told))
    for entry in told.body:
        yield 2, _sampled(entry) if isinstance(entry, Sample) else mrkdwn(entry)
    yield from ((1, f"{number}. {mrkdwn(_task(task))}") for number, task in enumerate(told.tasks, 1))
    yield from ((1, mrkdwn(line)) for line in told.warnings)
    for fact in told.facts:
        yield 1, f"{fact.label}: {mrkdwn(fact.value)}" if fact.label else mrkdwn(fact.value)
    yield from ((1, mrkdwn(line)) for line in told.checks)
    if len(told.steps) == 1:
        yield 1, f"Next: {mrkdwn(told.steps[0])}"
    else:
        yield from ((1, f"{number}. {mrkdwn(step)}") for number, step in enumerate(told.steps, 1))
    yield from ((2, f"• {mrkdwn(item.line)}") for item in told.items)
