"""Is a trunk ready? What `/trunk test` says: three values told apart at a glance, each with what to do.

A checklist of which everything is ok still says only what was seen: that a call gets through, a call shows.
"""

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType
from typing import Final

from bot.blockkit.layout import Message, lay_out
from bot.blockkit.report import Report, Sample, Tone
from bot.blockkit.text import Code, Line, Piece, Said
from bot.domain.proof import Pending
from bot.proof.checklist import Checklist, Finding, Point, Topic, Value
from bot.proof.pbx import Pbx
from bot.vobiz.trunks import Trunk
from bot.words.phrases import HEAD_MAX

_VALUE_MAX: Final = 200
MARKS: Final = MappingProxyType(
    {
        Value.NOT_OK: (Tone.ERROR, "Not OK"),
        Value.NOT_KNOWN: (Tone.QUESTION, "Not known"),
        Value.OK: (Tone.SUCCESS, "OK"),
    }
)
TOPICS: Final = MappingProxyType(
    {
        Topic.STATUS: "Status",
        Topic.ASKED: "As asked",
        Topic.WAY_OUT: "Login or address",
        Topic.ROUTE: "Route",
        Topic.NUMBERS: "Phone numbers",
        Topic.ENCRYPTION: "TLS and SRTP",
        Topic.BALANCE: "Balance",
        Topic.LIMIT: "Calls at once",
        Topic.NAME: "SIP domain in DNS",
        Topic.CERTIFICATE: "Certificate",
        Topic.ANSWER: "Answer to SIP",
    }
)
_CODES: Final = frozenset({"id", "domain", "server", "servers", "address", "named", "numbers"})
_AGAIN: Final = "Test again in a moment."
_TELL: Final = "Tell Vobiz."

