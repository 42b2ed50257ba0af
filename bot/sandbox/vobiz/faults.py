"""What Vobiz answers to a create under each fault: in place of a trunk, or after it was made."""

from typing import Final

from aiohttp import web

from bot.sandbox.answers import answer, html
from bot.sandbox.shape import Json
from bot.sandbox.vobiz.account import error

_BALANCE: Final[Json] = {"required": 1000, "available": 450, "currency": "USD"}
_BUSY: Final[Json] = {"limitType": "requests", "limit": 10, "current": 15}
_SPEED: Final = "Too many requests"
BROKEN: Final = "Something went wrong on our side"


def failing(fault: str, wait: int) -> web.Response | None:
    """Answer in place of creating, if the fault does; `wait` is the Retry-After in seconds."""
    match fault:
        case "no_balance":
            words = "Account balance too low to complete this operation"
            return answer(error("INSUFFICIENT_BALANCE", words, _BALANCE), 402)
        case "rate_limited":
            limited = error("RATE_LIMIT_EXCEEDED", _SPEED, {**_BUSY, "retryAfter": wait})
            return answer(limited, 429, {"Retry-After": str(wait)})
        case "error_before":
            return answer(error("INTERNAL_ERROR", BROKEN), 500)
        case _:
            return None


def answer_to(trunk: Json, fault: str) -> web.Response | None:
    """Answer a create that made a trunk, or spoil the answer as the fault does; None is no answer."""
    match fault:
        case "created_then_reset":
            return None
        case "created_then_500":
            return answer(error("INTERNAL_ERROR", BROKEN), 500)
        case "garbage":
            return html()
        case "empty_2xx":
            return web.Response(status=201)
        case _:
            return answer(trunk, 201)
