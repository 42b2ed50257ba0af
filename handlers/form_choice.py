"""What is chosen in a form and told at once: the form is drawn as it is then.

Where it asks for an approval its button says what it does before it is pressed; and with some choices other
inputs belong to it.

The update may come too late for a quick hand. So the sealed form knows which button it shows, and whoever
submits another choice gets the form again (handlers/submit.py).
"""

import structlog
from slack_bolt.async_app import AsyncApp

from bot.domain.policy import Denied, NeedsApproval, Undetermined
from bot.slack.payloads import Chosen
from bot.slack.responses import OVERTAKEN, Failed
from bot.words.form import BREAK_GLASS, HOW
from handlers.common.guard import Body, acked_first
from handlers.common.open_form import Draft, form_view, lacks_choices, look_of, refill, showing, sight_of
from handlers.services import Services

_log = structlog.get_logger("handlers")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the choices."""

    async def chosen(body: Body) -> None:
        await _show(services, Chosen.read(body), anew=False)

    async def redrawn(body: Body) -> None:
        await _show(services, Chosen.read(body), anew=True)

    app.action(HOW)(acked_first(services, chosen))
    for action in sorted({action for kind in services.rules.kinds for action in kind.redraws}):
        app.action(action)(acked_first(services, redrawn))


async def _show(services: Services, chosen: Chosen, *, anew: bool) -> None:
    view, rules = chosen.view, services.rules
    form = services.sealer.open_form(view.private_metadata)
    kind = None if form is None else rules.kinds.of(form.kind)
    if form is None or kind is None or form.user != chosen.user.id:
        return  # who submits it is told
    known = kind.typed(view.typed, rules.limits, sight_of(kind, form))
    seen = form.seen or {}
    if not kind.guarded:
        _, seen = await look_of(services, kind, form, known)
    decision = rules.may(chosen.person, form.channel or None, kind.facts(known, seen))
    asks = isinstance(decision, NeedsApproval)
    may_skip = isinstance(decision, NeedsApproval) and decision.break_glass
    # With other inputs in the form the choice may mean nothing (any more): submitting it will show that.
    if isinstance(decision, Denied | Undetermined) or not (anew or may_skip):
        return
    form = form.model_copy(update={"asks": asks, "alone": may_skip and view.typed(HOW) == BREAK_GLASS})
    draft = showing(Draft(kind, form, known, decision), seen)
    shown = form_view(rules, services.sealer, draft)
    # With the hash: what the person was quicker to submit already says how it stands.
    updated = await services.slack.update_view(view.id, shown, view.hash or None)
    if isinstance(updated, Failed):
        if updated.error not in OVERTAKEN:
            _log.warning("a form could not be drawn anew", error=updated.error)
    elif lacks_choices(draft):
        refill(services, draft, chosen.person, view.id, updated.hash)
