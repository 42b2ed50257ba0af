"""What DNS and servers show, with real sockets on loopback: each value, bounded in time."""

import asyncio
import contextlib
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from bot.proof.addresses import WITHIN, Server, Subject
from bot.proof.asking import Ask, Seen, look_at
from bot.proof.checklist import Finding, Point, Value
from bot.proof.network import network_points
from bot.sandbox.server import Sandbox
from bot.vobiz.trunks import Trunk, usable_trunk

SHORT = 0.4  # seconds, where nothing comes: all that is waited for is that time is over


class Line:
    """A sandbox with one trunk, and what its network shows."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        trunk = usable_trunk(sandbox.add_trunk("Sales"))
        assert trunk is not None
        self.trunk: Trunk = trunk
        host, port = sandbox.sip.dns.split(":")
        self.dns = (host, int(port))
        self.subject = Subject(trunk.domain, "udp", probe=True, sandbox=self.dns)

    async def found(self, fault: str, within: float = WITHIN, **changes: object) -> list[Finding]:
        return [point.finding for point in await self.points(fault, within, **changes)]

    async def points(self, fault: str, within: float = WITHIN, **changes: object) -> tuple[Point, ...]:
        await self.sandbox.fault("sip", fault)
        return await network_points(replace(self.subject, **changes), within)  # type: ignore[arg-type]  # fields

    @property
    def messages(self) -> list[str]:
        return [entry.what for entry in self.sandbox.deliveries if entry.what.startswith("OPTIONS")]


@pytest.fixture
async def line(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    sandbox = Sandbox()
    await sandbox.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(sandbox.sip.trust))
    yield Line(sandbox)
    await sandbox.stop()


TLS_WELL = [Finding.NAMED, Finding.CERTIFIED]


@pytest.mark.parametrize(
    ("fault", "transport", "findings"),
    [
        ("none", "udp", [Finding.NAMED, Finding.ANSWERED]),
        ("none", "tcp", [Finding.NAMED, Finding.ANSWERED]),
        ("none", "tls", [*TLS_WELL, Finding.ANSWERED]),
        ("forbidden", "udp", [Finding.NAMED, Finding.ANSWERED]),
        ("unwell", "tcp", [Finding.NAMED, Finding.ANSWERED]),
        ("silent", "udp", [Finding.NAMED, Finding.SILENT]),
        ("silent", "tcp", [Finding.NAMED, Finding.SILENT]),
        ("silent", "tls", [*TLS_WELL, Finding.SILENT]),
        ("closed", "udp", [Finding.NAMED, Finding.REFUSED]),
        ("closed", "tcp", [Finding.NAMED, Finding.REFUSED]),
        ("closed", "tls", [Finding.NAMED, Finding.CERTIFICATE_UNSEEN, Finding.REFUSED]),
        ("not_sip", "udp", [Finding.NAMED, Finding.BROKEN]),
        ("not_sip", "tcp", [Finding.NAMED, Finding.BROKEN]),
        ("not_sip", "tls", [*TLS_WELL, Finding.BROKEN]),
        ("other_name", "tls", [Finding.NAMED, Finding.OTHER_NAME, Finding.NOT_TRUSTED]),
        ("ended", "tls", [Finding.NAMED, Finding.ENDED, Finding.NOT_TRUSTED]),
        ("untrusted", "tls", [Finding.NAMED, Finding.UNTRUSTED, Finding.NOT_TRUSTED]),
        ("no_name", "udp", [Finding.NO_NAME]),
        ("no_address", "udp", [Finding.NO_SERVER]),
        ("private", "udp", [Finding.NOT_PUBLIC]),
        ("dns_silent", "udp", [Finding.NAME_UNREAD]),
    ],
)
async def test_the_network_shows(line: Line, fault: str, transport: str, findings: list[Finding]) -> None:
    waits = fault in {"silent", "dns_silent"}
    assert await line.found(fault, SHORT if waits else WITHIN, transport=transport) == findings


async def test_an_answer_is_quoted_with_its_code(line: Line) -> None:
    answer = (await line.points("forbidden"))[-1]
    assert (answer.value, answer.data["code"], answer.data["phrase"]) == (Value.OK, "403", "Forbidden")
    certificate = (await line.points("none", transport="tls"))[1]
    assert certificate.data["until"] == time.strftime("%Y-%m-%d", time.gmtime(time.time() + 90 * 86400))


async def test_a_server_with_a_wrong_certificate_is_told_nothing(line: Line) -> None:
    await line.found("other_name", transport="tls")
    assert line.messages == []


async def test_without_the_setting_no_message_is_sent(line: Line) -> None:
    assert await line.found("none", probe=False) == [Finding.NAMED, Finding.UNASKED]
    assert await line.found("none", probe=False, transport="tls") == [*TLS_WELL, Finding.UNASKED]
    assert line.messages == []


@pytest.mark.parametrize(
    ("domain", "transport", "findings"),
    [
        (None, "udp", [Finding.DOMAIN_UNSAID]),
        ("x.ai>\r\nVia: y", "udp", [Finding.ODD_DOMAIN]),
        ("unknown.sip.vobiz.ai", "udp", [Finding.NO_NAME]),
        ("edge.sip.vobiz.ai", None, [Finding.NAMED, Finding.ODD_TRANSPORT]),
        ("edge.sip.vobiz.ai", "sctp", [Finding.NAMED, Finding.ODD_TRANSPORT]),
    ],
)
async def test_what_cannot_be_asked_is_not_asked(
    line: Line, domain: str | None, transport: str | None, findings: list[Finding]
) -> None:
    assert await line.found("none", domain=domain, transport=transport) == findings
    assert line.messages == []


@pytest.mark.parametrize("domain", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
async def test_outside_of_the_sandbox_no_private_address_is_contacted(line: Line, domain: str) -> None:
    assert await line.found("none", domain=domain, sandbox=None) == [Finding.NOT_PUBLIC]
    assert line.messages == []


async def test_silence_ends_within_the_time_that_was_given(line: Line) -> None:
    began = time.monotonic()
    assert await line.found("dns_silent", 0.2) == [Finding.NAME_UNREAD]
    assert time.monotonic() - began < 1


@pytest.mark.serial
async def test_a_lost_datagram_is_sent_again_after_500_ms_and_twice_as_long_each_time(line: Line) -> None:
    answer = (await line.points("lost"))[-1]
    assert answer.finding is Finding.ANSWERED
    assert 500 <= int(answer.data["took"]) < 700
    before = len(line.messages)
    await line.points("silent", 1.9)
    assert len(line.messages) - before == 3  # at 0, 0.5 and 1.5 s


class Odd(asyncio.DatagramProtocol):
    """A server over UDP that answers as `answers` says of a request."""

    def __init__(self, answers: Callable[[str], list[bytes]]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked.append(data.decode())
        for answer in self._answers(data.decode()):
            self._transport.sendto(answer, addr)  # type: ignore[attr-defined]  # as in the sandbox


def answer_to(request: str, status: str, **changes: str) -> bytes:
    """Repeat what an answer has to repeat of a request, but for the changes."""
    headers = dict(line.split(": ", 1) for line in request.split("\r\n")[1:] if line)
    kept = {name: headers[name] for name in ("Via", "From", "To", "Call-ID", "CSeq")} | changes
    return "".join([f"SIP/2.0 {status}\r\n", *(f"{k}: {v}\r\n" for k, v in kept.items()), "\r\n"]).encode()


async def asked_of(answers: Callable[[str], list[bytes]], within: float = WITHIN) -> tuple[Seen, list[str]]:
    transport, odd = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Odd(answers), local_addr=("127.0.0.1", 0)
    )
    seen = Seen(Server("odd", *transport.get_extra_info("sockname")))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            await look_at(seen, Ask("odd.example.org", "udp", None, probe=True))
    transport.close()
    return seen, odd.asked


@pytest.mark.parametrize(
    ("answers", "code", "trouble"),
    [
        (lambda asked: [answer_to(asked, "100 Trying"), answer_to(asked, "200 OK")], 200, None),
        (lambda asked: [answer_to(asked, "486 Busy Here")], 486, None),
        (lambda asked: [answer_to(asked, "100 Trying")], None, None),
        # Answers to what somebody else asked, and requests, are none to us.
        (lambda asked: [answer_to(asked, "200 OK", Via="SIP/2.0/UDP a.b;branch=z9hG4bKother")], None, None),
        (lambda asked: [answer_to(asked, "200 OK", CSeq="1 INVITE")], None, None),
        (lambda asked: [asked.encode()], None, None),
        (lambda asked: [answer_to(asked, "99 Odd")], None, Finding.BROKEN),
        (lambda _asked: [b"SIP/2.0 200 OK\r\n\r\n"], None, Finding.BROKEN),
        (lambda _asked: [b"\xff\x00" * 40], None, Finding.BROKEN),
    ],
)
async def test_only_a_final_answer_to_our_own_request_counts(
    answers: Callable[[str], list[bytes]], code: int | None, trouble: Finding | None
) -> None:
    seen, _ = await asked_of(answers, SHORT)
    assert (seen.answer and seen.answer.code, seen.trouble) == (code, trouble)


async def test_a_request_names_the_domain_and_nobody() -> None:
    _, (asked,) = await asked_of(lambda asked: [answer_to(asked, "200 OK")])
    lines = asked.split("\r\n")
    assert lines[0] == "OPTIONS sip:odd.example.org SIP/2.0"
    names = {line.split(":")[0] for line in lines[1:] if line}
    assert names == {
        *("Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Accept", "Content-Length"),
    }
    assert "From: <sip:anonymous@anonymous.invalid>" in asked


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (lambda whole: [whole[:7], whole[7:40], whole[40:]], 200),
        (lambda whole: [b"\r\n\r\n", whole], 200),
        (lambda whole: [whole.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\nhello")], 200),
        (lambda whole: [whole.replace(b" 200 ", b" 100 "), whole], 200),
        (lambda whole: [whole.replace(b"\r\n\r\n", b"\r\nContent-Length: 99999999\r\n\r\n")], None),
        (lambda whole: [whole[:20]], None),
        (lambda _whole: [b"x" * 100_000], None),
        (lambda _whole: [], None),
    ],
)
async def test_a_stream_is_read_message_by_message(
    parts: Callable[[bytes], list[bytes]], code: int | None
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        with contextlib.suppress(ConnectionError):
            for part in parts(answer_to(asked, "200 OK")):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    seen = Seen(Server("odd", *server.sockets[0].getsockname()))
    await look_at(seen, Ask("odd.example.org", "tcp", None, probe=True))
    server.close()
    assert (seen.answer and seen.answer.code, seen.trouble) == (code, None if code else Finding.BROKEN)


async def test_a_certificate_has_to_be_the_domains_whatever_server_has_it(line: Line) -> None:
    # Valid for `*.sip.vobiz.ai`, as the server's own name is: what counts is what the trunk is called.
    trust = ssl.create_default_context(cafile=line.sandbox.sip.trust)
    seen = Seen(Server("edge.sip.vobiz.ai", "127.0.0.1", line.sandbox.sip.ports["tls"]))
    await look_at(seen, Ask("sales.example.org", "tls", trust, probe=True))
    assert (seen.certified, seen.mistrust, seen.answer) == (None, Finding.OTHER_NAME, None)


async def test_a_server_that_speaks_no_tls_shows_no_certificate(line: Line) -> None:
    seen = Seen(Server("odd", "127.0.0.1", line.sandbox.sip.ports["tcp"]))
    trust = await asyncio.to_thread(ssl.create_default_context)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SHORT):
            await look_at(seen, Ask("odd.example.org", "tls", trust, probe=True))
    assert (seen.certified, seen.mistrust, seen.answer) == (None, None, None)


def test_a_bot_that_serves_has_not_loaded_what_only_a_test_of_a_trunk_needs() -> None:
    program = (
        "import sys, bot.app, bot.__main__, bot.proof.examination, bot.words.readiness\n"
        "print([name for name in ('dns', 'sipmessage') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
