"""Creating a SIP trunk: what is typed, the form, the request, what is sent, and what was made of it."""

from bot.kinds.create_trunk.kind import CreateTrunk
from bot.kinds.create_trunk.request import Request

__all__ = ("CreateTrunk", "Request")
