"""Switching a trunk on: one PUT of name, limit and status."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import BaseModel

from bot.domain.outcome import Data
from bot.domain.policy import Facts
from bot.kinds.trunks.kind import fields, integer
from bot.kinds.trunks.status import SetStatus, Switch
from bot.kinds.trunks.words import TrunkWords
from bot.kinds.wording import Words


class EnableWords(TrunkWords):
    """How the bot speaks of enabling."""

    switches: ClassVar[bool | None] = True
    verb, doing, done = "enable", "enabling", "enabled"
    undo: ClassVar[str] = "Disable it again"

    def wants(self, request: Data) -> Iterator[tuple[str, str, object]]:
        """Yield that it shall be on."""
        yield "status", "on", True

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type."""
        return ((f'{verb} "Sales"', "switches a trunk on"),)


class EnableTrunk(Switch):
    """Have a trunk take calls."""

    name, verb, on, proves = "enable_trunk", "enable", True, True
    synonyms = frozenset({"activate", "on", "start", "resume"})
    opposite = "disable_trunk"
    Request: ClassVar[type[BaseModel]] = SetStatus
    words: ClassVar[Words] = EnableWords()

    def facts(self, known: Data, seen: Data) -> Facts:
        """Say how many calls may be live at once afterwards; before, none may."""
        return Facts(self.name, before=0, after=integer(fields(seen).get("calls")))
