"""`/trunk list`, `show` and `test`: what is there, read at most 10 s ago, for those who may ask for more."""

from collections.abc import Sequence
from typing import Final

from slack_bolt.async_app import AsyncApp

from bot.blockkit.layout import Message
from bot.blockkit.report import Act
from bot.commands.subject import read_which
from bot.domain.history import last_known
from bot.domain.policy import Denied, Undetermined
from bot.kinds.trunks.lost import ATTACHED, attached_to
from bot.kinds.trunks.record import compact, left_by, outside
from bot.kinds.trunks.which import find_meant, holds
from bot.proof.account import Reading, account_points, parts_of
from bot.proof.checklist import checklist
from bot.slack.payloads import Press
from bot.vobiz.details import Detail, listed
from bot.vobiz.listing import Unreachable
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import Trunk, is_uuid
from bot.words.checks import shown_points
from bot.words.readiness import readiness_message
from bot.words.trunk_list import Listing, list_message, unreadable_list_message
from bot.words.trunk_shown import (
    Shown,
    choose_trunk_message,
    no_trunk_message,
    trunk_message,
    unreadable_trunk_message,
)
from bot.workflow.stored import known_about
from handlers.common.answer import Refuse
from handlers.common.filling import meant_by
from handlers.common.press import Answer, answered_press
from handlers.services import Services

_BESIDE: Final = 3  # lists that are read beside a trunk: with it at most four requests
_STATES: Final = {"active": True, "enabled": True, "disabled": False, "inactive": False}
_DIRECTIONS: Final = frozenset({"inbound", "outbound"})
_INCOMPLETE: Final = "incomplete"


def register(app: AsyncApp, services: Services) -> None:
    """Listen to what leads to a trunk: a menu, a button under a result, the Home tab."""
    app.action(Act.SHOW_TRUNK)(answered_press(services, _show))
    app.action(Act.TEST_TRUNK)(answered_press(services, _test))
    app.action(Act.LIST)(answered_press(services, _list))


async def _show(services: Services, press: Press) -> Answer:
    decision = services.rules.may(press.person, None)
    if isinstance(decision, Denied | Undetermined):
        return Refuse(decision)
    return await show_trunk(services, press.action.chosen[:64])


async def _test(services: Services, press: Press) -> Answer:
    decision = services.rules.may(press.person, None)
    if isinstance(decision, Denied | Undetermined):
        return Refuse(decision)
    return await examine_trunk(services, press.action.chosen[:64])


async def _list(services: Services, press: Press) -> Answer:
    decision = services.rules.may(press.person, None)
    if isinstance(decision, Denied | Undetermined):
        return Refuse(decision)
    return await list_trunks(services, "")


async def list_trunks(services: Services, text: str) -> Message:
    """List the account's trunks that fit some words."""
    words, command = text.split(), services.rules.command
    numbered = any(sum(ch.isdigit() for ch in word) >= 3 for word in words) or _INCOMPLETE in words
    now = await services.readings.recent(Needs(parts=frozenset({Part.NUMBERS}) if numbered else frozenset()))
    if isinstance(now, Unreachable):
        return unreadable_list_message(command)
    routed: dict[str, list[str]] = {}
    for item in now.part(Part.NUMBERS).items:
        if item.trunk is not None:
            routed.setdefault(item.trunk.casefold(), []).append(item.text)
    fitting = [trunk for trunk in now.trunks if _fits(words, trunk, routed.get(trunk.id.casefold(), ()))]
    fitting.sort(key=lambda trunk: ((trunk.name or "").casefold(), trunk.id))
    whole = now.part(Part.NUMBERS).whole if numbered else None
    return list_message(Listing(tuple(fitting), len(now.trunks), now.whole, text.strip(), whole), command)


async def show_trunk(services: Services, text: str) -> Message:
    """Show the trunk that is meant, or those that may be."""
    found = await _find(services, text, Act.SHOW_TRUNK)
    return found if isinstance(found, Message) else await _shown(services, found)


