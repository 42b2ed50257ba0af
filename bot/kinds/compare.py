"""Compares the trunk that Vobiz describes with what was asked for.

The vendor's own sample asks for OUTBOUND and shows `both` coming back, so an answer is never taken to
be what was asked.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.operation import TrunkRequest
from bot.domain.resources import Trunk


class Field(StrEnum):
    """The fields of a request that can be compared, in the words shown to people."""

    NAME = "name"
    DIRECTION = "direction"
    CALLS = "concurrent calls"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that came back other than it was asked for."""

    field: Field
    asked: str
    got: str


def differences(request: TrunkRequest, trunk: Trunk) -> tuple[Difference, ...]:
    """List what differs: the name to the character, the direction in any case, the limit as a number.

    A field that Vobiz did not return is not a difference.
    """
    pairs = (
        (Field.NAME, request.name, trunk.name),
        (Field.DIRECTION, request.direction.value, trunk.direction.lower() if trunk.direction else None),
        (Field.CALLS, str(request.calls), None if trunk.calls is None else str(trunk.calls)),
    )
    return tuple(
        Difference(field, asked, got) for field, asked, got in pairs if got is not None and got != asked
    )
