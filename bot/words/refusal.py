"""Why a person may not do something, and who can help."""

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

    `NeedsApproval` refuses what cannot be requested: deciding about an unknown outcome. With `tried` it says
    that nothing was done.
    """
    match decision:
        case Undetermined():
            lines = _undetermined(decision)
        case NeedsApproval():
            lines = (
                ("You can request trunks, but only an operator can do this.",),
                _ask(decision.approvers),
            )
        case Denied():
            lines = _denied(decision, command)
    first, *others = lines
    done: Line = (" Nothing was done.",) if tried else ()
    return ((*first, *done), *others)


def outdated(decision: Denied | Undetermined, channel: str) -> tuple[Line, ...]:
    """Explain to the approver why a request of `decision.user`, made in `channel`, cannot be approved."""
    match decision:
        case Undetermined():
            who = Person(decision.user)
            unsure = ("I could not verify whether ", who, " may still request this. Nothing was done.")
            return (unsure, *_undetermined(decision)[1:])
        case Denied(reason=Denial.OVER_CAP):
            first, *others = _denied(decision, "")
            return ((*first, " Nothing was done."), *others)
        case Denied(reason=Denial.CHANNEL):
            return (
                ("Trunks can no longer be requested in ", result_place(channel), ". Nothing was done."),
                ("The setting ", Code("TRUNK_CHANNELS"), " lists the channels."),
            )
        case Denied():
            return (
                (Person(decision.user), " may no longer request trunks. Nothing was done."),
                ("The setting ", Code("TRUNK_REQUESTERS"), " lists those who may."),
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
                (Code(command), " cannot be used in this channel."),
                ("Use it in ", *listed(places), "."),
            )
        case Denial.OVER_CAP:
            most = "so many" if decision.most is None else f"more than {decision.most}"
            return (
                (
                    f"A trunk cannot have {most} concurrent calls here (setting ",
                    Code("TRUNK_MAX_CALLS"),
                    ").",
                ),
            )
        case Denial.OWN_REQUEST:
            return (
                ("You can approve other people's requests, not your own.",),
                _ask(decision.helpers, but=decision.user),
            )
        case Denial.NOT_YOURS:
            return (("Only the requester can withdraw a request.",), _ask(decision.helpers))
        case Denial.NOT_OPERATOR:
            return (
                ("You don't have access to see, request or approve trunks.",),
                _ask(decision.helpers),
                # What they need to be given it (settings TRUNK_OPERATORS and TRUNK_REQUESTERS).
                ("They need your user ID to give you access: ", Code(decision.user), "."),
            )


def _undetermined(decision: Undetermined) -> tuple[Line, ...]:
    groups: list[Piece] = [Code(group) for group in sorted(decision.groups)[:SHOWN_HELPERS]]
    return (
        ("I could not verify whether you may do this.",),
        ("Slack did not tell me who is in the user group ", *listed(groups), "."),
        ("I ask Slack every 30 seconds. If this lasts, tell the bot's administrator: its log says why.",),
    )


def _ask(helpers: Members, but: str | None = None) -> Line:
    named: list[Piece] = [Person(user) for user in sorted(helpers.users) if user != but]
    named += [Group(group) for group in sorted(helpers.groups)]
    if named:
        return ("Ask ", *listed(named[:SHOWN_HELPERS]), ".")
    if helpers.everyone:
        return ("Ask any other member." if but else "Ask any member of that workspace.",)
    if but is not None:
        return ("Nobody else has access yet. Ask the bot's administrator.",)
    return ("Nobody has access yet. Ask the bot's administrator.",)


def called(operators: Members, but: str = "") -> list[Piece]:
    """Return whom to mention of the operators, at most five, and not the requester; nobody for `*`."""
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
