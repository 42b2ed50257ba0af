"""The edit of a trunk: one PUT, which the documents give in two dialects and two meanings.

One page says that all of name, limit and status are replaced, another that only what is named changes. So
those three are always sent, each as it shall be afterwards, and what changes also under the names of the
trunk object, never with another value. Afterwards every field is compared.
"""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.blockkit.blocks import Block, alert
from bot.blockkit.report import Fact, Tone
from bot.blockkit.text import Line
from bot.commands.lexer import shown
from bot.domain.operation import Operation
from bot.domain.outcome import Data, Thing, object_in
from bot.domain.policy import Facts
from bot.kinds.base import At, Errors, Limits, Typed
from bot.kinds.create_trunk.find import alike
from bot.kinds.create_trunk.request import NAME_MAX, Fault, check_calls, check_name
from bot.kinds.create_trunk.words import over_ceiling
from bot.kinds.trunks.inputs import chosen, number_input, signalled, signalling_input, text_input
from bot.kinds.trunks.kind import OnTrunk, TrunkKind, fields, integer, seen_id
from bot.kinds.trunks.record import calls, compact, label, valued, whole
from bot.kinds.trunks.words import TrunkWords
from bot.kinds.wording import Alert, Difference, Words, first_up
from bot.vobiz.snapshot import Snapshot
from bot.vobiz.writes import Write

CPS_MAX: Final = 100  # the vendor's OpenAPI, `cps_limit`
DESCRIPTION_MAX: Final = 500
# The trunk object's names for what changes (the vendor's OpenAPI).
_NAMES: Final = MappingProxyType({"calls": "concurrent_calls_limit", "cps": "cps_limit"})


class Values(BaseModel):
    """Values of the fields that change; None is a field that does not, or was not stated."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str | None, Field(max_length=1000)] = None
    calls: int | None = None
    cps: int | None = None
    transport: str | None = None
    secure: bool | None = None
    description: str | None = None


class Edit(OnTrunk):
    """What was confirmed: the trunk as it was and as it shall be, as far as that differs.

    `capacity` and `switched_on` are what is sent of these two, changed or not; None where Vobiz did not
    say.
    """

    capacity: int | None
    switched_on: bool | None
    formerly: Values
    becomes: Values


class EditWords(TrunkWords):
    """How the bot speaks of an edit."""

    verb, doing, done = "edit", "editing", "changed"
    undo: ClassVar[str] = "Undo"

    def asked(self, request: Data) -> tuple[Fact, ...]:
        """Say of each field what it was and shall be, but for those of every headline."""
        was, becomes = _values(request, "formerly"), _values(request, "becomes")
        changes = (
            Fact(first_up(label(key)), _arrow(key, was.get(key), value))
            for key, value in becomes.items()
            if key not in _NAMES
        )
        return (*super().asked(request), *changes)

    def brief(self, request: Data) -> str:
        """Say it in a few words; names and descriptions are not the bot's."""
        was, becomes = _values(request, "formerly"), _values(request, "becomes")
        said = [
            f"{was.get(key, 'no limit')} → {calls(value) if key == 'calls' else f'{value} new calls/s'}"
            for key, value in becomes.items()
            if key in _NAMES
        ]
        return ", ".join([*said, *(label(key) for key in becomes if key not in _NAMES)])

    def wants(self, request: Data) -> Iterator[tuple[str, str, object]]:
        """Yield what shall be."""
        for key, value in compact(_values(request, "becomes")).items():
            yield label(key), key, value

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """List what is not as asked; a description that is not stated was emptied."""
        return tuple(one for one in super().differences(request, thing) if one.asked or one.got)

    def consequences(self, request: Data, seen: Data) -> tuple[Alert, ...]:
        """Warn of a new limit that the account does not allow."""
        over = over_ceiling(_values(request, "becomes").get("calls"), seen)
        return (Alert(over),) if over else ()

    def examples(self, verb: str) -> tuple[tuple[str, str], ...]:
        """List what to type."""
        return (
            (f'{verb} "Sales"', "opens the form with the trunk's settings"),
            (f'{verb} "Sales" 50', "opens it with 50 concurrent calls"),
        )


