"""Answers SIP OPTIONS as a carrier does, over UDP and streams, unless a fault says otherwise."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from typing import Final, cast

from sipmessage import Message, Parameters, Request, Response

from bot.sandbox.log import Delivery

_END: Final = b"\r\n\r\n"
_NOT_SIP: Final = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
_PHRASES: Final = {200: "OK", 403: "Forbidden", 404: "Not Found", 503: "Service Unavailable"}


class Answerer:
    """Decides what is answered to a request; `fault` returns what goes wrong, `note` logs an arrival."""

    def __init__(
        self, knows: Callable[[str], bool], fault: Callable[[], str], note: Callable[[str], Delivery]
    ) -> None:
        """Answer by what is known at the time."""
        self._knows = knows
        self._fault = fault
        self._note = note
        self._lost: set[str] = set()  # branches whose first datagram was lost

    def answer(self, text: bytes, transport: str) -> bytes | None:
        """Answer a message, or not."""
        try:
            request = Message.parse(text)
            branch = request.via[0].parameters.get("branch") or ""
        except (ValueError, KeyError, IndexError):
            return None
        if not isinstance(request, Request):
            return None
        fault, entry = self._fault(), self._note(f"{request.method} {request.uri} ({transport})"[:120])
        if fault == "silent":
            entry.note = "no answer"
            return None
        if fault == "lost" and transport == "UDP" and branch not in self._lost:
            self._lost.add(branch)
            entry.note = "lost on its way"
            return None
        if fault == "not_sip":
            entry.note = "answered in HTTP"
            return _NOT_SIP
        code = 200 if self._knows(request.uri.host) else 404
        entry.status = {"forbidden": 403, "unwell": 503}.get(fault, code)
        return bytes(_response(request, entry.status))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, transport: str) -> None:
        """Answer what comes over one connection, until it ends."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                answer = self.answer(await reader.readuntil(_END), transport)
                if answer is not None:
                    writer.write(answer)
        writer.transport.abort()


class Datagrams(asyncio.DatagramProtocol):
    """The answerer over UDP."""

    def __init__(self, answerer: Answerer) -> None:
        """Answer with it."""
        self._answerer = answerer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        # Python 3.11's own is no subclass of what its documents say it is.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one datagram."""
        answer = self._answerer.answer(data, "UDP")
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)


def _response(request: Request, code: int) -> Response:
    """Make a response with what it has to repeat of the request (RFC 3261, 8.2.6)."""
    response = Response(code, _PHRASES[code])
    response.via = request.via
    response.from_address = request.from_address
    to = request.to_address
    tagged = to.parameters.replace(tag=secrets.token_hex(4)) if to.parameters else Parameters(tag="sandbox")
    response.headers.set("To", f"<{to.uri}>{tagged}")
    response.call_id, response.cseq = request.call_id, request.cseq
    response.headers.set("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS")
    response.content_length = 0
    return response
