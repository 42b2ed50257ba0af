"""The promises hold for whatever hypothesis comes up with; docs/fuzzing.md tells of longer runs."""

import json
import ssl

import httpx
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz.promises import check_answer, check_failure, check_text

_WORDS = st.sampled_from(
    [
        *"\"'`“”„«»<>&;@:-=",
        "\N{LEFT SINGLE QUOTATION MARK}",
        "\N{RIGHT SINGLE QUOTATION MARK}",
        "create",
        "status",
        "history",
        "in",
        "outbound",
        "10",
        "1e3",
        "&amp;",
        "\u00a0",
        "ABCD-EFGH",
    ]
)
TYPED = st.text() | st.lists(_WORDS | st.text(max_size=5), max_size=12).map(" ".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
# The names that mean something, so that their values get to be odd.
_NAMES = st.sampled_from(
    ["trunk_id", "id", "name", "error", "status", "data", "trunk_type", "message", "detail"]
)
BODIES = (
    st.binary(max_size=200)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(_NAMES, JSON, max_size=6).map(lambda value: json.dumps(value).encode())
)
HEADERS = st.dictionaries(st.sampled_from(["Retry-After", "Date", "X-Request-ID"]), st.text(max_size=20))


@given(TYPED, st.integers(1, 10_000))
@example("status 0000-000\u0660", 1)
def test_any_text_keeps_the_parsers_promises(text: str, max_calls: int) -> None:
    check_text(text, max_calls)


@given(st.integers(100, 599), HEADERS, BODIES)
@example(201, {}, b"")
@example(200, {}, b'{"trunk_id": {}}')
@example(409, {}, b'{"trunk_id": "t1"}')
@example(500, {}, b'{"trunk_id": "t1"}')
def test_any_answer_keeps_the_promises_about_trunks(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    check_answer(status, headers, body)


def family(kind: type[Exception]) -> list[type[Exception]]:
    """Return a class of httpx and all below it that httpx itself defines."""
    below = [one for child in kind.__subclasses__() for one in family(child)]
    return [kind, *below] if kind.__module__.split(".")[0] == "httpx" else below


# Of httpx all that a send can raise, and what else a library or the system might.
KINDS: list[type[Exception]] = [
    *family(httpx.RequestError),
    *(httpx.InvalidURL, httpx.CookieConflict, ssl.SSLError, ssl.SSLCertVerificationError),
    *(OSError, ConnectionResetError, TimeoutError, ValueError, KeyError, RuntimeError, UnicodeError),
]


@given(st.sampled_from(KINDS), st.text(max_size=40))
def test_any_exception_is_unknown_or_not_sent_and_not_quoted(kind: type[Exception], words: str) -> None:
    check_failure(kind, words)
