"""Why a person may not do something: the setting that decides, their own id, and who can help."""

from typing import Final

from bot.blockkit.text import Code, Group, Line, Person, Piece, Place
from bot.domain.policy import Denial, Denied, Members, NeedsApproval, Undetermined
from bot.words.phrases import result_place

SHOWN_HELPERS: Final = 5
SHOWN_CHANNELS: Final = 10


def refusal(
    decision: NeedsApproval | Denied | Undetermined, command: str, *, tried: bool = True
) -> tuple[Line, ...]:
    """Explain a refusal. What could not be verified reads differently from what is not allowed.

    `NeedsApproval` refuses what cannot be asked for: deciding about an unknown outcome. With `tried` it says
    that nothing was done.
    """
    match decision:
        case Undetermined():
            lines = _undetermined(decision)
        case NeedsApproval():
            lines = (
                ("You may ask for trunks, but an operator must do this.",),
                ("The setting ", Code("TRUNK_OPERATORS"), " names the operators."),
                _ask(decision.approvers),
            )
        case Denied():
            lines = _denied(decision, command)
    first, *others = lines
    done: Line = (" Nothing was done.",) if tried else ()
    return ((*first, *done), *others, ("Your user ID is ", Code(decision.user), "."))


def outdated(decision: Denied | Undetermined, channel: str) -> tuple[Line, ...]:
    """Explain to who approves why a request of `decision.user`, made in `channel`, may not be approved."""
    match decision:
        case Undetermined():
            who = Person(decision.user)
            unsure = ("It could not be verified whether ", who, " may still ask for this. Nothing was done.")
            return (unsure, *_undetermined(decision)[1:])
        case Denied(reason=Denial.OVER_CAP):
            first, *others = _denied(decision, "")
            return ((*first, " Nothing was done."), *others)
        case Denied(reason=Denial.CHANNEL):
            return (
                ("Trunks may not be asked for in ", result_place(channel), " any more. Nothing was done."),
                ("The setting ", Code("TRUNK_CHANNELS"), " names where they may."),
            )
        case Denied():
            return (
                (Person(decision.user), " may not ask for trunks any more. Nothing was done."),
                ("The setting ", Code("TRUNK_REQUESTERS"), " names who may."),
            )


def _denied(decision: Denied, command: str) -> tuple[Line, ...]:
    match decision.reason:
        case Denial.OTHER_TEAM:
            # Strangers are not told who is who here.
            return (
                (Code(command), " works only for members of the workspace that runs it."),
                ("Other workspaces do not count, also where they belong to the same organisation.",),
                ("Ask one of those members to create the trunk.",),
            )
        case Denial.CHANNEL:
            places: list[Piece] = [Place(channel) for channel in sorted(decision.channels)[:SHOWN_CHANNELS]]
            return (
                (Code(command), " may not be used in this channel."),
                ("It may be used in ", *listed(places), " (setting ", Code("TRUNK_CHANNELS"), ")."),
            )
        case Denial.OVER_CAP:
            most = (
                "More concurrent calls"
                if decision.most is None
                else f"More than {decision.most} concurrent calls"
            )
            return ((f"{most} may not be asked for (setting ", Code("TRUNK_MAX_CALLS"), ")."),)
        case Denial.OWN_REQUEST:
            return (
                ("You asked for this yourself, so somebody else must decide.",),
                _ask(decision.helpers, but=decision.user),
            )
        case Denial.NOT_YOURS:
            return (("Only who asked may withdraw a request.",), _ask(decision.helpers))
        case Denial.NOT_OPERATOR:
            return (
                ("You may not create trunks or decide about them.",),
                (
                    "The settings ",
                    Code("TRUNK_OPERATORS"),
                    " and ",
                    Code("TRUNK_REQUESTERS"),
                    " name who may create and who may ask.",
                ),
                _ask(decision.helpers),
            )


def _undetermined(decision: Undetermined) -> tuple[Line, ...]:
    groups: list[Piece] = [Code(group) for group in sorted(decision.groups)[:SHOWN_HELPERS]]
    return (
        ("It could not be verified whether you may do this.",),
        (
            "Slack did not say who is in the user group ",
            *listed(groups),
            " (settings ",
            Code("TRUNK_OPERATORS"),
            ", ",
            Code("TRUNK_REQUESTERS"),
            ").",
        ),
        ("The bot reads it again every 30 seconds. If it stays so, its log says why.",),
    )


def _ask(helpers: Members, but: str | None = None) -> Line:
    named: list[Piece] = [Person(user) for user in sorted(helpers.users) if user != but]
    named += [Group(group) for group in sorted(helpers.groups)]
    if named:
        return ("Ask ", *listed(named[:SHOWN_HELPERS]), ".")
    if helpers.everyone:
        return ("Ask any other member." if but else "Ask any member of that workspace.",)
    if but is not None:
        return ("Nobody else may yet. Ask whoever runs the bot.",)
    return ("Nobody may yet. Ask whoever runs the bot.",)


def called(operators: Members, but: str = "") -> list[Piece]:
    """Return whom to mention of the operators, at most five, and not the one who asked; nobody for `*`."""
    # Groups first: who is on call changes there.
    groups: list[Piece] = [Group(group) for group in sorted(operators.groups)]
    return [*groups, *(Person(user) for user in sorted(operators.users) if user != but)][:SHOWN_HELPERS]


def listed(pieces: list[Piece]) -> Line:
    """Join pieces by commas."""
    joined: list[Piece] = []
    for number, piece in enumerate(pieces):
        if number:
            joined.append(", ")
        joined.append(piece)
    return tuple(joined)
