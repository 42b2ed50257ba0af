"""What is said about commands: what is wrong with one, how to use them, and that a form did not open."""

from types import MappingProxyType
from typing import Final

from bot.blockkit.layout import Message, lay_out, note
from bot.blockkit.report import Item, Report, Sample, Tone
from bot.blockkit.text import CODE_MAX, Code, Line, Said, caret
from bot.commands.problems import EXAMPLE_REFERENCE, WORD, Problem, ProblemKind
from bot.domain.policy import Allowed, Decision, Denial, Denied, NeedsApproval
from bot.kinds.base import Limits
from bot.kinds.registry import Kinds
from bot.words.history import choose_person
from bot.words.refusal import refusal


def problem_message(problem: Problem, command: str) -> Message:
    """Say what is wrong with a command, point at the word, and give the corrected command to copy."""
    if problem.kind == ProblemKind.PERSON:
        told = note(Tone.INFO, _fault(problem))
        return Message(told.text, (*told.blocks, choose_person()))
    shift = len(command) + 1
    pointed = caret(f"{command} {problem.text}", problem.start + shift, problem.end + shift)
    body: list[Line | Sample] = [_fault(problem), Sample(*pointed)]
    fixed = f"{command} {problem.fix}"
    # A corrected command that is cut could not be copied.
    if problem.fix is not None and len(fixed) <= CODE_MAX:
        body += [("Did you mean this?",), Sample(fixed)]
    body.append(("Usage: ", Code(f"{command} {problem.usage}")))
    return note(Tone.ERROR, *body)


def _fault(problem: Problem) -> Line:
    before, found, after = problem.says.partition(WORD)
    if not found:
        return (problem.says,)
    word = ("“", Said(problem.text[problem.start : problem.end], 80), "”")
    return (*((before,) if before else ()), *word, *((after,) if after else ()))


def help_message(command: str, decision: Decision, kinds: Kinds, limits: Limits) -> Message:
    """Show the commands that this person may use, with an example of each, and the rules that concern them.

    `decision` is the policy's for the most calls, so that a threshold above which an operator needs another
    one is in it.
    """
    status = Item(
        (
            Code(f"{command} status {EXAMPLE_REFERENCE}"),
            " shows what happened to a request, and its state now",
        )
    )
    history = Item((Code(f"{command} history"), " shows your requests, newest first"))
    if not isinstance(decision, Allowed | NeedsApproval):
        outsider = isinstance(decision, Denied) and decision.reason is Denial.OTHER_TEAM
        items = () if outsider else (status, history)
        return lay_out(Report(Tone.INFO, _TITLE, refusal(decision, command, tried=False), items=items))
    examples = (
        Item((Code(f"{command} {typed}"), f" {does}"))
        for kind in kinds
        if kind.verb
        for typed, does in kind.words.examples(kind.verb)
    )
    commands = (
        *examples,
        Item((Code(f"{command} list"), " lists the account's trunks; add a part of a name, or a state")),
        Item((Code(f'{command} show "Sales"'), " shows a trunk, with a button for each change")),
        Item((Code(f'{command} test "Sales"'), " tells whether a trunk is ready for calls, and what to do")),
        status,
        Item((Code(f"{command} history Sales"), " finds requests by name, person, state or reference")),
        *(_doctor(command) if _operator(decision) else ()),
        Item((Code(f"{command} help"), " shows this")),
    )
    return lay_out(Report(Tone.INFO, _TITLE, _rules(decision, limits), items=commands))


_TITLE: Final[Line] = ("SIP trunks",)


def _operator(decision: Decision) -> bool:
    # Above the threshold an operator needs another one; a requester always does.
    return isinstance(decision, Allowed) or (
        isinstance(decision, NeedsApproval) and decision.above is not None
    )


def _doctor(command: str) -> tuple[Item]:
    return (Item((Code(f"{command} doctor"), " checks what the bot needs: tokens, scopes, database, clock")),)


