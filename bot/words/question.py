"""What people are told, and asked, while it is not known what became of a request.

Nothing here says “failed” or “not done”: neither is known.
"""

import re
from typing import Final

from bot.blockkit.report import SHOWN_ITEMS, Button, Confirm, Item, Report, Tone
from bot.blockkit.text import Line, Person, When
from bot.domain.operation import Choice, Look, Operation
from bot.domain.outcome import Thing
from bot.domain.policy import Members
from bot.kinds.wording import CONSOLE, Words, first_up
from bot.words.ended import reason
from bot.words.phrases import asked, in_doubt, result_place, several, unconfirmed, works_for
from bot.words.refusal import called, listed

_NOT_LOOKED: Final = Look(finished=False, whole=False)
NOBODY: Final = Members()


def looking(op: Operation, words: Words) -> Report:
    """Tell that the bot is looking."""
    look, part = op.step.look, in_doubt(op, words)
    body: list[Line] = [(part.looking,), *reason(op, words)]
    if look is not None and not look.whole:
        body.append(("The account cannot be read at the moment. I keep trying.",))
    body.append(will_appear(op))
    headline = (*unconfirmed(op, words), f"; do not {_it(op, part)} again")
    return Report(Tone.WARNING, headline, tuple(body), facts=asked(op, words))


def _it(op: Operation, words: Words) -> str:
    """Say what is not to be done again; of one step of several, with what it is about."""
    return f"{words.verb} this {words.noun}" if several(op) else words.with_it


def will_appear(op: Operation) -> Line:
    """Say where the result will appear."""
    return ("The result will be posted in ", result_place(op.channel), ".")


def asking(op: Operation, words: Words, settle: int | None, deciders: Members = NOBODY) -> Report:
    """Ask a person to decide, with what the look showed.

    `settle` is for how many seconds was looked; `deciders` are the operators, of whom five are named.
    """
    look, step, part = op.step.look or _NOT_LOOKED, op.step, in_doubt(op, words)
    only = _only_one(op)
    within = (
        ""
        if settle is None or step.decided_by
        else f" within {settle} {'second' if settle == 1 else 'seconds'}"
    )
    by: Line = (" for ", Person(step.decided_by)) if step.decided_by else ()
    looked: Line = ("Last checked: ", When(op.updated_at), *by, ". I check again from time to time.")
    return Report(
        Tone.QUESTION,
        asks(op, words),
        (*reason(op, words), *_findings(op, part, look, within), who_decides(deciders), looked),
        facts=asked(op, words),
        items=tuple(_candidate(op, part, thing, primary=only) for thing in look.candidates[:SHOWN_ITEMS]),
        buttons=decision_buttons(op, words),
        hint=("Use the buttons on the message in ", result_place(op.channel), "."),
    )


def who_decides(deciders: Members) -> Line:
    """Name the people who may decide, at most five."""
    people = called(deciders)
    return ("Who can decide: ", *(listed(people) if people else ("any operator",)), ".")


def asks(op: Operation, words: Words) -> Line:
    """Head a question."""
    look, part = op.step.look or _NOT_LOOKED, in_doubt(op, words)
    if look.candidates:
        what = part.which(len(look.candidates))
    elif look.again:
        what = part.missing
    else:
        what = "the account does not show what happened" if look.whole else "the account could not be read"
    return ("Decision needed: ", *unconfirmed(op, words), f"; {what}")


def _findings(op: Operation, words: Words, look: Look, within: str) -> tuple[Line, ...]:
    again = f", Send again (may {words.twice})" if look.again else ""
    choose = f"Choose Check again{again} or Give up (closes the request)."
    careful: Line = (f"{first_up(words.either)}: do not {_it(op, words)} again.",)
    if look.candidates:
        return tuple(_listed(words, look, again))
    if look.elsewhere is not None:
        return (
            works_for(op, look.elsewhere),
            (f"So I cannot tell: {words.either}. Look in the other account, then give up here;",),
            ("or check again when I work for that account.",),
        )
    if look.again:
        return ((words.absent(within),), (choose,))
    if look.whole:
        return (("What is in the account does not show what became of the request.",), careful, (choose,))
    return ((f"The account could not be read{within}, so I cannot tell.",), careful, (choose,))


def _listed(words: Words, look: Look, again: str) -> list[Line]:
    number = len(look.candidates)
    press = "If this is it, press This one" if number == 1 else "Press This one next to the right one"
    lines: list[Line] = [
        (words.matching(number),),
        (f"{press}; otherwise choose Check again{again} or Give up.",),
    ]
    if number > SHOWN_ITEMS:
        lines.append((f"The first {SHOWN_ITEMS} are listed; see the rest in the ", CONSOLE, "."))
    if not look.whole:
        lines.append(("I could not read the whole account, so there may be more.",))
    return lines


def _candidate(op: Operation, words: Words, thing: Thing, *, primary: bool) -> Item:
    value = f"{_choice(op)} {thing.id}"
    return Item(words.describe(thing), Button(Choice.PICK, "This one", value, primary=primary))


def _only_one(op: Operation) -> bool:
    """Whether one record alone may be what was made: then that is what most will press, else the look.

    What Vobiz says at once to be there already is most likely somebody else's: nobody is led to claim it.
    """
    step = op.step
    theirs = step.reason == "conflict" and step.sendings == 1
    return step.look is not None and len(step.look.candidates) == 1 and not theirs


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


def decision_buttons(op: Operation, words: Words) -> tuple[Button, ...]:
    """Make the buttons that the open question offers, but for those beside what was found."""
    part, value = in_doubt(op, words), _choice(op)
    never = "The outcome of the first request is not known. If it was carried out after all, sending it again"
    send_again = Confirm("Send it again?", f"{never} will {part.twice}.", "Send again", "Cancel")
    give_up = Confirm(
        "Give up on this request?",
        f"The request is closed as not {part.done}. {part.stays}",
        "Give up",
        "Cancel",
    )
    buttons = (
        Button(Choice.CHECK_AGAIN, "Check again", value, primary=not _only_one(op)),
        Button(Choice.SEND_AGAIN, "Send again", value, danger=True, confirm=send_again),
        Button(Choice.GIVE_UP, "Give up", value, confirm=give_up),
    )
    return tuple(button for button in buttons if button.choice in op.choices)
