"""Looks for the passwords that Vobiz was given, wherever they must not be."""

import html
import json
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote, quote_plus

from bot.sandbox.server import Sandbox
from bot.sandbox.shape import Json, mapping

_SHOWN: Final = "SIP password"  # the title of the one window that shows one, to who asked for it


def passwords(sandbox: Sandbox) -> frozenset[str]:
    """Return every password that arrived at Vobiz, refused ones and those of before too."""
    sent = {str(post.body["password"]) for post in sandbox.vobiz_posts if post.body.get("password")}
    return frozenset(sent | set(sandbox.vobiz.account.passwords.values()))


def leaks(secrets: frozenset[str], places: Mapping[str, str]) -> list[str]:
    """Name the places that have one, also as HTML, JSON or a URL writes it; never the password itself."""
    return [
        f"{place} has a password"
        for place, words in places.items()
        for secret in secrets
        if any(form in words for form in _forms(secret))
    ]


def said(sandbox: Sandbox) -> dict[str, str]:
    """Return all that the bot ever gave to Slack, but for the window that shows a password."""
    calls = [
        json.dumps(call.args, ensure_ascii=False) for call in sandbox.slack_calls if not _shows(call.args)
    ]
    messages = [f"{message.text}\n{json.dumps(message.blocks)}" for message in sandbox.space.messages.all]
    return {"a call to Slack": "\n".join(calls), "a message": "\n".join(messages)}


def _shows(args: Json) -> bool:
    return mapping(mapping(args.get("view")).get("title")).get("text") == _SHOWN


def _forms(secret: str) -> Iterator[str]:
    yield from {secret, html.escape(secret), json.dumps(secret)[1:-1], quote(secret), quote_plus(secret)}
