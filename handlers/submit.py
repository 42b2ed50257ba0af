"""The confirmation: what was submitted is checked again, the operation stored, and only then answered."""

from dataclasses import dataclass, replace
from typing import Final

from pydantic import BaseModel
from slack_bolt.async_app import AsyncApp
from sqlalchemy.exc import SQLAlchemyError

from bot.domain.operation import Operation, digest, likeness
from bot.domain.outcome import Data
from bot.domain.policy import Allowed, Denial, Denied, NeedsApproval, Undetermined
from bot.domain.proof import Proof
from bot.domain.records import Asking, NewOperation
from bot.kinds.base import Errors, Kind
from bot.runtime.clock import milliseconds
from bot.runtime.tasks import Question
from bot.slack.payloads import Submission
from bot.slack.sealing import Form, Sealer
from bot.store.ledger import Already, Claimed, Repeated, Stored
from bot.words.answers import duplicate_message, stale_form_message, unseen_form_message
from bot.words.form import BREAK_GLASS, FORM, HOW, SHORTCUT_FORM
from bot.words.form_words import (
    ASK,
    alone_reason_error,
    break_glass_error,
    channel_error,
    not_stored_error,
    other_channel_error,
    reason_error,
    unsure_error,
)
from bot.words.modal import operation_modal
from bot.words.phrases import REASON_MAX
from bot.workflow.intake import NotStored, Unsure
from bot.workflow.preview import Reading
from handlers.common.answer import Refuse, View
from handlers.common.filling import reads_by_itself
from handlers.common.open_form import (
    READ_WITHIN,
    Draft,
    form_view,
    look_of,
    must_see,
    refill,
    showing,
    sight_of,
)
from handlers.common.submission import Answer, answered_submission
from handlers.services import Rules, Services

_LATELY: Final = 600_000  # milliseconds; an operation this old is no accident of a moment ago

MayAsk = Allowed | NeedsApproval


def register(app: AsyncApp, services: Services) -> None:
    """Listen to submissions of the form of any kind."""
    for callback in (FORM, SHORTCUT_FORM):
        app.view(callback)(answered_submission(services, "confirm", _confirm))


async def _confirm(services: Services, submission: Submission, form: Form) -> Answer:
    rules = services.rules
    kind = rules.kinds.of(form.kind)
    if kind is None:
        return Refuse("unknown_kind", stale_form_message(rules.command))
    read = _read(rules, kind, submission, form)
    if isinstance(read, Errors | Refuse):
        return read
    return await _judged(services, submission, kind, form, read.model_dump(mode="json"))


def _read(rules: Rules, kind: Kind, submission: Submission, form: Form) -> BaseModel | Errors | Refuse:
    """Read the form; one of a kind that changes what exists only after it had shown what that is."""
    if kind.guarded and (form.seen is None or not kind.ready(form.seen)):
        return Refuse("unseen", unseen_form_message())
    read = kind.read(submission.view.typed, rules.limits, sight_of(kind, form))
    if not isinstance(read, Errors) and not form.channel:
        return Errors({"channel": channel_error()})
    return read


async def _judged(
    services: Services, submission: Submission, kind: Kind, form: Form, request: Data
) -> Answer:
    """Ask the policy, show the form again where it did not say what would be done, or store it."""
    rules = services.rules
    reading, seen = await _seen(services, kind, form, request)
    if kind.guarded and form.about != digest({"about": kind.about(request, seen)}):
        return _of_another(services, submission, Draft(kind, form, request, Allowed()))
    decision = rules.may(submission.person, form.channel, kind.facts(request, seen))
    if isinstance(decision, Denied | Undetermined):
        return await _refused(services, submission, Draft(kind, form, request, Allowed()), decision)
    draft = Draft(kind, form, request, decision)
    fitting = _fitting(rules, submission, draft)
    news = must_see(kind, request, seen) not in {"", form.showed}
    if fitting != form or (news and await _is_new(services, form.operation)):
        draft = replace(draft, form=fitting, twin=await _done_lately(services, kind, form, request))
        return _again(rules, services.sealer, form, showing(draft, seen))
    return await _stored(services, submission, draft, reading, seen)


