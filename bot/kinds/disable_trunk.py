"""Switching a trunk off: it rejects calls at once and keeps its settings."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import BaseModel

from bot.domain.outcome import Data
from bot.kinds.trunks.lost import numbers_line, numbers_seen
from bot.kinds.trunks.status import SetStatus, Switch
from bot.kinds.trunks.words import TrunkWords
from bot.kinds.wording import Alert, Words
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import Trunk


class DisableWords(TrunkWords):
    """How the bot speaks of disabling."""

    switches: ClassVar[bool | None] = False
    verb, doing, done = "disable", "disabling", "disabled"
    undo: ClassVar[str] = "Enable it again"

    def wants(self, request: Data) -> Iterator[tuple[str, str, object]]:
        """Yield that it shall be off."""
        yield "status", "on", False

    def consequences(self, known: Data, seen: Data) -> tuple[Alert, ...]:
        """Say that calls are rejected at once, and which numbers stop ringing."""
        numbers = numbers_line(seen, "no longer rings", "no longer ring")
        text = "It rejects new calls at once. Calls in progress may go on or end: Vobiz does not say which."
        return (Alert(text, (numbers,) if numbers else ()),)

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type."""
        return ((f'{verb} "Sales"', "switches a trunk off; its settings stay"),)


class DisableTrunk(Switch):
    """Have a trunk reject all calls."""

    name, verb, on = "disable_trunk", "disable", False
    synonyms = frozenset({"deactivate", "off", "stop", "suspend", "block"})
    opposite = "enable_trunk"
    Request: ClassVar[type[BaseModel]] = SetStatus
    words: ClassVar[Words] = DisableWords()

    def read_for(self, trunk: str) -> Needs:
        """Read the numbers too: those that are routed to it stop ringing."""
        return Needs(trunks=False, trunk=trunk, parts=frozenset({Part.NUMBERS}))

    def depends(self, trunk: Trunk, now: Snapshot) -> Data:
        """Keep which numbers those are."""
        return {"numbers": numbers_seen(trunk.id, now)}
