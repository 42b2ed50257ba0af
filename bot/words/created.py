"""What people are told of a trunk that was created: as Vobiz has it, what differs, what to do next."""

from typing import Final

from bot.blockkit.report import Fact, Report, Tone
from bot.blockkit.text import Code, Line, Person, Said
from bot.domain.operation import Found, Operation
from bot.domain.resources import Trunk
from bot.kinds.compare import differences
from bot.words.phrases import FIRST_UNKNOWN, UNSTATED, sent_before, who

NEXT_STEPS: Final[tuple[Line, ...]] = (
    ("Add credentials or an IP ACL, so that calls are authenticated.",),
    ("Set an origination URI.",),
    ("Place a test call before production traffic.",),
)


def created(op: Operation, trunk: Trunk) -> Report:
    """Tell how it is known that the trunk was created, and how it stands at Vobiz."""
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
