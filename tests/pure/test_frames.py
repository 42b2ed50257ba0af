"""What Slack says over the websocket is read as what it is, and nothing makes the reader fail."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.response import BoltResponse

from bot.socketmode.frames import Disconnect, Envelope, Hello, acknowledgement, read
from bot.socketmode.reasons import BACKOFF, SLOW, explained, wait

# As slack_sdk's tests recorded them.
HELLO = (
    '{"type":"hello","num_connections":2,"debug_info":{"host":"applink-1","build_number":10,'
    '"approximate_connection_time":18060},"connection_info":{"app_id":"A111"}}'
)
DISCONNECT = '{"type":"disconnect","reason":"warning","debug_info":{"host":"applink-1"}}'


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        (HELLO, Hello(2)),
        ('{"type":"hello"}', Hello(1)),
        (DISCONNECT, Disconnect("warning")),
        ('{"type":"disconnect"}', Disconnect("None")),
        (
            '{"envelope_id":"e","type":"slash_commands","payload":{"a":1},"accepts_response_payload":true}',
            Envelope("e", takes_answer=True, payload={"a": 1}),
        ),
        ('{"envelope_id":"e","payload":{}}', Envelope("e", takes_answer=False, payload={})),
        ('{"envelope_id":"e"}', None),
        ('{"envelope_id":1,"payload":{}}', None),
        ('{"type":"else"}', None),
        ("[]", None),
        ("null", None),
        ("", None),
        ("{", None),
        ("[" * 100_000, None),
    ],
)
def test_a_frame_is_read_or_is_none(text: str, frame: object) -> None:
    assert read(text) == frame


@given(st.text() | st.dictionaries(st.text(), st.none() | st.text()).map(json.dumps))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    read(text)


def test_a_frame_shows_no_payload() -> None:
    assert "secret" not in repr(Envelope("e", takes_answer=True, payload={"token": "secret"}))


JSON: dict[str, str | Sequence[str]] = {"content-type": "application/json;charset=utf-8"}


@pytest.mark.parametrize(
    ("takes", "response", "frame"),
    [
        (True, BoltResponse(status=200, body=""), {"envelope_id": "e"}),
        (True, BoltResponse(status=200, body="hi"), {"envelope_id": "e", "payload": {"text": "hi"}}),
        (
            True,
            BoltResponse(status=200, body='{"response_action":"clear"}', headers=JSON),
            {"envelope_id": "e", "payload": {"response_action": "clear"}},
        ),
        (False, BoltResponse(status=200, body="hi"), {"envelope_id": "e"}),
        (True, BoltResponse(status=404, body="?"), None),
        (True, BoltResponse(status=503, body="starting"), None),
    ],
    ids=["empty", "text", "json", "takes none", "not handled", "starting"],
)
def test_what_is_an_answer_over_http_is_an_acknowledgement(
    takes: bool, response: BoltResponse, frame: object
) -> None:
    made = acknowledgement(Envelope("e", takes_answer=takes, payload={}), response)
    assert (made and json.loads(made)) == frame


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_wait_grows_to_half_a_minute_and_is_never_less_than_half(share: float) -> None:
    assert wait("closed", 0, share) == 0
    waits = [wait("closed", tries, share) for tries in range(1, 20)]
    assert waits == sorted(waits)
    assert [BACKOFF[0] / 2 <= waits[0] <= BACKOFF[0], BACKOFF[-1] / 2 <= waits[-1] <= BACKOFF[-1]] == [
        True,
        True,
    ]
    assert wait("link_disabled", 0, share) == SLOW


def test_a_reason_that_is_not_known_is_quoted() -> None:
    assert explained("quantum_flux") == "Slack said quantum_flux"
