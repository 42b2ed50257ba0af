"""The bot with the toy, as a process of its own: `python -m tests.kinds.serve`."""

import asyncio
import sys

from bot.config.settings import Problems, load
from bot.kinds.registry import KINDS, Kinds
from bot.runtime.log import configure
from bot.start import serve
from tests.kinds.toy import PrintBadge

if __name__ == "__main__":
    settings = load()
    if isinstance(settings, Problems):
        sys.exit("\n".join(settings.lines))
    configure(settings.log_level, settings.log_format)
    sys.exit(asyncio.run(serve(settings, kinds=Kinds((*KINDS, PrintBadge())))))
