"""A checklist about one trunk: what was looked at, and what was found: ok, not ok, or not known. Pure.

The words are in `bot.words.readiness`. What the first call showed is a further topic, when it is watched for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Value(StrEnum):
    """What a point comes to, the gravest first. Silence, and what could not be read, is NOT_KNOWN."""

    NOT_OK = "not_ok"
    NOT_KNOWN = "not_known"
    OK = "ok"


class Topic(StrEnum):
    """What is looked at, in the order in which people read it."""

    STATUS = "status"
    ASKED = "asked"
    WAY_OUT = "way_out"  # a SIP login or an allowed address: for outbound calls
    ROUTE = "route"  # where inbound calls go
    NUMBERS = "numbers"
    ENCRYPTION = "encryption"
    BALANCE = "balance"
    LIMIT = "limit"
    NAME = "name"  # of the SIP domain, in DNS
    CERTIFICATE = "certificate"
    ANSWER = "answer"  # to a SIP OPTIONS


class Finding(StrEnum):
    """What was found about a topic; `JUDGED` says what it comes to."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    STATUS_UNSAID = "status_unsaid"
    AS_ASKED = "as_asked"
    NOT_AS_ASKED = "not_as_asked"
    LOGIN = "login"
    ADDRESS = "address"
    NO_WAY_OUT = "no_way_out"
    WAY_OUT_OFF = "way_out_off"
    WAY_OUT_GONE = "way_out_gone"
    WAY_OUT_UNREAD = "way_out_unread"
    ROUTED = "routed"
    NO_ROUTE = "no_route"
    ROUTE_OFF = "route_off"
    ROUTE_GONE = "route_gone"
    ROUTE_PREFIXED = "route_prefixed"
    ROUTE_UNREAD = "route_unread"
    NUMBERED = "numbered"
    NO_NUMBER = "no_number"
    ON_APPLICATION = "on_application"
    NUMBERS_UNREAD = "numbers_unread"
    ENCRYPTED = "encrypted"
    HALF_ENCRYPTED = "half_encrypted"
    ENCRYPTION_UNSAID = "encryption_unsaid"
    FUNDED = "funded"
    NO_FUNDS = "no_funds"
    ON_CREDIT = "on_credit"
    BALANCE_UNREAD = "balance_unread"
    WITHIN_CEILING = "within_ceiling"
    ABOVE_CEILING = "above_ceiling"
    LIMIT_UNSAID = "limit_unsaid"
    CEILING_UNREAD = "ceiling_unread"
    NAMED = "named"
    NO_NAME = "no_name"
    NO_SERVER = "no_server"
    NOT_PUBLIC = "not_public"
    ODD_DOMAIN = "odd_domain"
    DOMAIN_UNSAID = "domain_unsaid"
    NAME_UNREAD = "name_unread"
    CERTIFIED = "certified"
    ENDED = "ended"
    OTHER_NAME = "other_name"
    UNTRUSTED = "untrusted"
    CERTIFICATE_UNSEEN = "certificate_unseen"
    ANSWERED = "answered"
    SILENT = "silent"
    REFUSED = "refused"
    BROKEN = "broken"
    NOT_TRUSTED = "not_trusted"
    UNASKED = "unasked"
    ODD_TRANSPORT = "odd_transport"


