"""Behind a proxy, from outside: only the proxy knows the names, so that what does not go through it fails."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from bot.runtime.proxies import proxy_for
from bot.sandbox.settings import Settings
from tests.flow.conftest import ASHA, GENERAL, House, house_in


class Proxy:
    """A forward proxy for http, which notes who asked for what; each request has a connection of its own."""

    def __init__(self, hosts: dict[str, str]) -> None:
        self._hosts = hosts
        self._open: set[asyncio.Task[None]] = set()
        self.paths: list[str] = []
        self.credentials: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._pass_on(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def close(self) -> None:
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, address, version = first.split(" ")
        url = urlsplit(address)
        named = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
        self.paths.append(f"{url.netloc}{url.path}")
        self.credentials.add(named.get("proxy-authorization", ""))
        if "upgrade" not in named:
            lines = ["connection: close", *(line for line in lines if not line.lower().startswith("connec"))]
        host, port = self._hosts[url.netloc].split(":")
        there, back = await asyncio.open_connection(host, int(port))
        head = "\r\n".join([f"{method} {urlunsplit(('', '', *url[2:]))} {version}", *lines])
        back.write(head.encode("latin-1"))
        try:
            await asyncio.wait(
                {asyncio.create_task(pump(reader, back)), asyncio.create_task(pump(there, writer))},
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            back.close()
            writer.close()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # one of the two hung up


@dataclass
class Behind:
    """A house whose Slack and Vobiz have names that nothing but the proxy can resolve."""

    house: House
    proxy: Proxy


@pytest.fixture(params=["http", "socket"])
async def behind(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Behind]:
    async with house_in(tmp_path, Settings(socket_mode=request.param == "socket")) as house:
        sandbox = house.sandbox
        addresses = {"slack_api_url": sandbox.slack_api_url, "vobiz_api_url": sandbox.vobiz_api_url}
        names = {"slack_api_url": "http://slack.test/slack/api", "vobiz_api_url": "http://vobiz.test"}
        sandbox.space.base_url = "http://slack.test"  # of response URLs and websockets
        house.settings = house.settings.model_copy(update=names)
        proxy = Proxy({urlsplit(names[key]).netloc: urlsplit(addresses[key]).netloc for key in names})
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        with pytest.MonkeyPatch.context() as environment:
            port = server.sockets[0].getsockname()[1]
            environment.setenv("HTTP_PROXY", f"http://u:p@127.0.0.1:{port}")
            async with house.bot():
                yield Behind(house, proxy)
        server.close()
        await proxy.close()


async def test_everything_that_leaves_goes_through_the_proxy(behind: Behind) -> None:
    house, proxy = behind.house, behind.proxy
    await house.confirmed()
    await house.heard("SIP domain")
    await house.sandbox.command(ASHA, GENERAL, "doctor")
    await house.heard("No check failed", GENERAL)
    passed = set(proxy.paths)
    assert {f"slack.test/slack/api/{call.method}" for call in house.sandbox.slack_calls} <= passed
    assert {"slack.test/slack/api/chat.getPermalink", "slack.test/slack/api/views.open"} <= passed
    assert any("slack.test/slack/response/" in path for path in passed)
    assert ("slack.test/slack/link/" in passed) is house.sandbox.settings.socket_mode
    assert any("vobiz.test/api/v1/" in path for path in passed)
    assert proxy.credentials == {"Basic dTpw"}


@pytest.mark.parametrize(
    ("variables", "address", "proxy"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://slack.com/api", "http://p:1"),
        ({"https_proxy": "p:1"}, "wss://wss-primary.slack.com/link?x=1", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "ws://slack.test/", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "https://slack.com", None),
        ({"ALL_PROXY": "http://p:1"}, "https://hooks.slack.com/commands/1", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "slack.com"}, "https://hooks.slack.com/x", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https://slack.com", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "vobiz.ai"}, "https://slack.com", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, "http://127.0.0.1:8900/slack/api", None),
        ({"HTTP_PROXY": "http://p:1"}, "http://localhost:8900", None),
        ({"HTTP_PROXY": "http://p:1"}, "ws://[::1]:8900/", None),
        ({}, "https://slack.com", None),
    ],
)
def test_one_rule_says_which_proxy(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], address: str, proxy: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(address) == proxy
