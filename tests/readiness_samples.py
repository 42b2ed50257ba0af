"""Checklists of each value, for the tests of what people read."""

from bot.blockkit.layout import Message
from bot.domain.proof import Pending
from bot.proof.checklist import Finding, Point, checklist
from bot.proof.pbx import Pbx
from bot.words.readiness import readiness_message
from tests.wording_samples import TRUNK

_SERVER = {"server": "203.0.113.5:5060", "transport": "UDP"}
_WELL = (
    Point(Finding.ENABLED),
    Point(Finding.LOGIN, {"named": "sales"}),
    Point(Finding.FUNDED, {"balance": "1000.00 INR"}),
    Point(Finding.WITHIN_CEILING, {"calls": "10", "ceiling": "50"}),
    Point(Finding.NAMED, {"domain": str(TRUNK.domain), "servers": "203.0.113.5:5060"}),
)
ADDING = Pending(ref="7K3M-9QWX", verbs=("credential",))
_PBX = Pbx(TRUNK.domain, "udp", secure=False, user="sales", realm="MA_SANDBOX1.sip.vobiz.ai")


def ready() -> Message:
    """Return the message about a trunk of which all is ok."""
    said = _SERVER | {"code": "401", "phrase": "Unauthorized", "took": "23"}
    return readiness_message(TRUNK, checklist(_WELL, (Point(Finding.ANSWERED, said),)), _PBX, "/trunk")


def silent() -> Message:
    """Return the message about a trunk whose server does not answer."""
    found = checklist(_WELL, (Point(Finding.SILENT, _SERVER),))
    return readiness_message(TRUNK, found, _PBX, "/trunk", (ADDING,))


def asked_for() -> Message:
    """Return the message about a trunk whose login is asked for, and waits for an approval."""
    points = (Point(Finding.NO_WAY_OUT), Point(Finding.DISABLED), Point(Finding.FUNDED, {"balance": "9 INR"}))
    return readiness_message(TRUNK, checklist(points), _PBX, "/trunk", (ADDING,))


def inbound() -> Message:
    """Return the message about an inbound trunk that lacks what it needs, and whose certificate has ended."""
    points = (
        *(Point(Finding.DISABLED), Point(Finding.NO_ROUTE), Point(Finding.BALANCE_UNREAD)),
        Point(Finding.ON_APPLICATION, {"numbers": "+14155550100", "more": ""}),
        Point(Finding.HALF_ENCRYPTED),
        Point(Finding.ENDED, _SERVER),
        Point(Finding.NOT_TRUSTED, _SERVER),
    )
    trunk = TRUNK.model_copy(update={"direction": "inbound", "transport": "tls"})
    other_side = Pbx(trunk.domain, "tls", secure=False, numbers=("+14155550100",))
    return readiness_message(trunk, checklist(points), other_side, "/trunk")
