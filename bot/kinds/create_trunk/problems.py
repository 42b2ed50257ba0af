"""The words for what is wrong with a create as typed."""

from types import MappingProxyType
from typing import Final

from bot.commands.problems import EXTRA_WORD_SAYS, WORD
from bot.kinds.create_trunk.request import NAME_MAX, Fault

_SAYS: Final = MappingProxyType(
    {
        Fault.NAME_EMPTY: "The name is empty.",
        Fault.NAME_LONG: f"The name is too long: Vobiz takes at most {NAME_MAX} characters.",
        Fault.NAME_CHARACTER: "The name contains a control character, or one that reverses text.",
        Fault.QUOTE_OPEN: "The quotation mark before the name is never closed.",
        Fault.DIRECTION: f"{WORD} is not a direction: write inbound or outbound.",
        Fault.LIMIT_NOT_WHOLE: (
            f"{WORD} is not a number of calls. Enter the maximum concurrent calls as digits, for example 10."
        ),
        Fault.EXTRA_WORD: EXTRA_WORD_SAYS,
    }
)


def says(fault: Fault, max_calls: int) -> str:
    """Say what is wrong; `max_calls` is the deployer's cap."""
    out_of_range = f"{WORD} is out of range: a trunk can have 1 to {max_calls} concurrent calls."
    return _SAYS.get(fault, out_of_range)


def usage(max_calls: int) -> str:
    """Write how `create` is used."""
    return f"create <name> <inbound|outbound> <1 to {max_calls}>"
