"""`python -m bot audit`: proving that the record is whole, and taking it out."""

import asyncio
import re
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar

import typer

from bot.audit.export import Format
from bot.config.settings import DatabaseSettings, Problems, load_database
from bot.runtime.errors import NoRecordError
from bot.store.keys import Keys

T = TypeVar("T")

_HASH: Final = re.compile("[0-9a-f]{64}")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

audit = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Prove that the record is whole, or take it out."
)


@audit.command(name="verify")
def verify_record(
    head: Annotated[
        str | None,
        typer.Option(help="A head that an earlier run printed: proves that nothing up to it was cut off."),
    ] = None,
) -> None:
    """Follow all events and their seals, and compare operations with them.

    Exit 0: the record is whole; 1: it is not; 2: that could not be checked.
    """
    from bot.audit.report import report  # noqa: PLC0415 - serving never loads it
    from bot.audit.verify import inspect  # noqa: PLC0415 - as above

    wanted = None if head is None else head.strip().lower()
    if wanted is not None and not _HASH.fullmatch(wanted):
        raise typer.Exit(_said(f"--head {head}: a head is 64 hex digits, as `audit verify` prints it.", 2))
    settings = _settings()
    keys = Keys(settings.audit_keys)
    words, code = report(_run(inspect(_url(settings), keys, wanted)), keys, wanted)
    (sys.stderr if code else sys.stdout).write(words)
    raise typer.Exit(code)


@audit.command()
def rekey() -> None:
    """Go on with another key when the one that seals the record is lost. Stop the bot first.

    An event says so. What the lost key sealed stays as it is: the new key's seal stands for it.
    """
    from bot.audit.verify import rekey as take_another  # noqa: PLC0415 - as above

    settings = _settings()
    keys = Keys(settings.audit_keys)
    if not keys.ids:
        raise typer.Exit(
            _said("Set TRUNK_AUDIT_KEY to the new key first: `openssl rand -hex 32` makes one.", 2)
        )
    _run(take_another(_url(settings), keys))
    sys.stdout.write(f"The record goes on with the key {keys.ids[0]}.\n")


@audit.command()
def export(
    since: Annotated[str, typer.Option(help="The first day or time (UTC), such as 2026-01-01.")],
    until: Annotated[str | None, typer.Option(help="The day or time before which to stop.")] = None,
    style: Annotated[Format, typer.Option("--format", help="How to write events.")] = Format.CSV,
) -> None:
    """Write the events of a time to standard output, oldest first."""
    first = _moment("--since", since)
    last = None if until is None else _moment("--until", until)
    if last is not None and last <= first:
        raise typer.Exit(_said(f"--until {until} is not after --since {since}.", 2))

    from bot.audit.verify import write_out  # noqa: PLC0415 - as above

    _run(write_out(_url(_settings()), style, sys.stdout, first, last))


def _moment(option: str, text: str) -> int:
    """Read a day or a time as milliseconds since the epoch."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        words = f"{option}: {text!r} is not a date such as 2026-01-01 or a time such as 2026-01-01T12:00."
        raise typer.Exit(_said(words, 2)) from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int((moment - _EPOCH).total_seconds() * 1000)


def _settings() -> DatabaseSettings:
    settings = load_database()
    if isinstance(settings, Problems):
        words = "\n  ".join(
            ["The configuration is not complete or not valid (see .env.example):", *settings.lines]
        )
        raise typer.Exit(_said(words, 2))
    return settings


def _url(settings: DatabaseSettings) -> str:
    return settings.database_url.get_secret_value()


def _run(work: Coroutine[object, object, T]) -> T:
    """Do something with the database; whatever is wrong with it is said, and ends the command with 2."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - as above

    from bot.store.trouble import in_words  # noqa: PLC0415 - as above

    try:
        return asyncio.run(work)
    except NoRecordError as error:
        raise typer.Exit(_said(str(error), 2)) from error
    except SQLAlchemyError as error:
        words = f"The database of DATABASE_URL cannot be used ({type(error).__name__}): {in_words(error)}"
        raise typer.Exit(_said(words, 2)) from error


def _said(words: str, code: int) -> int:
    sys.stderr.write(f"{words}\n")
    return code
