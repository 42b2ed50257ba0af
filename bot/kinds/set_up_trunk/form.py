"""The inputs of the form in which a trunk is asked for with what lets it carry calls: shown, and read again.

What belongs to a trunk depends on its direction, so that a change of it draws the form anew. What is ticked,
filled in or chosen becomes a step; the steps stand below, in their order.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from bot.blockkit.blocks import Block, alert, nested, paragraph, rich, rich_list, rich_text, wording
from bot.blockkit.report import Tone
from bot.domain.outcome import Data, object_in
from bot.kinds.attached.address import check_address
from bot.kinds.attached.login import check_username, suggested
from bot.kinds.attached.route import check_uri
from bot.kinds.base import CHOICES, Errors, Typed
from bot.kinds.create_trunk import form as trunk_form
from bot.kinds.create_trunk.request import Direction, wanted
from bot.kinds.numbers.assign import ASSIGN
from bot.kinds.numbers.form import (
    CHOSEN,
    TYPED,
    number_inputs,
    read_chosen,
    rows,
    typed_numbers,
    wanted_numbers,
    why_not_assigned,
)
from bot.kinds.numbers.seen import Numbers, numbers_kept, read_numbers
from bot.kinds.set_up_trunk.request import SetUp
from bot.kinds.set_up_trunk.stages import CREATE, attaching, making, title
from bot.vobiz.lists import Part
from bot.vobiz.snapshot import Snapshot

# block_id and action_id of the inputs
LOGIN: Final = "login"
USERNAME: Final = "username"
ADDRESS: Final = "address"
ROUTE: Final = "route"

_LINE: Final = 255  # characters of a line that is typed
_ALIKE: Final = 3  # first characters of user names that are kept before others
_ROOM: Final = 1000  # bytes of user names that a form keeps: its metadata holds 3000 characters
_LABEL: Final = 100  # characters of what Vobiz shows beside an address or a route
LISTS: Final = MappingProxyType({Direction.OUTBOUND: Part.CREDENTIALS, Direction.INBOUND: Part.NUMBERS})
_NO_NUMBERS: Final = Numbers({}, whole=False)
_ALONE: Final = "or press “Only create the trunk”."
_NOTHING: Final = MappingProxyType(
    {
        Direction.OUTBOUND: f"Tick the login or enter an address, {_ALONE}",
        Direction.INBOUND: f"Enter where calls go or choose a number, {_ALONE}",
    }
)
_LOGIN_HINT: Final = "The PBX signs in with a user name, and a password that I make"
_USERNAME_HINT: Final = "Letters and digits. It has to be new in the account, and cannot be changed later."
_ADDRESS_HINT: Final = "The public IPv4 address, or range, that calls come from. They need no login then."
_ROUTE_HINT: Final = "The SIP URI of what takes the calls, such as sip:pbx.example.com:5060."


def inputs(known: Data, max_calls: int, seen: Data) -> list[Block]:
    """Build the inputs, filled in with what is known, beside what the account has to choose from."""
    asked = wanted(known)
    made = trunk_form.inputs(asked, max_calls, tells=True)
    match trunk_form.known_direction(asked):
        case Direction.OUTBOUND:
            return [*made, *_outbound(known, seen), _listed(tuple(_outbound_steps(known)))]
        case Direction.INBOUND:
            return [*made, *_inbound(known, seen), _listed(tuple(_inbound_steps(known)))]
    return [*made, paragraph([("Choose a direction: what else can be set up depends on it.",)])]


def begun(asked: Data) -> dict[str, object]:
    """Return the draft with which a form begins: an outbound trunk gets a login unless it is unticked."""
    outbound = trunk_form.known_direction(asked) is Direction.OUTBOUND
    login = {"sip_login": {"username": suggested(asked.get("name"))}} if outbound else {}
    return {"trunk": asked, **login}


def typed(values: Typed, max_calls: int) -> Data:
    """Read what is known from a form that may be unfinished: a draft of the request."""
    known = begun(trunk_form.typed(values, max_calls))
    if (ticked := values(LOGIN)) is not None:
        known["sip_login"] = {"username": values(USERNAME) or ""} if ticked else None
    for block, key, field in ((ADDRESS, "ip_acl", "ip"), (ROUTE, "sip_route", "uri")):
        if text := (values(block) or "").strip():
            known[key] = {field: text}
    return {**known, **typed_numbers(values, _NO_NUMBERS)}


def read(values: Typed, max_calls: int, seen: Data) -> SetUp | Errors:
    """Read a submitted form: of what is in it only what belongs to the direction."""
    trunk = trunk_form.read(values, max_calls)
    errors = dict(trunk.errors) if isinstance(trunk, Errors) else {}
    request: dict[str, object] = {}
    direction = trunk_form.known_direction({trunk_form.DIRECTION: values(trunk_form.DIRECTION)})
    if direction is not None:
        label = (values(trunk_form.NAME) or "").strip()[:_LABEL]
        if direction is Direction.OUTBOUND:
            request, wrong = _read_outbound(values, label, seen)
        else:
            request, wrong = _read_inbound(values, label, read_numbers(_offered(seen, Part.NUMBERS)))
        errors |= {block: text for block, text in wrong.items() if text}
        if not errors and not any(request.values()):
            errors[_section(values, direction)] = _NOTHING[direction]
    if errors or isinstance(trunk, Errors):
        return Errors(errors)
    return SetUp.model_validate({"trunk": trunk.model_dump(mode="json"), **request})


def choices(part: Part, known: Data, now: Snapshot | None) -> Data:
    """Keep the account's numbers, of which those that are free can be chosen, or its user names."""
    if now is None:
        return {}
    return numbers_kept(now) if part is Part.NUMBERS else {"taken": _user_names(known, now)}


