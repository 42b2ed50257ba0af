"""The confirmation: the form is opened and checked again, the operation stored, and only then answered."""

from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.answering import answered
from bot.commands import ProblemKind, check_calls, check_name
from bot.engine import NotStored
from bot.ledger import Already, Stored, Twin
from bot.operations import Direction, TrunkRequest
from bot.policy import Allowed, Person
from bot.records import NewOperation
from bot.sealing import Form
from bot.services import Services
from bot.slack.messages import (
    calls_error,
    direction_error,
    duplicate_message,
    name_error,
    not_stored_error,
    refused_message,
    stale_form_message,
)
from bot.slack.payloads import Submission
from bot.slack.views import CREATE_FORM, notice_modal, operation_modal
from handlers.guard import Body, guarded
from handlers.refusing import record_lost_race, record_refusal


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
        decision = services.may(person, form.channel)
        if not isinstance(decision, Allowed):
            record_refusal(services, person, "confirm", decision, form.channel)
            view = notice_modal(refused_message(decision, services.command))
            await ack(response_action="update", view=view)
            return
        match checked(submission, services.policy.max_calls):
            case FormErrors(errors=errors):
                await ack(response_action="errors", errors=errors)
            case TrunkRequest() as request:
                await _accept(services, ack, person, _operation(services, submission, form, request))

    app.view(CREATE_FORM)(guarded(services, listen))


async def _accept(services: Services, ack: AsyncAck, person: Person, new: NewOperation) -> None:
    match await services.engine.accept(new, answered()):
        case Stored(record=record) | Already(record=record):
            await ack(response_action="update", view=operation_modal(record.operation))
        case Twin(record=record):
            record_lost_race(services, person, "confirm", "identical", record.operation.id)
            await ack(response_action="update", view=notice_modal(duplicate_message(record.operation)))
        case NotStored(stopping=stopping):
            await ack(response_action="errors", errors={"name": not_stored_error(stopping=stopping)})


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
