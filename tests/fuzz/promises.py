"""What the parser and the reader of answers promise for any input: for hypothesis and for a guided fuzzer."""

import json
import re
from collections.abc import Mapping

from bot.commands.lexer import ILLEGAL
from bot.commands.parse import Create, History, Problem, Status, check_name, create_line, parse
from bot.vobiz.outcome import Created, NotSent, Rejected, Unknown, read_answer, read_failure

_LATER = frozenset({408, 425, 499})  # not refusals: the request may still be carried out


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
        case Create(name=name, direction=direction, calls=calls):
            assert name is None or check_name(name) == name
            assert name is None or not ILLEGAL.search(name)
            assert calls is None or 1 <= calls <= max_calls
            if name is not None and direction is not None and calls is not None:
                assert parse(create_line(name, direction, calls), max_calls) == result
        case Status(ref=ref):
            assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", ref)
        case History():
            repr(result.query).encode("utf-8", "backslashreplace")


def check_answer(status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Read an answer to a create; raises AssertionError when a promise is broken."""
    outcome = read_answer(status, headers, body)
    refused = 400 <= status < 500 and status not in _LATER
    assert isinstance(outcome, Rejected) == refused, "a 4xx refuses, and nothing else does"
    assert not isinstance(outcome, NotSent), "who answers was sent something"
    match outcome:
        case Created(trunk=trunk):
            assert 200 <= status < 300, "only a 2xx creates"
            assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", trunk.id)
            named = json.loads(body)
            assert trunk.id in {named.get("trunk_id"), named.get("id")} or "data" in named or "trunk" in named
        case Rejected(refusal=refusal):
            assert refusal.message
            assert refusal.message.isprintable()
            assert refusal.retry_after is None or refusal.retry_after >= 0
        case Unknown(reason=reason):
            assert re.fullmatch(r"[a-z0-9_-]+", reason), "a word for logs, not what somebody sent"
        case _:
            raise AssertionError(f"no outcome: {outcome!r}")


def check_failure(kind: type[Exception], words: str) -> None:
    """Read an exception of the create call; raises AssertionError when a promise is broken."""
    outcome = read_failure(kind(words))
    assert isinstance(outcome, NotSent | Unknown)
    assert outcome == read_failure(kind("other words")), "what it says decides nothing, and is not quoted"
    assert re.fullmatch(r"\w+", outcome.reason, re.ASCII), "a word for logs"
