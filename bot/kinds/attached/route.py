"""Where calls go: what may be a SIP URI, and the origination URI that is made of it.

What these are for is contradictory in Vobiz's documents (where inbound calls are delivered, or outbound
ones), so nothing here says more than that calls go there. The API wants `sip:` in front, the console does
not: it is asked for and never added unseen.
"""

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.domain.outcome import Data
from bot.kinds.attached.create import CreateRecord, CreateWords
from bot.kinds.attached.fields import ROUTE
from bot.vobiz.lists import Part
from bot.vobiz.trunks import UUID

URI_MAX: Final = 255  # characters
PORT_MAX: Final = 65535
_PORT: Final = 5060  # where none is stated (facts of the API)
_SHOWN: Final = 90  # characters of a corrected URI: what Slack shows under an input is short
# RFC 3261, section 25.1: of what a user part may have, what needs no escaping and no thought.
_URI: Final = re.compile(
    r"sip:(?:(?P<user>[A-Za-z0-9._~+*#-]+)@)?(?P<host>[^@:;?/\[\]]+)(?::(?P<port>[^;?]*))?"
)
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_SCHEME: Final = re.compile("(sips?|tel|https?|callto|mailto|h323):/*(.*)", re.IGNORECASE)
_EXAMPLE: Final = "sip:pbx.example.com"


class Route(BaseModel):
    """A destination that calls shall go to, or fall back to; `record` is the id of one that exists.

    `record` is None of one to be made; `label` is what Vobiz shows beside that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    uri: Annotated[str, Field(min_length=1, max_length=500)]
    label: str
    fallback: bool
    record: Annotated[str | None, Field(pattern=f"^{UUID.pattern}$")] = None


def check_uri(text: str) -> tuple[str, str]:
    """Return a SIP URI as Vobiz takes it, and what is wrong with it, if anything."""
    value = text.strip()
    if not value:
        return "", f"Enter a SIP URI, such as {_EXAMPLE} or {_EXAMPLE}:5070."
    if len(value) > URI_MAX:
        return value, f"At most {URI_MAX} characters."
    return value, _wrong(value)


def _wrong(value: str) -> str:
    if value.startswith("<") and value.endswith(">"):
        return _corrected("Leave out < and >.", value[1:-1])
    if any(char.isspace() for char in value):
        # No corrected one: without the space it would be another host, which may exist.
        return "A SIP URI has no spaces."
    if not value.startswith("sip:"):
        return _scheme(value)
    found = _URI.fullmatch(value)
    if found is None:
        return _shape(value)
    if (port := found["port"]) is not None and not _is_port(port):
        return f"The port has to be a number from 1 to {PORT_MAX}."
    return _host(found["host"])


def _scheme(value: str) -> str:
    """Say why what does not begin with `sip:` is not taken, with the corrected text where there is one."""
    scheme = _SCHEME.fullmatch(value)
    if scheme is None:
        return _corrected("A SIP URI begins with sip: and then the host.", f"sip:{value}")
    match scheme[1].lower():
        case "sip":
            return _corrected("Write sip: in small letters.", f"sip:{scheme[2]}")
        case "sips":
            tls = "Vobiz takes no sips: URI. For encryption set the trunk's transport to TLS."
            return _corrected(tls, f"sip:{scheme[2]}")
        case other:
            return f"{other}: is no SIP URI. Enter one, such as {_EXAMPLE}."


def _corrected(why: str, corrected: str) -> str:
    fits = len(corrected) <= _SHOWN and not _wrong(corrected)
    return f"{why} Enter {corrected}" if fits else f"{why} Enter one, such as {_EXAMPLE}."


def _shape(value: str) -> str:
    bare = re.split("[;?]", value, maxsplit=1)[0]
    if bare != value:
        return _corrected("Leave out what follows the host and the port.", bare)
    if "[" in value:
        return "Vobiz takes a host name or an IPv4 address, and no IPv6 address."
    return f"This is no SIP URI: it is sip:host, sip:host:port or sip:user@host, such as {_EXAMPLE}."


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and text[0] != "0" and len(text) < 6 and int(text) <= PORT_MAX


def _host(host: str) -> str:
    if re.fullmatch("[0-9.]+", host):
        try:
            address = IPv4Address(host)
        except AddressValueError:
            return f"{host[:_SHOWN]} is no IPv4 address."
        unreachable = address.is_unspecified or address.is_loopback or address.is_multicast
        if unreachable or address.is_link_local or address == IPv4Address("255.255.255.255"):
            return f"No call can go to {host}"
        return ""
    if not _HOST.fullmatch(host):
        return "The host may have letters, digits, hyphens and dots only."
    return ""


def same_uri(one: str, other: str) -> bool:
    """Tell whether two URIs lead to the same place: Vobiz may add the port, or a transport."""
    return _place(one) == _place(other)


def _place(uri: str) -> tuple[str, str, str]:
    found = _URI.match(uri)
    if found is None:
        return "", uri.casefold(), ""
    port = found["port"] or str(_PORT)
    return found["user"] or "", found["host"].casefold().rstrip("."), port


class RouteWords(CreateWords):
    """What is said while it is not known whether the origination URI was created."""

    noun: ClassVar[str] = "origination URI"
    record: ClassVar[str] = "origination URI"
    value: ClassVar[str] = "SIP URI"
    asked_as: ClassVar[tuple[str, str]] = ("sip_route", "uri")

    def same(self, one: str, other: str) -> bool:
        """Compare where they lead."""
        return same_uri(one, other)


class CreateRoute(CreateRecord):
    """Make an origination URI of what the request has under `sip_route`."""

    part: ClassVar[Part] = Part.ROUTES
    named: ClassVar[str] = "uri"
    makes: ClassVar[str] = ROUTE
    words: CreateWords = RouteWords()

    def body(self, wanted: Mapping[str, object]) -> Data:
        """Build the body: of two routes of a trunk the primary one has the lower number."""
        priority = 2 if wanted.get("fallback") is True else 1
        return {"name": wanted["label"], "sip_uri": wanted["uri"], "priority": priority}
