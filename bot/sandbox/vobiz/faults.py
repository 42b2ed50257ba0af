"""What Vobiz answers to a write under each fault: in place of doing it, or after it was done."""

from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from bot.sandbox.answers import answer, html
from bot.sandbox.shape import Json, text
from bot.sandbox.vobiz.errors import error

_BALANCE: Final[Json] = {"required": 1000, "available": 450, "currency": "USD"}
_BUSY: Final[Json] = {"limitType": "requests", "limit": 10, "current": 15}
_SPEED: Final = "Too many requests"
POOR: Final = "Account balance too low to complete this operation"
_INDIA: Final = timedelta(hours=5, minutes=30)
BROKEN: Final = "Something went wrong on our side"


def failing(fault: str, wait: int) -> web.Response | None:
    """Answer in place of doing it, if the fault does; `wait` is the Retry-After in seconds.

    What `list_lags` fails comes after a while.
    """
    match fault:
        case "no_balance":
            return answer(error("INSUFFICIENT_BALANCE", POOR, _BALANCE), 402)
        case "rate_limited":
            limited = error("RATE_LIMIT_EXCEEDED", _SPEED, {**_BUSY, "retryAfter": wait})
            return answer(limited, 429, {"Retry-After": str(wait)})
        case "refused_200":
            return answer({"success": False, "message": POOR})
        case "error_before" | "list_lags":
            return answer(error("INTERNAL_ERROR", BROKEN), 500)
        case "busy":
            return answer(error("BUSY", "There are active calls"), 409)
        case _:
            return None


def bent(trunk: Json, fault: str) -> Json:
    """Return what a fault makes of a trunk's fields as the account keeps them."""
    if fault == "renamed":
        return {"name": " ".join(text(trunk["name"]).lower().split())[:100]}
    if fault == "no_zone":
        local = datetime.fromisoformat(text(trunk["created_at"])) + _INDIA
        return {"created_at": local.replace(tzinfo=None).isoformat()}
    return {"trunk_domain": None} if fault == "domain_later" else {}


def answer_to(row: Json | None, status: int, fault: str) -> web.Response | None:
    """Answer a write that was done, or spoil the answer as the fault does; None is no answer.

    `row` is what was made or changed; without it the answer has no body, as that to a DELETE.
    """
    match fault:
        case "created_then_reset" | "doubled":
            return None
        case "created_then_500" | "renamed" | "no_zone":
            return answer(error("INTERNAL_ERROR", BROKEN), 500)
        case "garbage":
            return html()
        case "empty_2xx":
            return web.Response(status=status)
        case _:
            return web.Response(status=status) if row is None else answer(row, status)
