"""Having a trunk point to a record, or to none: one PUT, read back and compared.

The update page knows no such fields and the vendor's OpenAPI does, so the PUT is that of an edit: name,
limit and status as they are, and what changes under the trunk object's names. `null` detaches: no page says
how to, and afterwards it is read whether it did.
"""

from bot.blockkit.text import Line
from bot.domain.outcome import Data, Thing, object_in
from bot.kinds.attached.fields import ASKED, UUIDS, field_of
from bot.kinds.base import At, CannotTell, Finding, NotThere, Several, ThisOne, Trace
from bot.kinds.stages import Stage
from bot.kinds.trunks.kind import fields, integer
from bot.kinds.trunks.record import compact, dump_changes, fields_of, label, read_changed, told
from bot.kinds.trunks.words import TrunkWords
from bot.kinds.wording import Difference, Words
from bot.vobiz.details import compare, read_detail
from bot.vobiz.snapshot import Needs, Snapshot
from bot.vobiz.writes import Write


class AttachWords(TrunkWords):
    """What is said while it is not known whether the trunk was changed."""

    verb, doing, done = "change", "changing", "changed"

    def differences(self, request: Data, thing: Thing) -> tuple[Difference, ...]:
        """List what the trunk does not point to as was asked."""
        there = fields_of(thing) or {}
        return tuple(
            Difference(label(field), str(record or "none"), str(there.get(field) or "none"))
            for field, record in object_in(thing.data, "points").items()
            if there and not _same(there.get(field), record)
        )

    def also(self, request: Data, seen: Data, thing: Thing | None) -> tuple[Line, ...]:
        """Compare every field that was not to change with how it was before."""
        after = None if thing is None or thing.data.get("read") is False else fields_of(thing)
        if thing is None or after is None:
            return (
                ("I could not read the trunk afterwards, so I do not know whether anything else changed.",),
            )
        before, wanted = fields(seen), object_in(thing.data, "points")
        changes = tuple(one for one in compare(before, after) if one.field not in wanted)
        return tuple(("Also changed: ", *line, ".") for line in told(changes)) if before else ()


class Attach(Stage):
    """Change what the trunk points to, all of it at once. `title` is what it is called in a list of steps."""

    words: Words = AttachWords()

    def __init__(self, title: str) -> None:
        self._title = title

    def title(self, rest: str) -> str:
        """Name it in the list of steps."""
        return self._title

    def write(self, at: At, *, tag: str | None, secret: str | None) -> Write:
        """Build the PUT."""
        trunk = trunk_of(at)
        body: dict[str, object] = {"name": trunk["name"]}
        if (limit := integer(trunk.get("capacity"))) is not None:
            body["max_concurrent_calls"] = limit
        if isinstance(on := trunk.get("switched_on"), bool):
            body["enabled"] = on
        points = {UUIDS[field]: record for field, record in pointed(at).items()}
        return Write("update", "PUT", f"trunks/{trunk['trunk_id']}", body | points)

    def rechecks(self, at: At) -> Needs | None:
        """Read the trunk by itself."""
        return self.afterwards(at)

    def recheck(self, at: At, now: Snapshot) -> Data | None:
        """Compare the trunk with what the person saw, or as it was created: the PUT repeats its settings."""
        if now.detail is None:
            return {"gone": True}
        there, before = compact(now.detail.fields), fields(at.seen)
        if before:
            changes = compare(before, there)
        else:
            trunk = trunk_of(at)
            kept = {"name": trunk["name"], "calls": trunk["capacity"], "on": trunk["switched_on"]}
            known = {key: value for key, value in kept.items() if value is not None}
            compared = {key: there.get(key) for key in {*known, *pointed(at)}}
            changes = compare(known, {key: value for key, value in compared.items() if value is not None})
        return {"fields": dump_changes(changes)} if changes else None

    def read_success(self, step: str, status: int, body: Data | None) -> Thing | str | None:
        """Read the trunk as it is after the PUT."""
        return read_changed(body)

    def mistaken(self, at: At, thing: Thing) -> bool:
        """Tell whether it is another trunk."""
        return not _same(thing.id, trunk_of(at)["trunk_id"])

    def afterwards(self, at: At) -> Needs | None:
        """Read the trunk back."""
        return Needs(trunks=False, trunk=str(trunk_of(at)["trunk_id"]))

    def read_back(self, at: At, thing: Thing | None, now: Snapshot | None) -> Thing | None:
        """Return the trunk as it was read back, with what it should point to; else as the answer had it."""
        if now is not None and now.detail is not None:
            data: Data = {"fields": compact(now.detail.fields), "read": True}
        else:
            data = {**(thing.data if thing is not None else {}), "read": False}
        return Thing(id=str(trunk_of(at)["trunk_id"]), data={**data, "points": pointed(at)})

    def find(self, trace: Trace) -> Finding:
        """Read back: as asked is done, as before is not; anything in between only a person can say."""
        now = trace.now.detail
        if now is None:
            return CannotTell()
        there, wanted = compact(now.fields), pointed(trace)
        if all(_same(there.get(field), record) for field, record in wanted.items()):
            return ThisOne(self.read_back(trace, None, trace.now), "the trunk was read back, and is as asked")
        before = fields(trace.seen)
        if all(_same(there.get(field), before.get(field)) for field in wanted):
            return NotThere()
        thing = self.read_back(trace, None, trace.now)
        return CannotTell() if thing is None else Several((thing,))


def trunk_of(at: At) -> Data:
    """Return the trunk that a step is about, as a PUT repeats it: one that exists, or that it created.

    `trunk_id`, `name`, `capacity` (the limit of calls), `switched_on`; the last two None where Vobiz did not
    say.
    """
    if "trunk_id" in at.request:
        return at.request
    made = next((step.thing for step in at.done if step.name == "create_trunk" and step.thing), None)
    if made is None:
        raise AssertionError("unreachable: a trunk is created before anything is attached to it")
    detail = read_detail({**made.data, "id": made.id})
    there = detail.fields if detail is not None else {}
    wanted = object_in(at.request, "trunk")
    return {
        "trunk_id": made.id,
        "name": there.get("name") or wanted.get("name"),
        "capacity": integer(there.get("calls")) or wanted.get("calls"),
        "switched_on": there.get("on") if isinstance(there.get("on"), bool) else None,
    }


def pointed(at: At) -> dict[str, str | None]:
    """Return what the trunk shall point to, by field; None is nothing.

    A record that exists is named in the request, one that a step before this one made is that step's.
    """
    points: dict[str, str | None] = {}
    for asked, kind in ASKED.items():
        if wanted := object_in(at.request, asked):
            points[field_of(asked, wanted)] = str(wanted.get("record") or _made(at, kind))
    detaching = at.request.get("detaching")
    if isinstance(detaching, list | tuple):
        points |= {str(field): None for field in detaching}
    return points


def _made(at: At, kind: str) -> str:
    step = next((one for one in at.done if one.name == f"create_{kind}" and one.thing is not None), None)
    if step is None or step.thing is None:
        raise AssertionError("unreachable: a record is created before it is attached")
    return step.thing.id


def _same(there: object, record: object) -> bool:
    """Compare ids without case; one that is not stated and none are the same."""
    return str(there or "").casefold() == str(record or "").casefold()
