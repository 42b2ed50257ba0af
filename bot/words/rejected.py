"""What people are told of a request that Vobiz refused: what Vobiz says, and what helps."""

from types import MappingProxyType
from typing import Final

from bot.blockkit.report import Fact, Report, Tone
from bot.blockkit.text import Code, Line, Said
from bot.domain.operation import Operation
from bot.domain.resources import Refusal
from bot.words.phrases import FIRST_UNKNOWN, NOTHING_CREATED, asked, sent_before

SHOWN_FIELDS: Final = 5


def rejected(op: Operation) -> Report:
    """Tell what Vobiz says, and what to do about it when nothing was created."""
    refusal = op.refusal
    body: list[Line] = [
        ("Vobiz refused the request. ", FIRST_UNKNOWN if sent_before(op) else NOTHING_CREATED)
    ]
    facts: list[Fact] = []
    if refusal is not None:
        body += [("Vobiz says: ", Said(refusal.message)), *_fields(refusal)]
        facts.append(Fact("HTTP status", (str(refusal.status),)))
        if refusal.code is not None:
            facts.append(Fact("Vobiz code", (Code(refusal.code),)))
        if refusal.request_id is not None:
            facts.append(Fact("Vobiz request ID", (Code(refusal.request_id),)))
    return Report(
        Tone.ERROR,
        "Vobiz refused the trunk",
        tuple(body),
        facts=(*facts, *asked(op)),
        steps=() if refusal is None or sent_before(op) else (_advice(refusal),),
    )


def _fields(refusal: Refusal) -> list[Line]:
    lines: list[Line] = [
        ("Field ", Code(item.field[:60]), ": ", Said(item.message, 200))
        for item in refusal.fields[:SHOWN_FIELDS]
    ]
    if (more := len(refusal.fields) - SHOWN_FIELDS) > 0:
        lines.append((f"and {more} more {'field' if more == 1 else 'fields'}.",))
    return lines


_TOO_MANY: Final = 429
_CHANGE: Final[Line] = ("Change what Vobiz names, then create the trunk again.",)
_OTHER: Final[Line] = ("If the reason is not clear, give Vobiz support the status and the request ID.",)
_ADVICE: Final = MappingProxyType(
    {
        400: _CHANGE,
        401: (
            "Vobiz did not accept the bot's credentials. Whoever runs the bot: check ",
            Code("VOBIZ_AUTH_ID"),
            " and ",
            Code("VOBIZ_AUTH_TOKEN"),
            ".",
        ),
        402: ("Balance too low or payment failed: top up the Vobiz account, then create the trunk again.",),
        403: ("The Vobiz account may be inactive or may not do this. Ask Vobiz support.",),
        404: (
            "Vobiz does not know this account or address. Whoever runs the bot: check ",
            Code("VOBIZ_AUTH_ID"),
            " and ",
            Code("VOBIZ_API_URL"),
            ".",
        ),
        409: ("It conflicts with something in the account. Look at its trunks before you create again.",),
        422: _CHANGE,
    }
)


def _advice(refusal: Refusal) -> Line:
    if refusal.status != _TOO_MANY:
        return _ADVICE.get(refusal.status, _OTHER)
    # Vobiz's best-practices page: 60 s when there is no Retry-After.
    wait = 60 if refusal.retry_after is None else refusal.retry_after
    return (f"Vobiz limits requests. Wait {wait} {'second' if wait == 1 else 'seconds'}, then create again.",)
