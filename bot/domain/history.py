"""What people are shown of the record: a page of operations, one operation's story, the parts of App Home."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.domain.operation import Operation, Standing, State
from bot.domain.records import Event, Post

_IDLE: Final = frozenset({State.AWAITING_APPROVAL, State.DENIED, State.EXPIRED, State.WITHDRAWN})
_REFUSED: Final = frozenset({Standing.REJECTED, Standing.NOT_SENT})


def last_known(ops: Iterable[Operation]) -> Operation | None:
    """Return the operation that left a record as the bot knows it, of those about it, the newest first.

    None where there is none, or where one after it may have changed the record without the bot knowing how.
    """
    for op in ops:
        nothing = op.state in _IDLE or (op.standing in _REFUSED and not op.uncertain)
        if op.state is State.DONE:
            return op
        if not nothing:
            return None
    return None


@dataclass(frozen=True, slots=True)
class Page:
    """Operations, newest first, and whether there are older and newer ones."""

    operations: tuple[Operation, ...]
    older: bool = False
    newer: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """The first events of an operation in their order, and how many follow."""

    events: tuple[Event, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The operations of App Home: newest first in each part, but `waiting` by when they expire.

    `mine` are the person's own that are open, `ended` those that lately came to another end than done, and
    `last` what was done. `places` are the messages of those in `unknown`, by operation, as far as known.
    """

    waiting: tuple[Operation, ...]
    mine: tuple[Operation, ...]
    ended: tuple[Operation, ...]
    unknown: tuple[Operation, ...]
    last: tuple[Operation, ...]
    places: Mapping[str, Post] = field(default_factory=dict)
