"""What people are told, and asked, while it is not known whether Vobiz created a trunk.

Nothing here says “failed” or “not created”: neither is known.
"""

import re
from typing import Final

from bot.blockkit.report import SHOWN_ITEMS, Button, Confirm, Item, Report, Tone
from bot.blockkit.text import Line, Person, When
from bot.domain.operation import Choice, Operation
from bot.domain.resources import Trunk
from bot.words.phrases import asked, describe, result_place, works_for
from bot.words.reasons import reason


def looking(op: Operation) -> Report:
    """Tell that the bot is looking for the trunk."""
    body: list[Line] = [
        ("Vobiz did not confirm. Looking for the trunk; do not create it again.",),
        *reason(op),
    ]
    if op.look is not None and not op.look.reachable:
        body.append(("The account can not be read at the moment. The bot keeps trying.",))
    body.append(will_appear(op))
    return Report(Tone.WARNING, "Vobiz did not confirm", tuple(body), facts=asked(op))


def will_appear(op: Operation) -> Line:
    """Say where the result will appear."""
    return ("The result will appear in ", result_place(op.channel), ".")


def asking(op: Operation, settle: int | None) -> Report:
    """Ask a person to decide, with what the search showed."""
    candidates = op.look.candidates if op.look is not None else ()
    reachable = op.look is not None and op.look.reachable
    within = (
        ""
        if settle is None or op.decided_by
        else f" within {settle} {'second' if settle == 1 else 'seconds'}"
    )
    looked: Line = (
        "Last looked: ",
        When(op.updated_at),
        *((" for ", Person(op.decided_by)) if op.decided_by else ()),
        ".",
    )
    buttons = tuple(button for button in _decisions(op) if button.choice in op.choices)
    if candidates:
        headline, body = "Vobiz did not confirm; is this the trunk?", _listed(candidates, reachable=reachable)
    elif reachable:
        headline, body = "Vobiz did not confirm; the trunk was not found", _absent(within)
    else:
        headline = "Vobiz did not confirm; the account could not be read"
        elsewhere = op.look.elsewhere if op.look is not None else None
        body = _unread(within) if elsewhere is None else _elsewhere(op, elsewhere)
    return Report(
        Tone.WARNING,
        headline,
        (*reason(op), *body, looked),
        facts=asked(op),
        items=tuple(_candidate(op, trunk) for trunk in candidates[:SHOWN_ITEMS]),
        buttons=buttons,
        hint=("Decide with the buttons of the message in ", result_place(op.channel), "."),
    )


def _listed(candidates: tuple[Trunk, ...], *, reachable: bool) -> tuple[Line, ...]:
    count = "One trunk" if len(candidates) == 1 else f"{len(candidates)} trunks"
    lines: list[Line] = [
        (f"{count} in the account may be what this request made.",),
        ("If so, press This one. If not, check again or give up.",),
    ]
    if len(candidates) > SHOWN_ITEMS:
        lines.append((f"The first {SHOWN_ITEMS} are listed; the rest are in the Vobiz account.",))
    if not reachable:
        lines.append(("The account could not be read completely, so there may be more.",))
    return tuple(lines)


def _absent(within: str) -> tuple[Line, ...]:
    return (
        (f"No trunk that fits was found{within}. It may still appear, or it was never created.",),
        ("Check again, send again (which may make a second trunk), or give up.",),
    )


def _unread(within: str) -> tuple[Line, ...]:
    return (
        (f"The account could not be read{within}, so nothing can be concluded.",),
        ("The trunk may exist or not: do not create it again. Check again, or give up.",),
    )


def _elsewhere(op: Operation, account: str) -> tuple[Line, ...]:
    return (
        works_for(op, account),
        ("Nothing can be concluded: the trunk may exist there or not. Look in that account, and give up;",),
        ("or check again once the bot works for it.",),
    )


def _candidate(op: Operation, trunk: Trunk) -> Item:
    return Item(describe(trunk), Button(Choice.PICK, "This one", f"{_choice(op)} {trunk.id}"))


def read_choice(value: str) -> tuple[str, int | None, str | None]:
    """Read a button's value: the operation, the round that it asks in, and the trunk that is picked.

    The round is None on the buttons of older versions, which say of no question that it is theirs.
    """
    operation, _, rest = value.partition(" ")
    asked, _, trunk = rest.partition(" ")
    return operation, int(asked) if _ROUND.fullmatch(asked) else None, trunk or None


def _choice(op: Operation) -> str:
    # A decision holds for the question that was shown: another look may have found what this one did not.
    return f"{op.id} {op.round}"


_ROUND: Final = re.compile("[0-9]{1,9}")


_SEND_AGAIN: Final = Confirm(
    "Send it again?",
    "Vobiz never said what became of the first request. If it was carried out after all, this makes a second"
    " trunk.",
    "Send again",
    "Cancel",
)
_GIVE_UP: Final = Confirm(
    "Give up on this trunk?",
    "The request is recorded as not created. Nothing is deleted: if Vobiz did create the trunk, it stays in"
    " the account.",
    "Give up",
    "Cancel",
)


def _decisions(op: Operation) -> tuple[Button, ...]:
    value = _choice(op)
    return (
        Button(Choice.CHECK_AGAIN, "Check again", value),
        Button(Choice.SEND_AGAIN, "Send again", value, danger=True, confirm=_SEND_AGAIN),
        Button(Choice.GIVE_UP, "Give up", value, confirm=_GIVE_UP),
    )
