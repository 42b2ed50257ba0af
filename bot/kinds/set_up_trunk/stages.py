"""The stages that a set-up is composed of, by the names of its steps, which are stored."""

from types import MappingProxyType
from typing import Final

from bot.domain.outcome import Data
from bot.kinds.attached.address import CreateAddress
from bot.kinds.attached.attach import Attach
from bot.kinds.attached.fields import ASKED
from bot.kinds.attached.login import CreateLogin
from bot.kinds.attached.route import CreateRoute
from bot.kinds.create_trunk.stage import CreateStage
from bot.kinds.numbers.assign import ASSIGN, AssignNumber
from bot.kinds.stages import Stage

CREATE: Final = "create_trunk"
ATTACH: Final = "attach"


def making(asked: str) -> str:
    """Name the step that makes a record, by what a request calls the record."""
    return f"create_{ASKED[asked]}"


_ATTACHED: Final = {"sip_login": "the login", "ip_acl": "the address", "sip_route": "the route"}


def attaching(asked: Data) -> str:
    """Name the step that attaches what is asked for, or what was created where that is not known."""
    named = [name for key, name in _ATTACHED.items() if asked.get(key)]
    return f"Attach {' and '.join(named) or 'what was created'} to the trunk"


STAGES: Final = MappingProxyType[str, Stage](
    {
        CREATE: CreateStage(),
        making("sip_login"): CreateLogin(guarded=False),
        making("ip_acl"): CreateAddress(guarded=False),
        making("sip_route"): CreateRoute(guarded=False),
        ATTACH: Attach(attaching({})),
        ASSIGN: AssignNumber(),
    }
)


def title(step: str) -> str:
    """Name a step in a list."""
    name, _, rest = step.partition(" ")
    return STAGES[name].title(rest)