class EditTrunk(TrunkKind):
    """Change a trunk's name, limits, transport or description."""

    name, verb = "edit_trunk", "edit"
    synonyms = frozenset({"change", "update", "modify", "rename", "set"})
    sees_ceiling: ClassVar[bool] = True
    Request: ClassVar[type[BaseModel]] = Edit
    words: ClassVar[Words] = EditWords()

    def with_rest(self, known: Data, rest: str) -> Data:
        """Take a whole number after the trunk as the limit of calls."""
        if rest.isascii() and rest.isdigit() and len(rest) < 10:
            return {**super().with_rest(known, ""), "becomes": {"calls": int(rest)}}
        return super().with_rest(known, rest)

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        """Keep the account's ceiling beside the trunk."""
        seen = super().seen(known, now, ceiling)
        return seen if ceiling is None or not self.ready(seen) else {**seen, "ceiling": ceiling}

    def inputs(self, known: Data, limits: Limits, seen: Data) -> list[Block]:
        """Build the inputs, filled in with how the trunk is, or shall be as far as that was typed."""
        now, shall = fields(seen), _values(known, "becomes")
        value = {**now, **shall}
        most = max(limits.max_calls, integer(now.get("calls")) or 0)
        limit = integer(shall.get("calls"))
        impossible = limit is not None and not 1 <= limit <= most
        description = value.get("description", "")
        kept = description if isinstance(description, str) and whole(description) else ""
        long = kept != description
        hint = f"At most {DESCRIPTION_MAX} characters."
        if long:
            hint = "Too long to be shown here. Leave it empty to keep it."
        return [
            text_input("name", "Name", f"1 to {NAME_MAX} characters.", str(value.get("name", "")), NAME_MAX),
            number_input("calls", "Max concurrent calls", f"1 to {most}.", value.get("calls"), most),
            *((alert(f"Enter a whole number from 1 to {most}.", Tone.ERROR),) if impossible else ()),
            number_input("cps", "New calls per second (CPS)", f"1 to {CPS_MAX}.", value.get("cps"), CPS_MAX),
            signalling_input(chosen(now), chosen(value)),
            text_input("description", "Description", hint, kept, DESCRIPTION_MAX) | {"optional": True},
        ]

    def typed(self, typed: Typed, limits: Limits, seen: Data) -> Data:
        """Return what is known from a form that may be unfinished."""
        shall: dict[str, object] = {}
        for key in ("name", "description"):
            if (text := typed(key)) is not None:
                shall[key] = text
        for key, most in (("calls", _most(limits, seen)), ("cps", CPS_MAX)):
            if isinstance(number := check_calls(typed(key) or "", most), int):
                shall[key] = number
        return {"trunk_id": seen_id(seen), "becomes": shall | signalled(typed("signalling"))}

    def read(self, typed: Typed, limits: Limits, seen: Data) -> BaseModel | Errors:
        """Read a submitted form: only what differs from what the person saw is a change."""
        now = fields(seen)
        shall, errors = _read(typed, now, _most(limits, seen))
        if errors:
            return Errors(errors)
        becomes = {key: value for key, value in shall.items() if _differs(key, value, now)}
        if not becomes:
            return Errors({"name": "Nothing is changed. Change something, or cancel."})
        # What is not stated of a description is an empty one, to which undoing goes back.
        before = {"description": "", **now}
        was = {key: before.get(key) for key in becomes if whole(before.get(key))}
        request = {
            "trunk_id": seen_id(seen),
            "name": str(now.get("name", seen_id(seen))),
            "capacity": becomes.get("calls", integer(now.get("calls"))),
            "switched_on": now.get("on") if isinstance(now.get("on"), bool) else None,
            "formerly": was,
            "becomes": becomes,
        }
        return Edit.model_validate(request)

    def facts(self, known: Data, seen: Data) -> Facts:
        """Say how many calls may be live at once before and after."""
        before = integer(fields(seen).get("calls"))
        after = integer(_values(known, "becomes").get("calls"))
        return Facts(self.name, before=before, after=after)

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the PUT: name, limit and status as they shall be, and what changes by the object's names."""
        becomes = _values(at.request, "becomes")
        body: dict[str, object] = {"name": becomes.pop("name", at.request["name"])}
        for key, sent in (("capacity", "max_concurrent_calls"), ("switched_on", "enabled")):
            if at.request.get(key) is not None:
                body[sent] = at.request[key]
        return self.put(at.request, body | {_NAMES.get(key, key): value for key, value in becomes.items()})

    def touches(self, request: Data) -> frozenset[str]:
        """Name what changes."""
        return frozenset(_values(request, "becomes"))

    def as_asked(self, request: Data, there: Data) -> bool:
        """Tell whether each of them is as asked; a name may come back in another spelling."""
        becomes = dict(compact(_values(request, "becomes")))
        name = becomes.pop("name", None)
        same = name is None or alike(str(name), str(there.get("name", "")))
        return same and not any(_differs(key, value, there) for key, value in becomes.items())

    def inverse(self, op: Operation) -> tuple[str, Data] | None:
        """Return the edit back to what was there before, as far as that is known."""
        was = {key: value for key, value in _values(op.request, "formerly").items() if value is not None}
        return self.name, {"trunk_id": op.request["trunk_id"], "becomes": was}


def _values(known: Data, key: str) -> dict[str, object]:
    return {name: value for name, value in object_in(known, key).items() if value is not None}


def _most(limits: Limits, seen: Data) -> int:
    return max(limits.max_calls, integer(fields(seen).get("calls")) or 0)


def _differs(key: str, value: object, now: Data) -> bool:
    """Whether a value is another than now; an empty text and none are the same."""
    return (value or None) != (now.get(key) or None)


def _read(typed: Typed, now: Data, most: int) -> tuple[dict[str, object], dict[str, str]]:
    shall: dict[str, object] = {}
    errors: dict[str, str] = {}
    if isinstance(name := check_name(typed("name") or ""), Fault):
        errors["name"] = f"Enter a name of 1 to {NAME_MAX} characters, without control characters."
    else:
        shall["name"] = name
    for key, top in (("calls", most), ("cps", CPS_MAX)):
        text = (typed(key) or "").strip()
        if text and text == str(now.get(key)):
            continue  # as it is, whatever this form would let one enter
        if not text and key not in now:
            continue
        number = check_calls(text, top)
        if isinstance(number, Fault):
            errors[key] = f"Enter a whole number from 1 to {top}."
        else:
            shall[key] = number
    # One line: a line end would come back as another character than it was sent.
    description = " ".join(shown(typed("description") or "").split())
    if len(description) > DESCRIPTION_MAX:
        errors["description"] = f"At most {DESCRIPTION_MAX} characters."
    elif description or whole(now.get("description")):
        shall["description"] = description
    return shall | signalled(typed("signalling")), errors


def _arrow(key: str, was: object, becomes: object) -> Line:
    return (valued(key, was), " → ", valued(key, becomes))
