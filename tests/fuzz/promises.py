"""What the parser and the reader of answers promise for any input: for hypothesis and for a guided fuzzer."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Final

from bot.commands.lexer import ILLEGAL
from bot.commands.parse import Begin, Command, History, Status
from bot.commands.parse import parse as parse_with
from bot.commands.problems import Problem
from bot.domain.outcome import Done, NotSent, Rejected, Unknown
from bot.kinds.base import Limits
from bot.kinds.create_trunk import CreateTrunk
from bot.kinds.create_trunk.request import check_name
from bot.kinds.registry import KINDS
from bot.vobiz.outcome import read_answer, read_failure

_LATER: Final = frozenset({408, 425, 499})  # not refusals: the request may still be carried out
_CREATE: Final = CreateTrunk()


def parse(text: str, max_calls: int) -> Command | Problem:
    """Read a text with the kinds that the bot has."""
    return parse_with(text, KINDS.verbs, Limits(max_calls))


def check_text(text: str, max_calls: int) -> None:
    """Parse a text; raises AssertionError when a promise is broken, and whatever the parser lets out."""
    result = parse(text, max_calls)
    assert parse(text, max_calls) == result
    match result:
        case Problem():
            assert 0 <= result.start <= result.end <= len(result.text)
            result.text.encode()
            if result.fix is not None:
                result.fix.encode()
                assert not isinstance(parse(result.fix, max_calls), Problem)
        case Begin(known=known):
            name, calls = known.get("name"), known.get("calls")
            assert name is None or (isinstance(name, str) and check_name(name) == name)
            assert name is None or not ILLEGAL.search(str(name))
            assert calls is None or (isinstance(calls, int) and 1 <= calls <= max_calls)
            if len(known) == len(_CREATE.Request.model_fields):
                assert parse(_CREATE.line(known), max_calls) == result
        case Status(ref=ref):
            assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", ref)
        case History():
            repr(result.query).encode("utf-8", "backslashreplace")


def check_answer(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Read an answer to a create; raises AssertionError when a promise is broken."""
    outcome = read_answer(status, headers, body, partial(_CREATE.read_success, _CREATE.name))
    refused = 400 <= status < 500 and status not in _LATER
    if not refused:
        assert not isinstance(outcome, Rejected), "only a 4xx refuses"
    assert not isinstance(outcome, NotSent), "who answers was sent something"
    match outcome:
        case Done(thing=thing):
            assert 200 <= status < 300, "only a 2xx is a success"
            assert thing is not None
            assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", thing.id)
            assert thing.id.encode() in body
        case Rejected(refusal=refusal):
            assert refusal.message
            assert refusal.message.isprintable()
            assert refusal.retry_after is None or refusal.retry_after >= 0
        case Unknown(reason=reason):
            # A 4xx leaves a doubt only where it speaks of what exists, or names a trunk.
            assert not refused or reason in {"conflict", "contradiction"}
            assert re.fullmatch(r"[a-z0-9_-]+", reason), "a word for logs, not what somebody sent"
        case _:
            raise AssertionError(f"no outcome: {outcome!r}")


def check_failure(kind: type[Exception], words: str) -> None:
    """Read an exception of the create call; raises AssertionError when a promise is broken."""
    outcome = read_failure(kind(words))
    assert isinstance(outcome, NotSent | Unknown)
    assert outcome == read_failure(kind("other words")), "what it says decides nothing, and is not quoted"
    assert re.fullmatch(r"\w+", outcome.reason, re.ASCII), "a word for logs"
