"""The confirmation: the form is opened and checked again, the operation stored, and only then answered."""

from dataclasses import dataclass, replace

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.commands.parse import ProblemKind, check_calls, check_name
from bot.domain.operation import Direction, TrunkRequest
from bot.domain.policy import Allowed, Denial, Denied, NeedsApproval, Person, Undetermined
from bot.domain.records import Asking, NewOperation
from bot.runtime.clock import milliseconds
from bot.runtime.log import now_about
from bot.server.request import answered
from bot.slack.payloads import Submission
from bot.slack.sealing import Form
from bot.store.accept import Already, Stored, Twin
from bot.words.answers import duplicate_message, refused_message, stale_form_message
from bot.words.approval_form import BREAK_GLASS, HOW
from bot.words.create_form import CREATE_FORM, Draft, Notice, notice_modal, operation_modal
from bot.words.form import ASK, NOW, SUBMIT
from bot.words.form_errors import (
    alone_reason_error,
    break_glass_error,
    calls_error,
    channel_error,
    direction_error,
    name_error,
    not_stored_error,
    other_channel_error,
    reason_error,
    unsure_error,
)
from bot.words.phrases import REASON_MAX
from bot.words.request_forms import SHORTCUT_FORM
from bot.workflow.intake import NotStored, Unsure
from handlers.common.guard import Body, guarded
from handlers.common.open_form import form_view
from handlers.common.refusals import record_lost_race, record_refusal
from handlers.services import Services


@dataclass(frozen=True, slots=True)
class FormErrors:
    """What to say under which input, by block_id."""

    errors: dict[str, str]


def register(app: AsyncApp, services: Services) -> None:
    """Listen to submissions of the create form."""

    async def listen(ack: AsyncAck, body: Body) -> None:
        submission = Submission.model_validate(body)
        form = services.sealer.open_form(submission.view.private_metadata)
        person = submission.person
        if form is None or form.user != person.user:
            record_refusal(services, person, "confirm", "unreadable_form", None)
            await ack(response_action="update", view=notice_modal(stale_form_message(services.command)))
            return
        now_about(form.operation)
        form = form if form.channel else _placed(form, submission)
        match checked(submission, services.policy.max_calls):
            case FormErrors(errors=errors):
                await ack(response_action="errors", errors=errors)
            case TrunkRequest() if not form.channel:
                await ack(response_action="errors", errors={"channel": channel_error()})
            case TrunkRequest() as request:
                await _decide(services, ack, submission, form, request)

    for callback in (CREATE_FORM, SHORTCUT_FORM):
        app.view(callback)(guarded(services, listen))


async def _decide(
    services: Services, ack: AsyncAck, submission: Submission, form: Form, request: TrunkRequest
) -> None:
    decision = services.may(submission.person, form.channel, request.calls)
    new = _operation(services, submission, form, request)
    draft = Draft(request.name, request.direction, request.calls)
    match decision:
        case Denied(reason=Denial.CHANNEL) if submission.view.typed("channel") is not None:
            # Chosen in the form, so there is another one to choose; nothing else that was typed is lost.
            record_refusal(services, submission.person, "confirm", decision, form.channel)
            await ack(response_action="errors", errors={"channel": other_channel_error()})
        case Denied() | Undetermined():
            record_refusal(services, submission.person, "confirm", decision, form.channel)
            view = notice_modal(refused_message(decision, services.command))
            await ack(response_action="update", view=view)
        case _ if form.account != services.account:
            # The bot was given another account while the form was open: the same form, which says so.
            record_refusal(services, submission.person, "confirm", "other_account", form.channel)
            other = form.model_copy(update={"account": services.account})
            fitting = _fitting(other, submission, decision)
            view = form_view(services, fitting, draft, decision, Notice(instead_of=form.account))
            await ack(response_action="update", view=view)
        case _ if (fitting := _fitting(form, submission, decision)) != form:
            # Something else was pressed than what will be done: the same form, with the button that says it.
            notice = services.looks.notice(form.operation, draft)
            view = form_view(services, fitting, draft, decision, notice, again=True)
            await ack(response_action="update", view=view)
        case NeedsApproval():
            await _ask(services, ack, submission, new, decision)
        case Allowed():
            await _accept(services, ack, submission.person, new)


async def _ask(
    services: Services,
    ack: AsyncAck,
    submission: Submission,
    new: NewOperation,
    decision: NeedsApproval,
) -> None:
    reason = submission.view.reason() or None
    alone = submission.view.typed(HOW) == BREAK_GLASS
    if reason is not None and len(reason) > REASON_MAX:
        await ack(response_action="errors", errors={"reason": reason_error(missing=False)})
    elif not alone:
        until = milliseconds(services.clock) + int(services.approval_ttl.total_seconds() * 1000)
        await _accept(services, ack, submission.person, replace(new, asking=Asking(reason, until)))
    elif not decision.break_glass:
        await ack(response_action="errors", errors={HOW: break_glass_error()})
    elif reason is None:
        await ack(response_action="errors", errors={"reason": alone_reason_error()})
    else:
        await _accept(services, ack, submission.person, replace(new, break_glass=reason))


async def _accept(services: Services, ack: AsyncAck, person: Person, new: NewOperation) -> None:
    submit = ASK if new.asking else NOW if new.break_glass else SUBMIT
    match await services.engine.accept(new, answered()):
        case Stored(record=record) | Already(record=record):
            services.looks.forget(new.id)
            await ack(response_action="update", view=operation_modal(record.operation))
        case Twin(record=record):
            record_lost_race(services, person, "confirm", "identical", record.operation.id)
            await ack(response_action="update", view=notice_modal(duplicate_message(record.operation)))
        case NotStored(stopping=stopping):
            words = not_stored_error(stopping=stopping, submit=submit)
            await ack(response_action="errors", errors={"name": words})
        case Unsure():
            await ack(response_action="errors", errors={"name": unsure_error(submit)})


def checked(submission: Submission, max_calls: int) -> TrunkRequest | FormErrors:
    """Check what was submitted, whatever the client did or did not check."""
    errors: dict[str, str] = {}
    name = check_name(submission.view.typed("name") or "")
    if isinstance(name, ProblemKind):
        errors["name"] = name_error(name)
    calls = check_calls(submission.view.typed("calls") or "", max_calls)
    if isinstance(calls, ProblemKind):
        errors["calls"] = calls_error(max_calls)
    direction = submission.view.typed("direction")
    if direction not in {*Direction}:
        errors["direction"] = direction_error()
    if errors or isinstance(name, ProblemKind) or isinstance(calls, ProblemKind) or direction is None:
        return FormErrors(errors)
    return TrunkRequest(name, Direction(direction), calls)


def _fitting(form: Form, submission: Submission, decision: Allowed | NeedsApproval) -> Form:
    """Return the form with the button for what was entered: the limit may have moved across the threshold."""
    if isinstance(decision, Allowed):
        return form.model_copy(update={"asks": False, "alone": False})
    alone = decision.break_glass and submission.view.typed(HOW) == BREAK_GLASS
    return form.model_copy(update={"asks": True, "alone": alone})


def _placed(form: Form, submission: Submission) -> Form:
    return form.model_copy(update={"channel": submission.view.typed("channel") or ""})


def _operation(services: Services, submission: Submission, form: Form, request: TrunkRequest) -> NewOperation:
    return NewOperation(
        id=form.operation,
        request=request,
        account=services.account,
        team=form.team,
        channel=form.channel,
        requester=form.user,
        view_id=submission.view.id,
        reply=services.sealer.seal_reply(form),
        baseline=services.looks.baseline(form.operation, request.name),
    )
