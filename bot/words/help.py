"""What `help` shows: the commands that a person may use, and the rules that concern them."""

from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Item, Report, Tone
from bot.blockkit.text import Code, Line
from bot.domain.policy import Allowed, Decision, Denial, Denied, NeedsApproval
from bot.words.faults import EXAMPLE_REFERENCE
from bot.words.refusals import refusal


def help_message(command: str, decision: Decision, max_calls: int) -> Message:
    """Show the commands that this person may use, with an example of each, and the rules that concern them.

    `decision` is the policy's for `max_calls` calls, so that a threshold above which an operator needs
    another one is in it.
    """
    status = Item((Code(f"{command} status {EXAMPLE_REFERENCE}"), " tells what became of a request"))
    history = Item((Code(f"{command} history"), " shows your requests, newest first"))
    if not isinstance(decision, Allowed | NeedsApproval):
        outsider = isinstance(decision, Denied) and decision.reason is Denial.OTHER_TEAM
        items = () if outsider else (status, history)
        return lay_out(Report(Tone.INFO, "SIP trunks", refusal(decision, command, tried=False), items=items))
    rules = _rules(decision, max_calls)
    commands = (
        Item((Code(f'{command} create "Sales" outbound 10'), " opens the form, filled in")),
        Item((Code(f"{command} create"), " opens the empty form")),
        status,
        Item((Code(f"{command} history Sales"), " finds requests by name, person, state or reference")),
        *(_doctor(command) if _operator(decision) else ()),
        Item((Code(f"{command} help"), " shows this")),
    )
    return lay_out(Report(Tone.INFO, "SIP trunks", rules, items=commands))


def _operator(decision: Decision) -> bool:
    # Above the threshold an operator needs another one; a requester always does.
    return isinstance(decision, Allowed) or (
        isinstance(decision, NeedsApproval) and decision.above is not None
    )


def _doctor(command: str) -> tuple[Item]:
    return (Item((Code(f"{command} doctor"), " checks what the bot needs: tokens, scopes, database, clock")),)


def _rules(decision: Allowed | NeedsApproval, max_calls: int) -> tuple[Line, ...]:
    amount = f"A trunk takes 1 to {max_calls} concurrent calls."
    if isinstance(decision, Allowed):
        return ((f"{amount} Nothing is created before you confirm the form.",),)
    if decision.above is None:
        return (
            (f"{amount} You may ask for one; nothing is created before an operator approves.",),
            ("You can withdraw a request while it waits.",),
        )
    second = f"Above {decision.above} concurrent calls a second operator must approve."
    alone = " With a reason you may go without; everybody is told (break glass)."
    return (
        (f"{amount} Nothing is created before you confirm the form.",),
        (f"{second}{alone if decision.break_glass else ''}",),
        ("Requests of others wait for you or another operator: nobody approves their own.",),
    )
