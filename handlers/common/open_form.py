"""Opening the form: minting the operation, the modal without any I/O before it, the look after it."""

import structlog

from bot.domain.operation import new_operation_id
from bot.domain.policy import Allowed, NeedsApproval
from bot.runtime.log import about, now_about
from bot.server.request import waited
from bot.slack.responses import OVERTAKEN, Failed
from bot.slack.sealing import Form
from bot.words.approval_form import Approval
from bot.words.create_form import Draft, Notice, Terms, create_modal
from bot.words.request_forms import shortcut_modal
from bot.workflow.preview import Opened
from handlers.services import Services

_log = structlog.get_logger("handlers")


async def open_form(
    services: Services, form: Form, draft: Draft, trigger_id: str, decision: Allowed | NeedsApproval
) -> Failed | None:
    """Open the create modal for a draft; what a look at the account shows follows in the background.

    Who needs an approval gets the same form with the button “Ask for approval”. Without a channel the form
    lets the person choose one.
    """
    form = form.model_copy(update={"asks": isinstance(decision, NeedsApproval)})
    shown = await services.slack.open_view(trigger_id, form_view(services, form, draft, decision))
    services.metrics.opened(waited())
    if isinstance(shown, Failed):
        return shown
    now_about(form.operation)

    async def annotate(notice: Notice) -> None:
        view = form_view(services, form, draft, decision, notice)
        with about(form.operation):
            updated = await services.slack.update_view(shown.view_id, view, shown.hash)
            if isinstance(updated, Failed) and updated.error not in OVERTAKEN:
                _log.warning("the modal could not be annotated", error=updated.error)

    services.looks.after(Opened(form.operation, draft, annotate))
    return None


def form_view(
    services: Services,
    form: Form,
    draft: Draft,
    decision: Allowed | NeedsApproval,
    notice: Notice | None = None,
    *,
    again: bool = False,
) -> dict[str, object]:
    """Build the form for what a person may do, `again` after it was submitted with another button."""
    terms = Terms(account=services.account, channel=form.channel, max_calls=services.policy.max_calls)
    asking = (
        Approval(decision.above, decision.break_glass, services.approvals_channel, form.alone)
        if isinstance(decision, NeedsApproval)
        else None
    )
    build = create_modal if form.channel else shortcut_modal
    return build(draft, terms, services.sealer.seal_form(form), notice, asking, again=again)


def new_form(services: Services, team: str, user: str, channel: str, reply: str | None) -> Form:
    """Mint the operation that this form will become, if it is confirmed."""
    return Form(
        operation=new_operation_id(),
        team=team,
        user=user,
        channel=channel,
        opened_at=int(services.clock.now()),
        reply=reply,
        account=services.account,
    )
