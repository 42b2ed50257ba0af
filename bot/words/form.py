"""Builds the form in which an operation of any kind is confirmed.

It is on the way from command to `views.open` (a trigger lives 3 s), so what never changes is built once, and
shared: nobody changes a block after it was made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.blockkit.blocks import Block, actions, alert, bullets, paragraph, wording
from bot.blockkit.report import Act, Button, Tone
from bot.blockkit.text import plain
from bot.domain.operation import Operation
from bot.domain.outcome import Data
from bot.kinds.base import Kind, Limits, Pick
from bot.kinds.wording import Alert, Words
from bot.words import form_words
from bot.words.phrases import REASON_MAX

FORM: Final = "operation_form"  # callback_id
SHORTCUT_FORM: Final = "operation_form_anywhere"  # callback_id where the channel is chosen in the form
HOW: Final = "how"  # block_id and action_id
ASK: Final = "ask"
BREAK_GLASS: Final = "break_glass"
_BUTTONS: Final = 8  # of things to choose from; for more there is a menu
_OPTION: Final = 75  # characters of an option and of its description


@dataclass(frozen=True, slots=True)
class Terms:
    """What the person is told beside the inputs.

    `channel` is where the answer will appear, None when the person chooses it in the form. `twin` did the
    same a short while ago. `error` is why the form was not taken, where there is no input to say it under.
    `others` are the kinds that the form offers to go over to. `warned` says that it is shown again for what
    stands at its top: that is repeated at its end, where whoever pressed the button looks.
    """

    account: str
    channel: str | None
    limits: Limits
    twin: Operation | None = None
    error: str = ""
    others: tuple[Kind, ...] = ()
    warned: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """Why a request needs approval, and where it will be requested.

    `above` is the threshold of concurrent calls when that is why. `channel` is None when it will be requested
    in the channel of the request. `alone` says that to go without one was chosen.
    """

    above: int | None
    break_glass: bool
    channel: str | None = None
    alone: bool = False


def form_modal(
    kind: Kind,
    known: Data,
    terms: Terms,
    metadata: str,
    seen: Data | None = None,
    *,
    approval: Approval | None = None,
    again: bool = False,
    instead_of: str | None = None,
) -> Block:
    """Build the form, which is also the confirmation: one modal, filled in with what is known, editable.

    `metadata` travels in `private_metadata` (3000 characters). Inputs keep their ids, so an update with what
    was `seen` of the account keeps what was typed. With `approval` the same form asks for one. `again` says
    that it was submitted, and is shown again because another button fits what was entered; `instead_of` is
    the account that it was for before the bot was given another.
    """
    words = kind.words
    if kind.guarded and (seen is None or not kind.ready(seen)):
        return _unfilled(kind, known, metadata, seen)
    submit = _submit(words, approval)
    return {
        "type": "modal",
        "callback_id": SHORTCUT_FORM if terms.channel is None else FORM,
        "private_metadata": metadata,
        "title": wording(words.title),
        "submit": wording(submit),
        "close": _CANCEL,
        "blocks": [
            *((alert(terms.error, Tone.ERROR),) if terms.error else ()),
            *((alert(form_words.again(submit, words), Tone.INFO),) if again else ()),
            *(() if instead_of is None else (alert(form_words.other_account(instead_of), Tone.WARNING),)),
            *(() if terms.twin is None else _alerts([form_words.done_lately(terms.twin, words)])),
            *(() if seen is None else _alerts(words.alerts(known, seen))),
            *(() if approval is None or not approval.break_glass else (_HOW[approval.alone],)),
            *kind.inputs(known, terms.limits, seen or {}),
            *((_over(terms.others),) if terms.others else ()),
            *(() if approval is None else _approval(words, approval, terms.channel)),
            _terms(words, terms.account, terms.channel),
            *((_CHANNEL,) if terms.channel is None else ()),
            *(() if not terms.warned else _warned(kind, known, terms, seen or {}, submit)),
        ],
    }


def _warned(kind: Kind, known: Data, terms: Terms, seen: Data, submit: str) -> Iterator[Block]:
    """Say right above the button what the form was not taken for: its top may be out of sight."""
    twin = () if terms.twin is None else (form_words.done_lately(terms.twin, kind.words),)
    yield from _alerts(told for told in (*twin, *kind.words.alerts(known, seen)) if told.must_see)
    yield alert(form_words.warned(submit), Tone.WARNING)


def _unfilled(kind: Kind, known: Data, metadata: str, seen: Data | None) -> Block:
    """Build the form before it is known what is there: nothing can be submitted, and perhaps chosen."""
    blocks = [_READING] if seen is None else _alerts(kind.words.alerts(known, seen))
    picks = () if seen is None else kind.picks(seen)
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": metadata,
        "title": wording(kind.words.title),
        "close": _CANCEL,
        "blocks": [*blocks, *choices(picks)],
    }


def choices(picks: Sequence[Pick], action: str = Act.PICK) -> Iterator[Block]:
    """Let a person choose: a button beside each of a few, a menu for more."""
    if len(picks) > _BUTTONS:
        select: Block = {
            "type": "static_select",
            "action_id": action,
            "placeholder": wording(form_words.CHOOSE),
            "options": [_option(pick) for pick in picks],
        }
        yield {"type": "actions", "block_id": "pick", "elements": [select]}
        return
    for number, pick in enumerate(picks):
        yield paragraph((pick.line,))
        yield actions(f"pick.{number}", [Button(action, form_words.THIS_ONE, pick.value)])


def _option(pick: Pick) -> Block:
    # Names are not unique: the id says which.
    label, identity = plain(pick.label, _OPTION), plain(pick.value, _OPTION)
    return {"text": wording(label), "value": pick.value, "description": wording(identity)}


def _submit(words: Words, approval: Approval | None) -> str:
    if approval is None:
        return words.submit
    return words.now if approval.alone else form_words.ASK


def _alerts(alerts: Iterable[Alert]) -> list[Block]:
    blocks: list[Block] = []
    for told in alerts:
        blocks.append(alert(told.text, told.tone))
        if told.lines:
            blocks.append(bullets(told.lines))
    return blocks


# The few that there are in a workspace; building them each time took a fifth of the modal's time.
@lru_cache(maxsize=256)
def _terms(words: Words, account: str, channel: str | None) -> Block:
    return paragraph((*words.defaults(), form_words.terms(account, channel)))


@lru_cache(maxsize=64)
def _over(others: tuple[Kind, ...]) -> Block:
    # Slack wants the buttons of one row told apart.
    row = [Button(f"{Act.OVER}.{kind.name}", kind.words.offer, kind.name) for kind in others]
    return actions("over", row)


@lru_cache(maxsize=256)
def _approval(words: Words, approval: Approval, channel: str | None) -> tuple[Block, ...]:
    asked_in = channel if approval.channel is None else approval.channel
    why = paragraph(form_words.approval(approval.above, asked_in, words, alone=approval.alone))
    hint = form_words.ALONE_HINT if approval.alone else form_words.REASON_HINT
    return why, reason_input(hint, optional=not approval.alone)


def reason_input(hint: str, *, optional: bool) -> Block:
    """Make the input of a reason, of several lines."""
    return {
        "type": "input",
        "block_id": "reason",
        "optional": optional,
        "label": wording(form_words.REASON),
        "hint": wording(hint),
        "element": {
            "type": "plain_text_input",
            "action_id": "reason",
            "multiline": True,
            "max_length": REASON_MAX,
        },
    }


def _how(alone: bool) -> Block:
    options: list[Block] = [
        {"text": wording(form_words.HOW_ASK), "value": ASK},
        {"text": wording(form_words.HOW_BREAK_GLASS), "value": BREAK_GLASS},
    ]
    return {
        "type": "input",
        "block_id": HOW,
        "label": wording(form_words.HOW),
        # Told of at once, so that the button of the form can say what it does.
        "dispatch_action": True,
        "element": {
            "type": "radio_buttons",
            "action_id": HOW,
            "options": options,
            "initial_option": options[alone],
        },
    }


_HOW: Final = {alone: _how(alone) for alone in (False, True)}
_READING: Final = paragraph(((form_words.READING,),))
_CANCEL: Final = wording(form_words.CANCEL)
_CHANNEL: Final[Block] = {
    "type": "input",
    "block_id": "channel",
    "label": wording(form_words.CHANNEL),
    "hint": wording(form_words.CHANNEL_HINT),
    "element": {
        "type": "conversations_select",
        "action_id": "channel",
        "default_to_current_conversation": True,
        # Elsewhere the bot could not answer: it is no member of other people's direct messages.
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    },
}
