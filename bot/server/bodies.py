"""Bodies that are still coming: so many bytes of them in all, whoever sends them.

A signature can be checked only over a whole body, so a stranger's is kept until then. Slack's comes in
milliseconds: when there is no more room, who has been at it for longest is let go.
"""

import asyncio
from typing import Final

from starlette.types import Receive

BODY_MAX: Final = 1_000_000  # bytes; Slack's largest payloads carry a view of 250 kB and its state
BODIES_MAX: Final = 32_000_000  # bytes in all that are kept of bodies which have not come whole
BODY_WITHIN: Final = 10.0  # seconds; Slack itself gives up after 3


class Bodies:
    """Reads bodies, each within `patience` seconds; keeps at most `most` bytes of unfinished ones in all."""

    def __init__(self, *, patience: float = BODY_WITHIN, most: int = BODIES_MAX) -> None:
        self._patience = patience
        self._most = most
        self._sizes: dict[asyncio.Timeout, int] = {}  # the oldest first
        self._kept = 0

    async def read(self, receive: Receive) -> bytes | None:
        """Read one; of one above BODY_MAX only the beginning. None: who sent it has hung up.

        Raises TimeoutError when it took too long, or longer than all others while there was no more room.
        """
        # In one piece: a list of what comes in drops takes up to thirty times what was sent.
        body = bytearray()
        async with asyncio.timeout(self._patience) as time:
            try:
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    chunk: bytes = message.get("body", b"")
                    body += chunk
                    if len(body) > BODY_MAX or not message.get("more_body", False):
                        return bytes(body)
                    self._keep(time, len(chunk))
            finally:
                self._kept -= self._sizes.pop(time, 0)

    def _keep(self, time: asyncio.Timeout, size: int) -> None:
        self._sizes[time] = self._sizes.get(time, 0) + size
        self._kept += size
        while self._kept > self._most:
            oldest = next(iter(self._sizes))
            self._kept -= self._sizes.pop(oldest)
            if not oldest.expired():
                oldest.reschedule(asyncio.get_running_loop().time())
