"""What enabling and disabling share: one PUT of the status, beside the name and the limit as they are."""

from typing import ClassVar

from pydantic import BaseModel

from bot.blockkit.blocks import Block, paragraph
from bot.blockkit.text import Code, Said
from bot.domain.operation import Operation
from bot.domain.outcome import Data
from bot.kinds.base import At, Errors, Limits, Typed
from bot.kinds.trunks.kind import OnTrunk, TrunkKind, fields, integer, seen_id
from bot.kinds.trunks.record import valued
from bot.vobiz.writes import Write


class SetStatus(OnTrunk):
    """What was confirmed. `capacity` (the limit of calls) is sent as it is, None where Vobiz did not say."""

    capacity: int | None


class Switch(TrunkKind):
    """Switch a trunk on or off."""

    on: ClassVar[bool]
    opposite: ClassVar[str]

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Show the trunk, and let the person confirm by the button alone."""
        now = fields(seen)
        return [
            paragraph(
                (
                    (Said(str(now.get("name", "")), 80), ", ", Code(seen_id(seen))),
                    ("Status: ", valued("on", now.get("on")), " → ", valued("on", self.on)),
                )
            )
        ]

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return the trunk: there is nothing to type."""
        return {"trunk_id": seen_id(seen)}

    def offered(self, fields: Data) -> bool:
        """Offer what would change something."""
        return fields.get("on") is not self.on

    def ready(self, seen: Data) -> bool:
        """Tell whether there is something to change."""
        return super().ready(seen) and fields(seen).get("on") is not self.on

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form."""
        now = fields(seen)
        request = {
            "trunk_id": seen_id(seen),
            "name": str(now.get("name", seen_id(seen))),
            "capacity": integer(now.get("calls")),
        }
        return SetStatus.model_validate(request)

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the PUT in both dialects: `enabled`, and `trunk_status` by the trunk object's name."""
        body: dict[str, object] = {"name": at.request["name"], "enabled": self.on}
        if (limit := integer(at.request.get("capacity"))) is not None:
            body["max_concurrent_calls"] = limit
        return self.put(at.request, body | {"trunk_status": "enabled" if self.on else "disabled"})

    def touches(self, request: Data) -> frozenset[str]:
        """Name the status."""
        return frozenset({"on"})

    def as_asked(self, request: Data, there: Data) -> bool:
        """Tell whether it is as asked."""
        return there.get("on") is self.on

    def inverse(self, op: Operation) -> tuple[str, Data] | None:
        """Return the opposite."""
        return self.opposite, {"trunk_id": op.request["trunk_id"]}
