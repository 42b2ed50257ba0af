"""What is the same for all kinds that change a trunk which exists; each adds what it asks for and sends."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field

from bot.blockkit.text import Code, Line, Piece, Said
from bot.commands.lexer import SPACES, shown
from bot.commands.problems import Problem
from bot.commands.subject import Which, read_which
from bot.domain.operation import Operation
from bot.domain.outcome import Data, Thing, object_in, rows_in
from bot.kinds.base import At, CannotTell, Finding, Kind, Limits, NotThere, Pick, Several, ThisOne, Trace
from bot.kinds.trunks.record import compact, dump_changes, left_by, outside, read_changed
from bot.kinds.trunks.which import find_meant
from bot.vobiz.details import compare
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.trunks import UUID, Trunk, is_uuid
from bot.vobiz.writes import Write

_SHOWN: Final = 100  # trunks to choose from: what a menu of Slack's takes
_NAME: Final = 80  # characters of a name in a list


class OnTrunk(BaseModel):
    """What every request about a trunk says: which one, and what it was called when that was confirmed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trunk_id: Annotated[str, Field(pattern=f"^{UUID.pattern}$")]
    name: str


class TrunkKind(Kind):
    """A change of a trunk that exists, in one step."""

    guarded: ClassVar[bool] = True

    def parse(self, text: str, start: int, limits: Limits) -> Data | Problem:
        """Keep what was typed for the trunk: what it means depends on what is in the account."""
        typed = shown(text[start:]).strip(SPACES)
        return {"typed": typed} if typed else {}

    def line(self, known: Data) -> str:
        """Write the verb and the trunk as it was typed, or its id."""
        if isinstance(identity := known.get("trunk_id"), str):
            return f"{self.verb} {identity}"
        return f"{self.verb} {known.get('typed', '')}".strip()

    def subject(self, request: Data) -> str:
        """Name the trunk."""
        return str(request["name"])

    def claims(self, account: str, request: Data) -> tuple[str, ...]:
        """Claim the trunk: whatever is done to it, nothing else is meanwhile."""
        return (f"trunk|{account}|{str(request['trunk_id']).casefold()}",)

    # What the form is about, and what it shows

    def about(self, known: Data, seen: Data) -> str:
        """Return the trunk's id, without case."""
        identity = object_in(seen, "trunk").get("id") if seen else known.get("trunk_id")
        return str(known.get("trunk_id") or identity or "").casefold()

    def texts(self, known: Data) -> tuple[str, ...]:
        """Return what was typed for the trunk."""
        return tuple(one.text for one in _which(known))

    def needs(self, known: Data) -> Needs:
        """Read the trunk by itself once it is known which; all of them to find out."""
        if (identity := self.about(known, {})) or (identity := self._typed_id(known)):
            return self.read_for(identity)
        return Needs()

    def read_for(self, trunk: str) -> Needs:
        """Say what the form shows of one trunk."""
        return Needs(trunks=False, trunk=trunk)

    def _typed_id(self, known: Data) -> str:
        return next((one.text.lower() for one in _which(known) if is_uuid(one.text)), "")

    def narrowed(self, known: Data, now: Snapshot, meant: Mapping[str, str]) -> Data:
        """Return the one trunk that fits what was typed; of a list that is not whole, only what is unique."""
        if known.get("trunk_id"):
            return known
        which = _which(known)
        if identity := self._typed_id(known):
            rest = next(one.rest for one in which if one.text.lower() == identity)
            return self.with_rest({**known, "trunk_id": identity}, rest)
        found = find_meant(which, now.trunks, meant).fitting
        if len(found) == 1 and is_uuid(found[0][0].id) and (now.whole or _unique(found[0][0], which)):
            return self.with_rest({**known, "trunk_id": found[0][0].id.lower()}, found[0][1])
        choices = [trunk for trunk, _ in found] or list(find_meant(which, now.trunks, meant).near)
        return {**known, "meant": [_choice(one) for one in choices[:_SHOWN]], "fits": len(found)}

    def with_rest(self, known: Data, rest: str) -> Data:
        """Read what was typed after the trunk; what the kind does not know what to do with is told."""
        left = {key: value for key, value in known.items() if key != "typed"}
        return {**left, "extra": rest} if rest else left

    def picked(self, known: Data, value: str) -> Data:
        """Take the trunk that was chosen, and what was typed after it."""
        which = _which(known)
        left = {key: kept for key, kept in known.items() if key not in {"meant", "fits"}}
        chosen = self.with_rest(left | {"trunk_id": value}, which[-1].rest if which else "")
        # Among what was typed may be a part of the name of the trunk that was chosen.
        return {key: kept for key, kept in chosen.items() if key != "extra"}

    def seen(self, known: Data, now: Snapshot | None, ceiling: int | None) -> Data:
        """Keep every field of the trunk, and what depends on it; or those that are meant, or that none is."""
        identity = self.about(known, {})
        if identity and not is_uuid(identity):
            return {"bad_id": identity}
        if now is None:
            return {"unread": True}
        if not identity:
            rows, fits = known.get("meant"), known.get("fits")
            return {
                "meant": rows or [],
                "fits": fits or 0,
                "whole": now.whole,
                "typed": self.texts(known)[:1],
            }
        if now.gone:
            return {"gone": identity}
        if now.detail is None:
            return {"unread": True}
        trunk = now.detail.trunk
        shown = {"id": trunk.id, "fields": compact(now.detail.fields)}
        return {"trunk": shown, **self.depends(trunk, now)}

    def depends(self, trunk: Trunk, now: Snapshot) -> Data:
        """Keep what depends on the trunk, where the kind takes it away."""
        del trunk, now
        return {}

    def since(self, seen: Data, last: Operation) -> Data:
        """Keep what differs from how the last operation of the bot left the trunk."""
        left, now = left_by(last), fields(seen)
        changes = () if left is None or not now else outside(left, now)
        return {"outside": {"since": last.updated_at, "fields": dump_changes(changes[:5])}} if changes else {}

    def ready(self, seen: Data) -> bool:
        """Tell whether the trunk was read, and has an id that a path can be built with."""
        return is_uuid(str(object_in(seen, "trunk").get("id", "")))

    def offered(self, fields: Data) -> bool:
        """Offer it beside any trunk."""
        return True

    def taken(self, known: Data) -> Data:
        """Take over which trunk it is about."""
        return {"trunk_id": known["trunk_id"]} if "trunk_id" in known else {}

    def picks(self, seen: Data) -> tuple[Pick, ...]:
        """Offer the trunks that are meant, or are like what was typed."""
        return tuple(_pick(row) for row in rows_in(seen, "meant"))

    # Sending, and what became of it

    def put(self, request: Data, body: Data) -> Write:
        """Build a PUT of the trunk."""
        return Write("update", "PUT", f"trunks/{request['trunk_id']}", body)

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read the trunk as it is after a PUT."""
        return read_changed(body)

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Tell whether it is another trunk."""
        return thing.id.casefold() != str(at.request["trunk_id"]).casefold()

    def guards(self, request: Data) -> Needs:
        """Read the trunk by itself."""
        return Needs(trunks=False, trunk=str(request["trunk_id"]))

    def guard(self, request: Data, seen: Data, now: Snapshot) -> Data | None:
        """Compare every field of the trunk with what the person saw."""
        if now.detail is None:
            return {"gone": True}
        changes = compare(fields(seen), compact(now.detail.fields))
        return {"fields": dump_changes(changes)} if changes else None

    def rechecks(self, at: At) -> Needs | None:
        """Read what the guard reads."""
        return self.guards(at.request)

    def recheck(self, at: At, now: Snapshot) -> Data | None:
        """Compare the same: a PUT repeats every field that it does not change."""
        return self.guard(at.request, at.seen, now)

    def met(self, request: Data, there: Data) -> Thing | None:
        """Return the trunk with what was changed meanwhile."""
        return Thing(id=str(request["trunk_id"]), data={"met": dict(there)})

    def afterwards(self, at: At) -> Needs | None:
        """Read the trunk back."""
        return Needs(trunks=False, trunk=str(at.request["trunk_id"]))

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Return the trunk as it was read back; without that, as the answer had it."""
        identity = str(at.request["trunk_id"])
        if now is not None and now.detail is not None:
            data: Data = {"fields": compact(now.detail.fields), "read": True}
        else:
            data = {**(thing.data if thing is not None else {}), "read": False}
        return Thing(id=identity, data=data)

    def find(self, trace: Trace) -> Finding:
        """Read back: as asked is done, as before is not; anything in between only a person can say."""
        now = trace.now.detail
        if now is None:
            return CannotTell()
        there, thing = compact(now.fields), self.read_back(trace, None, trace.now)
        if self.as_asked(trace.request, there):
            return ThisOne(thing, "the trunk was read back, and is as asked")
        before = fields(trace.seen)
        if before and all(there.get(key) == before.get(key) for key in self.touches(trace.request)):
            return NotThere()
        return CannotTell() if thing is None else Several((thing,))

    def late(self, trace: Trace) -> tuple[Thing, ...]:
        """Return nothing: how a trunk is later says nothing of who changed it."""
        return ()

    def touches(self, request: Data) -> frozenset[str]:
        """Name the fields that it changes."""
        del request
        return frozenset()

    def as_asked(self, request: Data, there: Data) -> bool:
        """Tell whether a trunk is as was asked for."""
        del request, there
        return False


def fields(seen: Data) -> Data:
    """Return the trunk's fields as the person saw them."""
    return object_in(object_in(seen, "trunk"), "fields")


