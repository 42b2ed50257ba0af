"""What /metrics, /readyz and the log say while things happen, seen from outside."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from bot.app import Bot
from bot.runtime.readiness import STARTING
from bot.slack.client import SlackWeb
from bot.slack.token import Token
from bot.slack.transport import open_session
from tests.conftest import TurnedClock
from tests.flow.conftest import ASHA, BEN, SALES, VOICE, WARROOM, House, Logged
from tests.flow.test_socket_mode import socketed_house
from tests.flow.test_trouble import UNCONFIRMED

ACK: Final = 'ack_seconds_count{kind="command"}'
SUBMITTED: Final = 'ack_seconds_count{kind="view_submission"}'
PRESSED: Final = 'ack_seconds_count{kind="block_actions"}'
FORM: Final = {
    'commands_total{answer="form",verb="create"}': 1,
    ACK: 1,
    "open_seconds_count": 1,
    'slack_calls_total{error="none",method="views.open"}': 1,
    'vobiz_calls_total{call="list",outcome="ok"}': 1,
    'vobiz_seconds_count{call="list"}': 1,
}
CEILING: Final = {
    'vobiz_calls_total{call="concurrency",outcome="ok"}': 1,
    'vobiz_seconds_count{call="concurrency"}': 1,
}


def moved_to(*standings: str) -> dict[str, int]:
    return {f'transitions_total{{standing="{standing}"}}': 1 for standing in standings}


def created(outcome: str) -> dict[str, int]:
    return {
        f'vobiz_calls_total{{call="create",outcome="{outcome}"}}': 1,
        'vobiz_seconds_count{call="create"}': 1,
    }


def called(method: str, error: str = "none", times: int = 1) -> dict[str, int]:
    return {f'slack_calls_total{{error="{error}",method="{method}"}}': times}


def told(route: str, error: str = "none", times: int = 1) -> dict[str, int]:
    return {f'deliveries_total{{error="{error}",route="{route}"}}': times}


@dataclass
class Page:
    """The bot's own pages, as a scraper and a load balancer read them."""

    http: httpx.AsyncClient

    async def samples(self) -> dict[str, float]:
        """Return all samples of our own metrics, without the prefix."""
        answer = await self.http.get("http://bot/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        return {
            _written(sample.name.removeprefix("trunk_bot_"), sample.labels): sample.value
            for family in text_string_to_metric_families(answer.text)
            if family.name.startswith("trunk_bot_")
            for sample in family.samples
        }

    @asynccontextmanager
    async def moves(self, *expected: dict[str, int]) -> AsyncIterator[None]:
        """Expect exactly these counts to move by so much for what happens in the block."""
        wanted = {name: by for part in expected for name, by in part.items()}
        before = await self.samples()
        yield
        moved: dict[str, float] = {}
        for _ in range(250):
            after = await self.samples()
            counts = [name for name in after if name.partition("{")[0].endswith(("_total", "_count"))]
            moved = {name: by for name in counts if (by := after[name] - before.get(name, 0))}
            if moved.keys() >= wanted.keys():
                break
            await asyncio.sleep(0.02)
        assert moved == wanted

    async def slack(self) -> object:
        """Return why Slack cannot be used, as /readyz says it."""
        return (await self.ready())[1]["slack"].get("reason")

    async def ready(self) -> tuple[int, dict[str, dict[str, object]]]:
        """Return the status of /readyz, and its checks."""
        answer = await self.http.get("http://bot/readyz")
        checks: dict[str, dict[str, object]] = answer.json()["checks"]
        assert answer.json()["ready"] is (answer.status_code == 200)
        return answer.status_code, checks


def _written(name: str, labels: dict[str, str]) -> str:
    inner = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    return f"{name}{{{inner}}}" if inner else name


async def becomes(ask: Callable[[], Awaitable[object]], value: object) -> bool:
    """Ask for at most 5 s until the answer is this."""
    for _ in range(500):
        if await ask() == value:
            return True
        await asyncio.sleep(0.01)
    return False


@asynccontextmanager
async def page_of(bot: Bot) -> AsyncIterator[Page]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bot.asgi)) as http:
        yield Page(http)


async def test_each_thing_moves_its_metrics_and_no_others(empty_house: House) -> None:
    house, sandbox = empty_house, empty_house.sandbox
    async with house.bot() as bot, page_of(bot) as page:
        async with page.moves({'commands_total{answer="told",verb="help"}': 1, ACK: 1}):
            await sandbox.command(ASHA, VOICE, "help")
        async with page.moves({'commands_total{answer="corrected",verb="problem"}': 1, ACK: 1}):
            await sandbox.command(ASHA, VOICE, 'create "Sales" outbuond 10')
        async with page.moves({'commands_total{answer="refused",verb="create"}': 1, ACK: 1}):
            await sandbox.command(BEN, VOICE, SALES)
        async with page.moves({'requests_refused_total{verdict="unsigned"}': 1}):
            await sandbox.raw(b"command=%2Ftrunk", {"x-slack-signature": ""})
        async with page.moves(FORM, CEILING):
            await sandbox.command(ASHA, VOICE, SALES)
        async with page.moves(
            {SUBMITTED: 1},
            moved_to("accepted", "running", "done"),
            created("done"),
            called("chat.postMessage") | told("channel"),
            called("views.update") | told("modal"),
        ):
            await sandbox.submit_form(ASHA)
        await sandbox.fault("slack", "views_open_error")
        async with page.moves(
            {'commands_total{answer="no_form",verb="create"}': 1, ACK: 1, "open_seconds_count": 1},
            called("views.open", "internal_error"),
        ):
            await sandbox.command(ASHA, VOICE, 'create "East" outbound 10')


