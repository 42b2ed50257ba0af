"""Forms about something that exists, opened by a button: undo, a change; and which one is meant."""

from typing import Final

from slack_bolt.async_app import AsyncApp

from bot.blockkit.report import Act
from bot.domain.operation import Operation, State
from bot.domain.outcome import Data
from bot.domain.policy import Denied, Undetermined
from bot.kinds.base import Kind
from bot.runtime.log import now_about
from bot.slack.payloads import Picked, Press
from bot.words.answers import not_undone_message, stale_button_message
from handlers.common.answer import Refuse, other_account, unknown_kind
from handlers.common.guard import Body, acked_first
from handlers.common.open_form import Draft, new_form, open_form, refill
from handlers.common.press import Answer, answered_press
from handlers.services import Services

TARGET_MAX: Final = 300  # characters: a trunk's id, and what of it is meant: another id, ten numbers


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons."""
    app.action(Act.UNDO)(answered_press(services, _undo))
    for kind in services.rules.kinds:
        # Slack wants the buttons of one row told apart.
        app.action(f"{Act.CHANGE}.{kind.action}")(answered_press(services, _change))

    async def pick(body: Body) -> None:
        await _pick(services, Picked.read(body))

    app.action(Act.PICK)(acked_first(services, pick))


async def _undo(services: Services, press: Press) -> Answer:
    """Open the inverse change, filled in with what was there before."""
    rules = services.rules
    record = await services.ledger.get(press.action.value)
    if record is None:
        return stale_button_message()
    op = record.operation
    now_about(op.id)
    refuse = unknown_kind(rules, op) or other_account(rules, op)
    if refuse is not None:
        return refuse
    known_kind = rules.kinds.of(op.kind)
    inverse = None if known_kind is None or op.state is not State.DONE else known_kind.inverse(op)
    kind = None if inverse is None else rules.kinds.of(inverse[0])
    if inverse is None or kind is None:
        return not_undone_message(op)
    return await _open(services, press, kind, inverse[1], op)


async def _change(services: Services, press: Press) -> Answer:
    """Open the form of a kind about a record: the button names both."""
    name, _, target = press.action.value.partition(" ")
    kind = services.rules.kinds.of(name)
    if kind is None or not kind.guarded or not 0 < len(target) <= TARGET_MAX:
        return stale_button_message()
    return await _open(services, press, kind, kind.picked({}, target), None)


async def _open(services: Services, press: Press, kind: Kind, known: Data, op: Operation | None) -> Answer:
    rules = services.rules
    channel = press.place or (op.channel if op is not None else "")
    if channel.startswith("D") and rules.policy.channels:
        channel = ""  # what the Home tab led to: the form lets the person choose one that is allowed
    decision = rules.may(press.person, channel or None, kind.facts(known, {}))
    if isinstance(decision, Denied | Undetermined):
        return Refuse(decision)
    team = press.person.team or (op.team if op is not None else "")
    form = new_form(services, kind, team=team, user=press.user.id, channel=channel, reply=press.response_url)
    return await open_form(services, Draft(kind, form, known, decision), press.trigger_id, press.person)


async def _pick(services: Services, picked: Picked) -> None:
    """Fill a form that asked which one is meant."""
    view, rules = picked.view, services.rules
    form = services.sealer.open_form(view.private_metadata)
    kind = None if form is None else rules.kinds.of(form.kind)
    if form is None or kind is None or not kind.guarded or form.user != picked.user.id:
        return  # nothing can be submitted in it either
    now_about(form.operation)
    known = kind.picked(form.known or {}, picked.action.chosen[:TARGET_MAX])
    decision = rules.may(picked.person, form.channel or None, kind.facts(known, {}))
    if isinstance(decision, Denied | Undetermined):
        return
    refill(services, Draft(kind, form, known, decision), picked.person, view.id)
