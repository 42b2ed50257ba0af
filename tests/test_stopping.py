"""One deadline for everything that is put away; what does not end is left, and so is a thread."""

import asyncio
import subprocess
import sys
import time

import pytest

from bot.runtime.shutdown import Deadline


async def _hangs() -> None:
    await asyncio.Event().wait()


@pytest.mark.serial
async def test_parts_share_one_deadline(caplog: pytest.LogCaptureFixture) -> None:
    deadline, began, ended = Deadline(0.6), time.monotonic(), list[str]()

    async def ends() -> None:
        ended.append("late")

    await deadline.put_away("a", _hangs, most=0.1)
    assert 0.1 <= time.monotonic() - began < 0.3
    await deadline.put_away("b", _hangs, keep=0.3)
    assert 0.3 <= time.monotonic() - began < 0.5
    deadline.begin()  # counts on
    for name in "cd":
        await deadline.put_away(name, _hangs)
    assert 0.6 <= time.monotonic() - began < 1
    await deadline.put_away("e", ends)
    assert ended == ["late"], "even then a part gets its chance"
    lines = [record.msg for record in caplog.records]
    assert [line["part"] for line in lines if isinstance(line, dict)] == ["a", "b", "c", "d"]


async def test_a_part_that_fails_says_so() -> None:
    async def fails() -> None:
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        await Deadline(1).put_away("a", fails)


_HANGS = """
import threading
from bot.runtime.shutdown import Deadline
threading.Thread(target=threading.Event().wait).start()
Deadline(0).enforce()
"""


_LEAVES = """
import asyncio
from bot.runtime.shutdown import Deadline
async def stubborn():
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
async def main():
    deadline = Deadline(0)
    deadline.leave(5)
    await deadline.put_away("a", stubborn)
    deadline.leave(3)
asyncio.run(main())
"""


def test_what_was_left_is_not_waited_for() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _LEAVES], capture_output=True, text=True, timeout=20, check=False
    )
    assert ran.returncode == 3
    assert "a part did not end in time" in ran.stdout + ran.stderr


def test_a_process_whose_thread_hangs_ends_all_the_same() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _HANGS], capture_output=True, text=True, timeout=20, check=False
    )
    assert ran.returncode == 1
    assert "threading.py" in ran.stderr
