"""`python -m bot sandbox`: the bot against a workspace and an account of its own, in one process."""

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.app import Bot
from bot.config.settings import Settings
from bot.domain.policy import Members
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Settings as SandboxSettings
from bot.server.serve import Server, server

# Asha by name, Omar through the on-call group: both ways in which TRUNK_OPERATORS names people.
_OPERATORS = Members(users=frozenset({"U0ASHA001"}), groups=frozenset({"S0ONCALL1"}))
_TIMEOUT = 4  # seconds; short, so that a hanging Vobiz can be watched without patience
_SETTLE = 15
_APPROVAL_ABOVE = 100  # calls


def settings_for(sandbox: Sandbox, database: Path, **changes: object) -> Settings:
    """Make the bot's settings for a started sandbox; nothing of the environment's is used."""
    given: dict[str, object] = {
        "slack_bot_token": sandbox.bot_token,
        "slack_signing_secret": None if sandbox.app_token else sandbox.signing_secret,
        "slack_app_token": sandbox.app_token,
        "slack_api_url": sandbox.slack_api_url,
        "vobiz_auth_id": sandbox.vobiz_auth_id,
        "vobiz_auth_token": sandbox.vobiz_auth_token,
        "vobiz_api_url": sandbox.vobiz_api_url,
        "vobiz_timeout": _TIMEOUT,
        "vobiz_settle": _SETTLE,
        "vobiz_tag_trunks": False,
        "database_url": f"sqlite:///{database}",
        "host": "127.0.0.1",
        "port": 0,
        "trunk_command": sandbox.settings.command,
        "trunk_operators": _OPERATORS,
        "trunk_channels": frozenset(),
        "trunk_max_calls": 1000,
        # Ria may ask, and the operators decide in a channel of their own.
        "trunk_requesters": Members(users=frozenset({"U0RIA0001"})),
        "trunk_approval_above": _APPROVAL_ABOVE,
        "trunk_approvals_channel": "C0APPROVE",
    }
    return Settings(_env_file=None, **(given | changes))  # type: ignore[arg-type]  # pydantic checks them


async def serve_sandbox(host: str, port: int, *, socket: bool = False) -> None:
    """Serve until SIGINT or SIGTERM, over HTTP or Socket Mode; say on standard output where the page is."""
    sandbox = Sandbox(SandboxSettings(socket_mode=socket))
    with tempfile.TemporaryDirectory(prefix="trunk-sandbox-") as folder:
        try:
            await sandbox.start(host, port)
        except OSError as error:
            sys.exit(f"The page's port {port} can not be opened ({error.strerror}): try --port with another.")
        ledger = Path(folder) / "ledger.db"
        bot = Bot(settings_for(sandbox, ledger))
        serving = server(bot.asgi, "127.0.0.1", 0)
        running = asyncio.create_task(_serve(bot, serving))
        try:
            await _ready(bot, running)
            sandbox.connect(f"http://127.0.0.1:{serving.bound_port}")
            record = f"For its record (audit), until it stops: DATABASE_URL=sqlite:///{ledger}"
            sys.stdout.write(
                f"\n  The sandbox is at {sandbox.page_url}\n  {record}\n  Stop it with Ctrl+C.\n\n"
            )
            sys.stdout.flush()
            await running
        finally:
            serving.should_exit = True
            await asyncio.gather(running, return_exceptions=True)
            await sandbox.stop()


async def _serve(bot: Bot, serving: Server) -> None:
    async with bot.running():
        await serving.serve()


async def _ready(bot: Bot, running: asyncio.Task[None]) -> None:
    waiting = asyncio.create_task(bot.ready.wait())
    await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if running.done():
        running.result()
