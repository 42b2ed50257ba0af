"""Deny: the button opens a form that asks why, and its submission is the decision."""

from dataclasses import replace
from typing import Final

from slack_bolt.async_app import AsyncApp

from bot.domain.records import Record
from bot.kinds.base import Errors
from bot.runtime.tasks import Question
from bot.slack.payloads import Press, Submission
from bot.slack.responses import Failed
from bot.slack.sealing import Form
from bot.store.database import PASSING
from bot.words.answers import stale_form_message
from bot.words.approval_answers import approval_recorded_message, changed_message
from bot.words.command_help import button_form_failed_message
from bot.words.deny_form import DENY_FORM, deny_modal
from bot.words.form_words import DENY, not_denied_error, reason_error, unsure_error
from bot.words.phrases import REASON_MAX
from bot.workflow.decisions import Decided, Settled
from bot.workflow.intake import NotStored, Unsure
from handlers.common import press as presses
from handlers.common.answer import Refuse, refused_to_decide, settled
from handlers.common.press import answered_press, waiting
from handlers.common.submission import Answer, answered_submission
from handlers.services import Services

_WITHIN: Final = 2.5  # seconds; Slack waits 3 for the answer to a submission


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the button and to its form."""
    app.action("approval.deny")(answered_press(services, _ask_why))
    app.view(DENY_FORM)(answered_submission(services, "deny", _denied))


async def _ask_why(services: Services, press: Press) -> presses.Answer:
    operation, _, bound = press.action.value.partition(" ")
    record = await waiting(services, press, operation)
    if not isinstance(record, Record):
        return record
    op = record.operation
    if (refuse := refused_to_decide(services.rules, press.person, op)) is not None:
        return refuse
    words = services.rules.kinds.words(op)
    if bound != record.digest:
        return Refuse("changed", changed_message(op, words))
    form = Form(
        kind=op.kind,
        operation=operation,
        team=op.team,
        user=press.user.id,
        channel=op.channel,
        opened_at=int(services.clock.now()),
    )
    view = deny_modal(op, words, services.sealer.seal_form(form))
    shown = await services.slack.open_view(press.trigger_id, view)
    return button_form_failed_message(shown.error) if isinstance(shown, Failed) else None


async def _denied(services: Services, submission: Submission, form: Form) -> Answer:
    reason = submission.view.reason()
    if not reason or len(reason) > REASON_MAX:
        return Errors({"reason": reason_error(missing=not reason)})
    try:
        answer = await Question(lambda: _deny(services, submission, form, reason)).ask(_WITHIN)
    except TimeoutError:
        return Errors({"reason": unsure_error(DENY)})
    except PASSING:
        return Errors({"reason": not_denied_error(stopping=False)})
    return replace(answer, about=form.operation) if isinstance(answer, Refuse) else answer


async def _deny(services: Services, submission: Submission, form: Form, reason: str) -> Answer:
    rules, person = services.rules, submission.person
    record = await services.ledger.get(form.operation)
    if record is None:
        return stale_form_message(rules.command)
    if (refuse := refused_to_decide(rules, person, record.operation)) is not None:
        return refuse
    match await services.decisions.deny(form.operation, person.user, reason):
        case Decided(record=after):
            words = rules.kinds.words(after.operation)
            return approval_recorded_message(after.operation, words, approved=False)
        case Settled(record=after):
            return settled(rules, person, after.operation)
        case NotStored(stopping=stopping):
            return Errors({"reason": not_denied_error(stopping=stopping)})
        case Unsure() | None:
            return Errors({"reason": unsure_error(DENY)})