async def _stored(
    services: Services, submission: Submission, draft: Draft, reading: Reading | None, seen: Data
) -> Answer:
    rules, form = services.rules, draft.form
    decision = draft.decision
    until = milliseconds(services.clock) + int(rules.approval_ttl.total_seconds() * 1000)
    asked = _asked(submission, decision, until)
    if isinstance(asked, Errors):
        return asked
    new = replace(
        _operation(rules, submission, draft, seen),
        reply=services.sealer.seal_reply(form),
        snapshot=None if reading is None else reading.snapshot_id,
        asking=asked.asking,
        break_glass=asked.break_glass,
        unless_since=_lately(services, draft.kind),
        shown=form.twin,
    )
    return await _accept(services, draft, new, seen)


async def _seen(services: Services, kind: Kind, form: Form, request: Data) -> tuple[Reading | None, Data]:
    """Return the reading from before, if there is one, and what the person saw.

    What is compared right before it is sent is what the form showed, and not what is there by now.
    """
    if reads_by_itself(kind):
        return None, form.seen or {}
    reading, seen = await look_of(services, kind, form, request)
    return reading, (form.seen or {}) if kind.guarded else seen


def _of_another(services: Services, submission: Submission, draft: Draft) -> View:
    """Show the form anew, and read for it: what was seen was of something else than what is asked for."""
    form = draft.form.model_copy(update={"seen": None, "showed": "", "about": None})
    again = replace(draft, form=form)
    view = submission.view
    refill(services, again, submission.person, view.id)
    return form_view(services.rules, services.sealer, again)


def _lately(services: Services, kind: Kind) -> int | None:
    """Return since when (ms) what did the same is told of before it is done again; None: it is not told.

    People send a command again that Slack said had failed: the second form is confirmed after the first has
    made what it asks for. While that is under way its claims say so. A guarded form says by itself that there
    is nothing left to change; to switch off again what was switched on meanwhile is another change.
    """
    return None if kind.guarded else milliseconds(services.clock) - _LATELY


async def _done_lately(services: Services, kind: Kind, form: Form, request: Data) -> Operation | None:
    """Return what a form that is shown again tells of as well; storing asks by itself."""
    since, same = _lately(services, kind), likeness(form.kind, request, services.rules.account)
    if since is None:
        return None
    try:
        ask = Question(lambda: services.ledger.done_lately(same, since, form.operation))
        twin = await ask.ask(READ_WITHIN)
    except (TimeoutError, SQLAlchemyError):
        return None
    return None if twin is None else twin.operation


async def _is_new(services: Services, operation: str) -> bool:
    """Whether it is not stored yet: a second press is answered with how it stands, not with what it made."""
    try:
        return await Question(lambda: services.ledger.get(operation)).ask(READ_WITHIN) is None
    except (TimeoutError, SQLAlchemyError):
        return False  # storing it will say what is wrong


async def _refused(
    services: Services, submission: Submission, draft: Draft, decision: Denied | Undetermined
) -> Answer:
    """Say that nothing was done, unless an earlier press of the same form was accepted.

    Its answer may have been lost, and the right taken away since.
    """
    operation = draft.form.operation
    try:
        before = await Question(lambda: services.ledger.get(operation)).ask(READ_WITHIN)
    except (TimeoutError, SQLAlchemyError):
        return _with_error(services.rules, services.sealer, draft, unsure_error(draft.kind.words.submit))
    if before is not None:
        return operation_modal(before.operation, draft.kind.words)
    chosen = submission.view.typed("channel") is not None
    if chosen and isinstance(decision, Denied) and decision.reason is Denial.CHANNEL:
        # Chosen in the form, so there is another one to choose; nothing else that was typed is lost.
        return Refuse(decision, instead=Errors({"channel": other_channel_error()}))
    return Refuse(decision)