# What is true, and what to do. `{name}` is a value of the point, `{/verb}` the command of that verb.
_WORDS: Final[Mapping[Finding, tuple[str, str]]] = MappingProxyType(
    {
        Finding.ENABLED: ("it is enabled.", ""),
        Finding.DISABLED: ("it is disabled, so it rejects every call.", "Enable it: {/enable}"),
        Finding.STATUS_UNSAID: (
            "Vobiz did not say in a known word whether it is enabled.",
            "Look in the console.",
        ),
        Finding.AS_ASKED: ("it is as it was asked for.", ""),
        Finding.NOT_AS_ASKED: (
            "it is not as it was asked for: {fields}.",
            "See what differs: {/show}. If it should be as before, change it: {/edit}",
        ),
        Finding.LOGIN: ("the SIP login {named} is attached and enabled.", ""),
        Finding.ADDRESS: ("calls from {named} are allowed.", ""),
        Finding.NO_WAY_OUT: (
            "no SIP login and no allowed address is attached, so it takes no outbound call.",
            "Set a login, {/credential}, or allow an address: {/allow}",
        ),
        Finding.WAY_OUT_OFF: (
            "what is attached is disabled: {named}.",
            "Enable it in the console, or attach another one: {/credential} or {/allow}",
        ),
        Finding.WAY_OUT_GONE: (
            "it points to {id}, which the account does not have.",
            "Set another login, {/credential}, or allow another address: {/allow}",
        ),
        Finding.WAY_OUT_UNREAD: (
            "something is attached ({id}), and Vobiz did not say whether it is enabled.",
            _AGAIN,
        ),
        Finding.ROUTED: ("inbound calls go to {named}.", ""),
        Finding.NO_ROUTE: (
            "no route is attached, so inbound calls go nowhere.",
            "Attach one: {/route}",
        ),
        Finding.ROUTE_OFF: (
            "the route {named} is disabled.",
            "Enable it in the console, or attach another one: {/route}",
        ),
        Finding.ROUTE_GONE: (
            "it points to the route {id}, which the account does not have.",
            "Attach another one: {/route}",
        ),
        Finding.ROUTE_PREFIXED: (
            "its destination is {named}: with a prefix such as sip: no call arrives.",
            "Attach a route instead: {/route}",
        ),
        Finding.ROUTE_UNREAD: (
            "a route is attached ({id}), and Vobiz did not say whether it is enabled.",
            _AGAIN,
        ),
        Finding.NUMBERED: ("{numbers}{more}.", ""),
        Finding.NO_NUMBER: ("no phone number is assigned to it.", "Assign one: {/number}"),
        Finding.ON_APPLICATION: (
            "a voice application has {numbers}{more} too, and gets the calls in place of the trunk.",
            "Take them off the application in the console.",
        ),
        Finding.NUMBERS_UNREAD: ("the list of phone numbers could not be read to its end.", _AGAIN),
        Finding.ENCRYPTED: ("both are on.", ""),
        Finding.HALF_ENCRYPTED: (
            "TLS is on and SRTP is off: calls connect, are billed, and are silent.",
            "Switch TLS and SRTP on together, or both off: {/edit}",
        ),
        Finding.ENCRYPTION_UNSAID: (
            "TLS is on, and Vobiz did not say whether SRTP is. Without it calls are silent.",
            "See {/edit}",
        ),
        Finding.FUNDED: ("{balance}.", ""),
        Finding.NO_FUNDS: ("{balance}: there is no money for calls.", "Top the account up in the console."),
        Finding.ON_CREDIT: (
            "{balance}, and the account has credit. How far it goes is for Vobiz to say.",
            "Look in the console.",
        ),
        Finding.BALANCE_UNREAD: ("Vobiz did not say what is left.", _AGAIN),
        Finding.WITHIN_CEILING: ("{calls}, and the account may have {ceiling}.", ""),
        Finding.ABOVE_CEILING: (
            "{calls} on the trunk, and the whole account may have only {ceiling}.",
            "Lower the limit, {/edit}, or have Vobiz raise the account's.",
        ),
        Finding.LIMIT_UNSAID: ("Vobiz did not say how many the trunk may have.", "See {/edit}"),
        Finding.CEILING_UNREAD: (
            "{calls} on the trunk. Vobiz did not say how many the whole account may have.",
            _AGAIN,
        ),
        Finding.NAMED: ("{domain} leads to {servers}.", ""),
        Finding.NO_NAME: (
            "there is no such name as {domain}.",
            "A new trunk's name may take some minutes. If it still fails then, tell Vobiz.",
        ),
        Finding.NO_SERVER: ("{domain} exists, and names no server for this transport.", _TELL),
        Finding.NOT_PUBLIC: (
            "{domain} leads to {address}, which is not a public address. I do not look there.",
            "Check the DNS of the bot's network; if it is fine, tell Vobiz.",
        ),
        Finding.ODD_DOMAIN: ("its SIP domain is no host name.", "Look in the console."),
        Finding.DOMAIN_UNSAID: ("Vobiz did not say its SIP domain.", _AGAIN),
        Finding.NAME_UNREAD: (
            "DNS did not answer me.",
            "Test again in a moment. If it stays, check the DNS of the bot's network.",
        ),
        Finding.CERTIFIED: ("it is the domain's, it is trusted, and it ends on {until}.", ""),
        Finding.ENDED: ("{server} shows one that is not valid today: it has ended, or has not begun.", _TELL),
        Finding.OTHER_NAME: ("{server} shows one for another name than the SIP domain.", _TELL),
        Finding.UNTRUSTED: ("{server} shows one that no known authority vouches for.", _TELL),
        Finding.CERTIFICATE_UNSEEN: (
            "no TLS connection to {server} could be made from here.",
            "Try it from the PBX: many carriers answer only listed addresses.",
        ),
        Finding.ANSWERED: (
            "{server} answered {code} {phrase} over {transport} after {took} ms: it is alive.",
            "",
        ),
        Finding.SILENT: (
            "{server} did not answer over {transport}. Many carriers answer only listed addresses.",
            "Place a call from the PBX.",
        ),
        Finding.REFUSED: (
            "{server} takes nothing over {transport} from here. Many carriers take only listed addresses.",
            "Place a call from the PBX.",
        ),
        Finding.BROKEN: (
            "{server} hung up over {transport}, or answered with something that is not SIP.",
            "Place a call from the PBX. If it fails too, tell Vobiz.",
        ),
        Finding.NOT_TRUSTED: (
            "I asked nothing, because the certificate is not right.",
            "First see to the certificate.",
        ),
        Finding.UNASKED: (
            "I am not set to ask SIP servers.",
            "Place a call from the PBX, or have the bot's administrator set TRUNK_PROBE=true.",
        ),
        Finding.ODD_TRANSPORT: (
            "Vobiz did not say over which transport to ask.",
            "Choose UDP, TCP or TLS: {/edit}",
        ),
    }
)