def _user_names(known: Data, now: Snapshot) -> list[str]:
    """Keep as many as a form has room for: first those that begin as the one that is asked for."""
    start = _text(known, "sip_login", "username").casefold()[:_ALIKE]
    names = sorted(item.text.casefold()[:_LINE] for item in now.part(Part.CREDENTIALS).items)
    kept, room = [], _ROOM
    for name in sorted(names, key=lambda name: not name.startswith(start)):
        room -= len(name.encode()) + 3
        if room < 0:
            break
        kept.append(name)
    return kept


def _offered(seen: Data, part: Part) -> object:
    """Return what of a list the form offers; None while it is being read."""
    offered = seen.get(CHOICES)
    return offered.get(part) if isinstance(offered, Mapping) else None


def _taken(username: str, seen: Data) -> str:
    """Say that a user name is taken, if that is known: a trunk would be left without its login."""
    kept = _offered(seen, Part.CREDENTIALS)
    names = kept.get("taken") if isinstance(kept, Mapping) else None
    taken = names if isinstance(names, list | tuple) else ()
    if username.casefold() not in taken:
        return ""
    tried = (f"{username[:_LINE]}{number}" for number in range(2, 100))
    free = next((name for name in tried if name.casefold() not in taken and not check_username(name)[1]), "")
    such = f", such as {free}" if free else ""
    return f"The account has a SIP login with this user name. Choose another one{such}."


def _section(values: Typed, direction: Direction) -> str:
    """Return the input under which to say that nothing else is asked for, if the form has it by now."""
    first = LOGIN if direction is Direction.OUTBOUND else CHOSEN
    return trunk_form.DIRECTION if values(first) is None else first


def _read_outbound(values: Typed, label: str, seen: Data) -> tuple[dict[str, object], dict[str, str]]:
    request: dict[str, object] = {}
    errors: dict[str, str] = {}
    if values(LOGIN):
        username, wrong = check_username(values(USERNAME) or "")
        errors[USERNAME] = wrong or _taken(username, seen)
        request["sip_login"] = {"username": username}
    if text := (values(ADDRESS) or "").strip():
        address, errors[ADDRESS] = check_address(text)
        request["ip_acl"] = {"ip": address, "label": label}
    return request, errors


def _read_inbound(values: Typed, label: str, known: Numbers) -> tuple[dict[str, object], dict[str, str]]:
    request: dict[str, object] = {}
    errors: dict[str, str] = {}
    if text := (values(ROUTE) or "").strip():
        uri, errors[ROUTE] = check_uri(text)
        request["sip_route"] = {"uri": uri, "label": label, "fallback": False}
    if values(CHOSEN) or (values(TYPED) or "").strip():
        numbers = read_chosen(values, lambda number: _complaint(number, known))
        if isinstance(numbers, Errors):
            return request, {**errors, **numbers.errors}
        request["phone_numbers"] = rows(numbers, _NO_NUMBERS)
    return request, errors


