"""What a person looks for in the record: the query as typed, how names compare, and the pages' cursor."""

import re
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.commands.lexer import FAMILY, ILLEGAL, bare, shown
from bot.domain.operation import NAME_MAX, Operation, State, normal_reference

PAGE: Final = 20  # operations on a page


@dataclass(frozen=True, slots=True)
class Everything:
    """All that the person may see."""


@dataclass(frozen=True, slots=True)
class ByName:
    """Operations whose name holds this text, whatever its case; no character in it is special."""

    text: str


@dataclass(frozen=True, slots=True)
class ByPerson:
    """Operations that a person asked for; None is whoever types the query."""

    user: str | None


@dataclass(frozen=True, slots=True)
class ByState:
    """Operations that are in a state now."""

    state: State


@dataclass(frozen=True, slots=True)
class ByReference:
    """One operation's story; when there is none, `text` may have been a name (`Sales123` looks alike)."""

    ref: str
    text: str


Search = Everything | ByName | ByPerson | ByState
Query = Search | ByReference


@dataclass(frozen=True, slots=True)
class Unnamed:
    """`@somebody` as typed: Slack hands commands over without saying who that is."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """Longer than any name."""


_STATES: Final = MappingProxyType(
    {state.replace("_", ""): state for state in State if state is not State.DRAFT}  # drafts are not stored
)
_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]{2,30})(?:\|[^>]*)?>")
_MEMBER: Final = re.compile(r"(?=.*[0-9])[UW][A-Z0-9]{8,30}")  # as “Copy member ID” gives it
_HANDLE: Final = re.compile(r"@\S.*")  # display names have spaces
_ME: Final = frozenset({"me", "@me"})


def read_query(typed: str) -> Query | Unnamed | TooLong:
    """Read what follows `history`. Words in quotes are a name, whatever else they may look like."""
    text = typed.strip()
    if not text:
        return Everything()
    if len(text) > NAME_MAX:
        return TooLong()
    if len(text) > 2 and text[0] in FAMILY and bare(text) != text:
        return ByName(bare(text))
    return _person(text) or _state(text) or _other(text)


def _person(text: str) -> ByPerson | Unnamed | None:
    if text.lower() in _ME:
        return ByPerson(None)
    if (mention := _MENTION.fullmatch(text)) is not None:
        return ByPerson(mention[1])
    if _MEMBER.fullmatch(text):
        return ByPerson(text)
    return Unnamed() if _HANDLE.fullmatch(text) else None


def _state(text: str) -> ByState | None:
    state = _STATES.get(re.sub(r"[\s_-]", "", text.lower()))
    return None if state is None else ByState(state)


def _other(text: str) -> ByReference | ByName:
    ref = normal_reference(text)
    return ByName(text) if ref is None else ByReference(ref, text)


def folded(name: str) -> str:
    """Write a name as searches compare it: composed, without case, every run of spaces as one.

    Unicode's caseless matching (chapter 3.13), since the databases' own knows ASCII only (SQLite) or
    depends on their locale (Postgres).
    """
    spaced = re.sub(" +", " ", shown(name))
    if spaced.isascii():
        return spaced.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", spaced).casefold())


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place between two operations: the page of those older, or newer, than this one."""

    way: Literal["older", "newer"]
    created_at: int
    id: str


class _Turn(BaseModel):
    """A page's button. Slack brings its value back as it was, and whoever forges one sees no more."""

    model_config = ConfigDict(extra="forbid", strict=True)

    v: Literal[1] = 1
    by: Literal["all", "name", "person", "state"]
    what: Annotated[str, Field(max_length=NAME_MAX)] = ""
    way: Literal["older", "newer"]
    at: Annotated[int, Field(ge=0, lt=2**62)]
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


def dump_turn(search: Search, way: Literal["older", "newer"], beside: Operation) -> str:
    """Write the value of a page's button: at most 2000 characters (Slack's limit), whatever the query."""
    match search:
        case Everything():
            by, what = "all", ""
        case ByName(text):
            by, what = "name", text
        case ByPerson(user):
            by, what = "person", user or ""
        case ByState(state):
            by, what = "state", state.value
    given = {"by": by, "what": what, "way": way, "at": beside.created_at, "id": beside.id}
    return _Turn.model_validate(given).model_dump_json()


def read_turn(value: str) -> tuple[Search, Cursor] | None:
    """Read the value of a page's button; None when it is not one of ours, or not of this version."""
    try:
        turn = _Turn.model_validate_json(value)
    except ValidationError:
        return None
    search = _search(turn.by, turn.what)
    return None if search is None else (search, Cursor(turn.way, turn.at, turn.id))


def _search(by: str, what: str) -> Search | None:
    if by == "all":
        return Everything()
    if ILLEGAL.search(what):  # Postgres takes no NUL in a text, and no text of ours has one
        return None
    if by == "name":
        return ByName(what)
    if by == "person":
        return ByPerson(what)
    return ByState(State(what)) if what in _STATES.values() else None
