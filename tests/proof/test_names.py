"""Where a SIP domain leads (RFC 3263), asked of a DNS server on loopback with a zone of the test's own."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import cast

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

from bot.proof.addresses import Server, Subject
from bot.proof.checklist import Finding
from bot.proof.names import find_servers
from bot.proof.network import network_points
from bot.sandbox.server import Sandbox

Zone = Mapping[str, Mapping[str, list[str]]]  # records by name, and by kind


class Names(asyncio.DatagramProtocol):
    """A DNS server; names that begin with `broken` are answered SERVFAIL."""

    def __init__(self, zone: Zone) -> None:
        self._zone = zone

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = dns.message.from_wire(data)
        asked, response = question.question[0], dns.message.make_response(question)
        name, kind = asked.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(asked.rdtype)
        if name.startswith("broken"):
            response.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self._zone:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif rows := self._zone[name].get(kind):
            response.answer.append(dns.rrset.from_text(asked.name, 5, "IN", kind, *rows))
        self._transport.sendto(response.to_wire(), addr)


class Dns:
    """Where the zone of a test is served."""

    def __init__(self) -> None:
        self._transports: list[asyncio.BaseTransport] = []

    async def serve(self, zone: Zone) -> tuple[str, int]:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Names(zone), local_addr=("127.0.0.1", 0)
        )
        self._transports.append(transport)
        return cast("tuple[str, int]", transport.get_extra_info("sockname"))

    def close(self) -> None:
        for transport in self._transports:
            transport.close()


@pytest.fixture
async def names() -> AsyncIterator[Dns]:
    names = Dns()
    yield names
    names.close()


ONE = {"A": ["127.0.0.1"]}
TWO = {"A": ["127.0.0.2"]}


@pytest.mark.parametrize(
    ("transport", "zone", "servers"),
    [
        # Without NAPTR and SRV: the addresses, at the port of the transport.
        ("udp", {"x.org": ONE}, [("x.org", "127.0.0.1", 5060)]),
        ("tls", {"x.org": ONE}, [("x.org", "127.0.0.1", 5061)]),
        ("udp", {"x.org": ONE | {"AAAA": ["::1"]}}, [("x.org", "127.0.0.1", 5060), ("x.org", "::1", 5060)]),
        # SRV of this transport, the lowest priority first, then the heaviest.
        (
            "tcp",
            {"x.org": ONE, "_sip._tcp.x.org": {"SRV": ["2 0 7 b.org.", "1 1 8 b.org.", "1 9 9 a.org."]},
             "a.org": ONE, "b.org": TWO},
            [("a.org", "127.0.0.1", 9), ("b.org", "127.0.0.2", 8), ("b.org", "127.0.0.2", 7)],
        ),
        ("udp", {"x.org": ONE, "_sip._tcp.x.org": {"SRV": ["1 1 8 b.org."]}, "b.org": TWO},
         [("x.org", "127.0.0.1", 5060)]),
        # NAPTR of this transport says under which name: the lowest order, then the lowest preference.
        (
            "udp",
            {
                "x.org": {"NAPTR": [
                    '2 1 "s" "SIP+D2U" "" late.org.', '1 2 "s" "SIP+D2U" "" later.org.',
                    '1 1 "S" "sip+d2u" "" here.org.', '0 0 "s" "SIP+D2T" "" tcp.org.',
                    '0 0 "u" "SIP+D2U" "!.*!sip:y!" .',
                ]},
                "here.org": {"SRV": ["1 1 9 a.org."]}, "a.org": ONE,
                "_sip._udp.x.org": {"SRV": ["1 1 8 b.org."]}, "b.org": TWO,
            },
            [("a.org", "127.0.0.1", 9)],
        ),
        # What cannot be contacted is left out.
        ("udp", {"x.org": {"A": ["10.0.0.1", "127.0.0.1"]}}, [("x.org", "127.0.0.1", 5060)]),
        ("udp", {"x.org": {"A": [f"127.0.0.{n}" for n in range(1, 9)]}}, 4),
    ],
)  # fmt: skip
async def test_a_domain_leads_to(
    names: Dns, transport: str, zone: Zone, servers: list[tuple[str, str, int]] | int
) -> None:
    place = await find_servers("x.org", transport, await names.serve(zone))
    assert place.point.finding is Finding.NAMED
    if isinstance(servers, int):
        assert len(place.servers) == servers
    else:
        assert list(place.servers) == [Server(*server) for server in servers]


@pytest.mark.parametrize(
    ("domain", "zone", "finding"),
    [
        ("x.org", {}, Finding.NO_NAME),
        ("x.org", {"x.org": {}}, Finding.NO_SERVER),
        # RFC 2782: a single target of "." says that there is no such service, whatever addresses there are.
        ("x.org", {"x.org": ONE, "_sip._udp.x.org": {"SRV": ["0 0 0 ."]}}, Finding.NO_SERVER),
        ("x.org", {"x.org": {"A": ["169.254.169.254"]}}, Finding.NOT_PUBLIC),
        ("broken.org", {}, Finding.NAME_UNREAD),
        # Of a server whose own name is not answered it is not known whether it is there.
        ("x.org", {"x.org": {}, "_sip._udp.x.org": {"SRV": ["1 1 1 broken.org."]}}, Finding.NAME_UNREAD),
    ],
)
async def test_a_domain_that_leads_nowhere_is_told_apart_from_silence(
    names: Dns, domain: str, zone: Zone, finding: Finding
) -> None:
    place = await find_servers(domain, "udp", await names.serve(zone))
    assert (place.point.finding, place.servers) == (finding, ())


async def test_of_several_servers_one_answer_is_enough_and_each_certificate_counts(
    names: Dns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two sandboxes stand for two servers of a domain: one is well, one is not."""
    well, other = Sandbox(), Sandbox()
    await well.start()
    await other.start()
    domain = str(well.add_trunk("Sales")["trunk_domain"])
    other.vobiz.account.trunks.append({"trunk_domain": domain})
    services = {
        f"{service}.{domain}": {
            "SRV": [f"{n} 1 {one.sip.ports[over]} edge." for n, one in enumerate((other, well))]
        }
        for service, over in (("_sip._udp", "udp"), ("_sips._tcp", "tls"))
    }
    dns_server = await names.serve({**services, "edge": ONE, domain: {}})
    monkeypatch.setenv("SSL_CERT_FILE", str(well.sip.trust))  # the other one's certificates are unknown
    await other.fault("sip", "silent")
    began = time.monotonic()
    answer = (await network_points(Subject(domain, "udp", probe=True, sandbox=dns_server)))[-1]
    assert time.monotonic() - began < 1
    assert (answer.finding, answer.data["server"]) == (
        Finding.ANSWERED,
        f"127.0.0.1:{well.sip.ports['udp']}",
    )
    points = await network_points(Subject(domain, "tls", probe=True, sandbox=dns_server))
    assert [point.finding for point in points] == [Finding.NAMED, Finding.UNTRUSTED, Finding.ANSWERED]
    await well.stop()
    await other.stop()