def _rules(decision: Allowed | NeedsApproval, limits: Limits) -> tuple[Line, ...]:
    amount = f"A trunk can have 1 to {limits.max_calls} concurrent calls."
    if isinstance(decision, Allowed):
        return ((f"{amount} Nothing is sent to Vobiz before you confirm the form.",),)
    if decision.above is None:
        return (
            (f"{amount} You can request one; nothing is sent to Vobiz before an operator approves.",),
            ("You can withdraw a request while it is waiting.",),
        )
    second = f"Above {decision.above} concurrent calls a second operator must approve."
    alone = " In an emergency you can skip that by giving a reason; the operators are notified (break glass)."
    return (
        (f"{amount} Nothing is sent to Vobiz before you confirm the form.",),
        (f"{second}{alone if decision.break_glass else ''}",),
        ("You can approve other people's requests, not your own.",),
    )


def other_command_message(typed: str, command: str) -> Message:
    """Answer a slash command that this bot does not have."""
    return note(
        Tone.ERROR,
        ("I do not answer to ", Code(typed), ". Nothing was done."),
        ("My command is ", Code(command), "; ", Code(f"{command} help"), " shows how to use it."),
    )


def starting_message() -> Message:
    """Answer while the bot is not ready yet."""
    return note(Tone.INFO, ("I am starting. Nothing was done. Try again in a few seconds.",))


_EXPIRED: Final = "Slack allows 3 seconds to open a form, and they had passed."
_USED: Final = "Slack opens one form for each command, and that one was already used."
_SLOW: Final = "Slack did not answer in time."
# Slack's guide and its method pages spell two of these codes differently.
_VIEW_CAUSES: Final = MappingProxyType(
    {
        "expired_trigger_id": _EXPIRED,
        "trigger_expired": _EXPIRED,
        "exchanged_trigger_id": _USED,
        "trigger_exchanged": _USED,
        "timeout": _SLOW,
        "unreachable": _SLOW,
        "ratelimited": "Slack limits how fast forms open. Wait a moment.",
    }
)


# What no second try cures: Slack refuses the token, or the bot lacks what it needs.
LASTING: Final = frozenset(
    {
        *("account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"),
        *(
            "access_denied",
            "app_missing",
            "enterprise_is_restricted",
            "ekm_access_denied",
            "invalid_arguments",
        ),
        *(
            "missing_scope",
            "no_permission",
            "not_allowed_token_type",
            "org_login_required",
            "team_access_not_granted",
        ),
        *("team_added_to_org", "two_factor_setup_required", "view_too_large"),
    }
)
_TELL: Final[Line] = (
    "Trying again will not help. Tell the bot's administrator: ",
    Code("python -m bot doctor"),
    " shows what to do.",
)


def view_failed_message(command_line: str, cause: str) -> Message:
    """Say that the form did not open, with the command to paste again; `cause` is Slack's error code."""
    if _VIEW_CAUSES.get(cause) == _SLOW:
        # It may be on its way: with a second command there would be two forms, and it could be done twice.
        return note(
            Tone.ERROR,
            ("Slack did not confirm that the form opened. Nothing was done.",),
            ("If the form appears, use it. If it does not, send the command again:",),
            Sample(command_line),
        )
    return note(
        Tone.ERROR,
        ("The form could not be opened. Nothing was done.",),
        _because(cause),
        *((_TELL,) if cause in LASTING else (("Send the command again:",), Sample(command_line))),
    )


def button_form_failed_message(cause: str) -> Message:
    """Say that the form behind a button did not open; `cause` is Slack's error code."""
    if _VIEW_CAUSES.get(cause) == _SLOW:
        return note(
            Tone.ERROR,
            ("Slack did not confirm that the form opened. Nothing was decided.",),
            ("If the form appears, use it. If it does not, press the button again.",),
        )
    return note(
        Tone.ERROR,
        ("The form could not be opened. Nothing was decided.",),
        *unopened(cause, "Press the button again."),
    )


def unopened(cause: str, again: str) -> tuple[Line, ...]:
    """Say why Slack opened nothing, and to do it `again` where that may help."""
    return _because(cause), (_TELL if cause in LASTING else (again,))


def _because(cause: str) -> Line:
    known = _VIEW_CAUSES.get(cause)
    return (known,) if known is not None else ("Slack's reason: ", Code(cause))