async def examine_trunk(services: Services, text: str) -> Message:
    """Tell how ready the trunk is that is meant, or which may be meant."""
    found = await _find(services, text, Act.TEST_TRUNK)
    if isinstance(found, Message):
        return found
    trunk, readings = found.trunk, services.readings
    # The list of trunks may say less of one than Vobiz does when it is asked for it alone.
    alone = await readings.recent(Needs(trunks=False, trunk=trunk.id)) if is_uuid(trunk.id) else None
    if isinstance(alone, Snapshot) and alone.gone:
        return no_trunk_message(trunk.id, services.rules.account)
    detail = alone.detail if isinstance(alone, Snapshot) and alone.detail is not None else found
    ops = await known_about(services.ledger, services.rules.account, trunk.id)
    last, pending = last_known(ops), services.rules.kinds.pending(ops)
    left = None if last is None else left_by(last)
    destination = detail.fields.get("inbound_destination")
    examined = await services.examiner.examine(
        detail.trunk,
        lambda: readings.recent(Needs(trunks=False, parts=parts_of(detail.trunk))),
        None if left is None else outside(left, compact(detail.fields), whole=detail.whole),
        destination if isinstance(destination, str) else None,
    )
    return readiness_message(
        detail.trunk, examined.found, examined.other_side, services.rules.command, pending
    )


async def _find(services: Services, text: str, act: Act) -> Detail | Message:
    """Find the trunk that is meant; else the answer, with a button of `act` for each that may be."""
    which = read_which(text, 0)
    identity = next((one.text.lower() for one in which if is_uuid(one.text)), None)
    if identity is None:
        now = await services.readings.recent(Needs())
        if isinstance(now, Unreachable):
            return unreadable_list_message(services.rules.command)
        found = find_meant(which, now.trunks, await meant_by(services, tuple(one.text for one in which)))
        fitting = [trunk for trunk, rest in found.fitting if not rest]
        if len(fitting) != 1 or not now.whole:
            choices = fitting or list(found.near)
            return choose_trunk_message(choices, text, act, fits=len(fitting), whole=now.whole)
        detail = listed(fitting[0])
    else:
        alone = await services.readings.recent(Needs(trunks=False, trunk=identity))
        if isinstance(alone, Unreachable):
            return unreadable_trunk_message()
        if alone.gone:
            return no_trunk_message(identity, services.rules.account)
        detail = alone.detail
    return detail or unreadable_trunk_message()


async def _shown(services: Services, detail: Detail) -> Message:
    rules, trunk = services.rules, detail.trunk
    parts = _beside(trunk)
    now = await services.readings.recent(Needs(trunks=False, parts=parts))
    if isinstance(now, Unreachable):
        raise AssertionError("unreachable: a list that cannot be read is not whole")  # noqa: TRY004 - a state
    ops = await known_about(services.ledger, services.rules.account, trunk.id)
    last = last_known(ops)
    left = None if last is None else left_by(last)
    changes = () if left is None else outside(left, compact(detail.fields), whole=detail.whole)
    since = None if last is None else last.updated_at
    destination = detail.fields.get("inbound_destination")
    reading = Reading(now, destination=destination if isinstance(destination, str) else None)
    found = shown_points(checklist(account_points(trunk, reading)))
    return trunk_message(Shown(detail, now, parts, ops, since, changes, found), rules.kinds, rules.command)


def _beside(trunk: Trunk) -> frozenset[Part]:
    """Return the lists that say something of a trunk, those that count most for its direction first."""
    attached = {ATTACHED[field] for field in attached_to(trunk)}
    if trunk.direction != "outbound":
        attached.add(Part.NUMBERS)
    first = (Part.NUMBERS, Part.ROUTES, Part.CREDENTIALS, Part.ADDRESSES)
    if trunk.direction == "outbound":
        first = (Part.CREDENTIALS, Part.ADDRESSES, Part.ROUTES, Part.NUMBERS)
    return frozenset([part for part in first if part in attached][:_BESIDE])


def _fits(words: Sequence[str], trunk: Trunk, numbers: Sequence[str]) -> bool:
    return all(_fits_one(word.casefold(), trunk, numbers) for word in words)


def _fits_one(word: str, trunk: Trunk, numbers: Sequence[str]) -> bool:
    if word in _STATES and trunk.on is _STATES[word]:
        return True
    if word in _DIRECTIONS and trunk.direction in {word, "both"}:
        return True
    if word == _INCOMPLETE and _incomplete(trunk, numbers):
        return True
    return holds((word,), trunk, numbers)


def _incomplete(trunk: Trunk, numbers: Sequence[str]) -> bool:
    """Whether a trunk lacks what it needs for calls: a login or an address; a route and a number."""
    outbound = trunk.credential is None and trunk.acl is None
    inbound = trunk.route is None or not numbers
    return {"outbound": outbound, "inbound": inbound}.get(trunk.direction or "", outbound and inbound)
