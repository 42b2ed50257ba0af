"""docs/kinds.md: what each kind sends, changes and cannot take back, from the registry.

`python -m tests.pure.kinds_page` writes it; a test compares.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from bot.domain.operation import Operation, State, Step, StepState
from bot.domain.outcome import Data, Thing
from bot.kinds.base import At, Kind
from bot.kinds.registry import KINDS
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Needs
from bot.vobiz.writes import Write

PAGE: Final = Path(__file__).parents[2] / "docs" / "kinds.md"
TRUNK: Final = "aabbccdd-1234-5678-90ab-cdef12345678"
RECORD: Final = "11bbccdd-1234-5678-90ab-cdef12345678"  # of a list of the account
_EVERYTHING: Final = {
    "name": "Sales 2",
    "calls": 50,
    "cps": 5,
    "transport": "tls",
    "secure": True,
    "description": "since May",
}
_BEFORE: Final = {"name": "Sales", "calls": 10, "cps": 2, "transport": "udp", "secure": False}
_ON_TRUNK: Final = {"trunk_id": TRUNK, "name": "Sales"}
NUMBER: Final = "+14155550100"
_POINTED: Final = _ON_TRUNK | {"capacity": 10, "switched_on": True}
# One request of each kind, in which all that it can ask for is asked for.
REQUESTS: Final[Mapping[str, Data]] = {
    "set_up_trunk": {
        "trunk": {"name": "Sales", "direction": "outbound", "calls": 10},
        "sip_login": {"username": "sales"},
        "ip_acl": {"ip": "203.0.114.5", "label": "Sales"},
        "sip_route": {"uri": "sip:pbx.example.com", "label": "Sales", "fallback": False},
        "phone_numbers": [{"e164": NUMBER}],
    },
    "create_trunk": {"name": "Sales", "direction": "outbound", "calls": 10},
    "edit_trunk": _ON_TRUNK
    | {"capacity": 50, "switched_on": True, "formerly": _BEFORE, "becomes": _EVERYTHING},
    "enable_trunk": _ON_TRUNK | {"capacity": 10},
    "disable_trunk": _ON_TRUNK | {"capacity": 10},
    "add_credential": _ON_TRUNK | {"capacity": 10, "switched_on": True, "sip_login": {"username": "sales"}},
    "rotate_credential": _ON_TRUNK | {"sip_login": {"username": "sales", "record": RECORD}},
    "remove_credential": _ON_TRUNK
    | {"capacity": 10, "switched_on": True, "detaching": ["credential"]}
    | {"deleting": True, "taken_off": {"id": RECORD, "text": "sales"}},
    "delete_trunk": _ON_TRUNK,
    "assign_number": _ON_TRUNK | {"phone_numbers": [{"e164": NUMBER, "moved_from": f"1{TRUNK[1:]}"}]},
    "unassign_number": _ON_TRUNK | {"phone_numbers": [{"e164": NUMBER, "moved_from": None}]},
    "allow_address": _POINTED
    | {"ip_acl": {"ip": "203.0.114.5", "label": "Sales", "record": None}, "in_place_of": None},
    "remove_address": _POINTED
    | {
        "detaching": ["acl"],
        "deleting": True,
        "taken_off": {"id": RECORD, "text": "203.0.114.5"},
    },
    "add_route": _POINTED
    | {"sip_route": {"uri": "sip:pbx.example.com", "label": "Sales", "fallback": False, "record": None}}
    | {"in_place_of": None},
    "remove_route": _POINTED
    | {"detaching": ["route"], "deleting": True}
    | {"taken_off": {"id": RECORD, "text": "sip:pbx.example.com"}},
}
SEEN: Final[Data] = {
    "trunk": {"id": TRUNK, "fields": _BEFORE | {"on": True}},
    "numbers": {"rows": {"0": NUMBER[1:]}, "on": [[TRUNK, "Sales"]], "whole": True},
    "attached": [
        {"field": field, "id": RECORD, "others": [], "count": 0} for field in ("credential", "acl", "route")
    ],
}
_UNSEEN: Final = {"rotate_credential"}
_PARTS: Final = {
    Part.CREDENTIALS: "the SIP logins",
    Part.ADDRESSES: "the IP ACL entries",
    Part.ROUTES: "the origination URIs",
    Part.NUMBERS: "the phone numbers",
}
_HEAD: Final = """\
# What the bot can do to the account

Written by `python -m tests.pure.kinds_page` from the kinds in `bot/kinds`; a test compares. Do not edit it.

