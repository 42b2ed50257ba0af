"""Bolt as this bot runs it: no authorization call, no polling for answers, no log of its own."""

import logging

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.slack.client import SlackWeb
from bot.slack.responses import Identity


def make_bolt(slack: SlackWeb, identity: Identity, token: str) -> AsyncApp:
    """Make a Bolt app without listeners, for the one workspace and token that it knows already."""
    result = AuthorizeResult(
        enterprise_id=identity.enterprise,
        team_id=identity.team,
        bot_id=identity.bot_id,
        bot_user_id=identity.bot_user,
        bot_token=token,
    )

    async def authorize() -> AuthorizeResult:
        return result

    quiet = logging.getLogger("bot.slack_bolt")
    # Bolt logs bodies of requests that nothing handled; the front door says all there is to say.
    quiet.setLevel(logging.CRITICAL)
    return AsyncApp(
        name="trunk-bot",  # without one it reads the source of every caller, to find a name
        client=slack.client,
        authorize=authorize,
        logger=quiet,
        # Answer when the listener returns. In the default mode the answer is polled for every 10 ms, and an
        # exception just after ack() loses it (facts: measured with 1.30).
        process_before_response=True,
        request_verification_enabled=False,  # the front door did it, on the raw bytes
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
    )
