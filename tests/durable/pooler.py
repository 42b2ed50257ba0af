"""A pooler of Postgres connections in transaction mode, as PgBouncer and its kind, on loopback.

A client has a server's connection for as long as a transaction lasts; then the next one gets it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_ENCRYPT: Final = frozenset({80877103, 80877104})  # SSLRequest and GSSENCRequest, which are declined


@dataclass(eq=False)
class _Backend:
    """A connection to the server, and how it greeted."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    greeting: bytes = b""


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(int.from_bytes(head[1:]) - 4)


async def _startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    while True:
        length = await reader.readexactly(4)
        rest = await reader.readexactly(int.from_bytes(length) - 4)
        if int.from_bytes(rest[:4]) not in _ENCRYPT:
            return length + rest
        writer.write(b"N")


@dataclass
class Pooler:
    """Serves the clients of a server that listens on a socket in a folder."""

    folder: Path
    idle: list[_Backend] = field(default_factory=list)
    everything: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a client until it goes."""
        self.everything.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            started = await _startup(reader, writer)
            backend = await self._backend(started)
            writer.write(backend.greeting)
            self.idle.append(backend)
            while True:
                message = await _message(reader)
                if message[:1] == b"X":
                    break
                backend = self.idle.pop() if self.idle else await self._backend(started)
                await self._transaction(backend, message, reader, writer)
                self.idle.append(backend)
        writer.close()

    async def _transaction(
        self, backend: _Backend, message: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            backend.writer.write(message)
            if (
                message[:1] in b"QS"
            ):  # a query, or the end of a pipeline: the server answers, and says how it is
                while (answer := await _message(backend.reader))[:1] != b"Z":
                    writer.write(answer)
                writer.write(answer)
                await writer.drain()
                if answer[5:6] == b"I":  # in no transaction
                    return
            message = await _message(reader)

    async def _backend(self, started: bytes) -> _Backend:
        reader, writer = await asyncio.open_unix_connection(str(self.folder / ".s.PGSQL.5432"))
        self.everything.append(writer)
        writer.write(started)
        backend = _Backend(reader, writer)
        while True:
            answer = await _message(reader)
            backend.greeting += answer
            if answer[:1] == b"Z":
                return backend


@asynccontextmanager
async def pooled(folder: Path) -> AsyncIterator[int]:
    """Serve in front of the server whose socket is in a folder; gives the port."""
    pooler = Pooler(folder)
    server = await asyncio.start_server(pooler.serve, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for writer in pooler.everything:
            writer.close()
