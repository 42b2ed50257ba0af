"""What a set-up of a trunk is asked with: the trunk, and what is made, attached and assigned for it."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.domain.outcome import Data
from bot.kinds.attached.address import Address
from bot.kinds.attached.fields import ASKED
from bot.kinds.attached.login import Login
from bot.kinds.attached.route import Route
from bot.kinds.create_trunk import Request as Trunk
from bot.kinds.numbers.assign import steps_of as numbers_steps
from bot.kinds.numbers.kind import PhoneNumber
from bot.kinds.numbers.number import MOST
from bot.kinds.set_up_trunk.stages import ATTACH, CREATE, making


class SetUp(BaseModel):
    """Exactly what was confirmed. What is None or empty was not asked for; something of it was."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trunk: Trunk
    sip_login: Login | None = None
    ip_acl: Address | None = None
    sip_route: Route | None = None
    phone_numbers: Annotated[tuple[PhoneNumber, ...], Field(max_length=MOST)] = ()

    @model_validator(mode="after")
    def _more_than_a_trunk(self) -> Self:
        if not any((self.sip_login, self.ip_acl, self.sip_route, self.phone_numbers)):
            message = "a set-up is more than a trunk"
            raise ValueError(message)
        return self


def steps_of(request: Data) -> Iterator[str]:
    """Yield the names of the steps in their order."""
    yield CREATE
    if made := [making(asked) for asked in ASKED if request.get(asked)]:
        yield from (*made, ATTACH)
    yield from numbers_steps(request)
