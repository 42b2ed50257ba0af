"""A stock Bolt app: AsyncApp with all defaults on its own aiohttp server, the listener as in Bolt's docs.

Source: docs.slack.dev/tools/bolt-python, "Opening modals" and "Using async". `--ack-last` opens the modal
before it acknowledges. The Web API's address is the one thing that is not default.
"""

import sys
from collections.abc import Mapping

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.bench.wiring import EVENTS, HOST, SECRET, TOKEN, Wiring


def build(wiring: Wiring, *, ack_last: bool) -> AsyncApp:
    """Build the app with its one listener."""
    app = AsyncApp(client=AsyncWebClient(TOKEN, base_url=wiring.slack), signing_secret=SECRET)

    async def ack_first(ack: AsyncAck, body: Mapping[str, str], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=wiring.view)

    async def open_first(ack: AsyncAck, body: Mapping[str, str], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=wiring.view)
        await ack()

    app.command("/trunk")(open_first if ack_last else ack_first)
    return app


if __name__ == "__main__":
    told = Wiring.read()
    build(told, ack_last="--ack-last" in sys.argv).start(port=told.port, path=EVENTS, host=HOST)
