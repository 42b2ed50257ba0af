"""`/trunk history` and its buttons: operators see every request, everybody else their own."""

from slack_bolt.async_app import AsyncApp

from bot.blockkit.layout import Message
from bot.commands.history_query import (
    ByName,
    ByPerson,
    ByReference,
    ByState,
    Cursor,
    Query,
    Search,
    folded,
    read_turn,
)
from bot.domain.operation import Standing
from bot.domain.policy import Allowed, Decision, Denial, Denied, Person
from bot.domain.reference import meant_as_reference
from bot.kinds.registry import Kinds
from bot.runtime.log import now_about
from bot.slack.payloads import Press
from bot.words.answers import stale_button_message, status_missing_message
from bot.words.history import NEWER, OLDER, PERSON, not_yours_message, page_message, story_message
from handlers.common.answer import InPlace, Refuse, keep
from handlers.common.press import Answer, answered_press
from handlers.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons of a page, and to the choice of a person."""
    for action in (OLDER, NEWER):
        app.action(action)(answered_press(services, _turn))
    app.action(PERSON)(answered_press(services, _choose))


async def _turn(services: Services, press: Press) -> Answer:
    turn = read_turn(press.action.value)
    return stale_button_message() if turn is None else await _in_place(services, press, *turn)


async def _choose(services: Services, press: Press) -> Answer:
    user = press.action.selected_user
    return stale_button_message() if user is None else await _in_place(services, press, ByPerson(user), None)


async def _in_place(services: Services, press: Press, search: Search, cursor: Cursor | None) -> Answer:
    decision = services.rules.may(press.person, None)
    if isinstance(decision, Denied) and decision.reason is Denial.OTHER_TEAM:
        return Refuse(decision)
    return InPlace(await _page(services, press.person, decision, search, cursor))


async def history(services: Services, person: Person, query: Query) -> Message:
    """Answer a query; people of another workspace do not get here."""
    rules, ledger = services.rules, services.ledger
    decision = rules.may(person, None)
    if isinstance(query, ByName) and (state := _state(query.text, rules.kinds)) is not None:
        page = await ledger.chronicle.page(query, _owner(person, decision))
        return await _page(services, person, decision, query if page.operations else state, None)
    if not isinstance(query, ByReference):
        return await _page(services, person, decision, query, None)
    record = await ledger.by_reference(query.ref)
    if record is None:
        named = ByName(query.text)
        page = await ledger.chronicle.page(named, _owner(person, decision))
        # “last week” can be read as a reference too: nobody is told of one that they never typed.
        missing = not page.operations and meant_as_reference(query.text)
        return (
            status_missing_message(query.ref) if missing else page_message(named, page, decision, rules.kinds)
        )
    op = record.operation
    now_about(op.id)
    if not isinstance(decision, Allowed) and op.requester != person.user:
        refuse = Refuse("not_own", not_yours_message(op.ref, decision))
        keep(services, refuse, person, "history", operation=op.id)
        return refuse.told(rules.command)
    return story_message(op, rules.kinds.words(op), await ledger.chronicle.story(op.id))


async def _page(
    services: Services, person: Person, decision: Decision, search: Search, cursor: Cursor | None
) -> Message:
    if isinstance(search, ByPerson) and search.user is None:
        search = ByPerson(person.user)
    page = await services.ledger.chronicle.page(search, _owner(person, decision), cursor)
    return page_message(search, page, decision, services.rules.kinds)


def _state(text: str, kinds: Kinds) -> ByState | None:
    """Read a kind's own word for what it did, as “written”: where nothing has that name, that is meant."""
    word = folded(text)
    for kind in kinds:
        for standing in (Standing.DONE, Standing.NOT_DONE):
            if word == kind.words.standing(standing):
                return ByState(standing, kind.name)
    return None


def _owner(person: Person, decision: Decision) -> str | None:
    return None if isinstance(decision, Allowed) else person.user
