"""Makes other people's words harmless and readable in Slack, and models a line of mixed words.

Slack knows three places for text. `plain_text` objects and `rich_text` text elements show every
character as it is. mrkdwn (a message's fallback `text`) reads `<`, `>`, `&` as markup and `* _ ~` and
backtick as formatting, for which it has no escape (docs.slack.dev/messaging/formatting-message-text).
The bot puts words of others only into the first two, and escapes them in the fallback.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.domain.blank import blank

# Characters that would hide or reorder what follows: controls, bidirectional embeddings, overrides and
# isolates (Unicode TR 9), unpaired surrogates (not encodable as UTF-8).
_HIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BREAKS: Final = re.compile("[\t\n\v\f\r\x85\u2028\u2029]")
# Hebrew, Arabic and their neighbours, the presentation forms, and the right-to-left planes' blocks.
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_FIRST_STRONG_ISOLATE: Final = "\u2068"
_POP_ISOLATE: Final = "\u2069"
_ZERO_WIDTH: Final = "\u200b"
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Besides formatting, `:` starts an emoji and a URL's `://`, `@` an address: Slack links bare ones.
_MRKDWN: Final = str.maketrans(_ENTITIES | {mark: f"{_ZERO_WIDTH}{mark}{_ZERO_WIDTH}" for mark in "*_~`:@"})
_CODE: Final = str.maketrans(_ENTITIES | {"`": "'"})

DATE_FORMAT: Final = "{date_short_pretty} at {time}"
CODE_MAX: Final = 600  # characters of one id or command in code style; the longest legal command is shorter


@dataclass(frozen=True, slots=True)
class Code:
    """An id, a command or a setting, shown in code style, ready to copy; cut at `CODE_MAX`."""

    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """Words of someone else (a name, an error text of Vobiz), cut at `limit` characters."""

    text: str
    limit: int = 500


@dataclass(frozen=True, slots=True)
class Person:
    """A user id from a signed request or the ledger, shown as a mention."""

    user: str


@dataclass(frozen=True, slots=True)
class Group:
    """A user-group id from the settings, shown as a mention."""

    id: str


@dataclass(frozen=True, slots=True)
class Place:
    """A channel id from a signed request, the settings or the ledger, shown as a link."""

    channel: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link with the bot's own label. `url` is a constant or made of ids, never of what somebody wrote."""

    url: str
    label: str


@dataclass(frozen=True, slots=True)
class When:
    """A moment in milliseconds since the epoch, shown in each reader's own zone."""

    at: int


@dataclass(frozen=True, slots=True)
class Mark:
    """An emoji of Slack's by its name, and the character for where only text is shown."""

    name: str
    text: str


# A bare string is the bot's own words: never anything that a person or Vobiz wrote.
Piece = str | Code | Said | Person | Group | Place | When | Link | Mark
Line = tuple[Piece, ...]


def escape(text: str) -> str:
    """Make text harmless in mrkdwn: no mention, link, emoji or formatting can come of it.

    `& < >` become entities. A zero-width space (U+200B) goes to both sides of each of `* _ ~` backtick
    `: @`, so the result is for reading, not for copying; use it for mrkdwn only.
    """
    return text.translate(_MRKDWN)


def code(text: str) -> str:
    """Quote text as mrkdwn inline code, where nothing is formatted; a backtick becomes an apostrophe."""
    return f"`{text.translate(_CODE)}`"


def visible(text: str) -> str:
    """Replace, one for one, line breaks and tabs by spaces and hidden characters by U+FFFD."""
    return _HIDDEN.sub("\ufffd", _BREAKS.sub(" ", text))


def plain(text: str, limit: int) -> str:
    """Make text fit for `plain_text` and `rich_text`: visible, at most `limit` characters (code points)."""
    shown = visible(text)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def isolate(text: str) -> str:
    """Keep right-to-left text from reordering its neighbours; other text comes back unchanged."""
    if _RIGHT_TO_LEFT.search(text):
        return f"{_FIRST_STRONG_ISOLATE}{text}{_POP_ISOLATE}"
    return text


def shown(piece: Code | Said) -> str:
    """Show what someone else wrote: visible, cut, isolated; Slack refuses empty text elements."""
    text = plain(piece.text, CODE_MAX if isinstance(piece, Code) else piece.limit)
    return "(empty)" if blank(text) else isolate(text)


def moment(when: When) -> str:
    """Write a moment in UTC, for where the reader's zone is not known."""
    return f"{datetime.fromtimestamp(when.at / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def mrkdwn(line: Line) -> str:
    """Write a line as mrkdwn, for the fallback `text` of a message."""
    return "".join([_mrkdwn(piece) for piece in line])


def spoken(line: Line) -> str:
    """Write a line of words, ids and quotations for a `plain_text` object, which has no mentions or dates."""
    return "".join(_spoken(piece) for piece in line)


def _spoken(piece: Piece) -> str:
    match piece:
        case Code() | Said():
            return shown(piece)
        case Mark(text=text):
            return text
        case _:
            return str(piece)


def _mrkdwn(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case Code():
            return code(shown(piece))
        case Said():
            return escape(shown(piece))
        case When(at):
            # Slack writes it in the reader's zone, also where only the text is shown.
            return f"<!date^{at // 1000}^{DATE_FORMAT}|{moment(piece)}>"
        case Link(url, label):
            return f"<{url}|{label}>"
        case _:
            return _drawn(piece)


def _drawn(piece: Person | Group | Place | Mark) -> str:
    match piece:
        case Mark(text=text):
            return text
        case Person(user):
            return f"<@{user}>"
        case Group(group):
            return f"<!subteam^{group}>"
        case Place(channel):
            return f"<#{channel}>"


def caret(text: str, start: int, end: int, width: int = 44) -> tuple[str, str]:
    """Show the part of a command around a fault, with a line of carets to put below it.

    At most `width` characters (phones wrap code at about that many) and two ellipses. The second line
    is empty where columns cannot be known: with right-to-left text.
    """
    shown = visible(text)
    left = 0 if len(shown) <= width else max(0, min(start - width // 3, len(shown) - width))
    right = min(len(shown), left + width)
    before = "…" if left else ""
    line = f"{before}{shown[left:right]}{'…' if right < len(shown) else ''}"
    if _RIGHT_TO_LEFT.search(line):
        return line, ""
    indent = _columns(before + shown[left:start])
    return line, " " * indent + "^" * max(1, _columns(shown[start : min(end, right)]))


def _columns(text: str) -> int:
    return sum(_column(character) for character in text)


def _column(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
