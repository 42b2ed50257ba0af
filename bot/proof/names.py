"""Where a SIP domain leads: NAPTR, SRV and addresses, asked side by side (RFC 3263).

The transport is known from the trunk, so NAPTR only says under which name the SRV records are. Everything may
be asked at once because nothing of it is secret or costs anything.
"""

import asyncio
import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeVar

import dns.asyncresolver
import dns.exception
import dns.name
import dns.rdata
import dns.rdatatype
import dns.resolver
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from bot.proof.addresses import Server, may_contact
from bot.proof.checklist import Finding, Point

PATIENCE: Final = 2.0  # seconds for one question, with the resolver's own repeats
SERVERS_MAX: Final = 4  # that are contacted
_TARGETS_MAX: Final = 4  # names behind SRV records that are looked up

R = TypeVar("R", bound=dns.rdata.Rdata)


@dataclass(frozen=True, slots=True)
class Service:
    """How a transport is found in DNS, and its port where DNS names none."""

    naptr: str
    srv: str
    port: int


SERVICES: Final = MappingProxyType(
    {
        "udp": Service("SIP+D2U", "_sip._udp", 5060),
        "tcp": Service("SIP+D2T", "_sip._tcp", 5060),
        "tls": Service("SIPS+D2T", "_sips._tcp", 5061),
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a domain leads: the servers in the order in which they are to be used, and the point about it."""

    point: Point
    servers: tuple[Server, ...] = ()


@dataclass(slots=True)
class _Asked:
    """What the answers to several questions have in common."""

    silent: bool = False
    missing: set[str] = field(default_factory=set)  # names that are not there at all


def resolver_of(sandbox: tuple[str, int] | None) -> dns.asyncresolver.Resolver:
    """Make the resolver of this machine, or that of the sandbox. Raises dns.exception.DNSException."""
    if sandbox is None:
        return dns.asyncresolver.Resolver()
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.port = sandbox[1]  # before the servers, which take it over
    resolver.nameservers = [sandbox[0]]
    return resolver


async def find_servers(domain: str, transport: str, sandbox: tuple[str, int] | None) -> Place:
    """Find where SIP is spoken for a domain over a transport: `udp`, `tcp` or `tls`."""
    try:
        resolver = resolver_of(sandbox)
    except dns.exception.DNSException:
        return Place(Point(Finding.NAME_UNREAD))
    return await _Finder(resolver, SERVICES[transport], loopback=sandbox is not None).find(domain)


class _Finder:
    def __init__(self, resolver: dns.asyncresolver.Resolver, service: Service, *, loopback: bool) -> None:
        self._resolver = resolver
        self._service = service
        self._loopback = loopback
        self._asked = _Asked()

    async def find(self, domain: str) -> Place:
        if _is_address(domain):
            return self._judge(domain, [Server(domain, domain, self._service.port)])
        usual = f"{self._service.srv}.{domain}"
        pointers, services, addresses = await asyncio.gather(
            self._ask(domain, NAPTR), self._ask(usual, SRV), self._addresses(domain)
        )
        named = self._named(pointers)
        if named is not None and named.casefold() != usual.casefold():
            services = await self._ask(named, SRV) or services
        if services:
            found = await self._behind(services)
        else:
            found = [Server(domain, address, self._service.port) for address in addresses]
        return self._judge(domain, found)

    def _judge(self, domain: str, found: Sequence[Server]) -> Place:
        allowed = [server for server in found if may_contact(server.address, loopback=self._loopback)]
        if allowed:
            data = {"domain": domain, "servers": ", ".join(map(str, allowed[:SERVERS_MAX]))}
            return Place(Point(Finding.NAMED, data), tuple(allowed[:SERVERS_MAX]))
        if found:
            return Place(Point(Finding.NOT_PUBLIC, {"domain": domain, "address": found[0].address}))
        if self._asked.silent:
            return Place(Point(Finding.NAME_UNREAD, {"domain": domain}))
        missing = domain in self._asked.missing
        return Place(Point(Finding.NO_NAME if missing else Finding.NO_SERVER, {"domain": domain}))

    def _named(self, pointers: Sequence[NAPTR]) -> str | None:
        """Return the name under which the SRV records are, if NAPTR says one for this transport."""
        fitting = [
            one
            for one in pointers
            if one.service.decode(errors="replace").upper() == self._service.naptr
            and one.flags.decode(errors="replace").upper() == "S"
        ]
        best = min(fitting, key=lambda one: (one.order, one.preference), default=None)
        return None if best is None else best.replacement.to_text(omit_final_dot=True)

    async def _behind(self, services: Sequence[SRV]) -> list[Server]:
        """Look up the targets of SRV records: the lowest priority first, then the heaviest."""
        ordered = sorted(services, key=lambda one: (one.priority, -one.weight))[:_TARGETS_MAX]
        names = [one.target.to_text(omit_final_dot=True) for one in ordered]
        found = await asyncio.gather(*map(self._addresses, names))
        return [
            Server(name, address, one.port)
            for one, name, addresses in zip(ordered, names, found, strict=True)
            for address in addresses
        ]

    async def _addresses(self, name: str) -> list[str]:
        four, six = await asyncio.gather(self._ask(name, A), self._ask(name, AAAA))
        return [*(one.address for one in four), *(one.address for one in six)]

    async def _ask(self, name: str, kind: type[R]) -> list[R]:
        """Ask for records of a kind; none, and a note, where there is no answer."""
        try:
            answer = await self._resolver.resolve(
                dns.name.from_text(name),
                dns.rdatatype.from_text(kind.__name__),
                raise_on_no_answer=False,
                lifetime=PATIENCE,
                search=False,
            )
        except dns.resolver.NXDOMAIN:
            self._asked.missing.add(name)
            return []
        except (dns.exception.DNSException, OSError):
            self._asked.silent = True
            return []
        return list(_of(kind, answer.rrset or ()))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _of(kind: type[R], rows: Iterable[dns.rdata.Rdata]) -> Iterable[R]:
    return (row for row in rows if isinstance(row, kind))
