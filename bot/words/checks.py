"""The checklist of a trunk in a few lines, for where nobody asked for it: below a result, in `show`."""

from datetime import UTC, datetime
from typing import Final

from bot.blockkit.text import Line
from bot.domain.proof import Pending, Ready
from bot.proof.checklist import Checklist, Finding, Point, Topic, Value
from bot.words.readiness import MARKS, TOPICS, counted, marked, pending_lines, point_line

# Why nothing was seen, beside that the trunk is gone: the reasons of `bot.workflow.prove`.
_ELSEWHERE: Final = "I work for another account now, so I did not look."
_UNREAD: Final = "I could not look at it: Vobiz did not answer, or not with a trunk."
_KNOWN: Final = frozenset(Finding)
# What takes a request of its own, and what is said above the facts anyway.
_APART: Final = frozenset({Topic.BALANCE, Topic.LIMIT, Topic.ASKED})
_NOT_ASKED: Final = "unread"  # as `bot.vobiz.lists.Listed` says of a list that was not asked for


def ready_lines(ready: Ready, *, dated: bool = False) -> tuple[Line, ...]:
    """Say what an examination showed at its time; with `dated` also on which day.

    What a newer version of the bot found, and this one does not know, is left out.
    """
    time = datetime.fromtimestamp(ready.at / 1000, UTC).strftime("%Y-%m-%d %H:%M" if dated else "%H:%M")
    then = f"As of {time} UTC, "
    if ready.unseen == "gone":
        return ((f"{then}Vobiz says that there is no such trunk any more.",),)
    if ready.unseen is not None:
        why = _ELSEWHERE if ready.unseen == "other_account" else _UNREAD
        return ((f"{then}I do not know whether it is ready. {why}",),)
    points = tuple(Point(Finding(one.finding), one.data) for one in ready.points if one.finding in _KNOWN)
    found = Checklist(points)
    lines = compact_lines(found, ready.trunk, ready.command, then, ready.pending, kept=True)
    return (*lines, ("Only a call can show more than this.",)) if found.value is Value.OK else lines


def compact_lines(
    found: Checklist,
    trunk: str,
    command: str,
    then: str,
    pending: tuple[Pending, ...] = (),
    *,
    kept: bool = False,
) -> tuple[Line, ...]:
    """Count, say what is wrong or not known a line each, and name in one line what is ok.

    `then` says of when or of what it is, as the beginning of a sentence; `pending` is what is asked for. What
    is `kept` is read when all of it may be otherwise.
    """
    if not found.points:
        return ()
    rest = tuple(point for value in (Value.NOT_OK, Value.NOT_KNOWN) for point in found.of(value))
    lines: list[Line] = [(f"{then}{counted(found)}.",), *pending_lines(pending, command, kept=kept)]
    lines += (point_line(one, trunk, command, pending, kept=kept) for one in rest)
    if well := found.of(Value.OK):
        tone, value = MARKS[Value.OK]
        lines.append((*marked(tone), f"{value} · {', '.join(TOPICS[one.topic] for one in well)}"))
    return tuple(lines)


def shown_points(found: Checklist) -> Checklist:
    """Leave out of a checklist what was not looked at beside a trunk that is only shown."""
    points = (one for one in found.points if one.topic not in _APART and one.data.get("why") != _NOT_ASKED)
    return Checklist(tuple(points))
