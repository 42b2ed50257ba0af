"""How an operation ended: done, refused by Vobiz, not sent, or recorded as not done."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from bot.blockkit.report import Act, Button, Fact, Report, Tone
from bot.blockkit.text import Code, Line, Person, Said
from bot.domain.operation import Choice, Found, Operation, Step
from bot.domain.outcome import Refusal
from bot.kinds.base import OTHER
from bot.kinds.wording import CONSOLE, Difference, Words, first_up
from bot.words.phrases import (
    HEAD_MAX,
    asked,
    begun,
    decided_by,
    first_unknown,
    in_doubt,
    main_step,
    sent_before,
    several,
    standing_head,
    unchanged,
    who,
)

SHOWN_FIELDS: Final = 5


def done(op: Operation, words: Words) -> Report:
    """Tell how it is known that it was done, how it stands at Vobiz, what differs, and what is next."""
    step = main_step(op)
    thing = step.thing
    differing = tuple(_differences(op, words))
    warnings: list[Line] = [
        (
            f"{first_up(item.field)}: you asked for “",
            Said(item.asked, 300),
            "”, Vobiz answered “",
            Said(item.got, 300),
            "”.",
        )
        for item in differing
    ]
    for one in op.steps:
        warnings += _of(op, words, one).also(op.request, op.seen, one.thing)
    again = (one for one in op.steps if one.found is Found.ANSWER and one.sendings > 1)
    if doubled := next((of for one in again if (of := _of(op, words, one)).doubles), None):
        warnings.append((first_unknown(doubled),))
    facts = words.asked(op.request) if thing is None else words.result(op.request, thing)
    return Report(
        Tone.WARNING if differing else Tone.SUCCESS,
        (first_up(words.named), " “", Said(op.subject, HEAD_MAX), f"” {words.unlike}")
        if differing
        else standing_head(op, words),
        _how_found(step, words),
        warnings=tuple(warnings),
        facts=(*facts, *words.brought(op.request, op.steps), *who(op)),
        steps=(words.mend,) if differing else words.next_steps(op.request),
        buttons=()
        if thing is None
        else (
            *(() if differing else words.follows(op.request, thing)),
            *_after(op, words, words.target(op.request, thing)),
        ),
    )


def _differences(op: Operation, words: Words) -> Iterator[Difference]:
    for step in op.steps:
        if step.thing is not None:
            yield from _of(op, words, step).differences(op.request, step.thing)


def _of(op: Operation, words: Words, step: Step) -> Words:
    """Return what is said of a step; of the only one what is said of the operation."""
    return words.of(step.name) if several(op) else words


def _after(op: Operation, words: Words, record: str) -> tuple[Button, ...]:
    """Offer to see the record as it is now, and to take the change back."""
    show = (Button(Act.SHOW_TRUNK, f"Show {words.names or words.record}", record),) if words.shows else ()
    return (*show, Button(Act.UNDO, words.undo, op.id)) if words.undo else show


def _how_found(step: Step, words: Words) -> tuple[Line, ...]:
    if step.found is Found.LOOK:
        return ((f"Vobiz did not confirm it, but {_inside(words.found)}",),)
    if step.found is Found.PERSON:
        person: Line = (Person(step.decided_by),) if step.decided_by else ("a person",)
        return (("Vobiz did not confirm it; ", *person, f" picked this {words.record} from the account."),)
    return ()


def _inside(sentence: str) -> str:
    # “I” keeps its capital inside a sentence.
    return sentence if sentence.startswith("I ") else sentence[:1].lower() + sentence[1:]


def rejected(op: Operation, words: Words) -> Report:
    """Tell what Vobiz says, and what to do about it when nothing was changed."""
    refusal = op.step.refusal
    body: list[Line] = [*_stranded(op, words), (unchanged(op, words),)]
    facts: list[Fact] = []
    if refusal is not None:
        body += _says(refusal)
        code: Line = () if refusal.code is None else (", code ", Code(refusal.code))
        known: Line = () if refusal.request_id is None else (", request ID ", Code(refusal.request_id))
        facts.append(Fact("", (f"Vobiz: HTTP status {refusal.status}", *code, *known)))
    again = _again(op, words)
    return Report(
        Tone.ERROR,
        standing_head(op, words),
        tuple(body),
        facts=(*facts, *asked(op, words)),
        steps=() if refusal is None or not again else (_advice(refusal, words, asks=_asks(op)),),
        buttons=(
            *(() if refusal is None else words.instead(op.request, refusal)),
            *((_try_again(op, _label(op, refusal)),) if again else ()),
            *_left(op, words),
        ),
    )


def _again(op: Operation, words: Words) -> bool:
    """Whether the form may simply be filled in again: what was changed, for all that is known, is done."""
    return not sent_before(op) and (words.resumes or not begun(op))


def _stranded(op: Operation, words: Words) -> tuple[Line, ...]:
    return words.stranded(op) if begun(op) else ()


def _asks(op: Operation) -> bool:
    """Whether the requester needed an approval, and needs one again."""
    return op.approved_by is not None


def _label(op: Operation, refusal: Refusal | None) -> str:
    if begun(op):
        return "Request the rest" if _asks(op) else "Do the rest"
    if _asks(op):
        return "Request again"
    return "Change and try again" if refusal is not None and refusal.status in {400, 422} else "Try again"


def _left(op: Operation, words: Words) -> tuple[Button, ...]:
    return words.left(op) if begun(op) else ()


def _try_again(op: Operation, label: str) -> Button:
    return Button(Choice.TRY_AGAIN, label, op.id)


def not_sent(op: Operation, words: Words) -> Report:
    """Tell why it could not be sent; nothing left the bot."""
    again = _again(op, words)
    left = unchanged(op, words)
    return Report(
        Tone.ERROR,
        standing_head(op, words),
        (
            *_stranded(op, words),
            (left if several(op) else f"The request could not be sent to Vobiz. {left}",),
            *reason(op, words),
        ),
        facts=asked(op, words),
        buttons=(
            *((_try_again(op, _label(op, None)),) if again else ()),
            *_left(op, words),
        ),
        hint=("It is safe to try again.",) if again else None,
    )


def not_done(op: Operation, words: Words) -> Report:
    """Tell that a person gave up looking."""
    not_done = f"not {in_doubt(op, words).done}"
    before: tuple[Line, ...] = ((unchanged(op, words),),) if begun(op) else ()
    return Report(
        Tone.WARNING,
        standing_head(op, words),
        (
            (f"It was closed as {not_done}", *decided_by(op.step), "."),
            ("Vobiz never confirmed either way: check the ", CONSOLE, " before you rely on this."),
            *before,
            *_stranded(op, words),
        ),
        facts=asked(op, words),
        buttons=_left(op, words),
    )


def _says(refusal: Refusal) -> list[Line]:
    lines: list[Line] = [("Vobiz says: ", Said(refusal.message))]
    lines += [
        ("Field ", Code(item.field[:60]), ": ", Said(item.message, 200))
        for item in refusal.fields[:SHOWN_FIELDS]
    ]
    if (more := len(refusal.fields) - SHOWN_FIELDS) > 0:
        lines.append((f"and {more} more {'field' if more == 1 else 'fields'}.",))
    return lines


_OTHER: Final[Line] = ("If the reason is unclear, send Vobiz support the status and the request ID.",)
_ADVICE: Final = MappingProxyType[int, Line](
    {
        401: (
            "Vobiz rejected the bot's credentials. Ask the bot's administrator to check ",
            Code("VOBIZ_AUTH_ID"),
            " and ",
            Code("VOBIZ_AUTH_TOKEN"),
            ".",
        ),
        403: ("The Vobiz account may be inactive, or not allowed to do this. Ask Vobiz support.",),
        404: (
            "Vobiz does not know this account or address. Ask the bot's administrator to check ",
            Code("VOBIZ_AUTH_ID"),
            " and ",
            Code("VOBIZ_API_URL"),
            ".",
        ),
    }
)


def _advice(refusal: Refusal, words: Words, *, asks: bool) -> Line:
    if special := words.advice(refusal):
        return special
    again = "then request it again." if asks else "then try again."
    match refusal.status:
        case 400 | 422:
            return (f"Change what Vobiz names, {again}",)
        case 402:
            return (f"The balance is too low, or a payment failed: top up the Vobiz account, {again}",)
        case 409:
            return ("It conflicts with something in the account. Look in the ", CONSOLE, f" first, {again}")
        case 429:
            # Vobiz's best-practices page: 60 s when there is no Retry-After.
            wait = 60 if refusal.retry_after is None else refusal.retry_after
            seconds = f"{wait} {'second' if wait == 1 else 'seconds'}"
            return (f"Vobiz limits how many requests it takes. Wait {seconds}, {again}",)
        case status:
            return _ADVICE.get(status, _OTHER)


_BROKEN: Final[Line] = ("The connection broke before Vobiz answered.",)
_UNREADABLE: Final[Line] = ("Vobiz answered with something that cannot be read.",)
_ADDRESS: Final[Line] = (
    "The address of Vobiz cannot be used. Ask the bot's administrator to check ",
    Code("VOBIZ_API_URL"),
    ".",
)
# The reasons of `bot.vobiz.outcome`, and those that a run of the bot gives itself.
_REASONS: Final = MappingProxyType[str, Line](
    {
        "connect": ("No connection could be made.",),
        "connect_timeout": ("The connection was not made in time.",),
        "pool_timeout": ("All of my connections to Vobiz were busy.",),
        "proxy": ("The proxy between the bot and Vobiz refused.",),
        "unsupported_protocol": _ADDRESS,
        "invalid_url": _ADDRESS,
        "timeout": ("Vobiz did not answer in time.",),
        "reset": _BROKEN,
        "transport": _BROKEN,
        "protocol": _BROKEN,
        "local_protocol": _BROKEN,
        "unreadable": _UNREADABLE,
        "too_large": _UNREADABLE,
        "redirect": ("Vobiz answered with a redirect, which I never follow.",),
        "contradiction": ("Vobiz's answer spoke of success and of an error at once.",),
        "conflict": ("Vobiz answered that this conflicts with what is in the account.",),
        "interrupted": ("I was restarted while I waited for Vobiz's answer.",),
        "stopped": ("I was stopped while I waited for Vobiz's answer.",),
        "promised": ("Vobiz answered that it will do it later.",),
        "unread": ("I could not read what this would change right before sending it, so I did not send it.",),
        "password_gone": (
            "The password of the first attempt is not kept any more, and another one must not be sent.",
        ),
        "overslept": ("I was held up for too long before I could send it.",),
        "edited": (
            "What is stored is not what was confirmed. Ask the bot's administrator to verify the record.",
        ),
        "changed": ("The account has changed since you saw it. Open the form again to see how it is now.",),
    }
)
# Of these the record's name is a part.
_NAMING: Final = MappingProxyType(
    {
        "not_allowed": "Vobiz named a {} in a way that cannot be used in a request.",
        "ambiguous": "Vobiz answered with more than one {}.",
        "no_id": "Vobiz answered without a {} ID.",
        "incomplete": "Vobiz answered with an ID, and with nothing else of the {}.",
    }
)
_STATUS: Final = "http_"  # and with these three what follows them
_KNOWN: Final = "known_"
_TAKEN: Final = "taken_"


def reason(op: Operation, words: Words) -> tuple[Line, ...]:
    """Say why an outcome is not known or a request was not sent, as far as the bot knows."""
    why, refusal, kind, words = op.step.reason, op.step.refusal, words, in_doubt(op, words)
    says: list[Line] = [] if refusal is None else _says(refusal)
    match why:
        case None:
            told: tuple[Line, ...] = ()
        case "other_account":
            told = (("I work for another account now; this was for ", Code(op.account), "."),)
        case "changed" if op.step.thing is not None and (lines := kind.changed(op.step.thing)):
            told = lines
        case "changed" if begun(op):
            told = (("The account has changed meanwhile, so I did not send this step.",),)
        case _ if why in _NAMING:
            told = ((_NAMING[why].format(words.record),),)
        case _ if why.startswith(_KNOWN):
            told = (_answered(words, "was there before", why.removeprefix(_KNOWN)),)
        case _ if why.startswith(_TAKEN):
            told = (_answered(words, "belongs to another request", why.removeprefix(_TAKEN)),)
        case _ if why.startswith(OTHER):
            told = (_answered(words, "may not be the one of this request", why.removeprefix(OTHER)),)
        case _ if why.startswith(_STATUS):
            told = (("Vobiz answered with HTTP status ", Code(why.removeprefix(_STATUS)), "."),)
        case _:
            told = (_REASONS.get(why, ("Reason: ", Code(why))),)
    return (*told, *says)


def _answered(words: Words, but: str, identity: str) -> Line:
    return (f"Vobiz answered with a {words.record} that {but}: ", Code(identity), ".")
