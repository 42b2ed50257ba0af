"""What is contacted for a trunk: a name that Vobiz answered must not lead into a private network. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

WITHIN: Final = 3.0  # seconds for a whole examination; its parts go on side by side

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
# Translated to IPv4 by a gateway of the network (RFC 6052): 64:ff9b::127.0.0.1 may be that gateway itself.
_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at. `transport` is Vobiz's word; without `probe` no SIP message is sent.

    `sandbox` is the sandbox's DNS server: with it only loopback addresses are contacted, else public ones.
    """

    domain: str | None
    transport: str | None
    probe: bool
    sandbox: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Server:
    """One place where SIP may be spoken; `host` is the name that led there."""

    host: str
    address: str
    port: int

    def __str__(self) -> str:
        """Write it as people do."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


def is_host(text: str) -> bool:
    """Tell whether a text is a host name: it goes into DNS, TLS and a SIP message as it is."""
    return _HOST.fullmatch(text) is not None


def may_contact(text: str, *, loopback: bool) -> bool:
    """Tell whether an address may be contacted: a public one, or with `loopback` one of this machine only."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if loopback:
        return address.is_loopback
    return all(one.is_global and not one.is_multicast for one in (address, *_embedded(address)))


def _embedded(address: Address) -> list[Address]:
    """Return the IPv4 addresses to which an IPv6 one leads, by the ways of translating them."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[Address] = [one for one in (address.ipv4_mapped, address.sixtofour) if one is not None]
    found += address.teredo or ()
    if address in _TRANSLATED:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found
