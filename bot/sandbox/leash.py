"""`python -m bot.sandbox.leash`: `python -m bot`, for as long as the process that started it lives.

That one holds the other end of standard input, which the kernel closes however it ends, `kill -9` included.
"""

import os
import runpy
import sys
import threading


def _die_with_parent() -> None:
    while os.read(0, 1):
        pass
    # At once, as a kill: there is no Slack or Vobiz left to end things with, and the bot is made for that.
    os._exit(1)


threading.Thread(target=_die_with_parent, name="leash", daemon=True).start()
sys.argv = ["bot"]
runpy.run_module("bot", run_name="__main__", alter_sys=True)