def _fitting(rules: Rules, submission: Submission, draft: Draft) -> Form:
    """Return the form that says what will be done now: for which account, and by which button."""
    decision, chosen = draft.decision, submission.view.typed(HOW)
    asks = isinstance(decision, NeedsApproval)
    alone = isinstance(decision, NeedsApproval) and decision.break_glass and chosen == BREAK_GLASS
    return draft.form.model_copy(update={"account": rules.account, "asks": asks, "alone": alone})


def _again(rules: Rules, sealer: Sealer, form: Form, draft: Draft) -> View | Refuse:
    """Show the form once more: it did not say what would be done, or not all that there is to know."""
    if form.account != draft.form.account:
        # The bot was given another account while the form was open.
        view = form_view(rules, sealer, draft, instead_of=form.account)
        return Refuse("other_account", instead=view)
    again = (form.asks, form.alone) != (draft.form.asks, draft.form.alone)
    return form_view(rules, sealer, draft, again=again, warned=not again)


def _operation(rules: Rules, submission: Submission, draft: Draft, seen: Data) -> NewOperation:
    kind, form, request = draft.kind, draft.form, draft.known
    return NewOperation(
        id=form.operation,
        kind=kind.name,
        version=kind.version,
        request=request,
        seen=seen,
        subject=kind.subject(request),
        claims=kind.claims(rules.account, request),
        steps=kind.steps(request),
        account=rules.account,
        team=form.team,
        channel=form.channel,
        requester=form.user,
        view_id=submission.view.id,
        target=kind.about(request, seen) if kind.guarded else "",
        proof=Proof(watched=kind.watched) if kind.proves else None,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom it waits for (nobody: None), or why it goes without."""

    asking: Asking | None = None
    break_glass: str | None = None


def _asked(submission: Submission, decision: MayAsk, until: int) -> _Asked | Errors:
    """Have it wait for an approval until then (ms) where one is needed, or go without one for a reason."""
    if isinstance(decision, Allowed):
        return _Asked()
    reason = submission.view.reason() or None
    if reason is not None and len(reason) > REASON_MAX:
        return Errors({"reason": reason_error(missing=False)})
    if submission.view.typed(HOW) != BREAK_GLASS:
        return _Asked(Asking(reason, until, decision.above))
    if not decision.break_glass:
        return Errors({HOW: break_glass_error()})
    if reason is None:
        return Errors({"reason": alone_reason_error()})
    return _Asked(break_glass=reason)


async def _accept(services: Services, draft: Draft, new: NewOperation, seen: Data) -> Answer:
    rules, words = services.rules, draft.kind.words
    submit = ASK if new.asking else words.now if new.break_glass else words.submit
    match await services.intake.accept(new):
        case Stored(record=record) | Already(record=record):
            return operation_modal(record.operation, words)
        case Claimed(record=record):
            op = record.operation
            message = duplicate_message(op, rules.kinds.words(op))
            return Refuse("claimed", message, about=op.id)
        case Repeated(record=record):
            return _again(
                rules, services.sealer, draft.form, showing(replace(draft, twin=record.operation), seen)
            )
        case NotStored(stopping=stopping):
            error = not_stored_error(stopping=stopping, submit=submit)
        case Unsure():
            error = unsure_error(submit)
    return _with_error(rules, services.sealer, draft, error)


def _with_error(rules: Rules, sealer: Sealer, draft: Draft, error: str) -> Answer:
    first = _foremost(rules, draft)
    if first is None:
        return form_view(rules, sealer, draft, error=error)
    return Errors({first: error})


def _foremost(rules: Rules, draft: Draft) -> str | None:
    """Return the block_id of the form's first input: an error of the whole form stands there."""
    blocks = draft.kind.inputs(draft.known, rules.limits, draft.form.seen or {})
    return next((str(block["block_id"]) for block in blocks if block["type"] == "input"), None)
