"""What people are shown of the record: a page of operations, one operation's story, the parts of App Home."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.operation import Operation
from bot.domain.records import Event, Post


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
