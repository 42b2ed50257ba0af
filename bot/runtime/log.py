"""Logging: one line an event, JSON or text, with the reference of what it is about, and never a payload.

Libraries print arguments, bodies and SQL parameters at DEBUG or INFO (tokens, triggers and names travel in
them), so only our own loggers follow the level; everything else is held at WARNING, and of that the first
line is kept: a database error brings its parameters, and asyncio the whole exception, on those that follow.
"""

import contextlib
import logging
import sys
import traceback
from pathlib import Path
from typing import Final, Literal

import structlog
from structlog.contextvars import bind_contextvars, bound_contextvars
from structlog.typing import EventDict, WrappedLogger

from bot.domain.reference import reference
from bot.runtime.seldom import Seldom

_OURS: Final = ("bot", "handlers")
_ROOT: Final = Path(__file__).parents[2]
_FOLDERS: Final = tuple(str(_ROOT / name) for name in _OURS)
_FRAMES: Final = 4  # of our own code, the innermost
_FOREIGN_MAX: Final = 300  # characters of a library's line


def about(operation: str) -> contextlib.AbstractContextManager[None]:
    """Have every line inside the block carry the reference of an operation, given by its id."""
    return bound_contextvars(ref=reference(operation))


def now_about(operation: str) -> None:
    """Have every line of the rest of this task carry the reference of an operation: a request concerns it."""
    bind_contextvars(ref=reference(operation))


def where(error: BaseException) -> list[str]:
    """Say where an exception came from: our own innermost lines, and the one that raised it.

    Its words are left out: they can quote what somebody sent, or a database's parameters.
    """
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames[:-1] if frame.filename.startswith(_FOLDERS)][1 - _FRAMES :]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in (*ours, *frames[-1:])]


def _referred(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    # What is logged before there is an operation carries the reference of the request.
    if "ref" not in line and "request" in line:
        line["ref"] = line.pop("request")
    return line


def _wordless(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        line["where"] = where(error)
    return line


def _first_line(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    line["event"] = str(line["event"]).partition("\n")[0][:_FOREIGN_MAX]
    return line


def configure(level: str, style: Literal["text", "json"] | None) -> None:
    """Send all logging to standard error; without a style, text on a terminal and JSON elsewhere."""
    text = style == "text" or (style is None and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _referred,
        _wordless,
    ]
    render = structlog.dev.ConsoleRenderer() if text else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler()
    handler.addFilter(Seldom())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _first_line],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