def seen_id(seen: Data) -> str:
    """Return the id of the trunk that the person saw."""
    return str(object_in(seen, "trunk").get("id", ""))


def integer(value: object) -> int | None:
    """Return a whole number, or None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _which(known: Data) -> tuple[Which, ...]:
    return read_which(str(known.get("typed", "")), 0)


def _unique(trunk: Trunk, which: Sequence[Which]) -> bool:
    """Whether a trunk was named by what only it can have: names are not unique, and not all were seen."""
    texts = {one.text.casefold().removeprefix("sip:") for one in which}
    return bool(texts & {trunk.id.casefold(), (trunk.domain or trunk.id).casefold()})


def _choice(trunk: Trunk) -> Data:
    row = {
        "id": trunk.id,
        "name": trunk.name,
        "direction": trunk.direction,
        "calls": trunk.calls,
        "on": trunk.on,
    }
    return {key: value for key, value in row.items() if value is not None}


def _pick(row: Data) -> Pick:
    name, identity = row.get("name"), str(row.get("id"))
    line: list[Piece] = [Said(str(name or identity), _NAME)]
    for piece in (row.get("direction"), f"{row['calls']} calls" if "calls" in row else None):
        line += [", ", Said(str(piece), 40)] if piece else []
    line += [", inactive"] if row.get("on") is False else []
    line += [", ", Code(identity)]
    return Pick(tuple(line), str(name or identity), identity)


def pick_line(trunk: Trunk) -> Line:
    """Describe a trunk in a line of a list."""
    return _pick(_choice(trunk)).line
