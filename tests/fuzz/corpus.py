"""What is mutated: everything that Slack sends to a bot with work in its ledger, as real payloads.

Whatever becomes of them, none may have an effect. Who is nobody to the policy sends what could have one:
presses of every button there is, and forms that the bot itself sealed for them. Who may create sends only
what reads or opens. The two kinds are never mixed, and no seed holds both an operator and a sealed form.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl

from bot.domain.operation import Operation
from bot.sandbox.blockkit.elements import INTERACTIVE
from bot.sandbox.blockkit.validation import parts
from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json
from bot.sandbox.slack import payloads
from bot.sandbox.slack.people import TEAM, Person
from bot.sandbox.slack.views import View
from bot.slack.sealing import Form, Sealer
from bot.words.deny_form import DENY_FORM
from bot.words.form import FORM, SHORTCUT_FORM
from tests.flow.conftest import APPROVE, ASHA, BEN, OMAR, RIA, VOICE, ZOE, House

STRANGERS: Final = (BEN, ZOE)
_TEXTS: Final = (
    "",
    "help",
    "create",
    'create "Sales" outbound 10',
    "create Sales Mumbai in 25",
    "create “Bob East” inbound 1000",
    'create "Sales" outbuond 1e3',
    "history",
    "history state:unknown",
    "history @ben",
    "history Sales",
    "make coffee",
)


@dataclass(frozen=True, slots=True)
class Seed:
    """A real request: the fields of a form, or a JSON object, sent as `payload` or as it is."""

    kind: str
    fields: tuple[tuple[str, str], ...] = ()
    payload: Json | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Corpus:
    """Requests of people without rights, and harmless ones of people with them."""

    strangers: tuple[Seed, ...]
    operators: tuple[Seed, ...]


async def collect(house: House) -> Corpus:
    """Bring operations into four states, and gather what people could send about them."""
    wished = await _work(house)
    sandbox = house.sandbox
    strangers = [sandbox.space.people[user] for user in STRANGERS]
    harmful = [seed for person in strangers for seed in _about(sandbox, person, wished.id)]
    operator = sandbox.space.people[ASHA]
    harmless = [*_reads(sandbox, operator, wished.ref), *_cut_forms(sandbox, operator)]
    return Corpus(tuple(map(_without_operators, harmful)), tuple(harmless))


def _without_operators(seed: Seed) -> Seed:
    # Messages name people: a mutation could put such a name where it says who presses.
    payload = json.dumps(seed.payload)
    for user in (ASHA, OMAR, RIA):
        payload = payload.replace(user, "U0ABSENT1")
    return replace(seed, payload=json.loads(payload))


async def _work(house: House) -> Operation:
    sandbox = house.sandbox
    await house.confirmed(command='create "Made" outbound 10')
    await house.heard("created: outbound")
    await sandbox.close(ASHA)
    await sandbox.fault("vobiz", "unreachable")
    await house.confirmed(command='create "Never sent" outbound 10')
    await house.heard("Nothing was created")
    await sandbox.close(ASHA)
    await sandbox.fault("vobiz", "error_before", times=1)
    await house.confirmed(command='create "Unsure" outbound 10')
    await sandbox.wait_for(lambda: _button(sandbox, "trunk.give_up"), 15)
    await sandbox.close(ASHA)
    await house.confirmed(user=RIA, command='create "Wished" inbound 10')
    asked = await house.heard("Wished", channel=APPROVE)
    await sandbox.command(ASHA, VOICE, "history")
    await house.heard("All requests")
    await sandbox.open_home(ASHA)
    await sandbox.wait_for(lambda: sandbox.home_of(ASHA))
    await sandbox.command(ASHA, VOICE, 'create "Sales" outbound 10')
    return await house.operation(asked.words)


def _button(sandbox: Sandbox, action: str) -> bool:
    return any(action in str(message.blocks) for message in sandbox.space.messages.all)


def _pressed(sandbox: Sandbox, person: Person) -> Iterator[Json]:
    """Every button and menu in every message and on the Home tab, as this person would press it."""
    space = sandbox.space
    for message in space.messages.all:
        for block, element in _interactive(message.blocks):
            action = payloads.action(element, block, None, space.clock())
            place = space.channels[message.channel]
            yield payloads.message_action(
                payloads.Pressed(person, place, message, action, "1.2", f"{sandbox.page_url}none")
            )
    home = _shown(sandbox.home_of(ASHA))
    for block, element in _interactive(home.blocks):
        action = payloads.action(element, block, None, space.clock())
        yield payloads.view_action(person, home, action, "1.2")


def _interactive(blocks: list[Json]) -> Iterator[tuple[str, Json]]:
    return ((block, element) for block, element in parts(blocks) if element.get("type") in INTERACTIVE)


def _shown(view: View | None) -> View:
    if view is None:
        raise AssertionError("unreachable: it was just opened")
    return view


def _about(sandbox: Sandbox, person: Person, wished: str) -> Iterator[Seed]:
    """Everything that somebody without rights could press or submit."""
    yield from (Seed("press", payload=payload) for payload in _pressed(sandbox, person))
    for callback, operation in ((FORM, "f" * 32), (SHORTCUT_FORM, "f" * 32), (DENY_FORM, wished)):
        yield Seed("form", payload=_form(sandbox, person, callback, operation))
    view = _shown(sandbox.view_of(ASHA))
    yield Seed("closed", payload=payloads.view_closed(person, view, cleared=True))
    yield from _reads(sandbox, person, "ABCD-EFGH")


def _form(sandbox: Sandbox, person: Person, callback: str, operation: str) -> Json:
    # Sealed with the bot's own key for somebody who may not: all of the way is open but the last step.
    sealer = Sealer(sandbox.bot_token, sandbox.space.clock)
    opened = int(sandbox.space.clock())
    form = Form(
        kind="create_trunk",
        operation=operation,
        team=TEAM,
        user=person.id,
        channel=VOICE,
        opened_at=opened,
        account=sandbox.vobiz_auth_id,
    )
    view = _shown(sandbox.view_of(ASHA))
    payload = payloads.view_submission(person, view, "1.2", [])
    sealed: Json = {"callback_id": callback, "private_metadata": sealer.seal_form(form)}
    return {**payload, "view": {**view.payload(), **sealed, "state": {"values": _VALUES}}}


def _cut_forms(sandbox: Sandbox, person: Person) -> Iterator[Seed]:
    """The form of somebody who may, with half of its seal."""
    view = _shown(sandbox.view_of(person.id))
    payload = payloads.view_submission(person, view, "1.2", [])
    half = view.private_metadata[: len(view.private_metadata) // 2]
    for callback in (FORM, SHORTCUT_FORM, DENY_FORM):
        cut: Json = {"callback_id": callback, "private_metadata": half, "state": {"values": _VALUES}}
        yield Seed("form", payload={**payload, "view": {**view.payload(), **cut}})


def _reads(sandbox: Sandbox, person: Person, ref: str) -> Iterator[Seed]:
    """Commands, the Home tab, the shortcut: what they would open needs a trigger that is alive."""
    place = sandbox.space.channels[VOICE]
    for text in (*_TEXTS, f"status {ref}", f"history {ref}"):
        sent = payloads.Command(person, place, "/trunk", text, f"{sandbox.page_url}none", "1.2")
        fields = parse_qsl(payloads.command_body(sent).decode(), keep_blank_values=True)
        yield Seed("command", fields=tuple(fields))
    at = sandbox.space.clock()
    home = json.loads(payloads.home_opened(person, "home", None, at))
    yield Seed("home", payload=home, bare=True)
    yield Seed("shortcut", payload=payloads.shortcut(person, "create_trunk_shortcut", "1.2", at))
    yield Seed("check", fields=(("ssl_check", "1"), ("token", "x")))
    yield Seed("hello", payload={"type": "url_verification", "challenge": "x", "token": "y"}, bare=True)


_VALUES: Final[Json] = {
    "name": {"name": {"type": "plain_text_input", "value": "Sales"}},
    "direction": {"direction": {"type": "radio_buttons", "selected_option": {"value": "outbound"}}},
    "calls": {"calls": {"type": "number_input", "value": "10"}},
    "channel": {"channel": {"type": "conversations_select", "selected_conversation": VOICE}},
    "reason": {"reason": {"type": "plain_text_input", "value": "because"}},
}
