"""Why a person may not do something: the setting that decides, their own id, and who can help."""

from typing import Final

from bot.policy import Denial, Denied, Members, Undetermined
from bot.slack.text import Code, Group, Line, Person, Piece, Place

SHOWN_HELPERS: Final = 5
SHOWN_CHANNELS: Final = 10


def refusal(decision: Denied | Undetermined, command: str) -> tuple[Line, ...]:
    """Explain a refusal. What could not be verified reads differently from what is not allowed."""
    if isinstance(decision, Undetermined):
        lines = _undetermined(decision)
    elif decision.reason is Denial.OTHER_TEAM:
        lines = (
            (Code(command), " works only for members of the workspace that runs it. Nothing was done."),
            _ask(decision.helpers),
        )
    elif decision.reason is Denial.CHANNEL:
        places: list[Piece] = [Place(channel) for channel in sorted(decision.channels)[:SHOWN_CHANNELS]]
        lines = (
            (Code(command), " may not be used in this channel. Nothing was done."),
            ("It may be used in ", *_listed(places), " (setting ", Code("TRUNK_CHANNELS"), ")."),
        )
    else:
        lines = (
            ("You may not create trunks. Nothing was done.",),
            ("The setting ", Code("TRUNK_OPERATORS"), " names who may; you are not among them."),
            _ask(decision.helpers),
        )
    return (*lines, ("Your user ID is ", Code(decision.user), "."))


def _undetermined(decision: Undetermined) -> tuple[Line, ...]:
    groups: list[Piece] = [Code(group) for group in sorted(decision.groups)[:SHOWN_HELPERS]]
    return (
        ("It could not be verified whether you may do this, so nothing was done.",),
        (
            "Slack did not say who is in the user group ",
            *_listed(groups),
            " (setting ",
            Code("TRUNK_OPERATORS"),
            ").",
        ),
        ("Try again in a minute. If it stays so: ", Code("python -m bot doctor"), " shows why."),
    )


def _ask(helpers: Members) -> Line:
    named: list[Piece] = [Person(user) for user in sorted(helpers.users)]
    named += [Group(group) for group in sorted(helpers.groups)]
    if named:
        return ("Ask ", *_listed(named[:SHOWN_HELPERS]), ".")
    if helpers.everyone:
        return ("Ask any member of that workspace.",)
    return ("Nobody may yet. Ask whoever runs the bot.",)


def _listed(pieces: list[Piece]) -> Line:
    listed: list[Piece] = []
    for number, piece in enumerate(pieces):
        if number:
            listed.append(", ")
        listed.append(piece)
    return tuple(listed)
