"""The front door: garbage gets a clean 4xx, reaches nobody, and is not logged."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from urllib.parse import quote_plus

import httpx
import pytest
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from starlette.applications import Starlette
from starlette.types import Message

from bot.runtime.metrics import Metrics
from bot.server.answers import KEPT_FOR, KEPT_MAX
from bot.server.front_door import BODY_MAX, PATH, Bodies, FrontDoor
from bot.server.request import answered
from bot.server.signature import Signatures
from tests.conftest import TurnedClock
from tests.pure.test_signature import signed

SECRET = b"s"
COMMAND = b"command=%2Ftrunk&text=hush-hush&user_id=U1&team_id=T1"


class Bolt:
    """Stands where Bolt does and keeps what reached it."""

    def __init__(self) -> None:
        self.bodies: list[object] = []
        self.left_before: list[bool] = []
        self.events: list[object] = []
        self.lazy: list[bool] = []
        self.says = "fine"
        self.reached = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def __call__(self, req: AsyncBoltRequest) -> BoltResponse:
        self.reached.set()
        self.bodies.append(req.body)
        self.left_before.append(answered().is_set())
        self.events.append(answered())
        self.lazy.append(req.lazy_only)
        await self.goes_on.wait()
        return BoltResponse(status=200, body=self.says, headers={"x-one": ["1"]})


@pytest.fixture
def bolt() -> Bolt:
    return Bolt()


@pytest.fixture
async def door(bolt: Bolt, clock: TurnedClock) -> AsyncIterator[httpx.AsyncClient]:
    app = FrontDoor(Starlette(), Signatures((SECRET,)), clock, lambda: bolt, Metrics())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        yield client


def headers(body: bytes, clock: TurnedClock, skew: int = 0) -> dict[str, str]:
    stamp, signature = signed(SECRET, body, int(clock.now()) + skew)
    return {
        "x-slack-request-timestamp": stamp.decode(),
        "x-slack-signature": signature.decode(),
        "content-type": "application/x-www-form-urlencoded",
    }


async def test_a_request_that_comes_again_gets_the_answer_of_the_first(
    bolt: Bolt, clock: TurnedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """As from a proxy whose connection broke: also while the first is in work, and whatever became of it."""
    metrics = Metrics()
    app = FrontDoor(Starlette(), Signatures((SECRET,)), clock, lambda: bolt, metrics)
    bolt.goes_on.clear()
    given = headers(COMMAND, clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        posting = [
            asyncio.create_task(client.post("/slack/events", content=COMMAND, headers=given))
            for _ in range(3)
        ]
        await asyncio.wait_for(bolt.reached.wait(), 5)
        posting[1].cancel()
        await asyncio.sleep(0)
        bolt.goes_on.set()
        answers = [await posting[0], await posting[2]]
        clock.time += KEPT_FOR - 1
        answers.append(await client.post("/slack/events", content=COMMAND, headers=given))
        assert [(each.status_code, each.text, each.headers["x-one"]) for each in answers] == [
            (200, "fine", "1")
        ] * 3
        assert len(bolt.bodies) == 1
        assert caplog.records == []
        clock.time += 1
        assert (await client.post("/slack/events", content=COMMAND, headers=given)).status_code == 401
    assert len(bolt.bodies) == 1
    counted = metrics.exposition().decode()
    assert "trunk_bot_requests_repeated_total 2.0" in counted
    assert 'trunk_bot_requests_refused_total{verdict="replayed"} 1.0' in counted


async def test_answers_take_no_more_memory_than_there_is(
    bolt: Bolt, door: httpx.AsyncClient, clock: TurnedClock
) -> None:
    bolt.says = "x" * (KEPT_MAX // 4)
    given = []
    for number in range(6):
        body = COMMAND + str(number).encode()
        given.append((body, headers(body, clock)))
        assert (await door.post(PATH, content=body, headers=given[-1][1])).status_code == 200
    again = [(await door.post(PATH, content=body, headers=signs)).status_code for body, signs in given]
    assert again == [401, 401, 401, 200, 200, 200]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/slack/events/", 200),
        ("/slack/events//", 404),
        ("//slack/events", 404),
        ("/bot/slack/events", 404),
        ("/Slack/Events", 404),
        ("/%0a" + "x" * 5000, 404),
        ("/", 404),
    ],
)
async def test_a_request_of_slacks_to_another_path_is_told_of(
    bolt: Bolt, clock: TurnedClock, caplog: pytest.LogCaptureFixture, path: str, status: int
) -> None:
    metrics = Metrics()
    app = FrontDoor(Starlette(), Signatures((SECRET,)), clock, lambda: bolt, metrics)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        url = httpx.URL(scheme="http", host="bot", raw_path=path.encode())
        given = headers(COMMAND, clock)
        assert (await client.post(url, content=COMMAND, headers=given)).status_code == status
        told = [record.getMessage() for record in caplog.records]
        await client.post(url, content=COMMAND, headers=given | {"x-slack-signature": "v0=1"})
        await client.get(url, headers=given)
    counted = metrics.exposition().decode()
    if status == 200:
        assert (told, len(bolt.bodies)) == ([], 1)
        assert "trunk_bot_requests_misdirected_total 0.0" in counted
    else:
        assert (len(told), len(bolt.bodies)) == (1, 0)
        assert path[:100] in told[0]
        assert PATH in told[0]
        assert len(told[0]) < 300
        assert "trunk_bot_requests_misdirected_total 1.0" in counted


async def test_the_event_says_when_the_answer_has_left(
    door: httpx.AsyncClient, bolt: Bolt, clock: TurnedClock
) -> None:
    await door.post("/slack/events", content=COMMAND, headers=headers(COMMAND, clock))
    assert bolt.left_before == [False]
    event = bolt.events[0]
    assert getattr(event, "is_set")() is True  # noqa: B009 - the list holds objects


@pytest.mark.parametrize("skew", [301, -301])
async def test_a_stale_request_is_refused(
    door: httpx.AsyncClient, bolt: Bolt, clock: TurnedClock, skew: int
) -> None:
    answer = await door.post("/slack/events", content=COMMAND, headers=headers(COMMAND, clock, skew))
    assert answer.status_code == 401
    assert bolt.bodies == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"x-slack-signature": "v0=00"},
        {"x-slack-signature": "v0=\u00e9"},
        {"x-slack-request-timestamp": "tomorrow"},
        {"x-slack-request-timestamp": "9" * 4000},
    ],
    ids=["unsigned", "wrong", "not ASCII", "no number", "long"],
)
async def test_what_is_not_signed_is_refused_and_not_logged(
    door: httpx.AsyncClient,
    bolt: Bolt,
    clock: TurnedClock,
    caplog: pytest.LogCaptureFixture,
    wrong: dict[str, str],
) -> None:
    caplog.set_level(logging.DEBUG)
    good = headers(COMMAND, clock) if wrong else {}
    sent = [(name.encode(), value.encode("latin-1")) for name, value in (good | wrong).items()]
    answer = await door.post("/slack/events", content=COMMAND, headers=sent)
    assert answer.status_code == 401
    assert bolt.bodies == []
    assert "hush" not in caplog.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"command=%2Ftrunk&text=\xff",
        b"payload=" + quote_plus('{"type": "block_actions", "user": {"id"').encode(),
        b"payload=null",
        b"payload=[]",
        b"payload=%22x%22",
        b"payload=",
        b"payload=" + quote_plus(json.dumps({"type": "block_actions", "user": "U1"})).encode(),
        b"payload=" + quote_plus("[" * 100_000).encode(),
        b"command=%2Ftrunk",
        b"nothing=here",
        b"=&=&&&",
        b"payload=" + quote_plus('{"type": "block_actions", "user": {"id": "U\\ud800"}}').encode(),
        b"payload="
        + quote_plus('{"type": "x", "user": {"id": "U"}, "a":' + "[" * 400 + "]" * 400 + "}").encode(),
    ],
)
async def test_signed_garbage_is_a_400(
    door: httpx.AsyncClient, bolt: Bolt, clock: TurnedClock, body: bytes
) -> None:
    answer = await door.post("/slack/events", content=body, headers=headers(body, clock))
    assert answer.status_code == 400
    assert bolt.bodies == []


async def test_more_than_a_megabyte_is_refused_before_it_is_read(
    door: httpx.AsyncClient, bolt: Bolt, clock: TurnedClock
) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 100_000

    answer = await door.post("/slack/events", content=endless(), headers=headers(b"", clock))
    assert answer.status_code == 413
    assert read <= BODY_MAX // 100_000 + 2
    assert bolt.bodies == []


@pytest.mark.parametrize(
    ("wrong", "verdict"),
    [
        (None, "unsigned"),
        ({"x-slack-signature": ""}, "unsigned"),
        ({"x-slack-signature": "v0=0123"}, "wrong"),
        ({"x-slack-request-timestamp": "now"}, "wrong"),
        ({"x-slack-request-timestamp": "1"}, "stale"),
        ({"content-length": str(BODY_MAX + 1)}, None),
    ],
    ids=["none", "empty", "short", "no number", "stale", "announced to be long"],
)
async def test_what_its_headers_give_away_is_refused_unread(
    bolt: Bolt, clock: TurnedClock, wrong: dict[str, str] | None, verdict: str | None
) -> None:
    metrics, read = Metrics(), 0
    app = FrontDoor(Starlette(), Signatures((SECRET,)), clock, lambda: bolt, metrics)

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"x" * 100_000
        await asyncio.Event().wait()

    given = {} if wrong is None else headers(b"", clock) | wrong
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        posting = client.post("/slack/events", content=endless(), headers=given)
        answer = await asyncio.wait_for(posting, 5)
    assert (answer.status_code, read) == (413 if verdict is None else 401, 0)
    assert answer.headers["connection"] == "close"
    assert bolt.bodies == []
    counted = metrics.exposition().decode()
    assert verdict is None or f'trunk_bot_requests_refused_total{{verdict="{verdict}"}} 1.0' in counted


async def test_strangers_with_much_to_say_take_no_more_memory_than_there_is_and_commands_pass(
    bolt: Bolt, clock: TurnedClock
) -> None:
    """Signed in form, 0.9 MB each and then silence: of five two fit, and the first three are let go."""
    said: asyncio.Queue[int] = asyncio.Queue()
    bodies = Bodies(patience=60, most=2_000_000)
    app = FrontDoor(Starlette(), Signatures((SECRET,)), clock, lambda: bolt, Metrics(), bodies=bodies)

    async def halting(number: int) -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * 100_000
        said.put_nowait(number)
        await asyncio.Event().wait()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        strangers = []
        for number in range(5):
            posting = client.post("/slack/events", content=halting(number), headers=headers(b"", clock))
            strangers.append(asyncio.create_task(posting))
            assert await asyncio.wait_for(said.get(), 5) == number
        refused = [await asyncio.wait_for(stranger, 5) for stranger in strangers[:3]]
        assert [(answer.status_code, answer.text) for answer in refused] == [(408, "too slow")] * 3
        command = await client.post("/slack/events", content=COMMAND, headers=headers(COMMAND, clock))
        assert command.status_code == 200
        large = COMMAND + b"x" * 400_000
        parts = [large[:300_000], large[300_000:]]

        async def in_parts() -> AsyncIterator[bytes]:
            for part in parts:
                yield part

        answer = await client.post("/slack/events", content=in_parts(), headers=headers(large, clock))
        assert answer.status_code == 200
        # The large one needed the place of one more.
        assert (await asyncio.wait_for(strangers[3], 5)).status_code == 408
        assert not strangers[4].done()
        strangers[4].cancel()
        with pytest.raises(asyncio.CancelledError):
            await strangers[4]


@pytest.mark.parametrize("text", ["create payload outbound 10", "payload=1", "the payload"])
async def test_a_command_may_hold_any_word(
    door: httpx.AsyncClient, bolt: Bolt, clock: TurnedClock, text: str
) -> None:
    body = COMMAND.replace(b"hush-hush", quote_plus(text).encode())
    assert (await door.post("/slack/events", content=body, headers=headers(body, clock))).status_code == 200
    assert isinstance(bolt.bodies[0], dict)
    assert bolt.bodies[0]["text"] == text


async def test_headers_that_are_not_slacks_are_not_passed_on(
    door: httpx.AsyncClient, bolt: Bolt, clock: TurnedClock
) -> None:
    given = headers(COMMAND, clock) | {"x-slack-bolt-lazy-only": "1", "x-slack-retry-num": "1"}
    await door.post("/slack/events", content=COMMAND, headers=given)
    assert bolt.lazy == [False]


async def test_a_body_that_does_not_end_is_given_up(bolt: Bolt, clock: TurnedClock) -> None:
    bodies = Bodies(patience=0.05)
    app = FrontDoor(Starlette(), Signatures((SECRET,)), clock, lambda: bolt, Metrics(), bodies=bodies)

    async def slow() -> AsyncIterator[bytes]:
        yield b"command="
        await asyncio.Event().wait()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        answer = await client.post("/slack/events", content=slow(), headers=headers(b"", clock))
    assert (answer.status_code, answer.headers["connection"]) == (408, "close")
    assert bolt.bodies == []


async def test_only_posts(door: httpx.AsyncClient) -> None:
    answer = await door.get("/slack/events")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_before_it_is_ready_a_command_is_answered_in_words(clock: TurnedClock) -> None:
    app = FrontDoor(Starlette(), Signatures((SECRET,)), clock, lambda: None, Metrics())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        told = await client.post("/slack/events", content=COMMAND, headers=headers(COMMAND, clock))
        press = b"payload=" + quote_plus('{"type": "block_actions", "user": {"id": "U1"}}').encode()
        refused = await client.post("/slack/events", content=press, headers=headers(press, clock))
    assert told.status_code == 200
    assert told.json()["response_type"] == "ephemeral"
    assert refused.status_code == 503


async def test_who_hangs_up_half_way_is_no_stranger(
    bolt: Bolt, clock: TurnedClock, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = Metrics()
    app = FrontDoor(Starlette(), Signatures((SECRET,)), clock, lambda: bolt, metrics)
    parts: list[Message] = [
        {"type": "http.request", "body": COMMAND[:9], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return parts.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    given = [(name.encode(), value.encode()) for name, value in headers(COMMAND, clock).items()]
    await app({"type": "http", "method": "POST", "path": PATH, "headers": given}, receive, send)
    assert (parts, sent, bolt.bodies, caplog.records) == ([], [], [], [])
    lines = metrics.exposition().decode().splitlines()
    refused = [line for line in lines if line.startswith("trunk_bot_requests_refused_total{")]
    assert refused
    assert all(line.endswith(" 0.0") for line in refused)
