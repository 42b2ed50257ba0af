"""The shape of a report to people: what happened, what is true now, what to do next; no layout, no words.

`bot.blockkit.layout` lays a report out for a channel and `bot.words.create_form` for a modal, so both
show the same truth.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.blockkit.text import Line
from bot.domain.operation import Choice

SHOWN_ITEMS: Final = 10  # two blocks each where they have buttons; a message holds 50


class Act(StrEnum):
    """What a person may do about a request and from the Home tab; the values are the buttons' action ids."""

    APPROVE = "approval.approve"
    DENY = "approval.deny"
    WITHDRAW = "approval.withdraw"
    CREATE = "home.create"
    SHOW = "home.show"


class Tone(StrEnum):
    """How grave a report is; the values are the levels of Slack's alert block."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


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

    A `Choice` is about an uncertain create. Slack wants at most one `primary` button in a row.
    """

    choice: Choice | Act
    label: str
    value: str
    danger: bool = False
    confirm: Confirm | None = None
    primary: bool = False

    @property
    def action_id(self) -> str:
        """The name under which a listener hears of it."""
        return self.choice.value if isinstance(self.choice, Act) else f"trunk.{self.choice}"


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value."""

    label: str
    value: Line


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a list, with the button that belongs to it, if any."""

    line: Line
    button: Button | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """A command or an extract of one, in a code block of its own; `carets` point at its fault."""

    text: str
    carets: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What happened, what is true now, what to do next.

    `headline` is the bot's own words, at most 150 characters, or empty. `hint` stands where the buttons
    would be in a place without buttons (a modal).
    """

    tone: Tone
    headline: str = ""
    body: tuple[Line | Sample, ...] = ()
    warnings: tuple[Line, ...] = ()
    facts: tuple[Fact, ...] = ()
    steps: tuple[Line, ...] = ()
    items: tuple[Item, ...] = ()
    buttons: tuple[Button, ...] = ()
    hint: Line | None = None
