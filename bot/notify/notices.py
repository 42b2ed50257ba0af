"""Telling one notice, once: its words, by the ways that its purpose takes."""

from collections.abc import Sequence
from typing import Final

from bot.domain.observer import Tried
from bot.domain.operation import Operation, Standing, StepState
from bot.domain.records import Post, Purpose, Record, Telling
from bot.domain.transitions.statements import ADDED
from bot.notify.approver_routes import Approvals, OperatorWays
from bot.notify.channels import Channels, Said, Tries, Unsaid
from bot.notify.messages import Messages
from bot.slack.client import SlackWeb
from bot.slack.rate_limit import PATIENCE
from bot.slack.responses import Failed
from bot.slack.sealing import Sealer

HURRY: Final = 3.0  # seconds that Slack's limits may hold back an announcement that a result waits for
# What only this person needs to see: nothing was changed, so the channel has nothing to know.
_PRIVATE: Final = frozenset(
    {
        Standing.AWAITING_APPROVAL,
        Standing.ACCEPTED,
        Standing.REJECTED,
        Standing.NOT_SENT,
        Standing.DENIED,
        Standing.EXPIRED,
        Standing.WITHDRAWN,
    }
)
# Nobody has to be called for these.
_QUIET: Final = frozenset(
    {Standing.AWAITING_APPROVAL, Standing.ACCEPTED, Standing.RUNNING, Standing.WITHDRAWN}
)
# Replies that are not shown in the channel too.
_UNDER: Final = frozenset({Purpose.LATE, Purpose.CALL})
NEEDLESS: Final = Said("")  # there is nothing to say (any more)


class Notices:
    """Tells notices. It keeps nothing: what was said before is in the telling. `tried` hears of every try."""

    def __init__(
        self, slack: SlackWeb, sealer: Sealer, messages: Messages, approvals: Approvals, tried: Tried
    ) -> None:
        self._slack = slack
        self._channels = Channels(slack, sealer, tried)
        self._operators = OperatorWays(self._channels, approvals)
        self._messages = messages

    async def tell(self, telling: Telling, record: Record, others: Sequence[Telling]) -> Tries:
        """Try once. `others` are all notices of the operation as they stand."""
        match telling.purpose:
            case Purpose.RESULT:
                return await self._result(telling, record, others)
            case Purpose.APPROVAL | Purpose.REMINDER:
                return await self._ask(telling, record)
            case Purpose.MODAL:
                return await self._show(record, others)
            case _:
                return await self._reply(telling, record, others)

    async def _result(self, telling: Telling, record: Record, others: Sequence[Telling]) -> Tries:
        op = record.operation
        edited: Tries | tuple[()] = ()
        # Of what was added to a result nobody has to be called; where nothing can be edited it is said anew.
        adds = telling.shown is not None and telling.data is not None
        if adds and telling.place is None and telling.data != ADDED:
            return (NEEDLESS,)
        if telling.place is not None:
            message = self._messages.result(op, others, repeat=telling.unsure)
            tried = await self._channels.edit("update", telling.place, message)
            if isinstance(tried, Unsaid) and tried.curable:
                return (tried,)
            if isinstance(tried, Said) and (adds or not _calls(op, telling.place)):
                return (tried,)
            edited = (tried,)  # it is gone; or who reads it has to be called, which an edit does not
        return (*edited, *await self._post(telling, record, others))

    async def _post(self, telling: Telling, record: Record, others: Sequence[Telling]) -> Tries:
        op = record.operation
        message = self._messages.result(op, others, repeat=telling.unsure)
        if _is_private(op):
            return await self._channels.to_person(record, message)
        # What may stand in the channel already is said again in one line; once Slack has confirmed that one,
        # it becomes the message.
        first = self._messages.again(op) if telling.unsure else message
        uninvited = self._messages.result(op, others, repeat=telling.unsure, elsewhere=True)
        tries = await self._channels.to_channel(record, first, message, uninvited)
        said = tries[-1]
        if first is message or not isinstance(said, Said) or said.route != "channel" or said.place is None:
            return tries
        whole = await self._channels.edit("update", said.place, message)
        return (*tries[:-1], Said(said.route, said.place, whole=isinstance(whole, Said)))

    async def _ask(self, telling: Telling, record: Record) -> Tries:
        op, message = record.operation, self._messages.for_operators(telling, record)
        if message is None:
            return (NEEDLESS,)
        if telling.place is not None:
            return (await self._channels.edit("approval_update", telling.place, message),)
        if op.break_glass:
            return await self._operators.reach(record, "break_glass", message, HURRY)
        return await self._operators.reach(record, telling.purpose, message, PATIENCE)

    async def _show(self, record: Record, others: Sequence[Telling]) -> Tries:
        if record.view_id is None:
            return (NEEDLESS,)
        shown = await self._slack.update_view(record.view_id, self._messages.modal(record.operation, others))
        # The person may have closed the modal: `not_found` is no trouble.
        failed = shown if isinstance(shown, Failed) and shown.error != "not_found" else None
        tried = self._channels.ended("modal", failed, posts=False)
        return (NEEDLESS,) if isinstance(tried, Said) else (tried,)  # the record needs no line for it

    async def _reply(self, telling: Telling, record: Record, others: Sequence[Telling]) -> Tries:
        message = self._messages.reply(telling, record.operation)
        if message is None:
            return (NEEDLESS,)
        if telling.place is not None:
            return (await self._channels.edit("thread", telling.place, message),)
        under = next((told.place for told in others if told.purpose is Purpose.RESULT), None)
        broadcast = telling.purpose not in _UNDER
        return await self._channels.reply(record, under, message, broadcast=broadcast)


def _is_private(op: Operation) -> bool:
    """Whether the requester alone is told. Once anything may have been changed the channel is."""
    changed = op.uncertain or any(step.state is StepState.DONE for step in op.steps)
    return op.standing in _PRIVATE and not changed


def _calls(op: Operation, place: Post) -> bool:
    """Whether people must be called to what a message in their direct messages says since it was edited.

    What becomes of an uncertain operation is said in a reply, which calls them.
    """
    direct = place.channel.startswith("D") and place.channel != op.channel
    return direct and not op.uncertain and op.standing not in _QUIET
