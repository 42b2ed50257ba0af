"""The command line: `python -m bot` serves, `python -m bot sandbox` serves without Slack or Vobiz."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Annotated

import typer

from bot.audit import audit
from bot.config import Problems, Settings, load
from bot.log import configure

cli = typer.Typer(add_completion=False, help="A Slack bot that creates Vobiz SIP trunks.")
cli.add_typer(audit, name="audit")


@cli.callback(invoke_without_command=True)
def serve(context: typer.Context) -> None:
    """Serve Slack over HTTP, with the settings of the environment and `.env`."""
    if context.invoked_subcommand is not None:
        return
    settings = load()
    if isinstance(settings, Problems):
        sys.stderr.write("The configuration is not complete (see .env.example):\n")
        sys.stderr.writelines(f"  {line}\n" for line in settings.lines)
        raise typer.Exit(2)
    configure(settings.log_level, settings.log_format)
    _run(_serve(settings))


@cli.command()
def sandbox(
    port: Annotated[int, typer.Option(help="The page's port.")] = 8900,
    host: Annotated[str, typer.Option(help="The page's address; keep it on loopback.")] = "127.0.0.1",
    *,
    socket: Annotated[bool, typer.Option("--socket", help="Use Socket Mode instead of HTTP.")] = False,
) -> None:
    """Serve the bot against a Slack workspace and a Vobiz account of its own, with a page to try it."""
    from bot.sandbox.run import serve_sandbox  # noqa: PLC0415 - production never loads the sandbox

    configure("WARNING", None)
    _run(serve_sandbox(host, port, socket=socket))


async def _serve(settings: Settings) -> None:
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - a configuration problem is told at once,

    from bot.app import Bot  # noqa: PLC0415 - before the libraries are loaded
    from bot.errors import DatabaseInUseError  # noqa: PLC0415
    from bot.serve import server  # noqa: PLC0415

    bot = Bot(settings)
    try:
        async with bot.running():
            await server(bot.asgi, settings.host, settings.port).serve()
        if bot.failed:
            raise typer.Exit(1)
    except DatabaseInUseError as error:
        raise typer.Exit(_said(str(error))) from error
    except SQLAlchemyError as error:
        words = f"The database of DATABASE_URL can not be used ({type(error).__name__}): {error.args[0]}"
        raise typer.Exit(_said(words)) from error


def _said(words: str) -> int:
    sys.stderr.write(f"{words}\n")
    return 1


def _run(main: Coroutine[object, object, None]) -> None:
    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(main)


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    cli()
