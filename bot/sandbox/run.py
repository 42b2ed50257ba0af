"""`python -m bot sandbox`: a workspace and an account in this process, and the bot as a process beside it."""

import asyncio
import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.config.settings import Settings
from bot.sandbox.environment import environment
from bot.sandbox.process import BotProcess
from bot.sandbox.server import Sandbox
from bot.sandbox.settings import Settings as SandboxSettings

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _Told(Settings):
    """Settings of which nothing comes from the caller's environment or `.env`."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what was given only."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


def settings_for(sandbox: Sandbox, database: Path, **changes: object) -> Settings:
    """Make the settings of a bot in the caller's own process, for a started sandbox."""
    given = {name.lower(): value for name, value in environment(sandbox, database).items()}
    return _Told(**(given | {"port": 0} | changes))  # type: ignore[arg-type]  # pydantic checks them


async def serve_sandbox(host: str, port: int, *, socket: bool = False, data: Path | None = None) -> None:
    """Serve until SIGINT or SIGTERM, over HTTP or Socket Mode; say on standard output where the page is.

    The bot's database is kept in `data`, or thrown away at the end.
    """
    ending = asyncio.Event()
    for number in _ENDING:
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    sandbox = Sandbox(SandboxSettings(socket_mode=socket, seeded=True))
    with contextlib.ExitStack() as stack:
        try:
            database = _folder(stack, data) / "ledger.db"
            await sandbox.start(host, port)
        except OSError as error:
            sys.exit(_trouble(error, port, data))
        bot = BotProcess(lambda: sandbox.space.log, sandbox.changes.note)
        sandbox.moments.process, sandbox.moments.database = bot, database
        sandbox.connect(bot.url)
        try:
            await bot.start(environment(sandbox, database))
            sys.stdout.write(_greeting(sandbox.page_url, database, kept=data is not None))
            sys.stdout.flush()
            await ending.wait()
        finally:
            await bot.stop()
            await sandbox.stop()


def _folder(stack: contextlib.ExitStack, data: Path | None) -> Path:
    if data is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trunk-sandbox-")))
    data.mkdir(parents=True, exist_ok=True)
    return data.resolve()


def _trouble(error: OSError, port: int, data: Path | None) -> str:
    if data is not None and error.filename is not None:
        return f"The folder {data} cannot be used ({error.strerror})."
    return (
        f"The page's port {port} cannot be opened ({error.strerror}): try `make sandbox PORT=` with another."
    )


def _greeting(page: str, database: Path, *, kept: bool) -> str:
    until = "" if kept else ", until it stops; --data DIR keeps it"
    return (
        f"\n  The sandbox is at {page}\n  Its record (for audit): DATABASE_URL=sqlite:///{database}{until}\n"
        "  Stop it with Ctrl+C.\n\n"
    )
