"""Small things that both listening sides need: JSON answers, and a connection that really breaks."""

import os
import socket
import struct

from aiohttp import web

from bot.sandbox.shape import Json

HTML = "<!doctype html><title>502 Bad Gateway</title><h1>Bad Gateway</h1>"


def html(status: int = 200) -> web.Response:
    """Answer with a web page where JSON is expected."""
    return web.Response(status=status, text=HTML, content_type="text/html")


def reset(request: web.Request) -> web.Response:
    """Break the connection with a TCP reset; what is returned reaches nobody."""
    transport = request.transport
    if transport is not None:
        handle = transport.get_extra_info("socket")
        # SO_LINGER with 0 s makes close() send RST instead of FIN (socket(7)). The twin shares the option
        # with the original and works with uvloop too, whose own socket object has no setsockopt.
        with socket.socket(fileno=os.dup(handle.fileno())) as twin:
            twin.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


def answer(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON."""
    return web.json_response(body, status=status, headers=headers)
