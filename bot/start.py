"""Serving from the start to the end; what keeps the bot from it is said in a line or two, with what to do."""

import errno
import gc
import os
import sys
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.app import Bot
from bot.config.settings import Partial, Settings
from bot.doctor.configuration import kinds_checks, record_check
from bot.doctor.database import database_check
from bot.doctor.machine import certificates_checks
from bot.doctor.probes import ask_database, within
from bot.doctor.terminal import as_lines
from bot.domain.check import Check, Verdict
from bot.kinds.registry import KINDS, Kinds
from bot.runtime.errors import DatabaseInUseError
from bot.runtime.shutdown import Deadline
from bot.server.http_protocol import allow_sockets
from bot.server.serve import server
from bot.store.trouble import in_words

_WITHIN: Final = 5.0  # seconds to find out what is wrong with the database

_log = structlog.get_logger("bot.starting")


async def serve(settings: Settings, deadline: Deadline | None = None, kinds: Kinds = KINDS) -> int:
    """Serve until SIGTERM or SIGINT, and return the process' exit code: 1 when the bot could not go on.

    2 says that the configuration is wrong.
    It is the last thing that a process does: what does not end by the `deadline` is cut with the process.
    """
    if wrong := (*kinds_checks(settings, kinds), *certificates_checks(os.environ)):
        sys.stderr.write(_said(*wrong))
        return 2
    allow_sockets()
    bot = Bot(settings, deadline=deadline, kinds=kinds, built=_out_of_the_way)
    try:
        async with bot.running():
            await server(bot.asgi, settings.host, settings.port, deadline=bot.deadline).serve()
        if bot.trouble is not None:
            await _tell(bot.trouble, settings)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it is, who runs the bot gets words
        if bot.ready.is_set():
            _log.critical("the bot ended by a defect", exc_info=_cause(error))
        else:
            await _tell(_cause(error), settings, served=isinstance(error, SystemExit))
        bot.deadline.leave(1)
        return 1
    bot.deadline.leave(int(bot.failed))
    return int(bot.failed)


def _out_of_the_way() -> None:
    # What was built so far stays: looking through it at each full collection cost 50 ms now and then. Only
    # here, where the bot is all that the process will ever hold: what is frozen is never given back.
    gc.collect()
    gc.freeze()


async def _tell(error: BaseException, settings: Settings, *, served: bool = False) -> None:
    _log.critical("the bot could not start", exc_info=error)
    sys.stderr.write(await _words(error, settings, served=served))


def _cause(error: BaseException) -> BaseException:
    # uvicorn exits while it handles what keeps it from listening.
    return error.__context__ or error if isinstance(error, SystemExit) else error


async def _words(error: BaseException, settings: Settings, *, served: bool) -> str:
    if isinstance(error, DatabaseInUseError):
        return f"{error}\n"
    if served:
        return _said(_address(error, settings))
    answer = await within(_WITHIN, lambda: ask_database(settings))
    for check in (database_check(answer), record_check(Partial(settings), answer)):
        if check.verdict is Verdict.FAILURE:
            return _said(check)
    found = type(error).__name__
    if isinstance(error, OSError | SQLAlchemyError):
        found = f"{found}: {in_words(error)}"
    return _said(Check("start", Verdict.FAILURE, found, "`python -m bot doctor` may know more."))


def _address(error: BaseException, settings: Settings) -> Check:
    why = in_words(error) if isinstance(error, Exception) else "uvicorn does not say why"
    todo = "Correct HOST and PORT."
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        why, todo = "something listens there already", "Stop it, or set PORT to another number."
    found = f"{settings.host or 'all addresses'}, port {settings.port} cannot be listened on: {why}"
    return Check("HOST and PORT", Verdict.FAILURE, found, todo)


def _said(*checks: Check) -> str:
    return f"The bot could not start.\n{as_lines(checks)}"
