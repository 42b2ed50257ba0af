"""In the end people look at the passwords that they ordered: each must be the one that Vobiz has."""

from collections.abc import Iterator
from typing import Final

from bot.blockkit.report import Act
from bot.sandbox.blockkit.validation import parts
from bot.sandbox.shape import text
from bot.sandbox.slack.messages import Message, written
from tests.crash.changes import Changer
from tests.crash.judging import Change, has

_WINDOW: Final = "SIP password"


async def wrong_passwords(person: Changer) -> list[str]:
    """Press “Show password” for the newest order about each login; say what is not as it should be."""
    account, found = person.sandbox.vobiz.account, []
    for login, change in _newest(person).items():
        pressed = _button(person, change)
        if login not in account.passwords or pressed is None:
            continue
        message, value = pressed
        await person.sandbox.action(
            person.user, Act.PASSWORD, channel=message.channel, ts=message.ts, value=value
        )
        view = person.sandbox.view_of(person.user)
        if view is None or view.title != _WINDOW:
            found.append(f"{change.ref}: its password could not be shown")
            continue
        if account.passwords[login] not in "\n".join(written(view.blocks)):
            found.append(f"{change.ref}: another password was shown than Vobiz has")
        await person.sandbox.close(person.user, view.id, everything=True)
    return found


def _newest(person: Changer) -> dict[str, Change]:
    """Return the newest order that made or renewed a login that is there, by the login's id."""
    rows = person.sandbox.vobiz.account.lists["credentials"]
    made = {text(row.get("username")): text(row.get("id")) for row in rows}
    found = {}
    for change in person.changes:
        for write in change.order.writes if change.order.secret else ():
            login = made.get(write.mark) if write.mark else write.path.rpartition("/")[2]
            if login and not write.path.startswith("trunks"):
                found[login] = change
    return found


def _button(person: Changer, change: Change) -> tuple[Message, str] | None:
    """Find the button, where it was told that the order was done."""
    return next(_buttons(person, change), None)


def _buttons(person: Changer, change: Change) -> Iterator[tuple[Message, str]]:
    for message in reversed(person.sandbox.space.messages.all):
        theirs = message.bot and message.visible(person.user) and (change.ref or "-") in message.words
        if theirs and has(message.words, change.order.done):
            for _, part in parts(message.blocks):
                if part.get("action_id") == Act.PASSWORD:
                    yield message, text(part.get("value"))
