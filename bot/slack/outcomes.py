"""What people are told about an operation in each of its states: words only, no layout."""

from types import MappingProxyType
from typing import Final

from bot.operations import Choice, Found, Operation, State
from bot.slack.phrases import (
    FIRST_UNKNOWN,
    NOTHING_CREATED,
    PLAIN_STATES,
    UNSTATED,
    asked,
    describe,
    ending,
    sent_before,
    who,
)
from bot.slack.reasons import reason
from bot.slack.report import SHOWN_ITEMS, Button, Fact, Item, Report, Tone
from bot.slack.requests import unapproved
from bot.slack.text import Code, Line, Person, Said
from bot.slack.uncertain import asking, looking, will_appear
from bot.vobiz.compare import differences
from bot.vobiz.models import Refusal, Trunk

SHOWN_FIELDS: Final = 5

NEXT_STEPS: Final[tuple[Line, ...]] = (
    ("Add credentials or an IP ACL, so that calls are authenticated.",),
    ("Set an origination URI.",),
    ("Place a test call before production traffic.",),
)


def report(op: Operation, settle: int | None = None, approvals: str | None = None) -> Report:
    """Tell what is true of an operation now.

    `settle` is for how many seconds the trunk was looked for, `approvals` the channel where its approval
    was asked for, where these are known.
    """
    match op.state:
        case State.CREATED if op.trunk is not None:
            told = _created(op, op.trunk)
        case State.REJECTED:
            told = _rejected(op)
        case State.NOT_SENT:
            told = _not_sent(op)
        case State.UNKNOWN:
            told = asking(op, settle) if op.asking else looking(op)
        case State.NOT_CREATED:
            told = _not_created(op)
        case State.ACCEPTED | State.SENDING:
            told = _creating(op)
        case State.AWAITING_APPROVAL | State.DENIED | State.EXPIRED | State.WITHDRAWN:
            told = unapproved(op, approvals)
        case _:
            headline, sentence = PLAIN_STATES[op.state]
            told = Report(Tone.INFO, headline, ((sentence,),), facts=asked(op))
    return told


def late_twins(op: Operation, twins: tuple[Trunk, ...]) -> Report:
    """Tell of trunks that turned up after an operation was settled and may be its second result."""
    count = "A trunk that fits" if len(twins) == 1 else f"{len(twins)} trunks that fit"
    body: list[Line] = [(f"{count} this request turned up later.",), ("About the request: ", *ending(op))]
    if len(twins) > SHOWN_ITEMS:
        body.append((f"The first {SHOWN_ITEMS} are listed; the rest are in the Vobiz account.",))
    return Report(
        Tone.WARNING,
        "Possibly a second trunk" if op.trunk is not None else "Possibly the trunk of this request",
        tuple(body),
        facts=asked(op),
        items=tuple(Item(describe(trunk)) for trunk in twins[:SHOWN_ITEMS]),
        steps=(
            ("Ask whether somebody else created it.",),
            ("If not, this request may have made it: decide which to keep, and delete the rest.",),
        ),
    )


def _created(op: Operation, trunk: Trunk) -> Report:
    differing = differences(op.request, trunk)
    warnings: list[Line] = [
        (
            f"WARNING: {item.field}: asked for ",
            Said(item.asked, 300),
            "; Vobiz has ",
            Said(item.got, 300),
            ".",
        )
        for item in differing
    ]
    if differing:
        warnings.append(("The bot changed nothing. Check the trunk before you use it.",))
    if op.found is Found.ANSWER and sent_before(op):
        warnings.append((FIRST_UNKNOWN,))
    return Report(
        Tone.WARNING if differing else Tone.SUCCESS,
        "Trunk created, not as asked" if differing else "Trunk created",
        _how_found(op),
        tuple(warnings),
        _details(op, trunk),
        NEXT_STEPS,
    )


def _how_found(op: Operation) -> tuple[Line, ...]:
    if op.found is Found.LOOK:
        return (
            ("Vobiz did not confirm. The trunk was found by looking: it is the only one there that fits.",),
        )
    if op.found is Found.PERSON:
        person: Line = (Person(op.decided_by), " picked") if op.decided_by else ("A person picked",)
        return (("Vobiz did not confirm. ", *person, " this trunk from the account."),)
    return ()


def _details(op: Operation, trunk: Trunk) -> tuple[Fact, ...]:
    secure = None if trunk.secure is None else "on" if trunk.secure else "off"
    return (
        Fact("Name", _stated(trunk.name, op.request.name)),
        Fact("Trunk ID", (Code(trunk.id),)),
        Fact("SIP domain", (UNSTATED,) if trunk.domain is None else (Code(trunk.domain),)),
        Fact("Direction", _stated(trunk.direction, op.request.direction.value)),
        Fact("Concurrent calls", _stated(trunk.calls, op.request.calls)),
        Fact("New calls per second (CPS)", _stated(trunk.cps)),
        Fact("Transport", _stated(trunk.transport.upper() if trunk.transport else None)),
        Fact("TLS/SRTP (secure)", _stated(secure)),
        Fact("Status", _stated(trunk.status)),
        *who(op),
    )


def _stated(value: str | int | None, as_asked: str | int | None = None) -> Line:
    if value is not None:
        return (Said(str(value), 300),)
    return (UNSTATED,) if as_asked is None else (Said(str(as_asked), 300), f" as asked; {UNSTATED}")


def _rejected(op: Operation) -> Report:
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


def _not_sent(op: Operation) -> Report:
    again = sent_before(op)
    return Report(
        Tone.ERROR,
        "Not sent",
        (
            ("The request could not be sent to Vobiz. ", FIRST_UNKNOWN if again else NOTHING_CREATED),
            *reason(op),
        ),
        facts=asked(op),
        buttons=() if again else (Button(Choice.TRY_AGAIN, "Try again", op.id),),
        hint=None if again else ("It is safe to try again.",),
    )


def _not_created(op: Operation) -> Report:
    by: Line = (" by ", Person(op.decided_by)) if op.decided_by else ()
    return Report(
        Tone.WARNING,
        "Recorded as not created",
        (
            ("It was recorded as not created", *by, "."),
            ("Vobiz never confirmed: look in the account before you rely on it.",),
        ),
        facts=asked(op),
    )


def _creating(op: Operation) -> Report:
    now = "Accepted. Vobiz is asked once."
    if op.state is State.SENDING:
        now = "Sent again; waiting for Vobiz." if sent_before(op) else "Waiting for Vobiz."
    return Report(Tone.INFO, "Creating…", ((now,), will_appear(op)), facts=asked(op))
