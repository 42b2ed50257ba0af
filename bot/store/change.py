"""What a transition writes into an operation's row, beside the state."""

from dataclasses import dataclass

from bot.domain.operation import Found, Look
from bot.domain.records import dump_look
from bot.domain.resources import Refusal, Trunk


@dataclass(frozen=True, slots=True)
class Change:
    """What a transition writes beside the state. Unset fields stay as they are."""

    trunk: Trunk | None = None
    found: Found | None = None
    refusal: Refusal | None = None
    reason: str | None = None
    look: Look | None = None
    decided_by: str | None = None

    def columns(self) -> dict[str, object]:
        """Return the columns that this change sets."""
        values: dict[str, object] = {}
        if self.trunk is not None:
            values |= {"trunk_id": self.trunk.id, "trunk": self.trunk.model_dump_json()}
        if self.refusal is not None:
            values["refusal"] = self.refusal.model_dump_json()
        if self.look is not None:
            values["look"] = dump_look(self.look)
        for column in ("found", "reason", "decided_by"):
            if (value := getattr(self, column)) is not None:
                values[column] = value
        return values