_OF: Final[Mapping[Topic, Mapping[Value, tuple[Finding, ...]]]] = MappingProxyType(
    {
        Topic.STATUS: {
            Value.OK: (Finding.ENABLED,),
            Value.NOT_OK: (Finding.DISABLED,),
            Value.NOT_KNOWN: (Finding.STATUS_UNSAID,),
        },
        Topic.ASKED: {
            Value.OK: (Finding.AS_ASKED,),
            Value.NOT_OK: (Finding.NOT_AS_ASKED,),
        },
        Topic.WAY_OUT: {
            Value.OK: (
                Finding.LOGIN,
                Finding.ADDRESS,
            ),
            Value.NOT_OK: (
                Finding.NO_WAY_OUT,
                Finding.WAY_OUT_OFF,
                Finding.WAY_OUT_GONE,
            ),
            Value.NOT_KNOWN: (Finding.WAY_OUT_UNREAD,),
        },
        Topic.ROUTE: {
            Value.OK: (Finding.ROUTED,),
            Value.NOT_OK: (
                Finding.NO_ROUTE,
                Finding.ROUTE_OFF,
                Finding.ROUTE_GONE,
                Finding.ROUTE_PREFIXED,
            ),
            Value.NOT_KNOWN: (Finding.ROUTE_UNREAD,),
        },
        Topic.NUMBERS: {
            Value.OK: (Finding.NUMBERED,),
            Value.NOT_OK: (
                Finding.NO_NUMBER,
                Finding.ON_APPLICATION,
            ),
            Value.NOT_KNOWN: (Finding.NUMBERS_UNREAD,),
        },
        Topic.ENCRYPTION: {
            Value.OK: (Finding.ENCRYPTED,),
            Value.NOT_OK: (Finding.HALF_ENCRYPTED,),
            Value.NOT_KNOWN: (Finding.ENCRYPTION_UNSAID,),
        },
        Topic.BALANCE: {
            Value.OK: (Finding.FUNDED,),
            Value.NOT_OK: (Finding.NO_FUNDS,),
            Value.NOT_KNOWN: (
                Finding.ON_CREDIT,
                Finding.BALANCE_UNREAD,
            ),
        },
        Topic.LIMIT: {
            Value.OK: (Finding.WITHIN_CEILING,),
            Value.NOT_OK: (Finding.ABOVE_CEILING,),
            Value.NOT_KNOWN: (
                Finding.LIMIT_UNSAID,
                Finding.CEILING_UNREAD,
            ),
        },
        Topic.NAME: {
            Value.OK: (Finding.NAMED,),
            Value.NOT_OK: (
                Finding.NO_NAME,
                Finding.NO_SERVER,
            ),
            Value.NOT_KNOWN: (
                Finding.NOT_PUBLIC,
                Finding.ODD_DOMAIN,
                Finding.DOMAIN_UNSAID,
                Finding.NAME_UNREAD,
            ),
        },
        Topic.CERTIFICATE: {
            Value.OK: (Finding.CERTIFIED,),
            Value.NOT_OK: (
                Finding.ENDED,
                Finding.OTHER_NAME,
                Finding.UNTRUSTED,
            ),
            Value.NOT_KNOWN: (Finding.CERTIFICATE_UNSEEN,),
        },
        Topic.ANSWER: {
            Value.OK: (Finding.ANSWERED,),
            Value.NOT_KNOWN: (
                Finding.SILENT,
                Finding.REFUSED,
                Finding.BROKEN,
                Finding.NOT_TRUSTED,
                Finding.UNASKED,
                Finding.ODD_TRANSPORT,
            ),
        },
    }
)
JUDGED: Final[Mapping[Finding, tuple[Topic, Value]]] = MappingProxyType(
    {one: (topic, value) for topic, of in _OF.items() for value, findings in of.items() for one in findings}
)


@dataclass(frozen=True, slots=True)
class Point:
    """One line of a checklist; `data` are values that its words quote, which others may have written."""

    finding: Finding
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def topic(self) -> Topic:
        """What was looked at."""
        return JUDGED[self.finding][0]

    @property
    def value(self) -> Value:
        """What it comes to."""
        return JUDGED[self.finding][1]


@dataclass(frozen=True, slots=True)
class Checklist:
    """All points about one trunk, in the order of their topics."""

    points: tuple[Point, ...]

    @property
    def value(self) -> Value:
        """The gravest of all points: a trunk is only ok where everything was seen, and is ok."""
        values = {point.value for point in self.points}
        return next((value for value in Value if value in values), Value.NOT_KNOWN)

    def of(self, value: Value) -> tuple[Point, ...]:
        """Return the points of a value."""
        return tuple(point for point in self.points if point.value is value)


def checklist(*parts: tuple[Point, ...]) -> Checklist:
    """Put points together in the order of their topics."""
    order = list(Topic)
    points = (point for part in parts for point in part)
    return Checklist(tuple(sorted(points, key=lambda point: order.index(point.topic))))
