"""An allowed address: what may be one, and the IP ACL record that is made of it.

Vobiz takes IPv4 addresses and ranges (CIDR). Its pages contradict each other about private ones, so those
are warned of, and refuse the ranges of RFC 5737 (facts of the API).
"""

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Network, IPv6Address, NetmaskValueError
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.outcome import Data
from bot.kinds.attached.create import CreateRecord, CreateWords
from bot.kinds.attached.fields import ADDRESS
from bot.vobiz.lists import Part
from bot.vobiz.trunks import UUID

ADDRESS_MAX: Final = 100  # characters that are read: the longest range has 18
_WIDE: Final = 24  # a range of more addresses than a /24 has is warned of
_EXAMPLES: Final = "such as 203.0.114.5, or a range, such as 203.0.114.0/28."
_WITH_PORT: Final = re.compile(r"([0-9.]+):[0-9]+")
# No call can come from these. The first that a range overlaps is named.
_REFUSED: Final = (
    ("192.0.2.0/24", "is reserved for documentation (RFC 5737)"),
    ("198.51.100.0/24", "is reserved for documentation (RFC 5737)"),
    ("203.0.113.0/24", "is reserved for documentation (RFC 5737)"),
    ("0.0.0.0/8", "is no address of a host"),
    ("127.0.0.0/8", "is a loopback address: it never leaves its own machine"),
    ("169.254.0.0/16", "is link-local: it never leaves its own network"),
    ("224.0.0.0/4", "is for multicast"),
    ("240.0.0.0/4", "is reserved"),
)
_REASONS: Final = tuple((IPv4Network(range_), why) for range_, why in _REFUSED)
# RFC 1918 and RFC 6598.
_PRIVATE: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))


class Address(BaseModel):
    """An address that shall be allowed; `record` is the id of one that exists, None of one to be made.

    `label` is what Vobiz shows beside a new one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ip: Annotated[str, Field(min_length=1, max_length=500)]
    label: str
    record: Annotated[str | None, Field(pattern=f"^{UUID.pattern}$")] = None


def check_address(text: str) -> tuple[str, str]:
    """Return an address or a range as Vobiz takes it, and what is wrong with it, if anything."""
    value = text.strip()
    if not value:
        return "", f"Enter an IPv4 address, {_EXAMPLES}"
    if len(value) > ADDRESS_MAX:
        return value[:ADDRESS_MAX], f"This is too long for an IPv4 address, {_EXAMPLES}"
    if written := _WITH_PORT.fullmatch(value):
        return value, f"Leave out the port: enter {written[1]}"
    try:
        network = IPv4Network(value, strict=False)
    except (AddressValueError, NetmaskValueError):
        return value, _not_ipv4(value)
    return value, _refused(value, network)


def warn_of(value: str) -> str:
    """Say what to think of before an address is allowed, in at most 200 characters; or nothing."""
    network = _network(value)
    if network is None:
        return ""
    if any(network.subnet_of(private) for private in _PRIVATE):
        return (
            f"{value} is private: Vobiz sees the public address that calls leave your network from,"
            " and may refuse this one."
        )
    if network.prefixlen < _WIDE:
        return (
            f"{value} is {network.num_addresses:,} addresses: each of them may send calls that you pay for."
        )
    return ""


def same_address(one: str, other: str) -> bool:
    """Tell whether two texts are the same range, however it is written."""
    ranges = _network(one), _network(other)
    return ranges[0] == ranges[1] if None not in ranges else one.casefold() == other.casefold()


def _network(value: str) -> IPv4Network | None:
    try:
        return IPv4Network(value, strict=False)
    except (AddressValueError, NetmaskValueError):
        return None


def _not_ipv4(value: str) -> str:
    try:
        IPv6Address(value.partition("/")[0].strip("[]"))
    except AddressValueError:
        pass
    else:
        return "This is an IPv6 address, and Vobiz takes IPv4 only."
    if re.search("[A-Za-z]", value):
        return "This is a name. Vobiz takes addresses only: enter the IPv4 address that calls come from."
    return f"This is no IPv4 address. Enter one, {_EXAMPLES}"


def _refused(value: str, network: IPv4Network) -> str:
    bare, _, width = value.partition("/")
    if network.prefixlen == 0:
        return "This is every address there is: anybody could send calls that you pay for."
    if width and not width.isdigit():
        return f"Write it as {network}"
    if bare != str(network.network_address):
        return f"A range begins with its first address: did you mean {network} or {bare} alone?"
    for reserved, why in _REASONS:
        if network.subnet_of(reserved):
            return f"{value} {why}."
        if network.overlaps(reserved):
            return f"This range contains {reserved}, which {why}."
    return ""


class AddressWords(CreateWords):
    """What is said while it is not known whether the IP ACL record was created."""

    noun: ClassVar[str] = "IP ACL record"
    record: ClassVar[str] = "IP ACL record"
    value: ClassVar[str] = "address"
    asked_as: ClassVar[tuple[str, str]] = ("ip_acl", "ip")

    def same(self, one: str, other: str) -> bool:
        """Compare ranges."""
        return same_address(one, other)


class CreateAddress(CreateRecord):
    """Make an IP ACL record of the address that the request has under `ip_acl`."""

    part: ClassVar[Part] = Part.ADDRESSES
    named: ClassVar[str] = "ip_address"
    makes: ClassVar[str] = ADDRESS
    words: CreateWords = AddressWords()

    def body(self, wanted: Mapping[str, object]) -> Data:
        """Build the body."""
        return {"name": wanted["label"], "ip_address": wanted["ip"]}
