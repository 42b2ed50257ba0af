"""From the form of one kind to that of another, in the same modal: “Also set up…”, “Remove…”.

The operation that it may become is the same: of one form at most one is ever confirmed.
"""

import structlog
from slack_bolt.async_app import AsyncApp

from bot.blockkit.report import Act
from bot.domain.policy import Denied, NeedsApproval, Undetermined
from bot.kinds.base import Kind
from bot.runtime.log import now_about
from bot.slack.payloads import Picked
from bot.slack.responses import OVERTAKEN, Failed
from bot.slack.sealing import Form
from bot.words.answers import stale_form_message
from bot.words.form import BREAK_GLASS, HOW
from bot.words.modal import notice_modal
from handlers.common.answer import Refuse, keep
from handlers.common.guard import Body, acked_first
from handlers.common.open_form import Draft, form_view, lacks_choices, look_of, refill, showing, sight_of
from handlers.services import Services

_log = structlog.get_logger("handlers")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons."""

    async def over(body: Body) -> None:
        await _pressed(services, Picked.read(body))

    for kind in services.rules.kinds:
        app.action(f"{Act.OVER}.{kind.name}")(acked_first(services, over))


async def _pressed(services: Services, picked: Picked) -> None:
    rules = services.rules
    form = services.sealer.open_form(picked.view.private_metadata)
    before = None if form is None else rules.kinds.of(form.kind)
    kind = rules.kinds.of(picked.action.value)
    if form is None or before is None or kind is None or form.user != picked.user.id:
        await _refused(services, picked, Refuse("unreadable_form", stale_form_message(rules.command)))
        return
    now_about(form.operation)
    draft = _draft(services, picked, form, before, kind)
    if isinstance(draft, Refuse):
        await _refused(services, picked, draft, form)
        return
    await _show(services, picked, draft)


def _draft(services: Services, picked: Picked, form: Form, before: Kind, kind: Kind) -> Draft | Refuse:
    """Return the other form with what was typed; what the first one had seen and shown is not its own."""
    view, rules = picked.view, services.rules
    known = kind.taken(before.typed(view.typed, rules.limits, sight_of(before, form)))
    decision = rules.may(picked.person, form.channel or None, kind.facts(known, {}))
    if isinstance(decision, Denied | Undetermined):
        return Refuse(decision)
    asks = isinstance(decision, NeedsApproval)
    alone = isinstance(decision, NeedsApproval) and decision.break_glass and view.typed(HOW) == BREAK_GLASS
    anew = {"kind": kind.name, "asks": asks, "alone": alone}
    nothing = {"seen": None, "showed": "", "about": None, "known": None, "twin": ""}
    return Draft(kind, form.model_copy(update=anew | nothing), known, decision)


async def _show(services: Services, picked: Picked, draft: Draft) -> None:
    view, kind = picked.view, draft.kind
    reading, seen = (None, {}) if kind.guarded else await look_of(services, kind, draft.form, draft.known)
    shown = draft if reading is None else showing(draft, seen)
    # With the hash: what the person was quicker to submit already says how it stands.
    updated = await services.slack.update_view(
        view.id, form_view(services.rules, services.sealer, shown), view.hash or None
    )
    if isinstance(updated, Failed):
        if updated.error not in OVERTAKEN:
            _log.warning("a form could not go over to another", error=updated.error)
        return
    if reading is None or lacks_choices(shown):
        refill(services, shown, picked.person, view.id, updated.hash)


async def _refused(services: Services, picked: Picked, refuse: Refuse, form: Form | None = None) -> None:
    channel, operation = (None, "") if form is None else (form.channel or None, form.operation)
    act = picked.action.action_id
    keep(services, refuse, picked.person, act, channel=channel, operation=operation)
    await services.slack.update_view(picked.view.id, notice_modal(refuse.told(services.rules.command)))
