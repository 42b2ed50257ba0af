"""Opening the form of a kind: minting the operation, the modal without I/O before it, the look after it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import structlog

from bot.blockkit.layout import Message
from bot.domain.operation import Operation, digest
from bot.domain.outcome import Data
from bot.domain.policy import Allowed, NeedsApproval, Person
from bot.domain.reference import new_operation_id
from bot.kinds.base import CHOICES, Kind
from bot.runtime.log import about, now_about
from bot.runtime.tasks import Question
from bot.server.request import waited
from bot.slack.responses import OVERTAKEN, Failed
from bot.slack.sealing import Form, Sealer
from bot.store.database import PASSING
from bot.vobiz.listing import Unreachable
from bot.vobiz.snapshot import Needs
from bot.words.command_help import view_failed_message
from bot.words.form import Approval, Terms, form_modal
from bot.words.modal import notice_modal
from bot.workflow.preview import Opened, Reading
from handlers.common.filling import known_of, reads_by_itself
from handlers.common.guard import or_told
from handlers.services import Rules, Services

READ_WITHIN: Final = 0.5  # seconds; Slack waits 3, and storing may take 2

_log = structlog.get_logger("handlers")


@dataclass(frozen=True, slots=True)
class Draft:
    """A form with what is known of its request, and what the policy says of the person who has it.

    `twin` is the latest operation that did the same a short while ago, if it is known to be there.
    """

    kind: Kind
    form: Form
    known: Data
    decision: Allowed | NeedsApproval
    twin: Operation | None = None


async def open_form(services: Services, draft: Draft, trigger_id: str, person: Person) -> Message | None:
    """Open the form, or return why Slack did not; what a look at the account shows follows in the background.

    Who needs an approval gets the same form with the button “Ask for approval”. Without a channel the form
    lets the person choose one. The form of a kind that changes what exists opens as “Reading the trunk…”.
    """
    form = draft.form.model_copy(update={"asks": isinstance(draft.decision, NeedsApproval)})
    opened = replace(draft, form=form)
    view = form_view(services.rules, services.sealer, opened)
    shown = await services.slack.open_view(trigger_id, view)
    services.metrics.opened(waited())
    if isinstance(shown, Failed):
        line = f"{services.rules.command} {draft.kind.line(draft.known)}"
        return view_failed_message(line, shown.error)
    now_about(form.operation)
    refill(services, opened, person, shown.view_id, shown.hash)
    return None


def refill(services: Services, draft: Draft, person: Person, view_id: str, last: str | None = None) -> None:
    """Have a form show what there is of the account, once that was read; `last` is the hash of the view."""
    rules, sealer, form = services.rules, services.sealer, draft.form
    if reads_by_itself(draft.kind):

        async def told(message: Message) -> None:
            await services.slack.update_view(view_id, notice_modal(message))

        services.presses.start(or_told(fill(services, draft, person, view_id), told))
        return

    async def annotate(seen: Data) -> None:
        with about(form.operation):
            shown = showing(draft, {**seen, **await _choices(services, draft)})
            view = form_view(rules, sealer, shown)
            updated = await services.slack.update_view(view_id, view, last)
            if isinstance(updated, Failed) and updated.error not in OVERTAKEN:
                _log.warning("an open form could not show what the account holds", error=updated.error)

    services.preview.after(Opened(form.operation, draft.kind, draft.known, annotate))


def sight_of(kind: Kind, form: Form) -> Data:
    """Return what a form is read beside: what was seen; where nothing is compared only what it offers."""
    seen = form.seen or {}
    return seen if kind.guarded else {key: kept for key, kept in seen.items() if key == CHOICES}


def lacks_choices(draft: Draft) -> bool:
    """Tell whether a form has yet to show what there is to choose from."""
    return not draft.kind.guarded and not _chosen_from(draft).keys() >= draft.kind.needs(draft.known).parts


def _chosen_from(draft: Draft) -> Mapping[str, object]:
    offered = (draft.form.seen or {}).get(CHOICES)
    return offered if isinstance(offered, Mapping) else {}


async def _choices(services: Services, draft: Draft) -> Data:
    if not lacks_choices(draft):
        return {}
    needs = Needs(trunks=False, parts=draft.kind.needs(draft.known).parts)
    now = await services.readings.recent(needs)
    made = draft.kind.choices(draft.known, None if isinstance(now, Unreachable) else now)
    return {CHOICES: {**_chosen_from(draft), **made}}


async def fill(services: Services, draft: Draft, person: Person, view_id: str) -> None:
    """Read what a form is about, and show the form filled in, or why it cannot be."""
    rules, kind, form = services.rules, draft.kind, draft.form
    with about(form.operation):
        known, seen = await known_of(services, kind, draft.known)
        decision = rules.may(person, form.channel or None, kind.facts(known, seen))
        if not isinstance(decision, Allowed | NeedsApproval):
            decision = draft.decision  # submitting it will say why not
        form = form.model_copy(
            update={"asks": isinstance(decision, NeedsApproval), "known": None if kind.ready(seen) else known}
        )
        view = form_view(rules, services.sealer, showing(Draft(kind, form, known, decision), seen))
        updated = await services.slack.update_view(view_id, view)
        if isinstance(updated, Failed) and updated.error not in OVERTAKEN:
            _log.warning("a form could not be filled", error=updated.error)


async def look_of(services: Services, kind: Kind, form: Form, known: Data) -> tuple[Reading | None, Data]:
    """Return what was read of the account last, if it is at hand, and what of it belongs to what is known.

    Without a reading that is what the form shows: not even that the account could not be read is known.
    """
    try:
        reading = await Question(services.preview.reading).ask(READ_WITHIN)
    except (TimeoutError, *PASSING):
        reading = None
    if reading is None:
        return None, form.seen or {}
    return reading, services.preview.seen(kind, known, reading)


def showing(draft: Draft, seen: Data) -> Draft:
    """Return the form that shows what was seen of the account, and goes on to offer what it did."""
    seen = {**{key: kept for key, kept in (draft.form.seen or {}).items() if key == CHOICES}, **seen}
    update: dict[str, object] = {"seen": seen, "showed": must_see(draft.kind, draft.known, seen)}
    if draft.twin is not None:
        update["twin"] = draft.twin.id
    if draft.kind.guarded:
        # What is submitted has to be about what was seen.
        update["about"] = digest({"about": draft.kind.about(draft.known, seen)})
    return replace(draft, form=draft.form.model_copy(update=update))


def must_see(kind: Kind, known: Data, seen: Data) -> str:
    """Digest what a form must have shown before it is confirmed; empty where that is nothing."""
    alerts = [repr(alert) for alert in kind.words.alerts(known, seen) if alert.must_see]
    return digest({"alerts": alerts}) if alerts else ""


def form_view(
    rules: Rules,
    sealer: Sealer,
    draft: Draft,
    *,
    again: bool = False,
    instead_of: str | None = None,
    error: str = "",
    warned: bool = False,
) -> dict[str, object]:
    """Build the form for what a person may do, beside what was seen of the account, as far as it was.

    `again` after it was submitted with another button; `instead_of` is the account that it was for before;
    `error` is why it was not taken, `warned` that it was not for what stands at its top.
    """
    form, decision = draft.form, draft.decision
    offered = draft.kind.others(draft.known, form.seen or {})
    others = tuple(kind for name in offered if (kind := rules.kinds.of(name)) is not None)
    terms = Terms(rules.account, form.channel or None, rules.limits, draft.twin, error, others, warned)
    approval = (
        Approval(decision.above, decision.break_glass, rules.approvals_channel, form.alone)
        if isinstance(decision, NeedsApproval)
        else None
    )
    return form_modal(
        draft.kind,
        draft.known,
        terms,
        sealer.seal_form(form),
        form.seen,
        approval=approval,
        again=again,
        instead_of=instead_of,
    )


def new_form(
    services: Services, kind: Kind, *, team: str, user: str, channel: str = "", reply: str | None = None
) -> Form:
    """Mint the operation that this form will become, if it is confirmed."""
    return Form(
        kind=kind.name,
        operation=new_operation_id(),
        team=team,
        user=user,
        channel=channel,
        opened_at=int(services.clock.now()),
        reply=reply,
        account=services.rules.account,
    )
