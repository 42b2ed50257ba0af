"""A tuned Bolt app with nothing of ours: what is in a person's hands without leaving Bolt.

Answers when the listener returns, `authorize` from memory, one shared session, views.open before ack, the
ASGI adapter on uvicorn. Signatures are checked by Bolt; there is no policy, log, store or look.
"""

from collections.abc import Mapping

import aiohttp
import uvloop
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from tests.bench.serving import Receive, Scope, Send, serve, shared_session
from tests.bench.wiring import EVENTS, SECRET, TEAM, TOKEN, Wiring


def build(session: aiohttp.ClientSession, wiring: Wiring) -> AsyncApp:
    """Build the app with its one listener."""
    known = AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_id="B1", bot_user_id="U1", bot_token=TOKEN)

    async def authorize() -> AuthorizeResult:
        return known

    app = AsyncApp(
        client=AsyncWebClient(base_url=wiring.slack, session=session),
        signing_secret=SECRET,
        authorize=authorize,
        process_before_response=True,
    )

    async def trunk(ack: AsyncAck, body: Mapping[str, str], client: AsyncWebClient) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=wiring.view)
        await ack()

    app.command("/trunk")(trunk)
    return app


async def main() -> None:
    """Serve the app."""
    wiring = Wiring.read()
    async with shared_session() as session:
        bolt = AsyncSlackRequestHandler(build(session, wiring), path=EVENTS)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await bolt(dict(scope), receive, send)

        await serve(app, wiring.port)


if __name__ == "__main__":
    uvloop.run(main())
