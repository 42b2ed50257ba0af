"""What was asked of Slack, Vobiz and the database, and what they said: values that the readers judge."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.store.fitness import Unfit
from bot.vobiz.client import Ready, Refused, Unreachable

_CODE: Final = re.compile(r"[a-z0-9_]{1,60}")


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer that can be read; `reason` is why, as the end of a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer of Slack's Web API: headers by lower-case name, and our clock when it came (seconds)."""

    body: Mapping[str, object]
    headers: Mapping[str, str]
    at: float

    @property
    def error(self) -> str | None:
        """Slack's code for why it did not do it, or None when it did."""
        if self.body.get("ok") is True:
            return None
        code = self.body.get("error")
        return code if isinstance(code, str) and _CODE.fullmatch(code) else "unreadable"


@dataclass(frozen=True, slots=True)
class Account:
    """What Vobiz said about the credentials, and our clock when it came (seconds)."""

    answer: Ready | Refused | Unreachable
    at: float


@dataclass(frozen=True, slots=True)
class Stored:
    """A database that answers: its schema's version (None: empty), and where it lies.

    `unfit` says why a Postgres is none for the bot, `filesystem` the kind of file system under a SQLite
    file where that is known. `key` are the ids of the keys that seal the record, if any do, and `guarded`
    tells whether the database refuses to change events.
    """

    version: str | None
    unfit: Unfit | None = None
    filesystem: str | None = None
    key: str | None = None
    guarded: bool = True


@dataclass(frozen=True, slots=True)
class Unusable:
    """A start would fail at this database: `reason` is why, `cure` what to do."""

    reason: str
    cure: str


@dataclass(frozen=True, slots=True)
class NoFile:
    """There is no SQLite file yet; `possible` tells whether one can be made there."""

    path: str
    possible: bool


Slack = Heard | Silence | None  # None: not asked
Database = Stored | NoFile | Unusable | Silence | None


@dataclass(frozen=True, slots=True)
class Answers:
    """Everything that was heard; None is what was not asked, for want of a setting or for no need."""

    token: Slack = None
    app: Slack = None
    channel: Slack = None
    groups: Mapping[str, Slack] = field(default_factory=dict)
    vobiz: Account | Silence | None = None
    database: Database = None
