"""What went over the wire, for a person to read: request and response in text, without what opens anything.

Hidden are tokens, signatures, passwords, and what Slack hands out for a while: triggers and response URLs.
It is written when somebody opens it: writing all of it down took longer than playing both sides.
"""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import web

from bot.sandbox.log import Side
from bot.sandbox.shape import items, mapping, parsed

HIDDEN: Final = "(hidden)"
TEXT_MAX: Final = 40_000  # characters of one side
_FORM: Final = "application/x-www-form-urlencoded"
_SECRET: Final = frozenset(
    {"authorization", "token", "x-slack-signature", "x-auth-token", "trigger_id", "response_url"}
    | {"password", "auth_secret", "private_metadata"}
)
# What is a secret inside of a text: a response URL, and the ticket of a Socket Mode connection.
_INSIDE: Final = re.compile(r"(/slack/response/|[?&]ticket=)[^\s\"'&<>|]+")
_SHOWN: Final = ("content-type", "retry-after", "x-slack-", "x-auth-", "authorization", "x-oauth-scopes")


async def asked(request: web.Request) -> Side:
    """Keep a request that came in; its body stays readable for others."""
    # aiohttp keeps what it read, but for multipart, which it reads once.
    body = b"" if request.content_type.startswith("multipart/") else await request.read()
    return partial(
        written, f"{request.method} {request.raw_path}", request.headers, body, request.content_type
    )


def answered(response: web.Response) -> Side:
    """Keep the answer to one."""
    body = response.body if isinstance(response.body, bytes) else b""
    return partial(written, f"HTTP {response.status}", response.headers, body, response.content_type)


def written(line: str, headers: Mapping[str, str], body: bytes, kind: str) -> str:
    """Write one side down: its first line, the headers that say something, and its body with JSON set out."""
    said = [f"{name}: {_value(name, value)}" for name, value in headers.items() if _tells(name)]
    content = _body(body, kind)
    whole = _open("\n".join([line, *said])) + (f"\n\n{content}" if content else "")
    return whole if len(whole) <= TEXT_MAX else f"{whole[:TEXT_MAX]}\n(cut here)"


def _tells(name: str) -> bool:
    return name.lower().startswith(_SHOWN)


def _value(name: str, value: object) -> object:
    return HIDDEN if name.lower() in _SECRET and value else value


def _body(body: bytes, kind: str) -> str:
    words = body.decode("utf-8", "replace")
    value: object = None
    if kind == _FORM:
        # An interaction is a form with JSON in it, and so may the fields of a Web API call be.
        value = {name: _inner(field) for name, field in parse_qsl(words, keep_blank_values=True)}
    elif words:
        value = parsed(words)
    if not isinstance(value, dict | list):
        return _open(words)
    return json.dumps(_masked(value), ensure_ascii=False, indent=2)


def _inner(field: str) -> object:
    value = parsed(field) if field[:1] in {"{", "["} else None
    return field if value is None else value


def _masked(value: object) -> object:
    if isinstance(value, dict):
        masked = {name: _value(name, _masked(inner)) for name, inner in mapping(value).items()}
        # Vobiz echoes what it refuses, a password too.
        return masked | {"value": HIDDEN} if masked.get("field") in _SECRET else masked
    if isinstance(value, list):
        return [_masked(inner) for inner in items(value)]
    return _open(value) if isinstance(value, str) else value


def _open(words: str) -> str:
    return _INSIDE.sub(rf"\1{HIDDEN}", words)
