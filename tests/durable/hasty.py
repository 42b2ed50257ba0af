"""A bot that has little time to stop, and is otherwise `python -m bot`."""

import asyncio
from typing import Final

from bot.config.settings import Settings, load
from bot.runtime.log import configure
from bot.runtime.shutdown import Deadline
from bot.start import serve

WITHIN: Final = 8.0  # seconds

if __name__ == "__main__":
    settings = load()
    assert isinstance(settings, Settings)
    configure(settings.log_level, settings.log_format)
    raise SystemExit(asyncio.run(serve(settings, Deadline(WITHIN))))