async def test_faults_are_counted_by_what_they_are(empty_house: House) -> None:
    house, sandbox = empty_house, empty_house.sandbox
    async with house.bot() as bot, page_of(bot) as page:
        async with page.moves(FORM, CEILING):
            await sandbox.command(ASHA, WARROOM, SALES)
        await sandbox.fault("slack", "post_not_in_channel")
        async with page.moves(
            {SUBMITTED: 1},
            moved_to("accepted", "running", "done"),
            created("done"),
            called("chat.postMessage", "not_in_channel") | told("channel", "not_in_channel"),
            called("response_url") | told("response_url"),
            called("views.update") | told("modal"),
        ):
            await sandbox.submit_form(ASHA)
        await sandbox.fault("slack", "none")
        await sandbox.fault("vobiz", "unreachable")
        await sandbox.command(ASHA, VOICE, 'create "West" outbound 10')
        await house.shown("could not be")
        async with page.moves(
            {SUBMITTED: 1},
            moved_to("accepted", "running", "not_sent"),
            created("not_sent"),
            called("chat.postEphemeral") | told("ephemeral"),
            called("views.update") | told("modal"),
        ):
            await sandbox.submit_form(ASHA)


async def test_the_oldest_unknown_create_is_counted_until_it_is_decided(empty_house: House) -> None:
    house = empty_house
    async with house.bot() as bot, page_of(bot) as page:
        await house.sandbox.fault("vobiz", "hang")
        await house.confirmed()
        await house.heard(UNCONFIRMED)
        samples = await page.samples()
    live = {name: value for name, value in samples.items() if name.startswith("operations{")}
    assert live.pop('operations{state="unknown"}') == 1
    assert live == dict.fromkeys(live, 0)
    assert len(live) == 3
    assert 0.5 <= samples["oldest_unknown_seconds"] < 60
    assert samples['transitions_total{standing="unknown"}'] == 1
    assert samples['vobiz_calls_total{call="create",outcome="unknown"}'] == 1


async def test_a_revoked_token_is_not_ready_and_said_once_until_it_works_again(
    logged: Logged, empty_house: House
) -> None:
    house, space = empty_house, empty_house.sandbox.space
    async with house.bot() as bot, page_of(bot) as page:
        status, checks = await page.ready()
        assert (status, set(checks)) == (200, {"slack", "database", "engine", "background"})
        space.token_error = "token_revoked"
        for _ in range(3):
            await house.sandbox.command(ASHA, VOICE, SALES)
            status, checks = await page.ready()
            assert (status, checks.pop("slack")) == (503, {"ok": False, "reason": "token_revoked"})
            assert all(check == {"ok": True} for check in checks.values())
        assert (await page.samples())['ready{check="slack"}'] == 0
        helped = await house.sandbox.command(ASHA, VOICE, "help")
        assert helped.status == 200
        assert [(line["check"], line["reason"]) for line in logged.saying("not ready")] == [
            ("slack", "token_revoked")
        ]
        space.token_error = None
        await house.sandbox.command(ASHA, VOICE, SALES)
        assert (await page.ready())[0] == 200
        assert (await page.samples())['ready{check="slack"}'] == 1
    assert [line["check"] for line in logged.saying("ready again")] == ["slack"]
    assert len(logged.saying("not ready")) == 1


async def test_a_token_that_works_again_is_noticed_when_nobody_calls(empty_house: House) -> None:
    sandbox, token = empty_house.sandbox, Token(TurnedClock())
    async with open_session() as session:
        slack = SlackWeb(session, sandbox.bot_token, sandbox.slack_api_url, heard=token.heard)
        await token.identify(slack)
        checking = asyncio.create_task(token.keep_checking(slack))
        for error in ("account_inactive", None):
            sandbox.space.token_error = error
            assert await becomes(token.check, error)
        checking.cancel()
        await asyncio.gather(checking, return_exceptions=True)


async def test_the_app_token_says_nothing_about_the_bot_token() -> None:
    token = Token(TurnedClock())
    token.heard("apps.connections.open", "invalid_auth")
    assert await token.check() == STARTING
    token.heard("chat.postMessage", "token_revoked")
    for method in ("apps.connections.open", "websocket", "response_url"):
        token.heard(method, None)
    token.heard("chat.postMessage", "channel_not_found")
    assert await token.check() == "token_revoked"


async def test_over_socket_mode_the_same_is_counted(tmp_path: Path) -> None:
    async with socketed_house(tmp_path) as house, house.bot() as bot, page_of(bot) as page:
        samples = await page.samples()
        assert samples['ready{check="socket"}'] == 1
        assert samples['slack_calls_total{error="none",method="apps.connections.open"}'] >= 1
        assert samples['slack_calls_total{error="none",method="websocket"}'] >= 1
        async with page.moves({'commands_total{answer="told",verb="help"}': 1, ACK: 1}):
            await house.sandbox.command(ASHA, VOICE, "help")


async def test_before_slack_knows_the_bot_it_is_alive_and_not_ready(empty_house: House) -> None:
    house = empty_house
    house.sandbox.space.token_error = "invalid_auth"
    bot = Bot(house.settings)
    async with page_of(bot) as page:
        _, checks = await page.ready()
        assert {str(check["reason"]) for check in checks.values()} == {"starting"}
        async with bot.running():
            assert await becomes(page.slack, "invalid_auth")
            status, checks = await page.ready()
            assert (status, checks["engine"]) == (503, {"ok": False, "reason": "starting"})
            assert checks["database"] == {"ok": True}
            assert (await page.http.get("http://bot/healthz")).json() == {"alive": True}