def readiness_message(
    trunk: Trunk, found: Checklist, other_side: Pbx, command: str, pending: tuple[Pending, ...] = ()
) -> Message:
    """Tell how ready a trunk is, the gravest first, and what the other side has to be set to.

    `pending` are the requests about the trunk that have not ended.
    """
    points = [point for value in Value for point in found.of(value)]
    named: Line = ("SIP domain: ", Code(trunk.domain)) if trunk.domain else ("Trunk ID: ", Code(trunk.id))
    lines = [point_line(point, trunk.id, command, pending) for point in points]
    copied = _settings(other_side)
    body: list[Line | Sample] = [named]
    body += pending_lines(pending, command)
    body += lines
    if found.value is Value.OK:
        body.append(("Only a call can show more than this.",))
    if copied:
        body += [("What the other side (the PBX) has to be set to:",), Sample(copied[0], more=copied[1:])]
    headline: Line = ("Trunk “", Said(trunk.name or "(no name)", HEAD_MAX), f"”: {counted(found)}")
    return lay_out(Report(_tone(found), headline, tuple(body)))


def _tone(found: Checklist) -> Tone:
    tones = {Value.NOT_OK: Tone.ERROR, Value.NOT_KNOWN: Tone.WARNING, Value.OK: Tone.SUCCESS}
    return tones[found.value]


def counted(found: Checklist) -> str:
    """Say how many checks are not ok or not known."""
    wrong, unknown, all_of = len(found.of(Value.NOT_OK)), len(found.of(Value.NOT_KNOWN)), len(found.points)
    beside = f", {unknown} not known" if unknown else ""
    if wrong:
        return f"{wrong} of {all_of} checks {'is' if wrong == 1 else 'are'} not OK{beside}"
    if unknown:
        well = all_of - unknown
        return f"{well} of {all_of} checks {'is' if well == 1 else 'are'} OK{beside}"
    return f"all {all_of} checks are OK"


_NOT_DONE: Final = "A request about this trunk is not done yet: "


def pending_lines(pending: tuple[Pending, ...], command: str, *, kept: bool = False) -> tuple[Line, ...]:
    """Name the requests about a trunk that have not ended; in what is kept, that had not ended then."""
    said = "Then a request about this trunk was not done yet: " if kept else _NOT_DONE
    return tuple((said, Code(f"{command} status {one.ref}")) for one in pending)


def point_line(
    point: Point, trunk: str, command: str, pending: tuple[Pending, ...] = (), *, kept: bool = False
) -> Line:
    """Say what was found about one topic of the trunk with that id, and what to do about it.

    Nobody is sent to ask for what a request asks for that is `pending`. In what is kept the advice stays:
    that request may have ended otherwise since.
    """
    found, todo = _WORDS[point.finding]
    asked = next((one for one in pending if not _verbs(todo).isdisjoint(one.verbs)), None)
    instead: Line = ()
    if asked is not None and kept:
        instead = (" A request for that was open then: ", Code(f"{command} status {asked.ref}"))
    elif asked is not None:
        todo, instead = "", (" Wait for the open request: ", Code(f"{command} status {asked.ref}"))
    told = f"{found} {todo}" if todo else found
    tone, value = MARKS[point.value]
    return (
        *marked(tone),
        f"{value} · {TOPICS[point.topic]}: ",
        *_pieces(told, point.data, f"{command} {{}} {trunk}"),
        *instead,
    )


def _verbs(todo: str) -> frozenset[str]:
    """Return the verbs that an advice tells people to type."""
    names = (name or "" for _, name, _, _ in Formatter().parse(todo))
    return frozenset(name[1:] for name in names if name.startswith("/"))


def marked(tone: Tone) -> Line:
    """Put the mark of a tone in front of a line."""
    return () if tone.mark is None else (tone.mark, " ")


def _pieces(words: str, data: Mapping[str, str], command: str) -> list[Piece]:
    pieces: list[Piece] = []
    for own, name, _, _ in Formatter().parse(words):
        if own:
            pieces.append(own)
        if name is None:
            continue
        if name.startswith("/"):
            pieces.append(Code(command.format(name[1:])))
        elif value := data.get(name, ""):
            pieces.append(Code(value[:_VALUE_MAX]) if name in _CODES else Said(value, _VALUE_MAX))
    return pieces


def _settings(other_side: Pbx) -> tuple[str, ...]:
    """Write the settings for a PBX, one a line, those first that it cannot do without."""
    transport = (other_side.transport or "").upper()
    encrypted = f"{transport}, with SRTP" if other_side.secure and transport == "TLS" else transport
    rows = {
        "SIP domain": other_side.domain,
        "Transport": encrypted,
        "User name": other_side.user,
        "Realm": other_side.realm,
        "Password": "the one that was shown when the login was made" if other_side.user else None,
        "Calls allowed from": other_side.address,
        "Inbound calls go to": other_side.route,
        "Numbers": ", ".join(other_side.numbers),
    }
    return tuple(f"{name}: {value}" for name, value in rows.items() if value)
