"""How to go on, chosen in a form that asks: its button says what it does before it is pressed.

The update may come too late for a quick hand. So the sealed form knows which button it shows, and whoever
submits another choice gets the form again (handlers/submit.py).
"""

import structlog
from slack_bolt.async_app import AsyncApp

from bot.domain.policy import NeedsApproval
from bot.slack.payloads import Chosen
from bot.slack.responses import OVERTAKEN, Failed
from bot.words.form import BREAK_GLASS, HOW
from handlers.common.guard import Body, acked_first
from handlers.common.open_form import Draft, form_view, look_of, showing
from handlers.services import Services

_log = structlog.get_logger("handlers")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the choice."""

    async def chosen(body: Body) -> None:
        await _show(services, Chosen.read(body))

    app.action(HOW)(acked_first(services, chosen))


async def _show(services: Services, chosen: Chosen) -> None:
    view, rules = chosen.view, services.rules
    form = services.sealer.open_form(view.private_metadata)
    kind = None if form is None else rules.kinds.of(form.kind)
    if form is None or kind is None or form.user != chosen.user.id:
        return  # who submits it is told
    known = kind.typed(view.typed, rules.limits, (form.seen or {}) if kind.guarded else {})
    seen = form.seen or {}
    if not kind.guarded:
        _, seen = await look_of(services, kind, form, known)
    decision = rules.may(chosen.person, form.channel or None, kind.facts(known, seen))
    # With other inputs in the form the choice may mean nothing (any more): submitting it will show that.
    if not isinstance(decision, NeedsApproval) or not decision.break_glass:
        return
    form = form.model_copy(update={"alone": view.typed(HOW) == BREAK_GLASS})
    shown = form_view(rules, services.sealer, showing(Draft(kind, form, known, decision), seen))
    # With the hash: what the person was quicker to submit already says how it stands.
    updated = await services.slack.update_view(view.id, shown, view.hash or None)
    if isinstance(updated, Failed) and updated.error not in OVERTAKEN:
        _log.warning("the button of a form could not be changed", error=updated.error)
