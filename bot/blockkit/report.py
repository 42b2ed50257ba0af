"""The shape of a report to people: what happened, what is true now, what to do next; no layout, no words.

`bot.blockkit.layout` lays a report out for a channel and `bot.words.modal` for a modal, so both show the
same truth.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.blockkit.text import Line, Mark
from bot.domain.operation import Choice

SHOWN_ITEMS: Final = 10  # two blocks each where they have buttons; a message holds 50


class Act(StrEnum):
    """What a person may do about a request and from the Home tab; the values are the buttons' action ids."""

    APPROVE = "approval.approve"
    DENY = "approval.deny"
    WITHDRAW = "approval.withdraw"
    SHOW = "home.show"
    UNDO = "trunk.undo"
    PASSWORD = "trunk.password"  # noqa: S105 - the name of a button
    CHANGE = "trunk.change"  # the value names the kind and what it is about
    SHOW_TRUNK = "trunk.show"
    TEST_TRUNK = "trunk.test"
    LIST = "home.list"
    PICK = "form.pick"  # of several that a form could be about
    OVER = "form.over"  # from a form to that of another kind, which the value names


class Tone(StrEnum):
    """What kind of news a report is; all but `QUESTION` are levels of Slack's alert block.

    In a message, where there is no such block, its `mark` stands before the headline, so that a success, a
    warning and a question are told apart on a lock screen.
    """

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"
    QUESTION = "question"

    @property
    def mark(self) -> Mark | None:
        """The emoji before the headline; none where there is nothing to do or to worry about."""
        return _MARKS.get(self)


_MARKS: Final = MappingProxyType(
    {
        Tone.SUCCESS: Mark("white_check_mark", "\u2705"),
        Tone.WARNING: Mark("warning", "\u26a0\ufe0f"),
        Tone.ERROR: Mark("x", "\u274c"),
        Tone.QUESTION: Mark("question", "\u2753"),
    }
)


@dataclass(frozen=True, slots=True)
class Confirm:
    """The words of a dialog that asks once more. Slack's limits: title 100, text 300, buttons 30."""

    title: str
    text: str
    yes: str
    no: str


@dataclass(frozen=True, slots=True)
class Button:
    """A button below a report. Slack's limits: label 75, value 2000.

    `choice` is what a person decides about an unknown outcome, or the action id. Slack wants at most one
    `primary` button in a row.
    """

    choice: Choice | str
    label: str
    value: str
    danger: bool = False
    confirm: Confirm | None = None
    primary: bool = False

    @property
    def action_id(self) -> str:
        """The name under which a listener hears of it."""
        return f"trunk.{self.choice}" if isinstance(self.choice, Choice) else str(self.choice)


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value; without a label a line of several small ones.

    `lasting` is what is so whatever becomes of the request: which trunk it is about.
    """

    label: str
    value: Line
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list, with the button that belongs to it, if any."""

    line: Line
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header, which Slack pages, sorts and filters; at most 100 rows and 20 columns.

    `caption` is read out by screen readers. The first cell of a row names it. `page` rows are shown at once.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    page: int = 100


class Progress(StrEnum):
    """How far a task is; the values are the statuses of Slack's task card, which has none for “not known”."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Task:
    """One of several things that are done in turn. `title` is the bot's own words, `detail` how it stands."""

    title: str
    progress: Progress
    detail: Line


@dataclass(frozen=True, slots=True)
class Sample:
    """A command or an extract of one, in a code block of its own; `carets` point at its fault.

    With `more` lines below it is a text to copy.
    """

    text: str
    carets: str = ""
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What happened, what is true now, what to do next.

    `headline` says alone what happened to what: a lock screen shows no more. It may be empty. `tasks` are
    what is done in turn, if more than one thing. `checks`, below the facts, say how ready something is.
    `table` shows the `items` better, where Slack takes one. `hint` stands where the buttons would be in a
    place without buttons (a modal).
    """

    tone: Tone
    headline: Line = ()
    body: tuple[Line | Sample, ...] = ()
    tasks: tuple[Task, ...] = ()
    warnings: tuple[Line, ...] = ()
    facts: tuple[Fact, ...] = ()
    checks: tuple[Line, ...] = ()
    steps: tuple[Line, ...] = ()
    items: tuple[Item, ...] = ()
    table: Table | None = None
    buttons: tuple[Button, ...] = ()
    hint: Line | None = None