def _complaint(number: str, known: Numbers) -> str | None:
    """Say why a number cannot be assigned: here it is never moved, because a create compares nothing."""
    if known.of(number).trunk is not None:
        return f"{number} is on another trunk. Move it to this one once that is set up."
    return why_not_assigned(number, known, "")


def _outbound(known: Data, seen: Data) -> Iterator[Block]:
    username = _text(known, "sip_login", "username") or suggested(wanted(known).get("name"))
    yield _login_input(ticked=bool(known.get("sip_login")))
    yield _line(USERNAME, "User name of the login", _USERNAME_HINT, username)
    if known.get("sip_login") and (told := _taken(username, seen)):
        yield alert(told, Tone.WARNING)
    yield _line(ADDRESS, "Allowed address", _ADDRESS_HINT, _text(known, "ip_acl", "ip"))


def _inbound(known: Data, seen: Data) -> Iterator[Block]:
    yield _line(ROUTE, "Where calls go", _ROUTE_HINT, _text(known, "sip_route", "uri"))
    kept = _offered(seen, Part.NUMBERS)
    numbers, unread = read_numbers(kept), kept is None
    free = [number for number, one in numbers.routed.items() if one.trunk is None and one.why is None]
    if unread:
        yield paragraph([("Reading the phone numbers of the account…",)])
        free = list(wanted_numbers(known))  # what was asked for stays in the form meanwhile
    elif numbers.whole and not free:
        yield paragraph([("No phone number of the account is free: each is routed somewhere already.",)])
    if free or not (unread or numbers.whole):
        offered, typed = [(number, number) for number in free], str(known.get(TYPED) or "")
        asked, whole = wanted_numbers(known), unread or numbers.whole
        made = number_inputs("Phone numbers", offered, asked, whole=whole, typed=typed)
        yield from (block | {"optional": True} for block in made)


@lru_cache(maxsize=2)
def _login_input(*, ticked: bool) -> Block:
    option: Block = {
        "text": wording("Create a SIP login"),
        "value": LOGIN,
        "description": wording(_LOGIN_HINT),
    }
    boxes: Block = {"type": "checkboxes", "action_id": LOGIN, "options": [option]}
    return {
        "type": "input",
        "block_id": LOGIN,
        "label": wording("SIP login"),
        "optional": True,
        "dispatch_action": True,
        "element": boxes | ({"initial_options": [option]} if ticked else {}),
    }


def _line(block: str, label: str, hint: str, value: str) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": block, "max_length": _LINE}
    if value:
        element["initial_value"] = value[:_LINE]
    return {
        "type": "input",
        "block_id": block,
        "label": wording(label),
        "hint": wording(hint),
        "optional": True,
        "element": element,
    }


def _text(known: Data, key: str, field: str) -> str:
    value = object_in(known, key).get(field)
    return value if isinstance(value, str) else ""


def _outbound_steps(known: Data) -> Iterator[str]:
    yield title(CREATE)
    login, address = known.get("sip_login"), title(making("ip_acl"))
    if login:
        yield title(making("sip_login"))
    if known.get("ip_acl"):
        yield from (address, attaching(known))
    elif login:
        yield from (
            f"{address}, if you enter an address",
            f"{attaching(known)}, and the address if you enter one",
        )
    else:
        yield f"{address} and attach it, if you enter an address"


def _inbound_steps(known: Data) -> Iterator[str]:
    yield title(CREATE)
    if known.get("sip_route"):
        yield from (title(making("sip_route")), attaching(known))
    else:
        yield f"{title(making('sip_route'))} and attach it, if you enter where calls go"
    numbers = wanted_numbers(known)
    yield from (title(f"{ASSIGN} {number}") for number in numbers)
    if not numbers:
        yield "Assign the numbers that you choose"


@lru_cache(maxsize=16)
def _listed(steps: tuple[str, ...]) -> Block:
    head = rich(("Confirming does this, in this order, and each at most once:",))
    lines = rich_list("ordered", ((step,) for step in steps))
    return rich_text(nested("rich_text_section", head), lines)
