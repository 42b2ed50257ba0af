"""What people are told, and asked, while it is not known what became of a request.

Nothing here says “failed” or “not done”: neither is known.
"""

import re
from typing import Final

from bot.blockkit.report import SHOWN_ITEMS, Button, Confirm, Item, Report, Tone
from bot.blockkit.text import Line, Person, When
from bot.domain.operation import Choice, Look, Operation
from bot.domain.outcome import Thing
from bot.kinds.wording import Words, first_up
from bot.words.ended import reason
from bot.words.phrases import asked, in_doubt, numbered, result_place, several, works_for

_NOT_LOOKED: Final = Look(finished=False, whole=False)


def looking(op: Operation, words: Words) -> Report:
    """Tell that the bot is looking."""
    look = op.step.look
    body: list[Line] = [(f"Vobiz did not confirm. {in_doubt(op, words).looking}",), *reason(op, words)]
    if look is not None and not look.whole:
        body.append(("The account cannot be read at the moment. The bot keeps trying.",))
    body.append(will_appear(op))
    return Report(Tone.WARNING, _unconfirmed(op), tuple(body), facts=asked(op, words))


def will_appear(op: Operation) -> Line:
    """Say where the result will appear."""
    return ("The result will appear in ", result_place(op.channel), ".")


def asking(op: Operation, words: Words, settle: int | None) -> Report:
    """Ask a person to decide, with what the look showed; `settle` is for how many seconds was looked."""
    look, step, part = op.step.look or _NOT_LOOKED, op.step, in_doubt(op, words)
    within = (
        ""
        if settle is None or step.decided_by
        else f" within {settle} {'second' if settle == 1 else 'seconds'}"
    )
    by: Line = (" for ", Person(step.decided_by)) if step.decided_by else ()
    looked: Line = ("Last looked: ", When(op.updated_at), *by, ". The bot looks again now and then.")
    return Report(
        Tone.WARNING,
        asks(op, words),
        (*reason(op, words), *_findings(op, part, look, within), looked),
        facts=asked(op, words),
        items=tuple(_candidate(op, part, thing) for thing in look.candidates[:SHOWN_ITEMS]),
        buttons=tuple(button for button in _decisions(op, part) if button.choice in op.choices),
        hint=("Decide with the buttons of the message in ", result_place(op.channel), "."),
    )


def asks(op: Operation, words: Words) -> str:
    """Head a question."""
    look, part = op.step.look or _NOT_LOOKED, in_doubt(op, words)
    if look.candidates:
        what = f"is this the {part.record}?"
    elif look.again:
        what = part.missing
    else:
        what = "this cannot be told from the account" if look.whole else "the account could not be read"
    return f"{_unconfirmed(op)}; {what}"


def _unconfirmed(op: Operation) -> str:
    return f"Vobiz did not confirm {numbered(op)}" if several(op) else "Vobiz did not confirm"


def _findings(op: Operation, words: Words, look: Look, within: str) -> tuple[Line, ...]:
    again = f", send again (which may {words.twice})," if look.again else ""
    careful = f"{first_up(words.either)}: do not {words.verb} it again. Check again, or give up."
    if look.candidates:
        return tuple(_listed(words, look, again))
    if look.elsewhere is not None:
        return (
            works_for(op, look.elsewhere),
            (f"Nothing can be concluded: {words.either}. Look in that account, and give up;",),
            ("or check again once the bot works for it.",),
        )
    if look.again:
        return ((words.absent(within),), (f"Check again{again} or give up.",))
    if look.whole:
        return (("What is in the account does not show what became of the request.",), (careful,))
    return ((f"The account could not be read{within}, so nothing can be concluded.",), (careful,))


def _listed(words: Words, look: Look, again: str) -> list[Line]:
    number = len(look.candidates)
    count = f"One {words.record}" if number == 1 else f"{number} {words.record}s"
    lines: list[Line] = [
        (f"{count} in the account may be what this request made.",),
        (f"If so, press This one. If not, check again{again} or give up.",),
    ]
    if number > SHOWN_ITEMS:
        lines.append((f"The first {SHOWN_ITEMS} are listed; the rest are in the Vobiz account.",))
    if not look.whole:
        lines.append(("The account could not be read completely, so there may be more.",))
    return lines


def _candidate(op: Operation, words: Words, thing: Thing) -> Item:
    return Item(words.describe(thing), Button(Choice.PICK, "This one", f"{_choice(op)} {thing.id}"))


def read_choice(value: str) -> tuple[str, int | None, str | None]:
    """Read a button's value: the operation, the round that it asks in, and the id of what is picked.

    The round is None on the buttons of older versions, which say of no question that it is theirs.
    """
    operation, _, rest = value.partition(" ")
    asked, _, picked = rest.partition(" ")
    return operation, int(asked) if _ROUND.fullmatch(asked) else None, picked or None


def _choice(op: Operation) -> str:
    # A decision holds for the question that was shown: another look may have found what this one did not.
    return f"{op.id} {op.round}"


_ROUND: Final = re.compile("[0-9]{1,9}")


def _decisions(op: Operation, words: Words) -> tuple[Button, ...]:
    value = _choice(op)
    never = (
        "Vobiz never said what became of the first request. If it was carried out after all, sending it again"
    )
    send_again = Confirm("Send it again?", f"{never} will {words.twice}.", "Send again", "Cancel")
    give_up = Confirm(
        f"Give up on this {words.noun}?",
        f"The request is recorded as not {words.done}. {words.stays}",
        "Give up",
        "Cancel",
    )
    return (
        Button(Choice.CHECK_AGAIN, "Check again", value),
        Button(Choice.SEND_AGAIN, "Send again", value, danger=True, confirm=send_again),
        Button(Choice.GIVE_UP, "Give up", value, confirm=give_up),
    )
