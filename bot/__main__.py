"""The command line: `python -m bot` serves; sandbox, doctor, manifest and audit are for who runs it."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.audit.cli import audit
from bot.config.settings import Problems, Settings, load, load_command
from bot.doctor.terminal import doctor
from bot.runtime.log import configure
from bot.slack.manifest import as_yaml, request_url
from bot.slack.manifest import manifest as made_manifest

# A box around a traceback takes a hundred lines of a log, and shows what variables held.
cli = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="A Slack bot that creates and changes Vobiz SIP trunks.",
)
cli.add_typer(audit, name="audit")
cli.command()(doctor)


def _tell_version(asked: bool) -> None:
    if asked:
        sys.stdout.write(f"trunk-bot {__version__}\n")
        raise typer.Exit


@cli.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_tell_version, is_eager=True)
    ] = False,
) -> None:
    """Serve Slack over HTTP, with the settings of the environment and `.env`."""
    if version or context.invoked_subcommand is not None:
        return
    settings = load()
    if isinstance(settings, Problems):
        raise typer.Exit(_incomplete(settings))
    configure(settings.log_level, settings.log_format)
    _run(_serve(settings))


@cli.command()
def sandbox(
    port: Annotated[int, typer.Option(help="The page's port.")] = 8900,
    host: Annotated[str, typer.Option(help="The page's address; keep it on loopback.")] = "127.0.0.1",
    *,
    socket: Annotated[bool, typer.Option("--socket", help="Use Socket Mode instead of HTTP.")] = False,
    data: Annotated[
        Path | None, typer.Option(help="A folder that keeps the bot's database for the next time.")
    ] = None,
) -> None:
    """Serve the bot against a Slack workspace and a Vobiz account of its own, with a page to try it."""
    from bot.sandbox.run import serve_sandbox  # noqa: PLC0415 - production never loads the sandbox

    configure("WARNING", None)
    _run(serve_sandbox(host, port, socket=socket, data=data))


@cli.command()
def manifest(
    url: Annotated[
        str | None, typer.Option(help="For HTTP: the bot's address as Slack reaches it, https://…")
    ] = None,
    socket: Annotated[bool, typer.Option("--socket", help="For Socket Mode.")] = False,
) -> None:
    """Print the Slack app's manifest, for HTTP or for Socket Mode."""
    if (url is None) is not socket:
        raise typer.Exit(_said("Give --url https://your-host, or --socket: one of the two.", 2))
    address = None if url is None else request_url(url)
    if url is not None and address is None:
        raise typer.Exit(_said(f"--url {url!r} is not an address such as https://trunk.example.com", 2))
    settings = load_command()
    if isinstance(settings, Problems):
        raise typer.Exit(_incomplete(settings))
    sys.stdout.write(as_yaml(made_manifest(settings.trunk_command, address)))


async def _serve(settings: Settings) -> None:
    from bot.start import serve  # noqa: PLC0415 - a configuration problem is told before all is loaded

    if code := await serve(settings):
        raise typer.Exit(code)


def _incomplete(problems: Problems) -> int:
    return _said(
        "\n  ".join(["The configuration is not complete or not valid (see .env.example):", *problems.lines]),
        2,
    )


def _said(words: str, code: int = 1) -> int:
    sys.stderr.write(f"{words}\n")
    return code


def _run(main: Coroutine[object, object, None]) -> None:
    _have_a_home()
    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(main)


def _have_a_home() -> None:
    # slack_sdk asks at its import where the home folder is, for files that are never made. Containers that
    # run as some number have none; this is the one that Debian gives to users without.
    try:
        Path.home()
    except RuntimeError:
        os.environ["HOME"] = "/nonexistent"


def _loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    cli()
