"""What a person looks for in the record: the query as typed, how names compare, and the pages' cursor."""

import re
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.commands.lexer import FAMILY, ILLEGAL, bare, shown
from bot.commands.problems import QUERY_MAX
from bot.domain.blank import blank
from bot.domain.operation import Operation, Standing
from bot.domain.reference import normal_reference

PAGE: Final = 20  # operations on a page


@dataclass(frozen=True, slots=True)
class Everything:
    """All that the person may see."""


@dataclass(frozen=True, slots=True)
class ByName:
    """Operations whose subject holds this text, whatever its case; no character in it is special."""

    text: str


@dataclass(frozen=True, slots=True)
class ByPerson:
    """Operations that a person requested; None is the person who types the query."""

    user: str | None


@dataclass(frozen=True, slots=True)
class ByState:
    """Operations that stand so now; of one kind only, if `kind` names one."""

    standing: Standing
    kind: str | None = None


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


# What people call it besides: a create was told as created or not, before there was anything else.
_STANDINGS: Final = MappingProxyType(
    {standing.value.replace("_", ""): standing for standing in Standing}
    | {
        "created": Standing.DONE,
        "made": Standing.DONE,
        "notcreated": Standing.NOT_DONE,
        "notmade": Standing.NOT_DONE,
        "closed": Standing.NOT_DONE,
        "refused": Standing.REJECTED,
        "waiting": Standing.AWAITING_APPROVAL,
        "waitingforapproval": Standing.AWAITING_APPROVAL,
        "awaiting": Standing.AWAITING_APPROVAL,
        "notconfirmed": Standing.UNKNOWN,
        "unconfirmed": Standing.UNKNOWN,
        "sending": Standing.RUNNING,
        "creating": Standing.RUNNING,
    }
)
_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]{2,30})(?:\|[^>]*)?>")
_MEMBER: Final = re.compile(r"(?=.*[0-9])[UW][A-Z0-9]{8,30}")  # as “Copy member ID” gives it
_HANDLE: Final = re.compile(r"@\S.*")  # display names have spaces
_ME: Final = frozenset({"me", "@me"})


def read_query(typed: str) -> Query | Unnamed | TooLong:
    """Read what follows `history`. Words in quotes are a name, whatever else they may look like."""
    text = typed.strip()
    if blank(text):
        return Everything()
    if len(text) > QUERY_MAX:
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
    standing = _STANDINGS.get(re.sub(r"[\s_-]", "", text.lower()))
    return None if standing is None else ByState(standing)


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

    v: Literal[2] = 2
    by: Literal["all", "name", "person", "state"]
    what: Annotated[str, Field(max_length=QUERY_MAX)] = ""
    kind: Annotated[str, Field(pattern=r"^[a-z_]{1,40}$")] | None = None
    way: Literal["older", "newer"]
    at: Annotated[int, Field(ge=0, lt=2**62)]
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


def dump_turn(search: Search, way: Literal["older", "newer"], beside: Operation) -> str:
    """Write the value of a page's button: at most 2000 characters (Slack's limit), whatever the query."""
    kind: str | None = None
    match search:
        case Everything():
            by, what = "all", ""
        case ByName(text):
            by, what = "name", text
        case ByPerson(user):
            by, what = "person", user or ""
        case ByState(standing):
            by, what, kind = "state", standing.value, search.kind
    given = {"by": by, "what": what, "kind": kind, "way": way, "at": beside.created_at, "id": beside.id}
    return _Turn.model_validate(given).model_dump_json()


def read_turn(value: str) -> tuple[Search, Cursor] | None:
    """Read the value of a page's button; None when it is not one of ours, or not of this version."""
    try:
        turn = _Turn.model_validate_json(value)
    except ValidationError:
        return None
    search = _search(turn.by, turn.what, turn.kind)
    return None if search is None else (search, Cursor(turn.way, turn.at, turn.id))


def _search(by: str, what: str, kind: str | None) -> Search | None:
    if by == "all":
        return Everything()
    if ILLEGAL.search(what):  # Postgres takes no NUL in a text, and no text of ours has one
        return None
    if by == "name":
        return ByName(what)
    if by == "person":
        return ByPerson(what)
    return ByState(Standing(what), kind) if what in {*Standing} else None
