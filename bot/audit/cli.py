"""`python -m bot audit`: proving that the record is whole, and taking it out."""

import asyncio
import re
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Annotated, Final, TypeVar

import typer

from bot.audit.export import Format
from bot.config.settings import Problems, load_database
from bot.runtime.errors import NoRecordError
from bot.store.chain import Broken, Intact, Misfit, Missing

T = TypeVar("T")

_HASH: Final = re.compile("[0-9a-f]{64}")
_MISSING: Final = (
    "The record's {count} events fit together, but none has the hash {head}.\n"
    "Its end was cut off after that head was printed, or it is the head of another record, or mistyped."
)
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
    """Follow the chain of all events. Exit 0: it is whole; 1: it is not, or cannot be read."""
    from bot.audit.verify import follow_chain  # noqa: PLC0415 - serving never loads it

    wanted = None if head is None else head.strip().lower()
    if wanted is not None and not _HASH.fullmatch(wanted):
        raise typer.Exit(_said(f"--head {head}: a head is 64 hex digits, as `audit verify` prints it.", 2))
    match _run(lambda url: follow_chain(url, wanted)):
        case Intact(count, last):
            sys.stdout.write(f"The record is whole: {count} events, head {last}\n")
        case Broken() as broken:
            raise typer.Exit(_said(_where(broken)))
        case Missing(count):
            raise typer.Exit(_said(_MISSING.format(count=count, head=wanted)))


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

    _run(lambda url: write_out(url, style, sys.stdout, first, last))


def _where(broken: Broken) -> str:
    link = broken.link
    what = "It does not fit its own hash: it was changed."
    if broken.misfit is Misfit.ORDER:
        what = "It does not follow the event before it: one was removed, added or moved here."
    whose = f"of operation {link.operation}" if link.operation else "of no operation"
    return (
        f"The record is broken at event {link.id} ({link.kind}, {whose}). {what}\n"
        f"  expected {broken.expected}\n"
        f"  found    {link.previous if broken.misfit is Misfit.ORDER else link.hash}\n"
        f"The {broken.after} events before it are whole."
    )


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


def _run(work: Callable[[str], Coroutine[object, object, T]]) -> T:
    """Do something with the database; whatever is wrong with it is said, and ends the command."""
    settings = load_database()
    if isinstance(settings, Problems):
        words = "\n  ".join(["The configuration is not complete (see .env.example):", *settings.lines])
        raise typer.Exit(_said(words, 2))

    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - as above

    from bot.store.trouble import in_words  # noqa: PLC0415 - as above

    try:
        return asyncio.run(work(settings.database_url.get_secret_value()))
    except NoRecordError as error:
        raise typer.Exit(_said(str(error))) from error
    except SQLAlchemyError as error:
        words = f"The database of DATABASE_URL cannot be used ({type(error).__name__}): {in_words(error)}"
        raise typer.Exit(_said(words)) from error


def _said(words: str, code: int = 1) -> int:
    sys.stderr.write(f"{words}\n")
    return code
