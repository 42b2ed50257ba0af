"""An operation whose workflow cannot be started is left to the sweep, and fails nowhere unheard."""

import asyncio
import gc

from sqlalchemy.exc import OperationalError

from bot.runtime.clock import SystemClock
from bot.workflow.intake import Intake


class _Away:
    async def start(self, _workflow: str, _operation: str) -> None:
        raise OperationalError("SELECT 1", {}, Exception("nothing listens"))


async def test_what_could_not_be_started_ends_quietly() -> None:
    unheard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unheard.append(context))
    intake = Intake(None, _Away(), SystemClock())  # type: ignore[arg-type]  # nothing else is asked of them
    intake.begin("workflow", "operation")
    await asyncio.sleep(0)
    await intake.stop()
    gc.collect()
    assert unheard == []
