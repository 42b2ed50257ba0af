"""“Show password”: the requester alone sees it, in a window of their own, and the record says when."""

import contextlib
from typing import Final

from slack_bolt.async_app import AsyncApp

from bot.blockkit.report import Act
from bot.domain.operation import Operation, Step
from bot.domain.policy import Denied, Undetermined
from bot.domain.records import Entry
from bot.domain.transitions.moves import which_step
from bot.runtime.log import now_about
from bot.slack.payloads import Press
from bot.slack.responses import Failed
from bot.store.database import PASSING
from bot.store.ledger import TooLate, Unsure
from bot.words.answers import stale_button_message
from bot.words.password import (
    not_their_password_message,
    password_gone_message,
    password_modal,
    password_unopened_message,
    password_unreadable_message,
    password_unrecorded_message,
    shows,
)
from handlers.common.answer import Refuse, unknown_kind
from handlers.common.press import Answer, answered_press
from handlers.services import Services

_WITHIN: Final = 2.0  # seconds; Slack opens a window for 3 after the click


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the button."""
    app.action(Act.PASSWORD)(answered_press(services, _show))


async def _show(services: Services, press: Press) -> Answer:
    rules = services.rules
    operation, _, number = press.action.value.partition(" ")
    # No channel to check: what was asked for was allowed where it was.
    decision = rules.may(press.person, None)
    if isinstance(decision, Denied | Undetermined):
        return Refuse(decision)
    record = await services.ledger.get(operation)
    if record is None:
        return stale_button_message()
    now_about(operation)
    op = record.operation
    if (refuse := unknown_kind(rules, op)) is not None:
        return refuse
    words = rules.kinds.words(op)
    step = next((step for step in op.steps if str(step.number) == number), None)
    if step is None or not shows(op, step, words):
        return stale_button_message()
    if op.requester != press.user.id:
        return Refuse("not_yours", not_their_password_message(op, words))
    return await _open(services, press, op, step)


async def _open(services: Services, press: Press, op: Operation, step: Step) -> Answer:
    """Write down that it is shown, and only then show it."""
    ledger, words, which = services.ledger, services.rules.kinds.words(op), which_step(op, step)
    sealed = await ledger.secrets.get(op.id, step.number)
    if sealed is None:
        return password_gone_message(op, words)
    password = services.sealer.open_text(sealed)
    if password is None:
        return password_unreadable_message(op, words)
    entry = Entry(press.user.id, "password_shown", which)
    match await ledger.shown(op.id, step.number, sealed, entry, services.clock.now() + _WITHIN):
        case None:
            return password_gone_message(op, words)
        case TooLate() | Unsure():
            return password_unrecorded_message()
        case until:
            view = password_modal(op, step, words, password, until)
    shown = await services.slack.open_view(press.trigger_id, view)
    if not isinstance(shown, Failed):
        return None
    with contextlib.suppress(*PASSING):
        await ledger.note(op.id, Entry(press.user.id, "password_not_shown", which | {"error": shown.error}))
    return password_unopened_message(shown.error, until)