Each is one confirmation by one person, and each step of it is one request to Vobiz that is sent at most once.
Who may is in [policy.md](policy.md): it asks for the kind, and for the calls that may be live at once before
and after.
"""


def page() -> str:
    """Write the page."""
    return "\n".join((*_HEAD.splitlines(), "", *(line for kind in KINDS for line in _kind(kind)), ""))


def writes(kind: Kind) -> Iterator[Write]:
    """Build what a kind sends, a step each."""
    for at in _steps(kind):
        write = kind.write(at, tag=None, secret="...")
        assert isinstance(write, Write)
        yield write


def _steps(kind: Kind) -> Iterator[At]:
    """Go through the steps of a kind, each after those before it were done."""
    done: tuple[Step, ...] = ()
    for number, name in enumerate(kind.steps(REQUESTS[kind.name]), 1):
        yield At(REQUESTS[kind.name], Step(number, name), done, SEEN)
        made = Thing(id=TRUNK if name == "create_trunk" else RECORD)
        done = (*done, Step(number, name, StepState.DONE, thing=made))


def _kind(kind: Kind) -> Iterator[str]:
    request = REQUESTS[kind.name]
    yield f"## {_reached(kind)}: `{kind.name}`"
    yield ""
    yield f"{kind.__doc__}"
    yield ""
    yield "| | |"
    yield "| --- | --- |"
    for write in writes(kind):
        fields = ", ".join(f"`{field}`" for field in write.body or {})
        body = f"with {fields}" if fields else "without a body"
        yield f"| sends | `{write.method} {_path(write)}` {body} |"
    yield f"| changes | {_changes(kind, request)} |"
    yield f"| before the form can be submitted | {_form(kind, request)} |"
    yield f"| right before it is sent | {_guard(kind, request)} |"
    yield f"| when Vobiz does not answer | {_look(kind)} |"
    yield f"| afterwards | {_afterwards(kind)} |"
    yield f"| to take it back | {_undo(kind, request)} |"
    yield ""


def _reached(kind: Kind) -> str:
    if kind.verb:
        return f"`/trunk {kind.verb}`"
    places = [f"`/trunk {one.verb}`" for one in KINDS if kind.name in one.others(REQUESTS[one.name], SEEN)]
    return f"“{kind.words.offer}” in the form of {', '.join(places)}"


def _path(write: Write) -> str:
    named = {TRUNK: "{trunk_id}", RECORD: "{id}", NUMBER: "{e164}"}
    path = write.path
    for found, name in named.items():
        path = path.replace(found, name)
    return f"/Account/{{auth_id}}/{path}"


def _changes(kind: Kind, request: Data) -> str:
    facts = kind.facts(request, SEEN)
    calls = "not the calls that may be live at once"
    if facts.after is not None:
        before = "none" if facts.before is None else facts.before
        calls = f"the calls that may be live at once: in the example from {before} to {facts.after}"
    made = "a new trunk; " if kind.resource is not None else "one trunk that exists; "
    if all(write.path.startswith("numbers/") for write in writes(kind)):
        made = "how the account's phone numbers are routed; "
    return made + calls


def _form(kind: Kind, request: Data) -> str:
    if not kind.guarded:
        return "nothing is read: the look at the account follows the opened form"
    return f"the bot reads {_needs(kind.needs(request))}, and the form shows it"


def _guard(kind: Kind, request: Data) -> str:
    if not kind.guarded:
        return "nothing is read"
    return (
        f"the bot reads {_needs(kind.guards(request))}: if that is not as the person saw it, nothing is sent"
    )


def _look(kind: Kind) -> str:
    if kind.name in _UNSEEN:
        return "nothing in the account can show it: a person decides, and sending again sends the same"
    needs = [kind.afterwards(at) for at in _steps(kind)]
    if needs == [None]:
        return "the list of all trunks is compared with that from before"
    done = kind.words.done if len(needs) == 1 else "done"
    return f"the bot reads {_each(needs)} to find out whether it was {done}"


def _afterwards(kind: Kind) -> str:
    needs = [kind.afterwards(at) for at in _steps(kind)]
    examined = "; then the trunk is examined, and the message says how ready it is" if kind.proves else ""
    called = "; its first call within a day is told" if kind.watched else ""
    if needs == [None]:
        return f"the answer is compared with what was asked for{examined}{called}"
    read = _each([one for one in needs if one is not None])
    return f"the bot reads {read}, and tells what differs{examined}{called}"


def _each(needs: Sequence[Needs | None]) -> str:
    """Say what is read after each step."""
    read = list(dict.fromkeys(_needs(one or Needs()) for one in needs))
    return read[0] if len(read) == 1 else "after each request " + ", then ".join(read)


def _needs(needs: Needs) -> str:
    read = ["the trunk"] if needs.trunk else []
    read += ["all trunks"] if needs.trunks else []
    read += [_PARTS[part] for part in Part if part in needs.parts]
    read += ["the number"] if needs.numbers else []
    return ", ".join(read)


def _undo(kind: Kind, request: Data) -> str:
    inverse = kind.inverse(_operation(kind, request))
    if inverse is None:
        delete = "; the trunk can be deleted" if kind.resource is not None else ""
        return f"there is no undo{delete}"
    other = KINDS.of(inverse[0])
    assert other is not None
    form = f"`/trunk {other.verb}`" if other.verb else f"the form of `{other.name}`"
    return f"“{kind.words.undo}” opens {form}, filled in"


def _operation(kind: Kind, request: Data) -> Operation:
    return Operation(
        id="00" * 16,
        kind=kind.name,
        version=kind.version,
        state=State.DONE,
        request=request,
        seen=SEEN,
        subject="Sales",
        account="MA_1",
        team="T1",
        channel="C1",
        requester="U1",
        created_at=0,
        updated_at=0,
        steps=(Step(1, kind.name),),
    )


if __name__ == "__main__":
    PAGE.write_text(page())
