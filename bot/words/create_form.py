"""Builds the modals: the form, the state of an operation, and notes in place of a stale form.

Creating a form is on the way from command to `views.open` (a trigger lives 3 s), so what never changes
is built once, and shared: nobody changes a block after it was made.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.blockkit.blocks import Block, bullets, paragraph, wording
from bot.blockkit.layout import Message, details, opening
from bot.blockkit.report import Item, Report, Tone
from bot.domain.operation import NAME_MAX, Direction, Operation
from bot.domain.resources import Trunk
from bot.words import form
from bot.words.approval_form import Approval, approval_blocks
from bot.words.outcomes import report
from bot.words.phrases import describe

CREATE_FORM: Final = "create_trunk"  # callback_id of the form
SHOWN_SAME_NAME: Final = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known of a request when the form opens."""

    name: str | None = None
    direction: Direction | None = None
    calls: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What the person is told beside the inputs. `max_calls` is the deployment's cap.

    `channel` is where the answer will appear, None when the person chooses it in the form.
    """

    account: str
    channel: str | None
    max_calls: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What a look at the account showed after the form opened.

    `ceiling` is the account's limit of concurrent calls, None when unknown. `reachable` is false when
    the account could not be read, so that `same_name` says nothing. `instead_of` is the account that the
    form was for before the bot was given another.
    """

    same_name: tuple[Trunk, ...] = ()
    ceiling: int | None = None
    reachable: bool = True
    instead_of: str | None = None


# The few that there are in a workspace; building them anew took a fifth of the modal's time.
@lru_cache(maxsize=256)
def _terms(account: str, channel: str | None) -> Block:
    return paragraph((form.DEFAULTS, form.terms(account, channel)))


@lru_cache(maxsize=4)
def _calls_hint(max_calls: int) -> Block:
    return wording(form.calls_hint(max_calls))


def create_modal(
    draft: Draft,
    terms: Terms,
    metadata: str,
    notice: Notice | None = None,
    approval: Approval | None = None,
    *,
    again: bool = False,
) -> Block:
    """Build the form, which is also the confirmation: one modal, prefilled, editable.

    `metadata` travels in `private_metadata` (3000 characters). Inputs keep their ids, so an update with
    a `notice` keeps what was typed. With `approval` the same form asks for one. `again` says that it was
    submitted, and is shown again because another button fits what was entered.
    """
    submit = form.SUBMIT if approval is None else approval.submit
    name: Block = {"type": "plain_text_input", "action_id": "name", "min_length": 1, "max_length": NAME_MAX}
    if draft.name is not None:
        name["initial_value"] = draft.name
        # Slack does not say in which units it counts; in UTF-16 a character may be two. The server checks.
        name["max_length"] = max(NAME_MAX, len(draft.name.encode("utf-16-le")) // 2)
    calls: Block = {
        "type": "number_input",
        "action_id": "calls",
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(terms.max_calls),
    }
    if draft.calls is not None:
        calls["initial_value"] = str(draft.calls)
    return {
        "type": "modal",
        "callback_id": CREATE_FORM,
        "private_metadata": metadata,
        "title": _TITLE,
        "submit": wording(submit),
        "close": _CANCEL,
        "blocks": [
            *((_alert(form.again(submit), Tone.INFO),) if again else ()),
            *(() if notice is None else _notice(draft, notice)),
            {"type": "input", "block_id": "name", "label": _NAME, "hint": _NAME_HINT, "element": name},
            _DIRECTION_INPUTS[draft.direction],
            {
                "type": "input",
                "block_id": "calls",
                "label": _CALLS,
                "hint": _calls_hint(terms.max_calls),
                "element": calls,
            },
            *(() if approval is None else approval_blocks(approval, terms.channel)),
            _terms(terms.account, terms.channel),
        ],
    }


def operation_modal(op: Operation, settle: int | None = None, approvals: str | None = None) -> Block:
    """Build the modal that shows the state of an operation: the same report as the message has.

    It has no buttons of its own; where a decision is due it says where to take it.
    """
    told = report(op, settle, approvals)
    alert = told.tone in {Tone.WARNING, Tone.ERROR}
    blocks: list[Block] = [_alert(told.headline, told.tone)] if alert else []
    hint = () if told.hint is None else (told.hint,)
    shown = Report(
        told.tone,
        "" if alert else told.headline,
        (*told.body, *hint),
        told.warnings,
        told.facts,
        told.steps,
        tuple(Item(item.line) for item in told.items),
    )
    return _closing([*blocks, *opening(shown), *details(shown)], _TITLE)


def notice_modal(message: Message) -> Block:
    """Put a message in the place of a form that can not be used (any more), whatever the form was for."""
    return _closing(list(message.blocks), _NOTICE_TITLE)


def _closing(blocks: list[Block], title: Block) -> Block:
    return {"type": "modal", "title": title, "close": _CLOSE, "blocks": blocks}


def _notice(draft: Draft, notice: Notice) -> list[Block]:
    blocks: list[Block] = []
    if notice.same_name:
        blocks.append(_alert(form.same_name(len(notice.same_name)), Tone.WARNING))
        blocks.append(bullets(describe(trunk) for trunk in notice.same_name[:SHOWN_SAME_NAME]))
    if notice.ceiling is not None and draft.calls is not None and draft.calls > notice.ceiling:
        blocks.append(_alert(form.ceiling(draft.calls, notice.ceiling), Tone.WARNING))
    if notice.instead_of is not None:
        blocks.append(_alert(form.other_account(notice.instead_of), Tone.WARNING))
    if not notice.reachable:
        blocks.append(_alert(form.UNREACHABLE, Tone.INFO))
    return blocks


def _alert(text: str, tone: Tone) -> Block:
    return {"type": "alert", "level": tone.value, "text": wording(text)}


def _option(direction: Direction, label: str, hint: str) -> Block:
    return {"text": wording(label), "value": direction.value, "description": wording(hint)}


_OPTIONS: Final = {
    Direction.INBOUND: _option(Direction.INBOUND, form.INBOUND, form.INBOUND_HINT),
    Direction.OUTBOUND: _option(Direction.OUTBOUND, form.OUTBOUND, form.OUTBOUND_HINT),
}


def _direction_input(chosen: Direction | None) -> Block:
    element: Block = {
        "type": "radio_buttons",
        "action_id": "direction",
        "options": list(_OPTIONS.values()),
    }
    if chosen is not None:
        element["initial_option"] = _OPTIONS[chosen]
    return {
        "type": "input",
        "block_id": "direction",
        "label": wording(form.DIRECTION),
        "element": element,
    }


_DIRECTION_INPUTS: Final = {chosen: _direction_input(chosen) for chosen in (None, *Direction)}
_TITLE: Final = wording(form.TITLE)
_NOTICE_TITLE: Final = wording(form.NOTICE_TITLE)
_CANCEL: Final = wording(form.CANCEL)
_CLOSE: Final = wording(form.CLOSE)
_NAME: Final = wording(form.NAME)
_NAME_HINT: Final = wording(form.NAME_HINT)
_CALLS: Final = wording(form.CALLS)
