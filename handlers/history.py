"""`/trunk history` and its buttons: operators see every request, everybody else their own."""

from slack_bolt.async_app import AsyncApp

from bot.blockkit.layout import Message
from bot.commands.history_query import ByName, ByPerson, ByReference, Cursor, Query, Search, read_turn
from bot.domain.policy import Allowed, Decision, Denial, Denied, Person
from bot.runtime.log import now_about
from bot.slack.payloads import Press
from bot.words.answers import refused_message, stale_button_message, status_missing_message
from bot.words.history import NEWER, OLDER, PERSON, not_yours_message, page_message, story_message
from handlers.common.press import InPlace, answered_press
from handlers.common.refusals import record_refusal
from handlers.services import Services


def register(app: AsyncApp, services: Services) -> None:
    """Listen to the buttons of a page, and to the choice of a person."""
    for action in (OLDER, NEWER):
        app.action(action)(answered_press(services, _turn))
    app.action(PERSON)(answered_press(services, _choose))


async def _turn(services: Services, press: Press) -> Message | InPlace:
    turn = read_turn(press.action.value)
    return stale_button_message() if turn is None else await _in_place(services, press, *turn)


async def _choose(services: Services, press: Press) -> Message | InPlace:
    user = press.action.selected_user
    return stale_button_message() if user is None else await _in_place(services, press, ByPerson(user), None)


async def _in_place(
    services: Services, press: Press, search: Search, cursor: Cursor | None
) -> Message | InPlace:
    decision = services.may(press.person, None)
    if isinstance(decision, Denied) and decision.reason is Denial.OTHER_TEAM:
        record_refusal(services, press.person, "history", decision, None)
        return refused_message(decision, services.command)
    return InPlace(await _page(services, press.person, decision, search, cursor))


async def history(services: Services, person: Person, query: Query) -> Message:
    """Answer a query, whoever asks it: from another workspace nobody gets here."""
    decision = services.may(person, None)
    if not isinstance(query, ByReference):
        return await _page(services, person, decision, query, None)
    record = await services.ledger.by_reference(query.ref)
    if record is None:
        named = ByName(query.text)
        page = await services.ledger.chronicle.page(named, _owner(person, decision))
        found = bool(page.operations)
        return page_message(named, page, decision) if found else status_missing_message(query.ref)
    operation = record.operation
    now_about(operation.id)
    if not isinstance(decision, Allowed) and operation.requester != person.user:
        record_refusal(services, person, "history", "not_own", None, operation=operation.id)
        return not_yours_message(operation.ref, decision)
    return story_message(operation, await services.ledger.chronicle.story(operation.id))


async def _page(
    services: Services, person: Person, decision: Decision, search: Search, cursor: Cursor | None
) -> Message:
    if isinstance(search, ByPerson) and search.user is None:
        search = ByPerson(person.user)
    page = await services.ledger.chronicle.page(search, _owner(person, decision), cursor)
    return page_message(search, page, decision)


def _owner(person: Person, decision: Decision) -> str | None:
    return None if isinstance(decision, Allowed) else person.user
