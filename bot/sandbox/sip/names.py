"""A DNS server for the domains of the account's trunks: NAPTR, SRV, and one address, on loopback."""

import asyncio
from collections.abc import Callable
from typing import Final, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

EDGE: Final = "edge.sip.vobiz.ai"  # the server that all domains lead to
_CLOSED: Final = 1  # a port on which nothing listens
_TTL: Final = 5  # seconds
_SERVICES: Final = {"_sip._udp": "udp", "_sip._tcp": "tcp", "_sips._tcp": "tls"}


class Names(asyncio.DatagramProtocol):
    """Answers for domains that `knows` knows; `ports` are where each transport listens.

    `fault` returns what goes wrong: no_name, no_address, private, closed or dns_silent.
    """

    def __init__(self, knows: Callable[[str], bool], ports: dict[str, int], fault: Callable[[], str]) -> None:
        """Answer by what is known at the time."""
        self._knows = knows
        self._ports = ports
        self._fault = fault
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket."""
        # Python 3.11's own is no subclass of what its documents say it is.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        fault = self._fault()
        try:
            question = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return
        if self._transport is None or fault == "dns_silent" or not question.question:
            return
        self._transport.sendto(self._answer(question, fault).to_wire(), addr)

    def _answer(self, question: dns.message.Message, fault: str) -> dns.message.Message:
        asked = question.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        response = dns.message.make_response(question, recursion_available=True)
        records = None if fault == "no_name" else self._records(name, fault)
        if records is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif kind in records:
            response.answer.append(dns.rrset.from_text(asked.name, _TTL, "IN", kind, *records[kind]))
        return response

    def _records(self, name: str, fault: str) -> dict[str, list[str]] | None:
        """Return the records of a name by their kind; None when there is no such name."""
        if name == EDGE:
            return {"A": ["10.0.0.1" if fault == "private" else "127.0.0.1"]}
        for label, transport in _SERVICES.items():
            if name.startswith(f"{label}.") and self._knows(name.removeprefix(f"{label}.")):
                port = _CLOSED if fault == "closed" else self._ports[transport]
                target = f"10 10 {port} {EDGE}."
                return {} if fault == "no_address" else {"SRV": [target]}
        if not self._knows(name):
            return None
        offered = {"SIP+D2U": "_sip._udp", "SIP+D2T": "_sip._tcp", "SIPS+D2T": "_sips._tcp"}
        listed = enumerate(offered.items(), 1)
        return {"NAPTR": [f'{at}0 10 "s" "{service}" "" {label}.{name}.' for at, (service, label) in listed]}
