"""How to go on, chosen in a form that asks: its button says what it does before it is pressed.

The update may come too late for a quick hand. So the sealed form knows which button it shows, and whoever
submits another choice gets the form again (handlers/submit.py).
"""

import asyncio

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.commands.parse import check_calls
from bot.domain.operation import Direction
from bot.domain.policy import NeedsApproval
from bot.slack.payloads import Chosen
from bot.slack.responses import OVERTAKEN, Failed
from bot.words.approval_form import BREAK_GLASS, HOW
from bot.words.create_form import Draft
from handlers.common.guard import Body, guarded
from handlers.common.open_form import form_view
from handlers.common.press import ACK_WITHIN
from handlers.services import Services

_log = structlog.get_logger("handlers")


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the choice."""

    async def chosen(_ack: AsyncAck, body: Body) -> None:
        await _show(services, Chosen.model_validate(body))

    async def listen(ack: AsyncAck, body: Body) -> None:
        await ack()
        task = services.presses.start(guarded(services, chosen)(ack, body))
        await asyncio.wait({task}, timeout=ACK_WITHIN)

    app.action(HOW)(guarded(services, listen))


async def _show(services: Services, chosen: Chosen) -> None:
    view = chosen.view
    form = services.sealer.open_form(view.private_metadata)
    if form is None or form.user != chosen.user.id:
        return  # who submits it is told
    draft = _typed(chosen, services.policy.max_calls)
    decision = services.may(chosen.person, form.channel or None, draft.calls)
    # With another limit in the form the choice may mean nothing (any more): submitting it will show that.
    if not isinstance(decision, NeedsApproval) or not decision.break_glass:
        return
    form = form.model_copy(update={"alone": view.typed(HOW) == BREAK_GLASS})
    shown = form_view(services, form, draft, decision, services.looks.notice(form.operation, draft))
    # With the hash: what the person was quicker to submit already says “Creating…”.
    updated = await services.slack.update_view(view.id, shown, view.hash or None)
    if isinstance(updated, Failed) and updated.error not in OVERTAKEN:
        _log.warning("the button of a form could not be changed", error=updated.error)


def _typed(chosen: Chosen, max_calls: int) -> Draft:
    view = chosen.view
    direction, calls = view.typed("direction"), check_calls(view.typed("calls") or "", max_calls)
    return Draft(
        view.typed("name"),
        Direction(direction) if direction is not None and direction in {*Direction} else None,
        calls if isinstance(calls, int) else None,
    )
