"""Asks one server with a SIP OPTIONS over UDP, TCP or TLS, and looks at its certificate.

Waits until it has an answer, and is cancelled when the time is over: what was seen so far stays in `Seen`.
Repeats over UDP as RFC 3261 says for what is no INVITE (17.1.2.2): after T1, then twice as long each time up
to T2, and T2 once the server says that it is working on it.
"""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from bot.proof.addresses import Server
from bot.proof.checklist import Finding
from bot.proof.options import Answered, Options, is_final, make_options, read_answer, read_length

T1: Final = 0.5  # seconds (RFC 3261, 17.1.1.1)
T2: Final = 4.0
_MESSAGE_MAX: Final = 65_536  # bytes of one message over a stream
_END: Final = b"\r\n\r\n"
# X509_V_ERR_*: what OpenSSL says of a certificate in numbers. All else is a chain that does not end in a
# certificate that is trusted here.
_MISTRUST: Final = MappingProxyType(
    {9: Finding.ENDED, 10: Finding.ENDED, 62: Finding.OTHER_NAME, 64: Finding.OTHER_NAME}
)


class NotSipError(Exception):
    """Something answered, and not in SIP; or hung up instead."""


@dataclass(slots=True)
class Seen:
    """What one server showed so far.

    `certified` is when its certificate ends (seconds since the epoch), `mistrust` what is wrong with it.
    `took` are the seconds until the answer. `trouble` is why there will be none.
    """

    server: Server
    began: float = field(default_factory=time.monotonic)
    certified: int | None = None
    mistrust: Finding | None = None
    answer: Answered | None = None
    took: float = 0.0
    trouble: Finding | None = None

    def hear(self, answer: Answered) -> None:
        """Note the final answer."""
        self.answer, self.took = answer, time.monotonic() - self.began


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: for which domain, over which transport. With TLS `trust` says whose certificates count.

    Without `probe` no message is sent: only the certificate is looked at.
    """

    domain: str
    transport: str
    trust: ssl.SSLContext | None
    probe: bool


async def look_at(seen: Seen, ask: Ask) -> None:
    """Look at one server until it has shown what it is asked for, and note it in `seen`. Raises nothing."""
    try:
        await (_over_udp(seen, ask) if ask.transport == "udp" else _over_stream(seen, ask))
    except ssl.SSLCertVerificationError as error:
        seen.mistrust = _MISTRUST.get(error.verify_code, Finding.UNTRUSTED)
    except (NotSipError, ssl.SSLError, ConnectionResetError, BrokenPipeError):
        seen.trouble = Finding.BROKEN
    except OSError:
        seen.trouble = Finding.REFUSED


class _Datagrams(asyncio.DatagramProtocol):
    """What arrives over UDP: messages, and that nothing listens there."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[bytes | Exception] = asyncio.Queue()

    def datagram_received(self, data: bytes, _addr: tuple[str | int, ...]) -> None:
        self.arrived.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        self.arrived.put_nowait(exc)


async def _over_udp(seen: Seen, ask: Ask) -> None:
    # Connected: what comes from elsewhere is no answer, and a closed port is heard of.
    transport, datagrams = await asyncio.get_running_loop().create_datagram_endpoint(
        _Datagrams, remote_addr=(seen.server.address, seen.server.port)
    )
    with contextlib.closing(transport):
        options = make_options(ask.domain, ask.transport, _local(transport.get_extra_info))
        pause = T1
        while seen.answer is None:
            transport.sendto(options.text)
            heard = await _heard(datagrams, options, pause)
            if heard is not None and is_final(heard):
                seen.hear(heard)
            pause = T2 if heard is not None else min(pause * 2, T2)


async def _heard(datagrams: _Datagrams, options: Options, pause: float) -> Answered | None:
    """Return the final answer to these options, or what came of it within `pause` seconds."""
    answer: Answered | None = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(pause):
            while answer is None or not is_final(answer):
                arrived = await datagrams.arrived.get()
                if isinstance(arrived, Exception):
                    raise arrived
                answer = _read(arrived, options) or answer
    return answer


async def _over_stream(seen: Seen, ask: Ask) -> None:
    async with _connection(seen.server, ask) as (reader, writer):
        if ask.trust is not None:
            certificate = writer.get_extra_info("peercert")
            seen.certified = int(ssl.cert_time_to_seconds(certificate["notAfter"]))
        if not ask.probe:
            return
        options = make_options(ask.domain, ask.transport, _local(writer.get_extra_info))
        writer.write(options.text)
        while seen.answer is None:
            heard = _read(await _message(reader), options)
            if heard is not None and is_final(heard):
                seen.hear(heard)


@contextlib.asynccontextmanager
async def _connection(
    server: Server, ask: Ask
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    # The certificate has to be the domain's, whatever server DNS leads to (RFC 5922).
    name = None if ask.trust is None else ask.domain
    reader, writer = await asyncio.open_connection(
        server.address, server.port, limit=_MESSAGE_MAX, ssl=ask.trust, server_hostname=name
    )
    try:
        yield reader, writer
    finally:
        # Not closed politely: a server that does not answer would not answer that either.
        writer.transport.abort()


async def _message(reader: asyncio.StreamReader) -> bytes:
    """Read one message of a stream: its head, and as many bytes as that says (RFC 3261, 18.3)."""
    head = b""
    try:
        while not head.strip():  # empty lines keep connections open (RFC 5626)
            head = await reader.readuntil(_END)
        head = head.lstrip(b"\r\n")
        return head + await reader.readexactly(read_length(head, _MESSAGE_MAX))
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        raise NotSipError from None


def _read(message: bytes, options: Options) -> Answered | None:
    try:
        return read_answer(message, options)
    except ValueError:
        raise NotSipError from None


def _local(info: Callable[[str], tuple[str, int]]) -> tuple[str, int]:
    host, port, *_ = info("sockname")
    return host, port
