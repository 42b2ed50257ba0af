"""A bot that has little time to stop, and is otherwise `python -m bot`."""

import asyncio
from typing import Final

from bot.config import Settings, load
from bot.log import configure
from bot.starting import serve
from bot.stopping import Deadline

WITHIN: Final = 8.0  # seconds

if __name__ == "__main__":
    settings = load()
    assert isinstance(settings, Settings)
    configure(settings.log_level, settings.log_format)
    raise SystemExit(asyncio.run(serve(settings, Deadline(WITHIN))))
