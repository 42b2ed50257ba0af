"""What the bot's words claim: reference, outcome, trunk, and whether they may be there twice. Pure."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from bot.sandbox.slack.messages import Message

_UUID: Final = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
# Between a label and its value the sandbox may break the line.
REFERENCE: Final = re.compile(r"Reference:\s+([0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4})")
# Of the identical request that made a trunk meanwhile, in the answer to who approves another one.
_TWIN: Final = re.compile(REFERENCE.pattern.replace("Reference", "Its reference"))
_CLAIM: Final = re.compile(rf"(?:Trunk ID:|The trunk was created:|The trunk is)\s+{_UUID}")
_ANY_ID: Final = re.compile(_UUID)
_NAME: Final = re.compile(r"Crash \d{4,}")


class Ending(StrEnum):
    """How an operation ended, as people are told."""

    CREATED = "created"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    NOT_CREATED = "not created"
    DENIED = "denied"


class Place(StrEnum):
    """Which of an operation's messages it is: each is there once, and brought up to date where it stands."""

    RESULT = "result"
    QUESTION = "question"
    SETTLED = "settled"
    APPROVAL = "approval"


_HEADLINES: Final = (
    ("created: outbound", Ending.CREATED),
    ("created, but not as requested", Ending.CREATED),
    ("Vobiz refused to create", Ending.REFUSED),
    ("The request could not be sent to Vobiz", Ending.NOT_SENT),
    ("Vobiz never confirmed either way", Ending.NOT_CREATED),
    ("Request denied:", Ending.DENIED),
)
# What is true of an operation only while it has not ended.
_OPEN: Final = (
    "I am sending it to Vobiz now",
    "aiting for Vobiz.",
    "I am looking for the trunk",
    "I check again from time to time",
    "Waiting for approval",
    "lease decide",
    "If you approve, exactly this",
    "It is being created",
    "It is being sent again",
    "An operator must decide",
    "It is waiting for approval",
)
_REPEAT: Final = "Repeat (Slack did not confirm"
_TOLD_TWICE: Final = ("You may have seen this already", _REPEAT)
_APPROVAL: Final = "Requested in:"


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing that the bot said, read.

    `open` says that it speaks of an operation that has not ended, `awaits` that Vobiz has still to state
    something: where nothing can be edited it is said once more then. `renewed` is a direct message that was
    brought up to date: nobody is called to that, so what it says now is said where people look as well.
    """

    ref: str | None
    name: str | None
    ending: Ending | None
    trunk: str | None
    twins: frozenset[str]
    nothing: bool
    merged: bool
    repeat: bool
    place: Place | None = None
    open: bool = False
    awaits: bool = False
    renewed: bool = False


@dataclass(slots=True)
class Memory:
    """What messages say, each read once until it is edited.

    People look at thousands again and again. Reading all of them each time took 9 s after ten minutes of a
    soak, in which the sandbox, which is the same process, answered nobody.
    """

    _known: dict[str, tuple[object, str, Saying]] = field(default_factory=dict)

    def of(self, message: Message) -> tuple[str, Saying]:
        """Return its words, and what they claim."""
        known = self._known.get(message.ts)
        if known is None or known[0] is not message.blocks:
            words = message.words
            known = self._known[message.ts] = (message.blocks, words, read(words))
        return known[1:]


def read_message(message: Message) -> Saying:
    """Read a message as it stands in Slack."""
    return replace(read(message.words), renewed=message.edited and message.channel.startswith("D"))


def read(words: str) -> Saying:
    """Read the words of a message or a modal."""
    ref = _TWIN.search(words) or REFERENCE.search(words)
    claim, name = _CLAIM.search(words), _NAME.search(words)
    # (A status says “these turned up later” beside how the request ended.)
    later = "this request turned up later" in words or "late answer to an earlier attempt" in words
    merged = "Your request was not sent" in words
    line = " ".join(words.split())
    # What stands in the approvals channel is no end that the requester or the channel was told.
    plain = not (later or merged or _APPROVAL in line)
    ending = next((ending for headline, ending in _HEADLINES if plain and headline in line), None)
    open_ = any(phrase in line for phrase in _OPEN)
    return Saying(
        ref=ref.group(1) if ref else None,
        name=name.group() if name else None,
        ending=ending,
        trunk=claim.group(1) if claim else None,
        twins=frozenset(_ANY_ID.findall(words)) if later else frozenset(),
        nothing="Nothing was created" in words,
        merged=merged,
        repeat=any(phrase in words for phrase in _TOLD_TWICE),
        place=_place(line, known=plain and (open_ or ending is not None)),
        open=open_,
        awaits="I ask again" in words,
    )


def _place(line: str, *, known: bool) -> Place | None:
    if _APPROVAL in line:
        return Place.APPROVAL
    if "lease decide, with the buttons" in line or line.startswith("No decision is needed"):
        return Place.QUESTION
    if line.startswith("Settled:"):
        return Place.SETTLED
    return Place.RESULT if known or line.startswith(_REPEAT) else None
