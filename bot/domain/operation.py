"""What an operation is: its request, its states, the legal transitions, its reference."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.resources import Refusal, Trunk

# Vobiz's page says 255 (create-a-trunk, "name"); its OpenAPI says 100. The page is what people read,
# and a refusal by Vobiz is shown in its own words.
NAME_MAX: Final = 255


class Direction(StrEnum):
    """Which way a trunk carries calls; upper case is what Vobiz's `trunk_type` takes."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class State(StrEnum):
    """Where an operation stands. The README draws the same graph and a test compares them."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    ACCEPTED = "accepted"
    SENDING = "sending"
    CREATED = "created"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    NOT_CREATED = "not_created"
    DENIED = "denied"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.ACCEPTED, State.AWAITING_APPROVAL}),
        State.AWAITING_APPROVAL: frozenset({State.ACCEPTED, State.DENIED, State.EXPIRED, State.WITHDRAWN}),
        State.ACCEPTED: frozenset({State.SENDING}),
        State.SENDING: frozenset({State.CREATED, State.REJECTED, State.NOT_SENT, State.UNKNOWN}),
        State.UNKNOWN: frozenset({State.CREATED, State.NOT_CREATED, State.SENDING}),
    }
)

# An identical request (account, name, direction, limit) is refused while one is in one of these.
IN_FLIGHT: Final = frozenset({State.ACCEPTED, State.SENDING, State.UNKNOWN})
# What has been stored and has not ended.
LIVE: Final = IN_FLIGHT | {State.AWAITING_APPROVAL}


class Found(StrEnum):
    """What made us say that a trunk is this operation's."""

    ANSWER = "answer"  # Vobiz's answer to our POST
    LATE = "late"  # the same, after the bot had looked for it: it settles the only sending there was
    LOOK = "look"  # exactly one trunk fitted when we looked for it
    PERSON = "person"  # an operator picked it from several


class Choice(StrEnum):
    """What a person may decide; a button's action id is `trunk.` and the value."""

    CHECK_AGAIN = "check_again"
    SEND_AGAIN = "send_again"
    GIVE_UP = "give_up"
    PICK = "pick"
    TRY_AGAIN = "try_again"


@dataclass(frozen=True, slots=True)
class TrunkRequest:
    """Exactly what will be sent to Vobiz, and nothing else.

    `calls` is the most calls that may be live at once (Vobiz: `max_concurrent_calls`).
    """

    name: str
    direction: Direction
    calls: int


@dataclass(frozen=True, slots=True)
class Look:
    """What searching the account showed after an uncertain create.

    `finished` is false while the search still goes on; `reachable` is false when Vobiz could not be
    asked, so that nothing may be concluded from the absence of candidates. `elsewhere` is the account that
    the bot works for, when that is not the operation's: then that is why.
    """

    finished: bool
    reachable: bool
    candidates: tuple[Trunk, ...] = ()
    elsewhere: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One person's confirmation and what became of it, as the ledger holds it.

    Times are milliseconds since the epoch, UTC. `note` is why the requester asks, `denial` why somebody
    (`decided_by`) denied it; both are a person's words. `break_glass` marks a create above the threshold
    that went without a second person. `namesakes` are the ids of the trunks of that name which the account
    had when the form was opened, as far as it was looked at. `round` counts the decisions of people, so that
    it also names a question: a decision ends one, and only after it can there be another.
    """

    id: str
    state: State
    request: TrunkRequest
    account: str
    team: str
    channel: str
    requester: str
    created_at: int
    updated_at: int
    trunk: Trunk | None = None
    found: Found | None = None
    refusal: Refusal | None = None
    reason: str | None = None
    look: Look | None = None
    decided_by: str | None = None
    note: str | None = None
    denial: str | None = None
    expires_at: int | None = None
    approved_by: str | None = None
    break_glass: bool = False
    namesakes: frozenset[str] = frozenset()
    round: int = 0

    @property
    def decider(self) -> str | None:
        """Who approved, denied or withdrew the request."""
        return self.decided_by if self.state in {State.DENIED, State.WITHDRAWN} else self.approved_by

    @property
    def ref(self) -> str:
        """The short reference people read out on the phone."""
        return reference(self.id)

    @property
    def asking(self) -> bool:
        """Whether a person has to decide: the search ended without exactly one fit."""
        return self.state is State.UNKNOWN and self.look is not None and self.look.finished

    @property
    def bound(self) -> str:
        """The digest of exactly what is approved, computed: an edited row does not pass with its old one."""
        return digest(self.id, self.account, self.request, self.requester, self.channel)

    @property
    def choices(self) -> frozenset[Choice]:
        """What the question offers; sending again only where the whole account was seen, without a fit."""
        if not self.asking or self.look is None:
            return frozenset()
        if self.look.candidates:
            return frozenset({Choice.PICK, Choice.CHECK_AGAIN, Choice.GIVE_UP})
        again = {Choice.SEND_AGAIN} if self.look.reachable else set[Choice]()
        return frozenset({Choice.CHECK_AGAIN, Choice.GIVE_UP} | again)


def new_operation_id() -> str:
    """Mint an operation id: 32 hex digits, 128 random bits."""
    return secrets.token_hex(16)


def is_operation_id(text: str) -> bool:
    """Tell whether a text can be an operation id."""
    return _ID.fullmatch(text) is not None


_ID: Final = re.compile(r"[0-9a-f]{32}")
_DIGEST_LENGTH: Final = 32  # hex digits: 128 bits, beyond reach of a second request with the same digest


def digest(operation_id: str, account: str, request: TrunkRequest, requester: str, channel: str) -> str:
    """Name exactly what is approved, in 32 hex digits: an approval holds for this and for nothing else.

    SHA-256 over canonical JSON (sorted keys, no spaces, ASCII), so that no two requests read alike.
    """
    bound = {
        "account": account,
        "calls": request.calls,
        "channel": channel,
        "direction": request.direction.value,
        "name": request.name,
        "operation": operation_id,
        "requester": requester,
    }
    text = json.dumps(bound, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


# Crockford's alphabet: no I, L, O, U, so nothing is misheard or misread (crockford.com/base32.html).
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)
_REFERENCE_LENGTH: Final = 8
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})


def reference(operation_id: str) -> str:
    """Derive the short reference, `XXXX-XXXX`, from the first 40 bits of an operation id."""
    text = base64.b32encode(bytes.fromhex(operation_id)[:5]).decode().translate(_CROCKFORD)
    return f"{text[:4]}-{text[4:]}"


def normal_reference(typed: str) -> str | None:
    """Read a reference as a person typed it, or None when it can not be one.

    Case, spaces, dashes and backticks do not matter, and I, L, O are read as 1, 1, 0.
    """
    text = "".join(ch for ch in typed.upper() if ch.isalnum()).translate(_MISREAD)
    if len(text) != _REFERENCE_LENGTH or not set(text) <= set(_ALPHABET):
        return None
    return f"{text[:4]}-{text[4:]}"
